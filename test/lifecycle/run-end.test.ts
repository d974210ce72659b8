import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Job, JobSpec, Schedule } from '../../definitions/job.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { finishOf, runEnd } from '../../definitions/lifecycle/run-end.ts';
import { failureLines, started } from '../../definitions/lifecycle/run-status.ts';
import { type Claim, interrupted, type Result, refused, type Skip } from '../../definitions/run.ts';
import type { Status } from '../../definitions/status.ts';
import { claimOf, daily, endsOf, factsOf, jobOf, once } from '../support/jobs.ts';

const NOMINAL = '2026-03-10T22:00:00Z';
const END = '2026-03-10T22:10:00Z';
const [NEXT, AFTER] = ['2026-03-11T22:00:00Z', '2026-03-12T22:00:00Z'];

const applied = (machine: string): Result => ({ machine, outcome: 'Applied', entries: [], error: null });
const noAnswer = (machine: string): Result => refused(machine, 'transient: no answer');

interface Row {
  readonly title: string;
  /** The schedule of the job, daily at 22:00 unless the row says otherwise. */
  readonly schedule?: Schedule;
  readonly claim?: Partial<Claim>;
  readonly results?: readonly Result[];
  readonly skips?: readonly Skip[];
  readonly end?: string;
  readonly timeZone?: string;
  /** What another manifest, or another run, made of the job while it ran. */
  readonly edited?: Partial<JobSpec>;
  readonly id?: string;
  readonly facts?: Partial<Status>;
  /** Status, succeeded/failed, NextRunTime, missed; null: the facts are left alone. */
  readonly expected: string | null;
}

const ROWS: readonly Row[] = [
  { title: 'R31 all succeeded', results: [applied('m1'), applied('m2')], expected: `Completed 2/0 ${NEXT}` },
  { title: 'R31 one of two failed', results: [applied('m1'), noAnswer('m2')], expected: `Failed 1/1 ${NEXT}` },
  { title: 'R31 no machine', results: [], expected: `Completed 0/0 ${NEXT}` },
  { title: 'R30 interrupted by a stop', results: [interrupted('m1')], expected: `Failed 0/1 ${NEXT}` },
  {
    title: '#16.2 its last parts made room for the next run: that is due, and not missed',
    skips: [{ machine: 'm2', reason: 'Overtaken', message: `Overtaken by the run of ${NEXT}` }],
    end: NEXT,
    expected: `Completed 1/0 ${NEXT}`,
  },
  { title: 'R13 Once', schedule: once({ Time: '22:00:00' }), expected: 'Completed 1/0 null' },
  { title: 'R12 ends a second before its next time', end: '2026-03-11T21:59:59Z', expected: `Completed 1/0 ${NEXT}` },
  { title: 'R22 ends at its next time', end: NEXT, expected: `Completed 1/0 ${AFTER} missed ${NEXT}` },
  {
    title: 'R22 ends days later: the first time is told, the next is one to come',
    end: '2026-03-13T09:00:00Z',
    expected: `Completed 1/0 2026-03-13T22:00:00Z missed ${NEXT}`,
  },
  {
    title: "R11 in the service's zone",
    timeZone: 'Asia/Tokyo',
    end: NEXT,
    expected: `Completed 1/0 2026-03-12T13:00:00Z missed ${NEXT}`,
  },
  {
    title: 'R14 its next time was its last',
    schedule: daily({ Period: { EndDay: '2026-03-11' } }),
    end: NEXT,
    expected: `Completed 1/0 null missed ${NEXT}`,
  },
  {
    title: 'R28 a triggered run leaves the next time alone, which falls due now',
    claim: { trigger: 'Manual', token: 't1' },
    facts: { NextRunTime: NEXT },
    end: AFTER,
    expected: `Completed 1/0 ${NEXT}`,
  },
  {
    title: 'R19 edited while it ran: its new time is not missed',
    edited: { Schedule: daily({ Time: '22:05:00' }) },
    facts: { NextRunTime: '2026-03-10T22:05:00Z' },
    expected: 'Completed 1/0 2026-03-10T22:05:00Z',
  },
  { title: 'R20 renamed while it ran', id: 'b', expected: `Completed 1/0 ${NEXT}` },
  { title: 'R20 deleted and added again', facts: { LastRun: null }, expected: null },
];

