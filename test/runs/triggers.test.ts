import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LastRun } from '../../definitions/status.ts';
import { daily, once } from '../support/jobs.ts';
import { createTestQueue, type JobRow, printStart } from '../support/queue.ts';

const NOW = '2026-03-10T22:00:00Z';
const LATER = '2026-03-11T22:00:00Z';
const EARLIER = '2026-03-10T21:00:00Z';
const suspended = [{ Suspended: true }, { Suspend: true }] as const;
const ran = (NominalTime: string, Trigger: LastRun['Trigger'] = 'Schedule'): LastRun => {
  const counters = { EndTime: null, Succeeded: 0, Failed: 0, FailedMachines: [] };
  return { RunID: `a@${NominalTime}`, Trigger, NominalTime, StartTime: NominalTime, ...counters };
};
const used = { Token: 't1', Time: EARLIER, Outcome: 'Accepted', Message: 'a@t1' } as const;

interface Row {
  readonly title: string;
  readonly job: JobRow;
  /** Tokens that ask for job a, in order; t1 alone unless the row says otherwise. */
  readonly asks?: readonly string[];
  /** The job is at work already. */
  readonly held?: boolean;
  readonly claimed?: string;
  readonly starts: string;
  readonly events?: readonly string[];
  /** What the status says of the last token afterwards; a run that begins tells it itself. */
  readonly trigger?: string;
}

const ROWS: readonly Row[] = [
  { title: 'its time is to come', job: ['a', LATER], starts: 'a@t1 Manual' },
  { title: 'a pending Once job', job: ['a', LATER, {}, { Schedule: once() }], starts: 'a@t1 Manual' },
  { title: 'outside its Period', job: ['a', null], starts: 'a@t1 Manual' },
  { title: 'suspended', job: ['a', LATER, ...suspended], starts: 'a@t1 Manual' },
  { title: 'due anyway: it is that run', job: ['a', NOW], starts: `a@${NOW} Schedule` },
  { title: 'overdue: it is that run', job: ['a', EARLIER], starts: `a@${EARLIER} Schedule` },
  { title: 'due, and suspended', job: ['a', NOW, ...suspended], starts: 'a@t1 Manual' },
  {
    title: 'overdue, too late',
    job: ['a', EARLIER, {}, { Schedule: daily({ StartingDeadline: '30m' }) }],
    starts: 'a@t1 Manual',
  },
  { title: 'the same twice', job: ['a', LATER], asks: ['t1', 't1'], starts: 'a@t1 Manual' },
  {
    title: 'two tokens: the second comes while it runs',
    job: ['a', LATER],
    asks: ['t1', 't2'],
    starts: 'a@t1 Manual',
    events: ['refused a t2: already running'],
    trigger: 't2 Refused already running',
  },
  {
    title: 'it runs',
    job: ['a', LATER, { Status: 'Running', LastRun: ran(EARLIER) }],
    held: true,
    starts: '',
    events: ['refused a t1: already running'],
    trigger: 't1 Refused already running',
  },
  {
    title: 'its due run began in this second',
    job: ['a', LATER, { Status: 'Running', LastRun: ran(NOW) }],
    held: true,
    starts: '',
    trigger: `t1 Accepted a@${NOW}`,
  },
  {
    title: 'another token began a run in this second',
    job: ['a', LATER, { Status: 'Running', LastRun: ran(NOW, 'Manual') }],
    held: true,
    starts: '',
    events: ['refused a t1: already running'],
    trigger: 't1 Refused already running',
  },
  { title: 'used by a run', job: ['a', LATER, { LastTrigger: used }], starts: '', trigger: 't1 Accepted a@t1' },
  {
    title: 'used long ago',
    job: ['a', LATER, { LastTrigger: { ...used, Token: 't9', Before: ['t5', 't1'] } }],
    starts: '',
    trigger: 't9 Accepted a@t1',
  },
  { title: 'used, and a new one', job: ['a', LATER, { LastTrigger: used }], asks: ['t1', 't2'], starts: 'a@t2 Manual' },
  { title: 'claimed, its facts not yet told', job: ['a', LATER], claimed: 'a@t1', starts: '' },
  { title: 'no such job', job: ['b', LATER], starts: '', events: ['refused a t1: job not found: a'] },
];

