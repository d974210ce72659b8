// The presets answer as their vendors' machines do where these differ.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Bmc, BmcOptions } from '../../controller/demo/bmc.ts';
import type { PresetName } from '../../controller/demo/presets/index.ts';
import { own } from '../../definitions/values/json.ts';
import type { FakeClock } from '../support/clock.ts';
import { ask, hostOf, onPreset, passUntil, power, resetOf } from './talk.ts';

interface Fact {
  readonly preset: PresetName;
  readonly what: string;
  readonly options?: BmcOptions;
  check(bmc: Bmc, clock: FakeClock): Promise<void>;
}

const dell = resetOf('idrac');
const hpe = resetOf('ilo');

const FACTS: readonly Fact[] = [
  {
    preset: 'idrac',
    what: '409 PSU501 where the host is so already',
    async check(bmc) {
      const { status, messages } = await ask(bmc, 'POST', dell, { ResetType: 'On' });
      assert.equal([status, messages], [409, ['PSU501']]);
    },
  },
  {
    preset: 'ilo',
    what: '400 InvalidOperationForSystemState where the host is so already, the reason in the message ID alone',
    async check(bmc) {
      const { status, messages, body } = await ask(bmc, 'POST', hpe, { ResetType: 'On' });
      assert.equal([status, messages], [400, ['InvalidOperationForSystemState']]);
      const info = Object(own(body['error'], '@Message.ExtendedInfo'))[0];
      assert.equal(info, {
        MessageArgs: ['Power is on'],
        MessageId: 'iLO.2.23.InvalidOperationForSystemState',
      });
    },
  },
  {
    preset: 'idrac',
    what: 'On is a conflict soon after Off',
    options: { host: { settlesMs: 25_000 } },
    async check(bmc, clock) {
      await ask(bmc, 'POST', dell, { ResetType: 'ForceOff' });
      await passUntil(clock, () => power(bmc, 'idrac') === 'Off');
      const { status, messages } = await ask(bmc, 'POST', dell, { ResetType: 'On' });
      assert.equal([status, messages], [409, ['ActionParameterValueConflict']]);
      clock.advance(new Date(clock.now().getTime() + 25_000));
      assert.is((await ask(bmc, 'POST', dell, { ResetType: 'On' })).status, 204);
    },
  },
  {
    preset: 'idrac',
    what: 'an action with If-Match is refused',
    async check(bmc) {
      assert.is((await ask(bmc, 'POST', dell, { ResetType: 'Nmi' }, { 'If-Match': '*' })).status, 412);
    },
  },
  {
    preset: 'idrac',
    what: 'a boot override is set in the settings resource alone',
    async check(bmc) {
      const Boot = { BootSourceOverrideTarget: 'Pxe' };
      assert.is((await ask(bmc, 'PATCH', hostOf('idrac'), { Boot })).status, 400);
      assert.is((await ask(bmc, 'PATCH', `${hostOf('idrac')}/Settings`, { Boot })).status, 200);
    },
  },
  {
    preset: 'openbmc',
    what: 'an OS that ignores ACPI goes off by force alone',
    options: { host: { os: 'ignores ACPI' } },
    async check(bmc, clock) {
      await ask(bmc, 'POST', resetOf('openbmc'), { ResetType: 'GracefulShutdown' });
      assert.is(clock.next(), null, 'nothing is coming');
      assert.is(power(bmc, 'openbmc'), 'On');
      await ask(bmc, 'POST', resetOf('openbmc'), { ResetType: 'ForceOff' });
      await passUntil(clock, () => power(bmc, 'openbmc') === 'Off');
    },
  },
  {
    preset: 'openbmc',
    what: 'a host that hangs in its boot never runs, and hears no ACPI',
    options: { host: { os: 'hangs', power: 'Off' } },
    async check(bmc, clock) {
      await ask(bmc, 'POST', resetOf('openbmc'), { ResetType: 'On' });
      await passUntil(clock, () => bmc.host.now().progress === 'SystemHardwareInitializationComplete');
      await ask(bmc, 'POST', resetOf('openbmc'), { ResetType: 'GracefulShutdown' });
      assert.is(clock.next(), null, 'nothing is coming');
      assert.is(power(bmc, 'openbmc'), 'On');
    },
  },
  {
    preset: 'openbmc',
    what: 'a host that is dead takes the order and stays off',
    options: { host: { os: 'dead', power: 'Off' } },
    async check(bmc, clock) {
      assert.is((await ask(bmc, 'POST', resetOf('openbmc'), { ResetType: 'On' })).status, 204);
      assert.is(clock.next(), null, 'nothing is coming');
      assert.is(power(bmc, 'openbmc'), 'Off');
    },
  },
  {
    preset: 'openbmc',
    what: 'a restart moves LastResetTime and goes through the boot again',
    async check(bmc, clock) {
      const before = bmc.host.now().lastReset;
      await ask(bmc, 'POST', resetOf('openbmc'), { ResetType: 'ForceRestart' });
      assert.is(bmc.host.now().progress, 'PrimaryProcessorInitializationStarted');
      assert.is(power(bmc, 'openbmc'), 'On');
      assert.is.not(bmc.host.now().lastReset, before);
      await passUntil(clock, () => bmc.host.now().progress === 'OSRunning');
    },
  },
  {
    preset: 'openbmc',
    what: 'a later order takes the place of what an earlier one began',
    async check(bmc, clock) {
      await ask(bmc, 'POST', resetOf('openbmc'), { ResetType: 'GracefulRestart' });
      await ask(bmc, 'POST', resetOf('openbmc'), { ResetType: 'ForceOff' });
      await passUntil(clock, () => power(bmc, 'openbmc') === 'Off');
      for (let next = clock.next(); next; next = clock.next()) clock.advance(next);
      await ask(bmc, 'GET', hostOf('openbmc'));
      assert.is(power(bmc, 'openbmc'), 'Off', 'it does not come on again');
    },
  },
  {
    preset: 'supermicro',
    what: 'one light of an old kind, no list for Manager.Reset, no boot mode',
    async check(bmc) {
      const system = await ask(bmc, 'GET', hostOf('supermicro'));
      assert.is(system.body['IndicatorLED'], 'Off');
      assert.not('LocationIndicatorActive' in system.body);
      assert.not('BootProgress' in system.body);
      assert.is((await ask(bmc, 'PATCH', hostOf('supermicro'), { IndicatorLED: 'Lit' })).status, 200);
      const Boot = { BootSourceOverrideTarget: 'UsbKey', BootSourceOverrideMode: 'UEFI' };
      assert.equal((await ask(bmc, 'PATCH', hostOf('supermicro'), { Boot })).messages, ['PropertyUnknown']);
      const manager = await ask(bmc, 'GET', 'Managers/1');
      assert.equal(own(manager.body['Actions'], '#Manager.Reset'), {
        target: '/redfish/v1/Managers/1/Actions/Manager.Reset',
      });
    },
  },
  {
    preset: 'gb300',
    what: 'two systems, one of them without Reset; a control and its excerpt disagree about the mode',
    async check(bmc) {
      const { body } = await ask(bmc, 'GET', 'Systems');
      assert.is(body['Members@odata.count'], 2);
      assert.not('Actions' in (await ask(bmc, 'GET', 'Systems/HGX_Baseboard_0')).body);
      const control = 'Chassis/HGX_Chassis_0/Controls/TotalGPU_Power_0';
      const metrics = 'Chassis/HGX_Chassis_0/EnvironmentMetrics';
      assert.is((await ask(bmc, 'GET', control)).body['ControlMode'], 'Override');
      assert.is(own((await ask(bmc, 'GET', metrics)).body['PowerLimitWatts'], 'ControlMode'), 'Automatic');
      assert.is((await ask(bmc, 'PATCH', metrics, { PowerLimitWatts: { SetPoint: 3000 } })).status, 204);
      assert.is((await ask(bmc, 'GET', control)).body['SetPoint'], 3000);
      const low = await ask(bmc, 'PATCH', control, { SetPoint: 500 });
      assert.equal(low.messages, ['PropertyValueOutOfRange']);
    },
  },
  {
    preset: 'gb300',
    what: 'two lights that show one thing',
    async check(bmc) {
      await ask(bmc, 'PATCH', 'Systems/System_0', { LocationIndicatorActive: true });
      assert.is((await ask(bmc, 'GET', 'Systems/System_0')).body['IndicatorLED'], 'Blinking');
    },
  },
  {
    preset: 'xcc',
    what: 'a list of time servers is filled up to four; fewer take the rest away',
    async check(bmc) {
      const path = 'Managers/1/NetworkProtocol';
      const servers = async () => own((await ask(bmc, 'GET', path)).body['NTP'], 'NTPServers');
      await ask(bmc, 'PATCH', path, { NTP: { NTPServers: ['a', 'b', 'c'] } });
      assert.equal(await servers(), ['a', 'b', 'c', '']);
      await ask(bmc, 'PATCH', path, { NTP: { NTPServers: ['a'] } });
      assert.equal(await servers(), ['a', '', '', '']);
      bmc.faults.set({ kind: 'never-shorter', path });
      await ask(bmc, 'PATCH', path, { NTP: { NTPServers: ['x', 'y'] } });
      await ask(bmc, 'PATCH', path, { NTP: { NTPServers: ['x'] } });
      assert.equal(await servers(), ['x', 'y', '', ''], 'a server that does not shorten');
      await ask(bmc, 'PATCH', path, { NTP: { NTPServers: ['x', null] } });
      assert.equal(await servers(), ['x', '', '', ''], 'but for null');
    },
  },
  {
    preset: 'idrac',
    what: 'legacy Power: 32767 is no cap, exceeding one switches off hard',
    async check(bmc) {
      const path = 'Chassis/System.Embedded.1/Power';
      const limit = async () => own(Object((await ask(bmc, 'GET', path)).body['PowerControl'])[0], 'PowerLimit');
      assert.equal(await limit(), { CorrectionInMs: 0, LimitException: 'HardPowerOff', LimitInWatts: 32767 });
      const PowerControl = [{ PowerLimit: { LimitInWatts: 450 } }];
      assert.is((await ask(bmc, 'PATCH', path, { PowerControl })).status, 200);
      assert.is(own(await limit(), 'LimitInWatts'), 450);
    },
  },
  {
    preset: 'ilo',
    what: 'ETags are weak, in the header and in the body; a stale one is refused',
    async check(bmc) {
      const { etag, body } = await ask(bmc, 'GET', 'Systems/1');
      assert.match(etag ?? '', /^W\/"[0-9A-F]+"$/);
      assert.is(body['@odata.etag'], etag);
      const asset = { AssetTag: 'R7' };
      assert.is((await ask(bmc, 'PATCH', 'Systems/1', asset, { 'If-Match': etag ?? '' })).status, 200);
      assert.is((await ask(bmc, 'PATCH', 'Systems/1', asset, { 'If-Match': etag ?? '' })).status, 412);
    },
  },
  {
    preset: 'openbmc',
    what: 'an operator may set a system and no manager',
    options: { accounts: [{ username: 'op', password: 'op-pass', role: 'Operator' }] },
    async check(bmc) {
      const as = { Authorization: `Basic ${Buffer.from('op:op-pass').toString('base64')}` };
      const patch = (path: string, body: { [name: string]: boolean | object }) =>
        ask(bmc, 'PATCH', path, body as never, as).then(({ status }) => status);
      assert.is(await patch('Managers/bmc/NetworkProtocol', { SSH: { ProtocolEnabled: false } }), 403);
      assert.is(await patch('Systems/system', { LocationIndicatorActive: true }), 204);
    },
  },
  {
    preset: 'openbmc',
    what: '200 ResetRequired leaves the old value',
    async check(bmc) {
      const path = 'Managers/bmc/NetworkProtocol';
      bmc.faults.set({ kind: 'reset-required', path });
      const { status, messages } = await ask(bmc, 'PATCH', path, { SSH: { ProtocolEnabled: false } });
      assert.equal([status, messages], [200, ['ResetRequired']]);
      assert.is(own((await ask(bmc, 'GET', path)).body['SSH'], 'ProtocolEnabled'), true);
    },
  },
];

for (const { preset, what, options, check } of FACTS) {
  test(`#17.4 ${preset}: ${what}`, () => onPreset(preset, check, options));
}

test.run();
