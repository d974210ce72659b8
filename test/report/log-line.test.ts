import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { changesText } from '../../definitions/report/log-line.ts';
import type { JsonObject } from '../../definitions/values/json.ts';

const ROWS: readonly (readonly [what: string, result: JsonObject, text: string])[] = [
  ['a profile', { ManagerID: 'bmc', OldProfile: 'A', NewProfile: 'B' }, 'bmc Profile "A" → "B"'],
  [
    'what was sent',
    { SystemID: '1', OldPowerState: 'On', NewPowerState: 'Off', Sent: ['GracefulShutdown', 'ForceOff'] },
    '1 PowerState "On" → "Off", sent GracefulShutdown, ForceOff',
  ],
  [
    'what waits for a reset',
    { SystemID: '1', OldAssetTag: 'a', NewAssetTag: 'a', Pending: { AssetTag: 'b' } },
    '1 AssetTag "a", AssetTag pending until a reset',
  ],
];

for (const [what, Result, text] of ROWS)
  test(`R34 a log line tells ${what}`, () => assert.is(changesText({ Result }), text));

test.run();
