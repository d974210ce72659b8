import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { daily, factsOf, jobOf, once } from '../support/jobs.ts';
import { createTestQueue, type JobRow, printStart } from '../support/queue.ts';

const [NINE, TEN, ELEVEN] = ['2026-03-10T21:00:00Z', '2026-03-10T22:00:00Z', '2026-03-10T23:00:00Z'];
const suspended = [{ Suspended: true }, { Suspend: true }] as const;
const until = (EndDay: string) => [{}, { Schedule: daily({ Period: { EndDay } }) }] as const;
const within = (StartingDeadline: string) => [{}, { Schedule: daily({ StartingDeadline }) }] as const;

/** Jobs as the last look before an absence left them → the runs that make up, in order, and what was missed of each. */
const ABSENT: readonly (readonly [
  title: string,
  jobs: readonly JobRow[],
  starts: string,
  missed: readonly string[],
])[] = [
  ['nothing fell due', [['a', '2026-03-14T22:00:00Z']], '', []],
  ['one run', [['a', '2026-03-12T22:00:00Z']], 'a@2026-03-12T22:00:00Z CatchUp', []],
  [
    'three of one job: the latest',
    [['a', TEN]],
    'a@2026-03-12T22:00:00Z CatchUp',
    ['a 2026-03-11T22:00:00Z', `a ${TEN}`],
  ],
  [
    'of one field of one machine the last intended state alone is made up for',
    [
      ['a', '2026-03-12T22:00:00Z'],
      ['b', '2026-03-11T09:00:00Z', {}, { Schedule: daily({ Time: '09:00:00' }) }],
      ['c', '2026-03-11T12:00:00Z', {}, { Schedule: once({ Time: '12:00:00' }) }],
    ],
    'b@2026-03-13T09:00:00Z CatchUp',
    ['a 2026-03-12T22:00:00Z', 'b 2026-03-12T09:00:00Z', 'b 2026-03-11T09:00:00Z', 'c 2026-03-11T12:00:00Z'],
  ],
  [
    'on different machines each is made up for, in the order of their times',
    [
      ['a', '2026-03-12T22:00:00Z', {}, { Machines: ['m-a'] }],
      ['b', '2026-03-11T09:00:00Z', {}, { Machines: ['m-b'], Schedule: daily({ Time: '09:00:00' }) }],
      ['c', '2026-03-11T12:00:00Z', {}, { Machines: ['m-c'], Schedule: once({ Time: '12:00:00' }) }],
    ],
    'c@2026-03-11T12:00:00Z CatchUp a@2026-03-12T22:00:00Z CatchUp b@2026-03-13T09:00:00Z CatchUp',
    ['b 2026-03-12T09:00:00Z', 'b 2026-03-11T09:00:00Z'],
  ],
  ['suspended: neither missed nor made up', [['a', TEN, ...suspended]], '', []],
  ['over meanwhile', [['a', TEN, ...until('2026-03-11')]], '', ['a 2026-03-11T22:00:00Z', `a ${TEN}`]],
  ['too late', [['a', '2026-03-12T22:00:00Z', ...within('6h')]], '', ['a 2026-03-12T22:00:00Z']],
  ['in time', [['a', '2026-03-12T22:00:00Z', ...within('18h')]], 'a@2026-03-12T22:00:00Z CatchUp', []],
];

for (const first of [true, false]) {
  for (const [title, jobs, expected, missed] of ABSENT) {
    test(`R22 after ${first ? 'a start' : 'an absence'}, ${title}: ${expected || 'none'}`, async () => {
      const { queue, agenda, starts } = createTestQueue(jobs);
      if (!first) await queue.look(new Date(NINE));
      const now = '2026-03-13T10:00:00Z';
      await queue.look(new Date(now));
      assert.is(starts(now).map(printStart).join(' '), expected);
      const facts = jobs.flatMap(([id]) => agenda.status(id)?.Missed.map(({ Time }) => `${id} ${Time}`) ?? []);
      assert.equal(facts, missed);
      for (const [id] of jobs) {
        const next = agenda.status(id)?.NextRunTime ?? null;
        if (!expected.includes(`${id}@`) && !agenda.status(id)?.Suspended)
          assert.ok(next === null || next > now, 'given up for good');
      }
    });
  }
}

test('R22 what was missed is recorded at once, however long the run that makes up must wait', async () => {
  const { queue, recorded } = createTestQueue([
    ['a', TEN],
    ['b', '2026-03-12T22:00:00Z'],
  ]);
  await queue.look(new Date('2026-03-13T10:00:00Z'));
  assert.equal(recorded, ['a']);
});

test('R22 thousands of jobs after an absence: others have their turns meanwhile', async () => {
  const { queue, starts } = createTestQueue(
    Array.from({ length: 2_000 }, (_, job): JobRow => [`j${job}`, TEN, {}, { Machines: [`m${job}`] }]),
  );
  let turns = 0;
  let looking = true;
  const turn = () => {
    turns += 1;
    if (looking) setImmediate(turn);
  };
  setImmediate(turn);
  await queue.look(new Date('2026-03-13T10:00:00Z'));
  looking = false;
  assert.ok(turns > 1, `${turns} turns`);
  assert.is(starts('2026-03-13T10:00:00Z').length, 2_000);
});

test('R20 R22 renamed while thousands are caught up with: it makes up once, under its new name', async () => {
  const many = Array.from({ length: 1_000 }, (_, job): JobRow => [`j${job}`, ELEVEN]);
  const { queue, agenda, starts } = createTestQueue([...many, ['old', TEN]]);
  const looking = queue.look(new Date('2026-03-13T10:00:00Z'));
  agenda.rename('old', 'new');
  agenda.put(jobOf('new'), factsOf(jobOf('new'), { NextRunTime: TEN }));
  await looking;
  const ours = starts('2026-03-13T10:00:00Z')
    .map(printStart)
    .filter((run) => /^(old|new)@/.test(run));
  assert.equal(ours, ['new@2026-03-12T22:00:00Z CatchUp']);
});

for (const [seconds, expected] of [
  [60, 'Schedule'],
  [120, 'Schedule'],
  [121, 'CatchUp'],
] as const) {
  test(`R22 a look away of ${seconds} s is ${expected === 'CatchUp' ? 'an absence' : 'none'}: ${expected}`, async () => {
    const { queue, starts } = createTestQueue([['a', TEN]]);
    const now = new Date(Date.parse(NINE) + 3_600_000 + seconds * 1000 - 1000);
    await queue.look(new Date(now.getTime() - seconds * 1000));
    await queue.look(now);
    assert.equal(starts(now.toISOString()).map(printStart), [`a@${TEN} ${expected}`]);
  });
}

test('R16 the clock goes back: that is no absence, and what comes runs at its time', async () => {
  const { queue, starts } = createTestQueue([['a', ELEVEN]]);
  for (const now of [TEN, NINE]) await queue.look(new Date(now));
  assert.equal(starts(TEN), []);
  assert.equal(starts(ELEVEN).map(printStart), [`a@${ELEVEN} Schedule`]);
});

test('R22 rescheduled before it could make up: its new time is no making up', async () => {
  const { queue, agenda, starts } = createTestQueue([['a', NINE]]);
  await queue.look(new Date(TEN));
  agenda.put(jobOf('a'), factsOf(jobOf('a'), { NextRunTime: ELEVEN }));
  assert.equal(starts(ELEVEN).map(printStart), [`a@${ELEVEN} Schedule`]);
});

test.run();
