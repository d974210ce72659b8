import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Settings } from '../definitions/settings.ts';
import { createDesk, type Given, told } from './desk.ts';
import { daily, factsOf, jobOf, once } from './facts.ts';

const MIDNIGHT = '2026-03-11T00:00:00Z';
const [NINE, TEN, ELEVEN] = ['2026-03-10T21:00:00Z', '2026-03-10T22:00:00Z', '2026-03-10T23:00:00Z'];
const suspended = [{ Suspended: true }, { Suspend: true }] as const;
const until = (EndDay: string) => [{}, { Schedule: daily({ Period: { EndDay } }) }] as const;
const within = (StartingDeadline: string) => [{}, { Schedule: daily({ StartingDeadline }) }] as const;

/** Jobs, now → the runs that begin, in order; looked at every minute, as the runner does. */
const DUE: readonly (readonly [title: string, jobs: readonly Given[], now: string, starts: string])[] = [
  ['nothing is due', [['a', TEN]], '2026-03-10T21:59:59.999Z', ''],
  ['at its second', [['a', TEN]], TEN, `a@${TEN}`],
  [
    'by time, then ID',
    [
      ['c', TEN],
      ['b', ELEVEN],
      ['a', ELEVEN],
      ['d', NINE],
    ],
    ELEVEN,
    `d@${NINE} c@${TEN} a@${ELEVEN} b@${ELEVEN}`,
  ],
  [
    'no run left',
    [
      ['a', null],
      ['b', TEN],
    ],
    TEN,
    `b@${TEN}`,
  ],
  [
    'suspended',
    [
      ['a', TEN, ...suspended],
      ['b', TEN],
    ],
    TEN,
    `b@${TEN}`,
  ],
  ['late, no limit', [['a', TEN]], '2026-03-10T23:59:00Z', `a@${TEN}`],
  ['waited past its next occurrence', [['a', '2026-03-08T22:00:00Z']], TEN, 'a@2026-03-08T22:00:00Z'],
  [
    'too late',
    [
      ['a', TEN, ...within('30m')],
      ['b', TEN],
    ],
    ELEVEN,
    `b@${TEN}`,
  ],
  [
    'after its EndDay',
    [
      ['a', TEN, ...until('2026-03-10')],
      ['b', TEN],
    ],
    MIDNIGHT,
    `b@${TEN}`,
  ],
];

for (const [title, jobs, now, expected] of DUE) {
  test(`R25 due at ${now}, ${title}: ${expected || 'none'}`, async () => {
    const { intake, starts } = createDesk(jobs);
    await intake.look(new Date('2026-03-01T00:00:00Z'));
    const found = starts(now);
    assert.is(found.map(({ claim }) => claim.run).join(' '), expected);
    for (const { claim } of found)
      assert.equal([claim.trigger, claim.start, claim.token], ['Schedule', now.replace('.999', ''), undefined]);
    assert.equal(starts(now), [], 'what has begun is held');
  });
}

