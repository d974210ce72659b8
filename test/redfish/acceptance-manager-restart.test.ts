// Case B20: a change of a network service after which the manager restarts by itself.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { asked, entry, fastClock, startMachine } from '../support/bmc.ts';

const PROTOCOL = '/redfish/v1/Managers/1/NetworkProtocol';

for (const [title, downMs, servesOnMs, settleMs] of [
  ['is gone for longer than the Timeout', 90_000, 100, 1_500],
  ['serves on for a moment, and shows the new value', 90_000, 3_000, 5_000],
] as const) {
  test(`B20 SSH off makes the manager restart, which ${title}: waits, logs in anew, Applied`, async () => {
    const { bmc, run, close } = await startMachine({
      preset: 'ilo',
      clock: fastClock(60),
      settleMs,
      restarts: { servesOnMs, downMs, startingMs: 5_000 },
      machine: { Type: 'Base' },
    });
    const result = await run('PatchNetworkProtocol', [entry('1', { SSH: { ProtocolEnabled: false } })]);
    assert.is(result.outcome, 'Applied', JSON.stringify(result));
    assert.equal(asked(bmc, 'PATCH'), [`PATCH ${PROTOCOL}`]);
    assert.is(bmc.sessions, 0);
    await close();
  });
}

test('B20 a manager that never comes back: sent, not read back, Unreachable', async () => {
  const { bmc, run, close } = await startMachine({
    preset: 'ilo',
    clock: fastClock(120),
    restarts: { servesOnMs: 100, downMs: Number.POSITIVE_INFINITY },
    machine: { Type: 'Base' },
  });
  const result = await run('PatchNetworkProtocol', [entry('1', { SSH: { ProtocolEnabled: false } })]);
  assert.is(result.outcome, 'Unreachable', JSON.stringify(result));
  assert.match(result.error ?? '', /^transient: manager 1: sent, but not read back: /);
  assert.is(asked(bmc, 'PATCH').length, 1);
  await close();
});

test('#17.3 HTTP is not switched off where the Endpoint is http', async () => {
  const { bmc, run, close } = await startMachine({ plain: true, preset: 'xcc', machine: { Type: 'Base' } });
  const result = await run('PatchNetworkProtocol', [entry('1', { HTTP: { ProtocolEnabled: false } })]);
  assert.is(result.outcome, 'Refused', JSON.stringify(result));
  assert.match(result.error ?? '', /HTTP is how this machine's Endpoint is spoken to; nothing was sent/);
  assert.equal(asked(bmc, 'PATCH'), []);
  await close();
});

test('#17.3 an iLO has no NTP there: Unsupported, with where it is', async () => {
  const { run, close } = await startMachine({ preset: 'ilo', machine: { Type: 'Base' } });
  const result = await run('PatchNetworkProtocol', [entry('1', { NTP: { ProtocolEnabled: true } })]);
  assert.is(result.outcome, 'Unsupported', JSON.stringify(result));
  assert.match(result.error ?? '', /NetworkProtocol has no NTP; .*StaticNTPServers/);
  await close();
});

test.run();
