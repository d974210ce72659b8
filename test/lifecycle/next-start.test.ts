import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JobSpec } from '../../definitions/job.ts';
import { isAbsence } from '../../definitions/lifecycle/missed.ts';
import {
  isDue,
  type PassedOver,
  type RunStart,
  type StartContext,
  startDue,
  type WaitingStart,
} from '../../definitions/lifecycle/next-start.ts';
import {
  refuseTimedOut,
  requestTimeout,
  startRequested,
  type UnstartedRequest,
} from '../../definitions/lifecycle/trigger.ts';
import type { Settings } from '../../definitions/settings.ts';
import type { LastRun, Status } from '../../definitions/status.ts';
import { daily, factsOf, jobOf, OPEN_GATES, once, settingsOf } from '../support/jobs.ts';

const [NINE, TEN, ELEVEN] = ['2026-03-10T21:00:00Z', '2026-03-10T22:00:00Z', '2026-03-10T23:00:00Z'];
const NEXT = '2026-03-11T22:00:00Z';

/** What the row says besides the job; nothing is claimed, nothing is made up for unless it does. */
interface Context {
  readonly settings?: Partial<Settings>;
  readonly claimed?: readonly string[];
  readonly catchUp?: string;
}

const contextOf = ({ settings, claimed, catchUp }: Context): StartContext => ({
  settings: settingsOf(settings),
  claimed: new Set(claimed),
  catchUps: new Map(catchUp === undefined ? [] : [['a', catchUp]]),
  superseded: new Map(),
  gates: OPEN_GATES,
});

/** `a@t1 Manual t1`, `missed 2026-…: why, then 2026-…`, `refused: why` */
function said(decided: RunStart | PassedOver | WaitingStart | UnstartedRequest | null): string {
  if (decided === null) return 'none';
  if ('claim' in decided) {
    const { run, trigger, token = '' } = decided.claim;
    return `${run} ${trigger} ${token}`.trim();
  }
  if ('waits' in decided) return `waits: ${decided.waits.message}`;
  if ('nominal' in decided) {
    const { nominal, missed, status } = decided;
    return `${missed ? 'missed' : 'passed'} ${nominal}: ${missed?.reason ?? null}, then ${status.NextRunTime}`;
  }
  return decided.outcome === 'refused' ? `refused: ${decided.reason}` : decided.outcome;
}

const LATE = 'not started within its StartingDeadline of 30m';

/** What is special about a job of 22:00 that is due, now → the run that begins, or why none does. */
const DUE: readonly (readonly [rule: string, spec: Partial<JobSpec>, now: string, context: Context, said: string])[] = [
  ['R12 at its second', {}, TEN, {}, `a@${TEN} Schedule`],
  ['R25 it waited past its next time', {}, '2026-03-12T09:00:00Z', {}, `a@${TEN} Schedule`],
  ['R22 it makes up', {}, ELEVEN, { catchUp: TEN }, `a@${TEN} CatchUp`],
  [
    'R59 an event is not done late',
    { Action: 'ResetManager', Payload: [{ ManagerID: 'bmc', Payload: { ResetType: 'GracefulRestart' } }] },
    ELEVEN,
    {},
    `missed ${TEN}: not started within its StartingDeadline of 15m, then ${NEXT}`,
  ],
  ['R22 it was rescheduled before it could make up', {}, ELEVEN, { catchUp: NINE }, `a@${TEN} Schedule`],
  [
    'R22 it is too late',
    { Schedule: daily({ StartingDeadline: '30m' }) },
    ELEVEN,
    {},
    `missed ${TEN}: ${LATE}, then ${NEXT}`,
  ],
  [
    'R22 it is too late for what it makes up for',
    {},
    ELEVEN,
    { settings: { StartingDeadline: '30m' }, catchUp: TEN },
    `missed ${TEN}: ${LATE}, then ${NEXT}`,
  ],
  [
    'R22 its EndDay has passed',
    { Schedule: daily({ Period: { EndDay: '2026-03-10' } }) },
    '2026-03-11T00:00:00Z',
    {},
    `missed ${TEN}: its EndDay 2026-03-10 had passed, then null`,
  ],
  ['R23 it was claimed before', {}, ELEVEN, { claimed: [`a@${TEN}`] }, `passed ${TEN}: null, then ${NEXT}`],
  [
    'R23 it was claimed before, and would be too late: that is no missed run',
    {},
    ELEVEN,
    { claimed: [`a@${TEN}`], settings: { StartingDeadline: '30m' } },
    `passed ${TEN}: null, then ${NEXT}`,
  ],
  [
    'R23 a Once job that was claimed before',
    { Schedule: once({ Time: '22:00:00' }) },
    ELEVEN,
    { claimed: [`a@${TEN}`] },
    `passed ${TEN}: null, then null`,
  ],
  ['R23 another job was claimed', {}, TEN, { claimed: [`b@${TEN}`] }, `a@${TEN} Schedule`],
];

