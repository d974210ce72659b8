import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLastParts, type LastPart } from '../../controller/server/views/last-parts.ts';

const record = { path: 'logs/x', log: {} as never };

/** What a job did on `m1`, on a day of March. */
function part(job: string, day: number, outcome: LastPart['outcome']): LastPart {
  const at = `2026-03-0${day}T22:00:00Z`;
  const error = outcome === 'Applied' ? null : 'it failed';
  return { machine: 'm1', job, run: `${job}@${at}`, at, outcome, error, record: outcome === 'Skipped' ? null : record };
}

/** Parts as they are noted, then those of before → the latest outcome. */
const LATEST: readonly (readonly [readonly LastPart[], readonly LastPart[], LastPart['outcome'] | undefined])[] = [
  [[], [], undefined],
  [[part('a', 1, 'Applied'), part('b', 2, 'Unreachable')], [], 'Unreachable'],
  [[part('b', 2, 'Unreachable'), part('a', 3, 'Applied')], [], 'Applied'],
  [[part('a', 1, 'Applied'), part('b', 2, 'Skipped')], [], 'Applied'],
  [[part('a', 3, 'Applied')], [part('a', 1, 'failed')], 'Applied'],
  [[part('a', 1, 'Applied')], [part('b', 2, 'failed')], 'failed'],
  [[], [part('a', 1, 'failed')], 'failed'],
];
for (const [noted, recalled, outcome] of LATEST) {
  const words = (parts: readonly LastPart[]) =>
    parts.map(({ job, outcome }) => `${job} ${outcome}`).join(', ') || 'none';
  test(`#19.5 the latest part of a machine: ${words(noted)}; before: ${words(recalled)}`, () => {
    const last = createLastParts();
    for (const each of noted) last.note(each);
    for (const each of recalled) last.recall(each);
    assert.is(last.latest('m1')?.outcome, outcome);
    assert.is(last.latest('m2'), null);
  });
}

test.run();