for (const { title, job, asks = ['t1'], held, claimed: taken, starts: expected, events = [], trigger } of ROWS) {
  test(`R28 a trigger, ${title}: ${expected || 'no run'}`, () => {
    const { agenda, queue, claimed, events: heard, recorded, starts } = createTestQueue([job]);
    if (held) agenda.hold('a');
    if (taken) claimed.add(taken);
    const before = agenda.status('a');
    queue.request(
      asks.map((token) => ({ job: 'a', token })),
      new Date(NOW),
    );
    const begun = starts(NOW);
    assert.is(begun.map(printStart).join(' '), expected);
    for (const { claim } of begun) assert.is(claim.token, asks.at(expected.includes('t2') ? 1 : 0));
    assert.equal(heard, events);
    const after = agenda.status('a');
    assert.is(after?.NextRunTime, before?.NextRunTime, 'it moves nothing');
    assert.is(after?.ExecutionCount, before?.ExecutionCount);
    const last = after?.LastTrigger;
    if (trigger) assert.is(last && `${last.Token} ${last.Outcome} ${last.Message}`, trigger);
    assert.equal(recorded, after === before ? [] : ['a']);
    assert.is(queue.nextTimeout(), null, 'nobody waits');
  });
}

test('R28 who asked first runs first, and before what is due', () => {
  const { queue, starts } = createTestQueue([
    ['a', LATER],
    ['b', LATER],
    ['c', EARLIER],
  ]);
  queue.request([{ job: 'b', token: 't1' }], new Date(NOW));
  queue.request([{ job: 'a', token: 't1' }], new Date(NOW));
  assert.equal(starts(NOW).map(printStart), ['b@t1 Manual', 'a@t1 Manual', `c@${EARLIER} Schedule`]);
});

for (const [seconds, refused] of [
  [29, false],
  [29.999, false],
  [30, true],
  [31, true],
] as const) {
  test(`R28 no worker is free for ${seconds} s: ${refused ? 'worker pool exhausted, nothing changes' : 'it waits'}`, async () => {
    const { agenda, queue, events, recorded, starts } = createTestQueue([['a', LATER]]);
    await queue.look(new Date(NOW));
    for (let times = 0; times < 3; times += 1) queue.request([{ job: 'a', token: 't1' }], new Date(NOW));
    assert.is(queue.nextTimeout()?.toISOString(), '2026-03-10T22:00:30.000Z');
    const before = agenda.status('a');
    const now = new Date(Date.parse(NOW) + seconds * 1000);
    await queue.look(now);
    assert.equal(events, refused ? ['refused a t1: worker pool exhausted'] : []);
    assert.equal(recorded, refused ? ['a'] : []);
    assert.equal({ ...agenda.status('a'), LastTrigger: null }, before);
    assert.is(agenda.status('a')?.LastTrigger?.Outcome, refused ? 'Refused' : undefined);
    assert.equal(starts(now.toISOString()).map(printStart), refused ? [] : ['a@t1 Manual']);
    queue.request([{ job: 'a', token: 't1' }], now);
    agenda.release('a');
    assert.equal(starts(now.toISOString()), [], 'a token runs once, ever');
  });
}

test('R28 each request waits its own 30 s', async () => {
  const { queue, events } = createTestQueue([
    ['a', LATER],
    ['b', LATER],
  ]);
  await queue.look(new Date(NOW));
  queue.request([{ job: 'a', token: 't1' }], new Date(NOW));
  queue.request([{ job: 'b', token: 't1' }], new Date('2026-03-10T22:00:20Z'));
  await queue.look(new Date('2026-03-10T22:00:30Z'));
  assert.equal(events, ['refused a t1: worker pool exhausted']);
  assert.is(queue.nextTimeout()?.toISOString(), '2026-03-10T22:00:50.000Z');
  await queue.look(new Date('2026-03-10T22:00:50Z'));
  assert.equal(events.slice(1), ['refused b t1: worker pool exhausted']);
});

test('R22 R40 a run that could not begin is requeued: it begins later, and still makes up', async () => {
  const { queue, agenda, claimed, starts } = createTestQueue([
    ['a', NOW],
    ['b', null],
  ]);
  await queue.look(new Date('2026-03-11T09:00:00Z'));
  queue.request([{ job: 'b', token: 't1' }], new Date('2026-03-11T09:00:00Z'));
  const begun = starts('2026-03-11T09:00:00Z');
  assert.equal(begun.map(printStart), ['b@t1 Manual', `a@${NOW} CatchUp`]);
  assert.equal([...claimed], ['b@t1', `a@${NOW}`]);
  for (const start of begun) {
    queue.requeue(start, new Date('2026-03-11T09:00:05Z'));
    agenda.release(start.job.id);
  }
  assert.is(claimed.size, 0);
  assert.is(queue.nextTimeout()?.toISOString(), '2026-03-11T09:00:35.000Z');
  assert.equal(starts('2026-03-11T09:00:15Z').map(printStart), ['b@t1 Manual', `a@${NOW} CatchUp`]);
});

test.run();
