import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { abandoned, CLAIMED_KEPT, closeOpenRuns, remember } from '../../definitions/lifecycle/recovery.ts';
import { finishOf } from '../../definitions/lifecycle/run-end.ts';
import { type Claim, interrupted, type Result } from '../../definitions/run.ts';
import { logPath, logRecord } from '../../definitions/run-log.ts';
import type { Status } from '../../definitions/status.ts';
import { claimOf, daily, endsOf, factsOf, jobOf, once } from '../support/jobs.ts';

const NOW = new Date('2026-03-10T22:10:00Z');
const NOMINAL = '2026-03-10T22:00:00Z';
const NEXT = '2026-03-11T22:00:00Z';
const job = jobOf('a', { Machines: ['m1', 'm2'] });
const claim = claimOf(job, NOMINAL);
const claimed: JournalRecord = { kind: 'claim', claim };
const before = claimOf(job, '2026-03-09T22:00:00Z');
const pending = factsOf(job, { NextRunTime: NOMINAL, ExecutionCount: 3, Status: 'Completed' });

const asEntries = (records: readonly JournalRecord[]): readonly JournalEntry[] =>
  records.map((record, index) => ({ seq: index + 1, record }));

function told(documents: readonly Status[], path = 'jobs/a.status.yaml'): JournalRecord {
  return { kind: 'status', path, documents };
}

function result(machine: string, error: string | null = null, of: Claim = claim): JournalRecord {
  const outcome = error === null ? 'Applied' : 'Unreachable';
  const ended: Result = { machine, outcome, entries: [], error };
  const log = logRecord(of, ended, 1, new Date(of.start), 1000);
  return { kind: 'result', run: of.run, outcome, path: logPath(log), log };
}

const READ_BACK = { ManagerID: 'bmc', OldProfile: 'Balanced', NewProfile: 'PowerSaver' };

function readBack(machine: string, error: string | null = null): JournalRecord {
  const seen: Result = { machine, outcome: error === null ? 'Applied' : 'PartlyApplied', entries: [READ_BACK], error };
  return { kind: 'readBack', run: claim.run, log: logRecord(claim, seen, 1, new Date(claim.start), 700) };
}

/** The facts that stand while the run goes on, once it has been told. */
function begun(facts: Status, of: Claim, next: string | null): Status {
  const { run: RunID, trigger: Trigger, nominal: NominalTime, start: StartTime } = of;
  const counters = { EndTime: null, Succeeded: 0, Failed: 0, FailedMachines: [] };
  const LastRun = { RunID, Trigger, NominalTime, StartTime, ...counters };
  const counted = { ExecutionCount: facts.ExecutionCount + 1, LastRunTime: StartTime };
  return { ...facts, ...counted, Status: 'Running', NextRunTime: next, LastRun };
}

const skip = { machine: 'm2', reason: 'Frozen', message: 'Frozen by Year end' } as const;
const gated = (kind: 'skip' | 'wait'): JournalRecord => ({ kind, run: claim.run, skip });

