import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Settings } from '../../definitions/settings.ts';
import { daily, once } from '../support/jobs.ts';
import { createTestQueue, type JobRow } from '../support/queue.ts';

const MIDNIGHT = '2026-03-11T00:00:00Z';
const [NINE, TEN, ELEVEN] = ['2026-03-10T21:00:00Z', '2026-03-10T22:00:00Z', '2026-03-10T23:00:00Z'];
const suspended = [{ Suspended: true }, { Suspend: true }] as const;
const until = (EndDay: string) => [{}, { Schedule: daily({ Period: { EndDay } }) }] as const;
const within = (StartingDeadline: string) => [{}, { Schedule: daily({ StartingDeadline }) }] as const;

/** Jobs, now → the runs that begin, in order; looked at every minute, as the runner does. */
const DUE: readonly (readonly [title: string, jobs: readonly JobRow[], now: string, starts: string])[] = [
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
    const { queue, starts } = createTestQueue(jobs);
    await queue.look(new Date('2026-03-01T00:00:00Z'));
    const found = starts(now);
    assert.is(found.map(({ claim }) => claim.run).join(' '), expected);
    for (const { claim } of found)
      assert.equal([claim.trigger, claim.start, claim.token], ['Schedule', now.replace('.999', ''), undefined]);
    assert.equal(starts(now), [], 'what has begun is held');
  });
}

/** An occurrence that was claimed before, schedule → the next run. */
for (const [title, schedule, TimeZone, next] of [
  ['Continuous', daily(), 'UTC', '2026-03-11T22:00:00Z'],
  ["in the service's zone", daily(), 'Asia/Tokyo', '2026-03-11T13:00:00Z'],
  ['Once', once({ Time: '22:00:00' }), 'UTC', null],
] as const) {
  test(`R23 ${title}: a claimed occurrence never runs again; next comes ${next}`, () => {
    const { agenda, claimed, recorded, starts } = createTestQueue([['a', TEN, {}, { Schedule: schedule }]], {
      TimeZone,
    });
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
    const { agenda, events, recorded, starts } = createTestQueue([['a', TEN, ...until('2026-03-10')]], settings);
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
