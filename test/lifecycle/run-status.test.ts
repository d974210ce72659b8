import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { edited } from '../../definitions/lifecycle/apply.ts';
import { missed } from '../../definitions/lifecycle/missed.ts';
import { finished, type PartEnds, started } from '../../definitions/lifecycle/run-status.ts';
import { joinedRun, refusedTrigger } from '../../definitions/lifecycle/trigger.ts';
import type { Skip } from '../../definitions/run.ts';
import type { LastTrigger, Status } from '../../definitions/status.ts';
import { claimOf, daily, endsOf, factsOf, jobOf } from '../support/jobs.ts';

const NOW = new Date('2026-03-10T22:00:03.500Z');
const SAID = '2026-03-10T22:00:03Z';
const NOMINAL = '2026-03-10T22:00:00Z';
const NEXT = new Date('2026-03-11T22:00:00Z');
const job = jobOf('a');
const claim = claimOf(job, NOMINAL, { start: '2026-03-10T22:00:01Z' });
const manual = claimOf(job, NOMINAL, { trigger: 'Manual', token: 't1' });
const run = { RunID: claim.run, Trigger: 'Schedule', NominalTime: NOMINAL, StartTime: claim.start } as const;
const begun = { ...run, EndTime: null, Succeeded: 0, Failed: 0, FailedMachines: [] };
const used: LastTrigger = { Token: 't1', Time: NOMINAL, Outcome: 'Accepted', Message: 'a@t1' };
const refused: LastTrigger = { ...used, Outcome: 'Refused', Message: 'already running' };
const errors = (...all: readonly (string | null)[]): PartEnds =>
  endsOf(new Map(all.map((error, index) => [`machine-${index + 1}`, error])));
const frozen = (machine: string): Skip => ({ machine, reason: 'Frozen', message: 'Frozen by Year end' });

type Row = readonly [
  title: string,
  before: Partial<Status>,
  transition: (facts: Status) => Status,
  /** What changes; everything else stays as it is. */
  changes: Partial<Status>,
];

