// What of an entry can be taken back, by what its log shows: V01 to V09 as tables.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Action } from '../../definitions/actions/action.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { fieldReverts, revertEntry, shownBeside } from '../../definitions/safety/revert/entry.ts';
import type { JsonObject } from '../../definitions/values/json.ts';

function actionOf(name: string): Action {
  const action = ACTIONS.get(name);
  if (!action) throw new Error(`no action ${name}`);
  return action;
}

interface Row {
  readonly id: string;
  readonly what: string;
  readonly action: string;
  readonly entry: PayloadEntry;
  readonly shown: JsonObject;
  /** Each field: its verdict, and why or what it is set to. */
  readonly verdicts: readonly (readonly [string, string, unknown?])[];
  readonly back: PayloadEntry | null;
}

const ntp = (NTPServers: readonly string[]): PayloadEntry => ({
  ManagerID: 'bmc',
  Payload: { NTP: { NTPServers: [...NTPServers] } },
});

const ROWS: readonly Row[] = [
  {
    id: 'V01',
    what: 'it was set: its old value, only if it still is as it was set',
    action: 'PatchProfile',
    entry: { ManagerID: 'bmc', Payload: { Profile: 'Performance' } },
    shown: { ManagerID: 'bmc', OldProfile: 'PowerSaver', NewProfile: 'Performance' },
    verdicts: [['Profile', 'Revertible', 'PowerSaver']],
    back: { ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' }, OnlyIf: { Profile: 'Performance' } },
  },
  {
    id: 'V01',
    what: 'it was not read back: it may be what was wanted',
    action: 'PatchProfile',
    entry: { ManagerID: 'bmc', Payload: { Profile: 'Performance' } },
    shown: { ManagerID: 'bmc', OldProfile: 'PowerSaver', NewProfile: null },
    verdicts: [['Profile', 'Revertible', 'PowerSaver']],
    back: { ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' }, OnlyIf: { Profile: 'Performance' } },
  },
  {
    id: 'V04',
    what: 'Old = New is no part of it',
    action: 'PatchFanZone',
    entry: { ManagerID: 'bmc', FanZoneID: 'z', Payload: { FailSafePercent: 90, MinThermalOutput: 30 } },
    shown: {
      ManagerID: 'bmc',
      FanZoneID: 'z',
      OldFailSafePercent: 90,
      NewFailSafePercent: 90,
      OldMinThermalOutput: 20,
      NewMinThermalOutput: 30,
    },
    verdicts: [
      ['FailSafePercent', 'Same'],
      ['MinThermalOutput', 'Revertible', 20],
    ],
    back: { ManagerID: 'bmc', FanZoneID: 'z', Payload: { MinThermalOutput: 20 }, OnlyIf: { MinThermalOutput: 30 } },
  },
  {
    id: 'V05',
    what: 'no power limit before: None, and whatever it was, it is allowed again',
    action: 'SetPowerLimit',
    entry: { Payload: { LimitInWatts: 900 } },
    shown: { ChassisID: 'c', OldLimitInWatts: null, NewLimitInWatts: 900 },
    verdicts: [['LimitInWatts', 'Revertible', 'None']],
    back: {
      ChassisID: 'c',
      Payload: { LimitInWatts: 'None', AllowLow: true, AllowHardPowerOff: true },
      OnlyIf: { LimitInWatts: 900 },
    },
  },
  {
    id: 'V05',
    what: 'no time servers before: an empty list',
    action: 'PatchNetworkProtocol',
    entry: ntp(['10.0.0.1']),
    shown: { ManagerID: 'bmc', OldNTP: { NTPServers: null }, NewNTP: { NTPServers: ['10.0.0.1'] } },
    verdicts: [['NTP', 'Revertible', { NTPServers: [] }]],
    back: {
      ManagerID: 'bmc',
      Payload: { NTP: { NTPServers: [] } },
      OnlyIf: { NTP: { NTPServers: ['10.0.0.1'] } },
    },
  },
  {
    id: 'V05',
    what: 'a list without its padding, and without what DHCP gave',
    action: 'PatchNetworkProtocol',
    entry: ntp(['10.0.0.1']),
    shown: {
      ManagerID: 'bmc',
      OldNTP: { NTPServers: ['10.0.0.9', '10.0.0.7', null, ''], NetworkSuppliedServers: ['10.0.0.7'] },
      NewNTP: { NTPServers: ['10.0.0.1'] },
    },
    verdicts: [['NTP', 'Revertible', { NTPServers: ['10.0.0.9'] }]],
    back: {
      ManagerID: 'bmc',
      Payload: { NTP: { NTPServers: ['10.0.0.9'] } },
      OnlyIf: { NTP: { NTPServers: ['10.0.0.1'] } },
    },
  },
  {
    id: 'V05',
    what: 'no value before, and no way to take one away',
    action: 'PatchSystem',
    entry: { SystemID: 's', Payload: { AssetTag: 'a' } },
    shown: { SystemID: 's', OldAssetTag: null, NewAssetTag: 'a' },
    verdicts: [['AssetTag', 'NotRevertible', 'it had no value before, and there is no way to take one away']],
    back: null,
  },
  {
    id: 'V07',
    what: 'accepted for the next reset: what holds now is written over it',
    action: 'PatchSystem',
    entry: { SystemID: 's', Payload: { AssetTag: 'a' } },
    shown: { SystemID: 's', OldAssetTag: 'o', NewAssetTag: 'o', Pending: { AssetTag: 'a' } },
    verdicts: [['AssetTag', 'Revertible', 'o']],
    back: { SystemID: 's', Payload: { AssetTag: 'o' }, OnlyIf: { AssetTag: 'a' }, Pending: true },
  },
  {
    id: 'V09',
    what: 'a restart',
    action: 'ResetSystem',
    entry: { SystemID: 's', Payload: { ResetType: 'GracefulRestart' } },
    shown: { SystemID: 's', OldPowerState: 'On', NewPowerState: 'On' },
    verdicts: [], // none of its fields is a value of the host
    back: null,
  },
  {
    id: 'V09',
    what: 'a power state',
    action: 'SetPowerState',
    entry: { SystemID: 's', Payload: { PowerState: 'Off' } },
    shown: { SystemID: 's', OldPowerState: 'On', NewPowerState: 'Off' },
    verdicts: [
      ['PowerState', 'NotRevertible', 'a host is switched on or off by whoever needs it so, and by no revert'],
    ],
    back: null,
  },
  {
    id: 'V10',
    what: 'it was not read before',
    action: 'PatchProfile',
    entry: { ManagerID: 'bmc', Payload: { Profile: 'Performance' } },
    shown: { ManagerID: 'bmc' },
    verdicts: [['Profile', 'NotRevertible', 'its value before was not read']],
    back: null,
  },
  {
    id: 'V01',
    what: 'a value of which the log has a part, or none for a secret in it',
    action: 'PatchSystem',
    entry: { SystemID: 's', Payload: { AssetTag: 'a', PowerMode: 'OSControlled' } },
    shown: {
      SystemID: 's',
      OldAssetTag: `x… and 12 bytes more, sha256:${'0'.repeat(64)}`,
      NewAssetTag: 'a',
      OldPowerMode: '[secret]',
      NewPowerMode: 'OSControlled',
    },
    verdicts: [
      ['AssetTag', 'NotRevertible', 'its value is too long for the log'],
      ['PowerMode', 'NotRevertible', 'its value held a secret, which no log has'],
    ],
    back: null,
  },
];

for (const { id, what, action: name, entry, shown, verdicts, back } of ROWS) {
  test(`${id} R66 ${name}: ${what}`, () => {
    const action = actionOf(name);
    const fields = fieldReverts(action, entry, shown);
    const told = fields.map((each) => {
      if (each.verdict === 'Same') return [each.field, 'Same'];
      return [each.field, each.verdict, each.verdict === 'Revertible' ? each.old : each.reason];
    });
    assert.equal(told, verdicts);
    assert.equal(revertEntry(action, entry, shown, fields), back);
  });
}

test('R34 the entries of a log stand beside those of the payload, also where one was not come to', () => {
  const action = actionOf('PatchSystem');
  const payload = ['a', 'b', 'c'].map((SystemID) => ({ SystemID, Payload: { AssetTag: 'x' } }));
  const [a, c] = [{ SystemID: 'a' }, { SystemID: 'c' }];
  assert.equal(shownBeside(action, payload, [a, c]), [a, undefined, c]);
  const open = [{ Payload: { AssetTag: 'x' } }];
  assert.equal(shownBeside(action, open, [{ SystemID: 'found' }]), [{ SystemID: 'found' }]);
});

test.run();
