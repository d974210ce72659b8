import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Job } from '../../definitions/job.ts';
import { heldSince, removalProblem, unconfirmed } from '../../definitions/lifecycle/last-good.ts';

const jobs = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `job-${index}` }) as Job);

const CASES: readonly (readonly [gone: number, inForce: number, isEmpty: boolean, isHeld: boolean])[] = [
  [1, 1, false, false],
  [1, 2, false, false],
  [2, 2, false, false],
  [2, 3, false, false],
  [3, 3, false, true],
  [3, 4, false, true],
  [3, 5, false, true],
  [3, 6, false, false],
  [4, 7, false, true],
  [50, 100, false, false],
  [51, 100, false, true],
  [1, 1, true, true],
  [2, 2, true, true],
  [0, 0, true, false],
  [0, 5, false, false],
];

for (const [gone, inForce, isEmpty, isHeld] of CASES) {
  const tree = isEmpty ? ', no manifest is left' : '';
  test(`R47 #22.1 ${gone} of ${inForce} vanish${tree}: ${isHeld ? 'they stay' : 'they go'}`, () => {
    const kept = unconfirmed({ gone: jobs(gone), inForce, isEmpty }, new Map());
    assert.is(kept.length, isHeld ? gone : 0);
  });
}

test('R47 what is held stays held, however many jobs come in the meantime; each names the commit of its own', () => {
  const held = heldSince(jobs(3), new Map(), 'a'.repeat(40));
  const kept = unconfirmed({ gone: jobs(4), inForce: 100, isEmpty: false }, held);
  assert.equal(
    kept.map(({ id }) => id),
    ['job-0', 'job-1', 'job-2'],
  );
  const later = heldSince(jobs(4), held, 'b'.repeat(40));
  assert.equal([...new Set(later.values())], ['a'.repeat(40), 'b'.repeat(40)]);
  const { message } = removalProblem(later, 6);
  assert.match(message, /4 jobs of 6 are gone as of commit b{12}/);
  assert.match(message, /--accept-removals b{12}.*"Bmcron-Accept-Removals: 4"/);
});

test.run();
