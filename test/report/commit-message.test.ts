import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { project } from '../../definitions/report/commit-message.ts';

const END = '2026-03-10T22:00:09Z';

function finish(job: string, succeeded: number, failed: readonly string[] = []): JournalRecord {
  return { kind: 'finish', run: `${job}@${END}`, job, end: END, succeeded, failed, failures: failed.length };
}

function status(path: string): JournalRecord {
  return { kind: 'status', path, documents: [] };
}

/** What became durable → the message of the commit that makes it public. */
const CASES: readonly (readonly [what: string, records: readonly JournalRecord[], message: string])[] = [
  ['one run', [finish('nightly', 12)], `bmcron: nightly completed on 12 machines at ${END}`],
  ['one machine', [finish('nightly', 1)], `bmcron: nightly completed on 1 machine at ${END}`],
  [
    'one run that failed',
    [finish('nightly', 1, ['machine-2: transient: no answer'])],
    `bmcron: nightly failed on 1 of 2 machines at ${END}\n\nnightly: machine-2: transient: no answer`,
  ],
  [
    'several runs are counted',
    [finish('a', 1), finish('b', 0, ['m: permanent: no such manager']), finish('c', 1)],
    'bmcron: 3 runs, 2 completed, 1 failed\n\nb: m: permanent: no such manager',
  ],
  [
    '#16.2 one run of which a window skipped a part',
    [{ ...finish('nightly', 2), skips: 1, skipped: ['m3: Frozen by x'], status: 'Completed' } as JournalRecord],
    `bmcron: nightly completed on 2 machines, 1 skipped, at ${END}\n\nnightly: skipped m3: Frozen by x`,
  ],
  [
    '#16.2 one run of which a guard skipped all',
    [{ ...finish('nightly', 0), skips: 1, skipped: ['m3: GuardRefused x'], status: 'Failed' } as JournalRecord],
    `bmcron: nightly failed: 0 machines done, 1 skipped, at ${END}\n\nnightly: skipped m3: GuardRefused x`,
  ],
  ['no run', [status('jobs/a.status.yaml'), status('jobs/b.status.yaml')], 'bmcron: status of 2 manifests'],
  ['a status that changed twice', [status('a'), status('a')], 'bmcron: status of 1 manifest'],
  ['neither', [{ kind: 'overview' }], 'bmcron: the fleet at a glance'],
];

for (const [what, records, message] of CASES) {
  test(`R38 the commit of ${what}: ${message.split('\n')[0]}`, () => {
    assert.is(project(records.map((record, index) => ({ seq: index + 1, record }))).message, message);
  });
}

test('R38 at most 20 failed machines are listed, and the others counted', () => {
  const failed = Array.from({ length: 25 }, (_, index) => `m${index}: transient: no answer`);
  const lines = project([{ seq: 1, record: finish('a', 0, failed) }]).message.split('\n');
  assert.is(lines.length, 2 + 20 + 1);
  assert.is(lines.at(-1), 'and 5 more');
});

test.run();
