// Systems, chassis and network services of every vendor's BMC: cases B01, B18, B19, B21 and B35, and each preset.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Bmc } from '../../controller/demo/bmc.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { type JsonObject, own } from '../../definitions/values/json.ts';
import { asked, fastClock, startMachine, type TestMachineOptions } from '../support/bmc.ts';

/** A BMC, and what becomes of an entry there. */
async function started(options: TestMachineOptions = {}) {
  const { bmc, run } = await startMachine({ clock: fastClock(), machine: { Type: 'Base' }, ...options });
  return {
    bmc,
    run: (action: string, Payload: JsonObject, where: Partial<PayloadEntry> = {}) =>
      run(action, [{ ...where, Payload }]),
  };
}

const patches = (bmc: Bmc) => asked(bmc, 'PATCH').map((each) => each.replace('PATCH ', ''));

for (const [preset, system, field, value] of [
  ['openbmc', 'system', 'AssetTag', 'R7-U12'],
  ['openbmc', 'system', 'PowerRestorePolicy', 'LastState'],
  ['idrac', 'System.Embedded.1', 'AssetTag', 'R7-U12'],
  ['ilo', '1', 'LocationIndicatorActive', true],
  ['xcc', '1', 'PowerRestorePolicy', 'AlwaysOff'],
  ['gb300', 'System_0', 'LocationIndicatorActive', true],
] as const) {
  test(`#17.3 PatchSystem ${field} on ${preset}: sent once to its resource, read back; then nothing`, async () => {
    const { bmc, run } = await started({ preset });
    const first = await run('PatchSystem', { [field]: value });
    assert.is(first.outcome, 'Applied', first.error ?? '');
    assert.equal(patches(bmc), [`/redfish/v1/Systems/${system}`]);
    assert.equal(first.entries[0]?.['SystemID'], system, 'which one it was is told');
    assert.equal(first.entries[0]?.[`New${field}`], value);
    assert.equal(bmc.read(`/redfish/v1/Systems/${system}`)?.[field], value);
    assert.is((await run('PatchSystem', { [field]: value })).outcome, 'Unchanged');
    assert.is(patches(bmc).length, 1);
    assert.is(bmc.sessions, 0);
    await bmc.close();
  });
}

test('B01, R57: two systems of which one has what is set: it is the one; both have it: they are named', async () => {
  const { bmc, run } = await started({ preset: 'gb300' });
  const path = '/redfish/v1/Systems/HGX_Baseboard_0';
  assert.is((await run('PatchSystem', { AssetTag: 'a' })).outcome, 'Applied');
  bmc.write(path, 'AssetTag', 'b');
  const both = await run('PatchSystem', { AssetTag: 'c' });
  assert.is(both.outcome, 'Unsupported');
  assert.match(both.error ?? '', /permanent: system: several have AssetTag: System_0, HGX_Baseboard_0; name one with/);
  assert.is((await run('PatchSystem', { AssetTag: 'c' }, { SystemID: 'System_0' })).outcome, 'Applied');
  const other = await run('PatchSystem', { AssetTag: 'c' }, { SystemID: 'system' });
  assert.match(other.error ?? '', /system system: no such system; it has System_0, HGX_Baseboard_0$/);
  await bmc.close();
});

test('#17.3 a field that no system has: Unsupported, with what there is, and nothing sent', async () => {
  const { bmc, run } = await started({ preset: 'supermicro' });
  const { outcome, error } = await run('PatchSystem', { PowerRestorePolicy: 'LastState' });
  assert.is(outcome, 'Unsupported');
  assert.match(error ?? '', /^permanent: system: the system has no PowerRestorePolicy; it has /);
  assert.equal(patches(bmc), []);
  await bmc.close();
});

for (const [offered, led] of [
  [['Lit', 'Off'], 'Lit'],
  [['Lit', 'Blinking', 'Off'], 'Blinking'],
  [undefined, 'Blinking'],
] as const) {
  test(`B35 only IndicatorLED, with ${offered ?? 'no list'}: ${led}, and equal the next time`, async () => {
    const { bmc, run } = await started({ preset: 'supermicro' });
    const system = '/redfish/v1/Systems/1';
    bmc.write(system, 'IndicatorLED@Redfish.AllowableValues', offered && [...offered]);
    const on = await run('PatchSystem', { LocationIndicatorActive: true });
    assert.is(on.outcome, 'Applied', on.error ?? '');
    assert.is(bmc.read(system)?.['IndicatorLED'], led);
    assert.equal(
      [on.entries[0]?.['OldLocationIndicatorActive'], on.entries[0]?.['NewLocationIndicatorActive']],
      [false, true],
    );
    assert.is((await run('PatchSystem', { LocationIndicatorActive: true })).outcome, 'Unchanged');
    assert.is((await run('PatchSystem', { LocationIndicatorActive: false })).outcome, 'Applied');
    assert.is(bmc.read(system)?.['IndicatorLED'], 'Off');
    await bmc.close();
  });
}