/** Jobs as the last look before an absence left them → the runs that make up, in order, and what was missed of each. */
const ABSENT: readonly (readonly [title: string, jobs: readonly Given[], starts: string, missed: readonly string[]])[] =
  [
    ['nothing fell due', [['a', '2026-03-14T22:00:00Z']], '', []],
    ['one run', [['a', '2026-03-12T22:00:00Z']], 'a@2026-03-12T22:00:00Z CatchUp', []],
    [
      'three of one job: the latest',
      [['a', TEN]],
      'a@2026-03-12T22:00:00Z CatchUp',
      ['a 2026-03-11T22:00:00Z', `a ${TEN}`],
    ],
    [
      'the last intended state wins',
      [
        ['a', '2026-03-12T22:00:00Z'],
        ['b', '2026-03-11T09:00:00Z', {}, { Schedule: daily({ Time: '09:00:00' }) }],
        ['c', '2026-03-11T12:00:00Z', {}, { Schedule: once({ Time: '12:00:00' }) }],
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
      const { intake, agenda, starts } = createDesk(jobs);
      if (!first) await intake.look(new Date(NINE));
      const now = '2026-03-13T10:00:00Z';
      await intake.look(new Date(now));
      assert.is(starts(now).map(told).join(' '), expected);
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
  const { intake, recorded } = createDesk([
    ['a', TEN],
    ['b', '2026-03-12T22:00:00Z'],
  ]);
  await intake.look(new Date('2026-03-13T10:00:00Z'));
  assert.equal(recorded, ['a']);
});

test('R22 thousands of jobs after an absence: others have their turns meanwhile', async () => {
  const { intake, starts } = createDesk(Array.from({ length: 2_000 }, (_, job): Given => [`j${job}`, TEN]));
  let turns = 0;
  let looking = true;
  const turn = () => {
    turns += 1;
    if (looking) setImmediate(turn);
  };
  setImmediate(turn);
  await intake.look(new Date('2026-03-13T10:00:00Z'));
  looking = false;
  assert.ok(turns > 1, `${turns} turns`);
  assert.is(starts('2026-03-13T10:00:00Z').length, 2_000);
});

for (const [seconds, expected] of [
  [60, 'Schedule'],
  [120, 'Schedule'],
  [121, 'CatchUp'],
] as const) {
  test(`R22 a look away of ${seconds} s is ${expected === 'CatchUp' ? 'an absence' : 'none'}: ${expected}`, async () => {
    const { intake, starts } = createDesk([['a', TEN]]);
    const now = new Date(Date.parse(NINE) + 3_600_000 + seconds * 1000 - 1000);
    await intake.look(new Date(now.getTime() - seconds * 1000));
    await intake.look(now);
    assert.equal(starts(now.toISOString()).map(told), [`a@${TEN} ${expected}`]);
  });
}

test('R16 the clock goes back: that is no absence, and what comes runs at its time', async () => {
  const { intake, starts } = createDesk([['a', ELEVEN]]);
  for (const now of [TEN, NINE]) await intake.look(new Date(now));
  assert.equal(starts(TEN), []);
  assert.equal(starts(ELEVEN).map(told), [`a@${ELEVEN} Schedule`]);
});

test('R22 rescheduled before it could make up: its new time is no making up', async () => {
  const { intake, agenda, starts } = createDesk([['a', NINE]]);
  await intake.look(new Date(TEN));
  agenda.put(jobOf('a'), factsOf(jobOf('a'), { NextRunTime: ELEVEN }));
  assert.equal(starts(ELEVEN).map(told), [`a@${ELEVEN} Schedule`]);
});

/** An occurrence that was claimed before, schedule → the next run. */
for (const [title, schedule, TimeZone, next] of [
  ['Continuous', daily(), 'UTC', '2026-03-11T22:00:00Z'],
  ["in the service's zone", daily(), 'Asia/Tokyo', '2026-03-11T13:00:00Z'],
  ['Once', once({ Time: '22:00:00' }), 'UTC', null],
] as const) {
  test(`R23 ${title}: a claimed occurrence never runs again; next comes ${next}`, () => {
    const { agenda, claimed, recorded, starts } = createDesk([['a', TEN, {}, { Schedule: schedule }]], { TimeZone });
    claimed.add(`a@${TEN}`);
    assert.equal(starts(ELEVEN), []);
    assert.is(agenda.status('a')?.NextRunTime, next);
    assert.equal(agenda.status('a')?.Missed, []);
    assert.equal(recorded, ['a']);
  });
}

const SETTINGS: readonly (readonly [string, Partial<Settings>, string, readonly string[]])[] = [
  [
    'StartingDeadline',
    { StartingDeadline: '30m' },
    ELEVEN,
    [`missed a ${TEN}: not started within its StartingDeadline of 30m`],
  ],
  [
    'TimeZone',
    { TimeZone: 'Asia/Tokyo' },
    '2026-03-10T22:30:00Z',
    [`missed a ${TEN}: its EndDay 2026-03-10 had passed`],
  ],
];

for (const [name, settings, now, expected] of SETTINGS) {
  test(`R22 ${name} of bmcron.yaml: ${expected}; told, kept and made durable`, () => {
    const { agenda, events, recorded, starts } = createDesk([['a', TEN, ...until('2026-03-10')]], settings);
    assert.equal(starts(now), []);
    assert.equal(events, expected);
    assert.equal(
      agenda.status('a')?.Missed.map(({ Time, Reason }) => `missed a ${Time}: ${Reason}`),
      expected,
    );
    assert.equal(recorded, ['a']);
  });
}

test.run();