/** What the journal says → machines that are recorded interrupted, and the facts: outcome, count, next run, failed. */
const SETTLED: readonly (readonly [string, readonly JournalRecord[], readonly string[], readonly string[]])[] = [
  ['nothing was going on', [told([pending])], [], []],
  ['the run has ended', [told([pending]), claimed, result('m1'), result('m2'), finishOf(claim, endsOf(), NOW)], [], []],
  ['just claimed', [told([pending]), claimed], ['m1', 'm2'], [`a Failed 4 ${NEXT} 2/2`]],
  [
    'accepted in that second',
    [told([{ ...pending, CreatedTime: NOMINAL }]), claimed],
    ['m1', 'm2'],
    [`a Failed 4 ${NEXT} 2/2`],
  ],
  ['it had run before', [told([begun(pending, before, NOMINAL)]), claimed], ['m1', 'm2'], [`a Failed 5 ${NEXT} 2/2`]],
  ['one machine is done', [told([pending]), claimed, result('m1')], ['m2'], [`a Failed 4 ${NEXT} 1/2`]],
  ['one machine has failed', [told([pending]), claimed, result('m1', 'no answer')], ['m2'], [`a Failed 4 ${NEXT} 2/2`]],
  [
    '#16.2 one machine was skipped: it stays so',
    [told([pending]), claimed, gated('skip')],
    ['m1'],
    [`a Failed 4 ${NEXT} 1/1`],
  ],
  [
    '#16.2 one machine waited for a gate: it was never begun',
    [told([pending]), claimed, gated('wait'), result('m1')],
    [],
    [`a Completed 4 ${NEXT} 0/1`],
  ],
  [
    '#16.2 one machine had waited, and begun: nobody knows how far it came',
    [told([pending]), claimed, gated('wait'), { kind: 'begin', run: claim.run, machine: 'm2' }, result('m1')],
    ['m2'],
    [`a Failed 4 ${NEXT} 1/2`],
  ],
  ['all are done', [told([pending]), claimed, result('m1'), result('m2')], [], [`a Completed 4 ${NEXT} 0/2`]],
  [
    'the run was told: it counts once',
    [told([pending]), claimed, told([begun(pending, claim, NEXT)]), result('m1')],
    ['m2'],
    [`a Failed 4 ${NEXT} 1/2`],
  ],
  [
    'rescheduled while it ran: its new time stands',
    [claimed, told([begun(pending, claim, '2026-03-11T09:00:00Z')])],
    ['m1', 'm2'],
    ['a Failed 4 2026-03-11T09:00:00Z 2/2'],
  ],
  [
    'a Once job is over',
    [told([factsOf(jobOf('a', { Schedule: once() }), { NextRunTime: NOMINAL })]), claimed],
    ['m1', 'm2'],
    ['a Failed 1 null 2/2'],
  ],
  [
    'R28 a trigger leaves NextRunTime alone',
    [told([pending]), { kind: 'claim', claim: { ...claim, trigger: 'Manual', token: 't1', run: 'a@t1' } }],
    ['m1', 'm2'],
    [`a Failed 4 ${NOMINAL} 2/2`],
  ],
  [
    '#15.3 both have settled, one was read back and not confirmed',
    [told([pending]), claimed, readBack('m1'), readBack('m2'), result('m1')],
    ['m2'],
    [`a Failed 4 ${NEXT} 1/2`],
  ],
  ['R20 its job was deleted', [told([pending]), claimed, told([])], ['m1', 'm2'], []],
  [
    'R20 its job was moved',
    [claimed, told([]), told([{ ...begun(pending, claim, NEXT), Id: 'b' }], 'jobs/b.status.yaml')],
    ['m1', 'm2'],
    [`b Failed 4 ${NEXT} 2/2`],
  ],
  [
    'R20 deleted and added again is a new job, a Once job runs yet',
    [
      told([pending]),
      claimed,
      told([]),
      told([factsOf(jobOf('a', { Schedule: once() }), { CreatedTime: '2026-03-10T22:05:00Z', NextRunTime: NEXT })]),
    ],
    ['m1', 'm2'],
    [],
  ],
  [
    'R16 accepted by a clock that was set back before the run: the run counts',
    [told([{ ...pending, CreatedTime: '2026-03-10T23:00:00Z' }]), claimed],
    ['m1', 'm2'],
    [`a Failed 4 ${NEXT} 2/2`],
  ],
  [
    'the other documents of its file stay as they are',
    [told([factsOf(jobOf('z')), pending]), claimed],
    ['m1', 'm2'],
    ['z Pending 0 null -', `a Failed 4 ${NEXT} 2/2`],
  ],
  [
    'two runs of one file: told once',
    [
      told([pending, { ...pending, Id: 'z' }]),
      claimed,
      { kind: 'claim', claim: { ...claim, job: 'z', run: `z@${NOMINAL}`, machines: ['m3'] } },
      result('m1'),
    ],
    ['m2', 'm3'],
    [`a Failed 4 ${NEXT} 1/2`, `z Failed 4 ${NEXT} 1/1`],
  ],
];

for (const [title, records, cutOff, expected] of SETTLED) {
  test(`R24 after a crash, ${title}: ${cutOff.length} interrupted; ${expected.join(', ') || 'no other facts'}`, async () => {
    const given: string[] = [];
    const pathOf = (log: Parameters<typeof logPath>[0]) => given[given.push(logPath(log)) - 1] as string;
    const found = closeOpenRuns(await remember(asEntries(records)), pathOf, NOW, 'UTC');
    const results = found.flatMap((record) => (record.kind === 'result' ? [record] : []));
    assert.equal(
      results.map(({ log }) => log.MachineID),
      cutOff,
    );
    for (const { log, path, outcome } of results) {
      assert.match(log.Error ?? '', /^interrupted/);
      assert.equal([log.Status, log.Timestamp, outcome], ['failed', NOMINAL, 'Interrupted']);
      assert.ok(given.includes(path));
    }
    const facts = found.flatMap((record) => (record.kind === 'status' ? record.documents : []));
    const lines = facts.map(({ Id, Status, ExecutionCount, NextRunTime, LastRun: run }) => {
      return `${Id} ${Status} ${ExecutionCount} ${NextRunTime} ${run ? `${run.Failed}/${run.Failed + run.Succeeded}` : '-'}`;
    });
    assert.equal(lines, expected);
    const again = await remember(asEntries([...records, ...found]));
    assert.equal(closeOpenRuns(again, pathOf, NOW, 'UTC'), [], 'told once: the next start has nothing left to settle');
  });
}