test('#17.3 PatchChassis: the chassis that has it', async () => {
  const { bmc, run } = await started({ preset: 'idrac' });
  const { outcome, error } = await run('PatchChassis', { LocationIndicatorActive: true });
  assert.is(outcome, 'Applied', error ?? '');
  assert.equal(patches(bmc), ['/redfish/v1/Chassis/System.Embedded.1']);
  await bmc.close();
});

test('#17.3 one PATCH for each field: a bad one hides no good one', async () => {
  const { bmc, run } = await started({ preset: 'openbmc' });
  bmc.faults.set({
    kind: 'answer',
    method: 'PATCH',
    times: 1,
    status: 400,
    body: { error: { code: 'x', message: 'no such tag' } },
  });
  const { outcome, error } = await run('PatchSystem', { AssetTag: 'R7-U12', PowerRestorePolicy: 'AlwaysOn' });
  assert.is(outcome, 'PartlyApplied');
  assert.match(error ?? '', /applied PowerRestorePolicy; AssetTag: .*no such tag/);
  assert.is(bmc.read('/redfish/v1/Systems/system')?.['PowerRestorePolicy'], 'AlwaysOn');
  await bmc.close();
});

const NETWORK = '/redfish/v1/Managers/1/NetworkProtocol';
const AT = { ManagerID: '1' };

test('#17.3 PatchNetworkProtocol: one PATCH a protocol, what could cut people off last', async () => {
  const { bmc, run } = await started({ preset: 'xcc' });
  const wanted = { IPMI: { ProtocolEnabled: false }, NTP: { ProtocolEnabled: true, NTPServers: ['a.example'] } };
  bmc.write(NETWORK, 'IPMI', { ProtocolEnabled: true });
  const { outcome, error, entries } = await run('PatchNetworkProtocol', wanted, AT);
  assert.is(outcome, 'Applied', error ?? '');
  assert.equal(patches(bmc), [NETWORK, NETWORK]);
  assert.equal(entries[0]?.['ManagerID'], '1');
  assert.equal(own(bmc.read(NETWORK)?.['IPMI'], 'ProtocolEnabled'), false);
  assert.is((await run('PatchNetworkProtocol', wanted, AT)).outcome, 'Unchanged');
  await bmc.close();
});

for (const [what, ntp, wanted, outcome] of [
  ['padded with null', { NTPServers: ['a', null, null] }, ['a'], 'Unchanged'],
  ['padded with ""', { NTPServers: ['a', ''] }, ['a'], 'Unchanged'],
  ["with the network's after its own", { NTPServers: ['a', 'x'], NetworkSuppliedServers: ['x'] }, ['a'], 'Unchanged'],
  ['in another order', { NTPServers: ['b', 'a'] }, ['a', 'b'], 'Applied'],
  ['with one more of its own', { NTPServers: ['a', 'b'], NetworkSuppliedServers: ['x'] }, ['a'], 'Applied'],
] as const) {
  test(`B18 time servers ${what}: ${outcome}`, async () => {
    const { bmc, run } = await started({ preset: 'xcc' });
    bmc.write(NETWORK, 'NTP', { ProtocolEnabled: true, ...(ntp as unknown as JsonObject) });
    const result = await run('PatchNetworkProtocol', { NTP: { NTPServers: [...wanted] } }, AT);
    assert.is(result.outcome, outcome, result.error ?? '');
    await bmc.close();
  });
}

test('B19 a list of three to one where the server does not shorten: nulls once, and it is', async () => {
  const { bmc, run } = await started({ preset: 'xcc' });
  bmc.write(NETWORK, 'NTP', { ProtocolEnabled: false, NTPServers: ['a', 'b', 'c'] });
  bmc.faults.set({ kind: 'never-shorter' });
  const result = await run('PatchNetworkProtocol', { NTP: { ProtocolEnabled: true, NTPServers: ['z'] } }, AT);
  assert.is(result.outcome, 'Applied', result.error ?? '');
  assert.is(patches(bmc).length, 2, 'once plain, once with nulls');
  await bmc.close();
});

test('B21, R58: 200 with ResetRequired and the old value: Staged, a success, with what is pending', async () => {
  const { bmc, run } = await started({ preset: 'ilo' });
  bmc.write(NETWORK, 'SSH', { ProtocolEnabled: true });
  bmc.faults.set({ kind: 'reset-required' });
  const { outcome, error, entries } = await run('PatchNetworkProtocol', { SSH: { ProtocolEnabled: false } }, AT);
  assert.equal([outcome, error], ['Staged', null]);
  assert.equal(entries[0]?.['Pending'], { SSH: { ProtocolEnabled: false } });
  assert.is(patches(bmc).length, 1);
  await bmc.close();
});

test('#17.3 a protocol that the manager has not: Unsupported, with what it has', async () => {
  const { bmc, run } = await started({ preset: 'ilo' });
  const { outcome, error } = await run('PatchNetworkProtocol', { NTP: { ProtocolEnabled: true } }, AT);
  assert.is(outcome, 'Unsupported');
  assert.match(error ?? '', /manager 1: NetworkProtocol has no NTP/);
  await bmc.close();
});

test.run();