for (const [rule, spec, now, context, expected] of DUE) {
  test(`${rule}, at ${now}: ${expected}`, () => {
    const job = jobOf('a', spec);
    const facts = factsOf(job, { NextRunTime: TEN });
    const decided = startDue(job, facts, new Date(now), contextOf(context));
    assert.is(said(decided), expected);
    if (decided && 'missed' in decided) {
      const missed = decided.missed ? [{ Time: TEN, Reason: decided.missed.reason }] : [];
      assert.equal(decided.status, { ...facts, NextRunTime: decided.status.NextRunTime, Missed: missed });
    }
  });
}

test('R13 a job without a next time begins nothing', () => {
  const job = jobOf('a');
  assert.is(startDue(job, factsOf(job), new Date(TEN), contextOf({})), null);
});

test('R23 R24 a claim has all that finishes its bookkeeping, in the order of the journal', () => {
  const job = jobOf('a');
  const asked = { job, status: factsOf(job), isHeld: false };
  const decided = startRequested({ job: 'a', token: 't1' }, asked, new Date(`${TEN.slice(0, -1)}.7Z`), contextOf({}));
  assert.ok('claim' in decided);
  assert.is(
    JSON.stringify(decided.claim),
    JSON.stringify({
      run: 'a@t1',
      job: 'a',
      trigger: 'Manual',
      nominal: TEN,
      token: 't1',
      start: TEN,
      action: 'PatchProfile',
      machines: ['machine-1'],
      commit: 'c1',
    }),
  );
  assert.is(decided.job, job);
});

const ran = (Trigger: LastRun['Trigger']): LastRun => {
  const counters = { EndTime: null, Succeeded: 0, Failed: 0, FailedMachines: [] };
  return { RunID: 'a@x', Trigger, NominalTime: TEN, StartTime: TEN, ...counters };
};
const used = { Token: 't1', Time: NINE, Outcome: 'Accepted', Message: 'a@t1' } as const;

type Requested = Context & { readonly facts?: Partial<Status>; readonly spec?: Partial<JobSpec>; isHeld?: boolean };

/** What is special about job a, whose next time is tomorrow, when t1 asks for it at 22:00 → what becomes of t1. */
const REQUESTED: readonly (readonly [title: string, requested: Requested, said: string])[] = [
  ['its time is to come', {}, 'a@t1 Manual t1'],
  ['no further run', { facts: { NextRunTime: null } }, 'a@t1 Manual t1'],
  ['suspended and overdue', { facts: { NextRunTime: NINE, Suspended: true } }, 'a@t1 Manual t1'],
  ['due: it is that run', { facts: { NextRunTime: TEN } }, `a@${TEN} Schedule t1`],
  ['overdue: it is that run', { facts: { NextRunTime: NINE } }, `a@${NINE} Schedule t1`],
  ['overdue, and makes up', { facts: { NextRunTime: NINE }, catchUp: NINE }, `a@${NINE} CatchUp t1`],
  ['overdue, too late', { facts: { NextRunTime: NINE }, settings: { StartingDeadline: '30m' } }, 'a@t1 Manual t1'],
  ['R23 due, but its run was claimed before', { facts: { NextRunTime: TEN }, claimed: [`a@${TEN}`] }, 'a@t1 Manual t1'],
  ['R23 another time was claimed', { facts: { NextRunTime: TEN }, claimed: [`a@${NINE}`] }, `a@${TEN} Schedule t1`],
  ['it runs', { isHeld: true }, 'refused: already running'],
  ['it runs since this second', { isHeld: true, facts: { LastRun: ran('Schedule') } }, 'joined'],
  ['it ran within this second', { facts: { LastRun: ran('CatchUp') } }, 'joined'],
  ['another token began it', { isHeld: true, facts: { LastRun: ran('Manual') } }, 'refused: already running'],
  ['the last token', { facts: { LastTrigger: used } }, 'used'],
  ['a token before', { facts: { LastTrigger: { ...used, Token: 't9', Before: ['t5', 't1'] } } }, 'used'],
  ['used, and it runs', { isHeld: true, facts: { LastTrigger: used } }, 'used'],
  ['used, and it runs since this second', { facts: { LastTrigger: used, LastRun: ran('Schedule') } }, 'used'],
  ['claimed, its facts not yet told', { claimed: ['a@t1'] }, 'used'],
];