for (const [error, told] of [
  [null, ''],
  ['permanent: manager b: 404', '; permanent: manager b: 404'],
] as const) {
  test(`#15.3 R24 cut off after its read-back, it tells Old and New${told}`, async () => {
    const records = asEntries([claimed, readBack('m1', error)]);
    const results = closeOpenRuns(await remember(records), logPath, NOW, 'UTC');
    const [first, second] = results.flatMap((record) => (record.kind === 'result' ? [record] : []));
    const cutOff = 'interrupted (transient: read back, not confirmed; what the BMC holds now is told by the next run)';
    assert.equal(first?.log, {
      JobID: 'a',
      MachineID: 'm1',
      Action: claim.action,
      Status: 'failed',
      Timestamp: NOMINAL,
      ExecutionTime: '0.700s',
      Result: READ_BACK,
      Error: cutOff + told,
    });
    assert.match(first?.path ?? '', '_m1_');
    assert.is(second?.log.Error, interrupted('m2').error);
  });
}

for (const [kind, message] of [
  ['skip', 'Frozen by Year end'],
  ['wait', 'Frozen by Year end; the service ended while it waited'],
] as const) {
  test(`#16.2 R24 after a crash a part of which the journal says "${kind}" is told as skipped`, async () => {
    const records = asEntries([told([pending]), claimed, gated(kind), result('m1')]);
    const found = closeOpenRuns(await remember(records), logPath, NOW, 'UTC');
    const [facts] = found.flatMap((record) => (record.kind === 'status' ? record.documents : []));
    const { Succeeded, Failed, Skipped, SkippedMachines } = facts?.LastRun ?? {};
    assert.equal([Succeeded, Failed, Skipped, SkippedMachines], [1, 0, 1, [`m2: ${message}`]]);
    const [finish] = found.flatMap((record) => (record.kind === 'finish' ? [record] : []));
    assert.equal([finish?.skips, finish?.skipped], [1, [`m2: ${message}`]]);
  });
}

test('R24 the next run comes after the start of the one that was cut off, in the zone of the service', async () => {
  const late = { ...claim, trigger: 'CatchUp', start: '2026-03-12T09:00:00Z' } as const;
  const facts = factsOf(jobOf('a', { Schedule: daily({ Time: '22:00:00' }) }), { NextRunTime: NOMINAL });
  const records = closeOpenRuns(
    await remember(asEntries([told([facts]), { kind: 'claim', claim: late }])),
    logPath,
    new Date('2026-03-20T00:00:00Z'),
    'Asia/Tokyo',
  );
  const [after] = records.flatMap((record) => (record.kind === 'status' ? record.documents : []));
  assert.is(after?.NextRunTime, '2026-03-12T13:00:00Z');
  assert.is(after?.LastRun?.EndTime, '2026-03-20T00:00:00Z');
});

test('R23 R33 the last claims and log paths are remembered, of ended runs too; the latest facts count', async () => {
  const claims = Array.from({ length: 2 * CLAIMED_KEPT + 5 }, (_, index) =>
    claimOf(job, NOMINAL, { run: `r${index}` }),
  );
  const records = claims.flatMap((each): JournalRecord[] => [
    { kind: 'claim', claim: each },
    finishOf(each, endsOf(), NOW),
  ]);
  const known = await remember(asEntries([...records, result('m1'), told([pending]), told([])]));
  assert.is(known.claimed.length, CLAIMED_KEPT);
  assert.is(known.claimed.at(-1), claims.at(-1)?.run);
  assert.equal([known.open.length, known.paths.length], [0, 1]);
  assert.equal(known.statuses.get('jobs/a.status.yaml'), []);
});

test('R24 of a run whose journal is gone nothing is known: failed, interrupted, counted as it was', () => {
  const running = begun(pending, claim, NEXT);
  const after = abandoned(running);
  assert.equal({ ...after, LastRun: null }, { ...running, Status: 'Failed', LastRun: null });
  assert.match(after.LastRun?.FailedMachines.join() ?? '', /^interrupted \(transient/);
  assert.is(abandoned(pending), pending);
  assert.match(interrupted('m1').error ?? '', /^interrupted \(transient/);
});

test.run();