/** A job, and its facts while its run of 22:00 goes on; edited since, if the row says so. */
function running({ id = 'a', schedule = daily(), claim: more = {}, edited = {}, facts = {} }: Row) {
  const ran = jobOf('a', { Schedule: schedule, Machines: ['m1', 'm2'] });
  const claim = claimOf(ran, NOMINAL, more);
  const job: Job = jobOf(id, { Schedule: schedule, Machines: ['m1', 'm2'], ...edited });
  const next = schedule.Type === 'Once' ? null : new Date(NEXT);
  return { ran, claim, job, status: { ...started(factsOf(job), claim, next), ...facts } };
}

for (const row of ROWS) {
  const { title, results = [applied('m1')], skips = [], end = END, timeZone = 'UTC', expected } = row;
  test(`${title}: ${expected ?? 'left alone'}`, () => {
    const { ran, claim, job, status } = running(row);
    const decided = runEnd({ ran, claim, results, skips, end: new Date(end) }, { job, status }, timeZone);
    assert.equal(
      decided.finish,
      finishOf(claim, endsOf(new Map(results.map((each) => [each.machine, each.error])), skips), new Date(end)),
    );
    if (expected === null || decided.status === null) return assert.is(decided.status, expected);
    const { Status, NextRunTime, LastRun, Missed } = decided.status;
    const missed = Missed.map(({ Time }) => ` missed ${Time}`).join('');
    assert.is(`${Status} ${LastRun?.Succeeded}/${LastRun?.Failed} ${NextRunTime}${missed}`, expected);
    for (const { Reason } of Missed) assert.is(Reason, `the run of ${NOMINAL} was still going on`);
    assert.is(LastRun?.EndTime, end);
    assert.is(decided.status.ExecutionCount, status.ExecutionCount, 'it counted from its start');
    assert.is(decided.status.Id, job.id);
  });
}

test('R20 deleted while it ran: the run is closed, and no facts change', () => {
  const { ran, claim } = running({ title: '', expected: null });
  const decided = runEnd({ ran, claim, results: [applied('m1')], skips: [], end: new Date(END) }, undefined, 'UTC');
  assert.is(decided.finish.kind, 'finish');
  assert.is(decided.status, null);
});

for (const [title, errors, expected] of [
  ['all well', [null, null], [2, 0, []]],
  ['one failed', [null, 'no answer'], [1, 1, ['m1: no answer']]],
  ['no machine', [], [0, 0, []]],
] as const) {
  test(`R31 the end of a run, ${title}: ${expected.slice(0, 2).join(' succeeded, ')} failed`, () => {
    const claim = claimOf(jobOf('a'), NOMINAL);
    const record = finishOf(claim, endsOf(new Map(errors.map((error, index) => [`m${index}`, error]))), new Date(END));
    const { succeeded, failures, failed, end } = record as Extract<JournalRecord, { kind: 'finish' }>;
    assert.equal([succeeded, failures, failed], expected);
    assert.is(end, END);
  });
}

test('R24 the bytes of the record that closes a run: what journals on disk have', () => {
  const claim = claimOf(jobOf('a'), NOMINAL);
  const errors = new Map([['m1', 'no answer']]);
  assert.is(
    JSON.stringify(finishOf(claim, endsOf(errors), new Date(END))),
    JSON.stringify({
      kind: 'finish',
      run: `a@${NOMINAL}`,
      job: 'a',
      end: END,
      succeeded: 0,
      failures: 1,
      failed: failureLines(errors),
    }),
  );
});

test.run();
