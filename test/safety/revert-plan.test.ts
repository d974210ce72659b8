import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogRecord } from '../../definitions/run-log.ts';
import { planRevert } from '../../definitions/safety/revert/plan.ts';
import { revertJob } from '../../definitions/safety/revert/revert-job.ts';
import type { Json, JsonObject } from '../../definitions/values/json.ts';
import { parse } from '../../definitions/yaml/document.ts';

const AT = '2026-03-10T22:00:00Z';
const LATER = '2026-03-11T06:00:00Z';

function logOf(MachineID: string, Result: Json, more: Partial<LogRecord> = {}): LogRecord {
  const base = { JobID: 'nightly', MachineID, Action: 'PatchProfile', Status: 'success', Timestamp: AT } as const;
  return { ...base, ExecutionTime: '1.000s', Result, Error: null, ...more };
}

const profile = (was: string | null, is: string | null): JsonObject => {
  return { ManagerID: 'bmc', OldProfile: was, NewProfile: is };
};
const FIELD = 'bmc Oem.OpenBmc.Fan.Profile';

/** Logs of a run, those of later ones → machine: what it gets back, and machine: why it does not. */
const ROWS: readonly {
  readonly what: string;
  readonly logs: readonly LogRecord[];
  readonly later?: readonly LogRecord[];
  readonly back: readonly string[];
  readonly left: readonly string[];
}[] = [
  {
    what: 'V01 V04 what changed goes back, what was so already is no part of it',
    logs: [logOf('m1', profile('A', 'B')), logOf('m2', profile('B', 'B'))],
    back: ['m1 A'],
    left: [],
  },
  {
    what: 'V12 a later run of another job wrote it',
    logs: [logOf('m1', profile('A', 'B')), logOf('m2', profile('A', 'B'))],
    later: [logOf('m1', profile('B', 'C'), { JobID: 'day', Timestamp: LATER })],
    back: ['m2 A'],
    left: [`m1 day has written it since, at ${LATER}`],
  },
  {
    what: 'V12 a later run found it as it wanted it, and wrote nothing',
    logs: [logOf('m1', profile('A', 'B'))],
    later: [logOf('m1', profile('B', 'B'), { JobID: 'day', Timestamp: LATER })],
    back: ['m1 A'],
    left: [],
  },
  {
    what: 'V12 an earlier run is none since',
    logs: [logOf('m1', profile('A', 'B'))],
    later: [logOf('m1', profile('C', 'A'), { JobID: 'day', Timestamp: '2026-03-10T06:00:00Z' })],
    back: ['m1 A'],
    left: [],
  },
  {
    what: 'V05 it had no value',
    logs: [logOf('m1', { SystemID: 's', OldAssetTag: null, NewAssetTag: 'x' }, { Action: 'PatchSystem' })],
    back: [],
    left: ['m1 it had no value before, and there is no way to take one away'],
  },
  {
    what: 'V11 nobody knows what it was set to',
    logs: [logOf('m1', profile('A', null), { Status: 'failed', Error: 'interrupted' })],
    back: [],
    left: ['m1 what it was set to was not read back'],
  },
  {
    what: 'V09 an Event',
    logs: [logOf('m1', { SystemID: 's', Sent: ['GracefulRestart'] }, { Action: 'ResetSystem' })],
    back: [],
    left: ['m1 that a host restarted cannot be undone'],
  },
  { what: 'V10 nothing was read', logs: [logOf('m1', null, { Status: 'failed', Error: 'x' })], back: [], left: [] },
  {
    what: 'V08 it waited for a reset',
    logs: [
      logOf(
        'm1',
        { SystemID: 's', OldAssetTag: 'o', NewAssetTag: 'o', Pending: { AssetTag: 'x' } },
        { Action: 'PatchSystem' },
      ),
    ],
    back: ['m1 o, after a reset'],
    left: [],
  },
];

for (const { what, logs, later = [], back, left } of ROWS) {
  test(`R67 ${what}`, () => {
    const plan = planRevert(logs, later);
    assert.equal(
      plan.values.map(({ machine, to, isPending }) => `${machine} ${to}${isPending ? ', after a reset' : ''}`),
      back,
    );
    assert.equal(
      plan.left.map(({ machine, reason }) => `${machine} ${reason}`),
      left,
    );
    for (const { field } of plan.values) assert.match(field, /^(bmc Oem\.OpenBmc\.Fan\.Profile|system s AssetTag)$/);
    assert.is(plan.groups.length > 0, back.length > 0);
  });
}

test('R67 of an object what changed goes back, and nothing that cannot be set', () => {
  const was = { NTPServers: ['10.0.0.9', null], ProtocolEnabled: true, Port: 123 };
  const is = { NTPServers: ['10.0.0.1'], ProtocolEnabled: true, Port: 124 };
  const log = logOf('m1', { ManagerID: 'bmc', OldNTP: was, NewNTP: is }, { Action: 'PatchNetworkProtocol' });
  const [group] = planRevert([log], []).groups;
  assert.equal(group?.payload[0]?.Payload, { NTP: { NTPServers: ['10.0.0.9'] } });
  assert.equal(group?.payload[0]?.OnlyIf, { NTP: { NTPServers: ['10.0.0.1'] } });
});

const RUN = { run: `nightly@${AT}`, job: 'nightly', start: AT };

test('R67 machines that get the same share a document; it is suspended, and runs once by its token', () => {
  const logs = [
    ['m1', 'A{'],
    ['m2', 'A{'],
    ['m3', 'C'],
  ] as const;
  const plan = planRevert(
    logs.map(([id, was]) => logOf(id, profile(was, 'B'))),
    [],
  );
  const { file, text } = revertJob(RUN, plan);
  assert.is(file, 'jobs/revert-nightly-20260310_220000.yaml');
  const documents = parse(Buffer.from(text)).map(({ value }) => value as JsonObject);
  assert.equal(
    documents.map(({ Machines }) => Machines),
    [['m1', 'm2'], ['m3']],
  );
  const [first] = documents;
  const { Payload, Suspend, Trigger, Schedule } = first ?? {};
  assert.equal(Payload, [{ ManagerID: 'bmc', Payload: { Profile: 'A{{' }, OnlyIf: { Profile: 'B' } }]);
  assert.equal([Suspend, Trigger], [true, 'revert-nightly-20260310_220000']);
  assert.equal(Schedule, { Type: 'Once', Time: '00:00:00', Period: null });
  assert.match(FIELD, plan.values[0]?.field ?? '');
});

test.run();