const ROWS: readonly Row[] = [
  [
    'R31 a run counts from its start',
    { ExecutionCount: 4, LastRunTime: '2026-03-09T22:00:00Z', Status: 'Failed' },
    (facts) => started(facts, claim, NEXT),
    {
      Status: 'Running',
      ExecutionCount: 5,
      LastRunTime: claim.start,
      NextRunTime: '2026-03-11T22:00:00Z',
      LastRun: begun,
    },
  ],
  [
    'R31 the last run of a schedule begins',
    { NextRunTime: NOMINAL },
    (facts) => started(facts, claim, null),
    { Status: 'Running', ExecutionCount: 1, LastRunTime: claim.start, NextRunTime: null, LastRun: begun },
  ],
  [
    'R28 a triggered run uses its token, and those before it stay used',
    { LastTrigger: { ...refused, Token: 't0', Before: ['s9'] } },
    (facts) => started(facts, manual, NEXT),
    {
      Status: 'Running',
      ExecutionCount: 1,
      LastRunTime: NOMINAL,
      NextRunTime: '2026-03-11T22:00:00Z',
      LastTrigger: { ...used, Before: ['t0', 's9'] },
      LastRun: { ...begun, RunID: 'a@t1', Trigger: 'Manual', StartTime: NOMINAL },
    },
  ],
  [
    'R31 all machines succeeded',
    { Status: 'Running', ExecutionCount: 5, LastRun: begun },
    (facts) => finished(facts, claim, errors(null, null), NOW, NEXT),
    {
      Status: 'Completed',
      NextRunTime: '2026-03-11T22:00:00Z',
      LastRun: { ...begun, EndTime: SAID, Succeeded: 2 },
    },
  ],
  [
    'R31 one machine of three failed',
    { Status: 'Running', NextRunTime: NOMINAL },
    (facts) => finished(facts, claim, errors(null, 'transient: no answer', null), NOW, null),
    {
      Status: 'Failed',
      NextRunTime: null,
      LastRun: {
        ...begun,
        EndTime: SAID,
        Succeeded: 2,
        Failed: 1,
        FailedMachines: ['machine-2: transient: no answer'],
      },
    },
  ],
  [
    '#16.2 a part that a window skipped fails no run',
    { Status: 'Running' },
    (facts) => finished(facts, claim, endsOf(errors(null).errors, [frozen('machine-2')]), NOW, NEXT),
    {
      Status: 'Completed',
      NextRunTime: '2026-03-11T22:00:00Z',
      LastRun: {
        ...begun,
        EndTime: SAID,
        Succeeded: 1,
        Skipped: 1,
        SkippedMachines: ['machine-2: Frozen by Year end'],
      },
    },
  ],
  [
    '#16.2 a part that a guard skipped fails it',
    { Status: 'Running' },
    (facts) =>
      finished(facts, claim, endsOf(new Map(), [{ ...frozen('machine-1'), reason: 'GuardRefused' }]), NOW, NEXT),
    {
      Status: 'Failed',
      NextRunTime: '2026-03-11T22:00:00Z',
      LastRun: { ...begun, EndTime: SAID, Skipped: 1, SkippedMachines: ['machine-1: Frozen by Year end'] },
    },
  ],
  [
    'R22 a missed run is told first',
    { Missed: [{ Time: '2026-03-08T22:00:00Z', Reason: 'x' }] },
    (facts) => missed(facts, new Date(NOMINAL), 'late'),
    {
      Missed: [
        { Time: NOMINAL, Reason: 'late' },
        { Time: '2026-03-08T22:00:00Z', Reason: 'x' },
      ],
    },
  ],
  [
    'R28 a token that coincides with a run is that run',
    { Status: 'Running', LastRun: begun },
    (facts) => joinedRun(facts, 't1', NOW, claim.run),
    { LastTrigger: { ...used, Time: SAID, Message: claim.run } },
  ],
  [
    'R28 a refused token is used, and nothing else changes',
    { Status: 'Running', NextRunTime: NOMINAL, LastTrigger: used },
    (facts) => refusedTrigger(facts, 't2', NOW, 'worker pool exhausted'),
    { LastTrigger: { ...refused, Token: 't2', Time: SAID, Message: 'worker pool exhausted', Before: ['t1'] } },
  ],
  [
    'R19 an edit of the Name moves nothing',
    { NextRunTime: NOMINAL, ExecutionCount: 7, Status: 'Failed' },
    (facts) => edited(facts, { ...jobOf('a', { Name: 'Other' }), commit: 'c2' }, new Date(NOMINAL)),
    { Name: 'Other', ObservedCommit: 'c2', AppliedCommit: 'c2' },
  ],
  [
    'R19 a new version keeps the counters, and gets another next run',
    { NextRunTime: NOMINAL, ExecutionCount: 7, Status: 'Failed', LastRun: begun },
    (facts) => edited(facts, { ...jobOf('a', { Schedule: daily({ Time: '09:00:00' }) }), commit: 'c2' }, NEXT),
    {
      Schedule: daily({ Time: '09:00:00' }),
      NextRunTime: '2026-03-11T22:00:00Z',
      ObservedCommit: 'c2',
      AppliedCommit: 'c2',
    },
  ],
  [
    'R19 suspended',
    { NextRunTime: NOMINAL },
    (facts) => edited(facts, { ...jobOf('a', { Suspend: true }), commit: 'c2' }, new Date(NOMINAL)),
    { Suspended: true, ObservedCommit: 'c2', AppliedCommit: 'c2' },
  ],
  [
    'R20 a moved job tells its new name',
    { NextRunTime: NOMINAL, ExecutionCount: 7 },
    (facts) => edited(facts, { ...jobOf('b'), commit: 'c2' }, new Date(NOMINAL)),
    { Id: 'b', ObservedCommit: 'c2', AppliedCommit: 'c2' },
  ],
  [
    'R32 formatting is no fact: not even the commit is told',
    { NextRunTime: NOMINAL },
    (facts) => edited(facts, { ...job, commit: 'c2' }, new Date(NOMINAL)),
    {},
  ],
];

for (const [title, before, transition, changes] of ROWS) {
  test(title, () => {
    const facts = factsOf(job, before);
    assert.equal(transition(facts), { ...facts, ...changes });
  });
}

test.run();