for (const [title, { facts: more, spec, isHeld = false, ...context }, expected] of REQUESTED) {
  test(`R28 a request, ${title}: ${expected}`, () => {
    const job = jobOf('a', spec);
    const status = factsOf(job, { NextRunTime: NEXT, ...more });
    const request = { job: 'a', token: 't1' };
    const decided = startRequested(request, { job, status, isHeld }, new Date(TEN), contextOf(context));
    assert.is(said(decided), expected);
    if (!('status' in decided)) return;
    const { Token, Outcome, Message } = decided.status?.LastTrigger ?? {};
    const [outcome, message] = decided.outcome === 'joined' ? ['Accepted', 'a@x'] : ['Refused', 'already running'];
    assert.equal([Token, Outcome, Message], ['t1', outcome, message]);
    assert.equal({ ...decided.status, LastTrigger: status.LastTrigger }, status, 'nothing else changes');
  });
}

test('R28 a request for a job that is not there is refused, and no facts say so', () => {
  const decided = startRequested({ job: 'a', token: 't1' }, undefined, new Date(TEN), contextOf({}));
  assert.equal(decided, { outcome: 'refused', reason: 'job not found: a', status: null });
});

test('R28 a request waits 30 s for a worker; then its token is used, and nothing else changes', () => {
  const timeout = requestTimeout({ job: 'a', token: 't1', at: new Date(TEN) });
  assert.is(timeout.toISOString(), '2026-03-10T22:00:30.000Z');
  const status = factsOf(jobOf('a'), { NextRunTime: NEXT });
  const refused = refuseTimedOut(status, 't1', timeout);
  assert.is(refused.reason, 'worker pool exhausted');
  assert.equal({ ...refused.status, LastTrigger: null }, status);
  assert.is(refused.status?.LastTrigger?.Outcome, 'Refused');
  assert.is(refuseTimedOut(undefined, 't1', timeout).status, null, 'the job has gone meanwhile');
});

for (const [next, Suspended, expected] of [
  [NINE, false, true],
  [TEN, false, true],
  ['2026-03-10T22:00:01Z', false, false],
  [NINE, true, false],
  [null, false, false],
] as const) {
  test(`R12 NextRunTime ${next}${Suspended ? ', suspended' : ''}, at ${TEN}: ${expected ? 'due' : 'not due'}`, () => {
    assert.is(isDue(factsOf(jobOf('a'), { NextRunTime: next, Suspended }), new Date(TEN)), expected);
  });
}

for (const [lookedAt, now, expected] of [
  [null, TEN, true],
  [TEN, '2026-03-10T22:02:00Z', false],
  [TEN, '2026-03-10T22:02:00.001Z', true],
  [TEN, NINE, false],
] as const) {
  test(`R22 looked at ${lookedAt ?? 'never'}, then at ${now}: ${expected ? 'an absence' : 'none'}`, () => {
    assert.is(isAbsence(lookedAt === null ? null : new Date(lookedAt), new Date(now)), expected);
  });
}

test.run();
