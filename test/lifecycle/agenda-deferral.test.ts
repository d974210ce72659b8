import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createAgenda } from '../../definitions/lifecycle/agenda.ts';
import { factsOf, jobOf } from '../support/jobs.ts';

const [TEN, ELEVEN, TWELVE] = ['2026-03-10T22:00:00Z', '2026-03-10T23:00:00Z', '2026-03-11T00:00:00Z'];
const block = { reason: 'Frozen', message: 'Frozen by Year end' } as const;
const NEVER = '-';

type Agenda = ReturnType<typeof createAgenda>;
const put = (agenda: Agenda, next: string | null, more = {}) => {
  const job = jobOf('a');
  agenda.put(job, factsOf(job, { NextRunTime: next, ...more }));
};

/** What happens to a job that is due at 22:00 → when it is due. */
const ROWS: readonly (readonly [string, (agenda: Agenda) => void, string])[] = [
  ['deferred', (agenda) => agenda.defer('a', { block, until: new Date(ELEVEN) }), ELEVEN],
  ['deferred until something changes', (agenda) => agenda.defer('a', { block, until: null }), NEVER],
  ['a moment before its time changes nothing', (agenda) => agenda.defer('a', { block, until: new Date(0) }), TEN],
  [
    'deferred again, earlier',
    (agenda) => {
      agenda.defer('a', { block, until: new Date(TWELVE) });
      agenda.defer('a', { block, until: new Date(ELEVEN) });
    },
    ELEVEN,
  ],
  [
    'resumed',
    (agenda) => {
      agenda.defer('a', { block, until: null });
      agenda.resume('a');
    },
    TEN,
  ],
  [
    'other facts leave it deferred',
    (agenda) => {
      agenda.defer('a', { block, until: new Date(TWELVE) });
      put(agenda, TEN, { ExecutionCount: 3 });
    },
    TWELVE,
  ],
  [
    'another next time ends it',
    (agenda) => {
      agenda.defer('a', { block, until: new Date(TWELVE) });
      put(agenda, ELEVEN);
    },
    ELEVEN,
  ],
  [
    'removed and added again',
    (agenda) => {
      agenda.defer('a', { block, until: new Date(TWELVE) });
      agenda.remove('a');
      put(agenda, TEN);
    },
    TEN,
  ],
  [
    'held and released',
    (agenda) => {
      agenda.hold('a');
      agenda.defer('a', { block, until: new Date(ELEVEN) });
      agenda.release('a');
    },
    ELEVEN,
  ],
];

for (const [title, act, due] of ROWS) {
  test(`#16.2 ${title}: due ${due}`, () => {
    const agenda = createAgenda();
    put(agenda, TEN);
    act(agenda);
    assert.is(agenda.nextDue()?.toISOString().replace('.000', '') ?? NEVER, due);
    if (due === NEVER) return assert.is(agenda.due(new Date('2999-01-01T00:00:00Z')), undefined);
    assert.is(agenda.due(new Date(Date.parse(due) - 1)), undefined);
    assert.is(agenda.due(new Date(due))?.id, 'a');
  });
}

test.run();
