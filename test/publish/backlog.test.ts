// More than one commit carries, behind a place where somebody's link is (#20.8).
import { symlinkSync, unlinkSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CHUNK } from '../../controller/publish/backlog.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { type FaultContext, faultTest, LOGS } from '../faults/fault.ts';
import { git, result, status } from '../support/git-folder.ts';
import { assertSound, createInstantClock, pathsIn, type TestPublisher } from '../support/publisher.ts';

const BLOCKED = 'jobs/a.status.yaml';

function push(at: FaultContext, message: string): void {
  git(at.human, 'add', '--all');
  git(at.human, 'commit', '--quiet', '--allow-empty', '-m', message);
  git(at.human, 'pull', '--quiet', '--rebase');
  git(at.human, 'push', '--quiet');
}

async function published(service: TestPublisher, ...records: readonly JournalRecord[]): Promise<void> {
  await service.repository.snapshot(() => false);
  await service.journal.append([...records]);
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  assert.is((await service.publisher.publish()).outcome, 'Unchanged');
}

/** The values that a status file has had on the branch, from old to new. */
function countsOf(at: FaultContext, job: string): number[] {
  const commits = git(at.bare, 'log', '--reverse', '--format=%H', 'main', '--', `jobs/${job}.status.yaml`).split('\n');
  const texts = commits.map((commit) => git(at.bare, 'show', `${commit}:jobs/${job}.status.yaml`));
  return texts.map((text) => Number(/"ExecutionCount":(\d+)/.exec(text)?.[1]));
}

faultTest(
  `#20.8 F20: ${CHUNK} entries and more behind a place that is taken are published, once and in order`,
  async (at) => {
    symlinkSync('elsewhere', `${at.human}/${BLOCKED}`);
    push(at, 'a link');
    const options = { fleet: at.url, stateDir: at.folder.path('state') };
    const first = await at.open(options, { clock: createInstantClock() });
    const many = Array.from({ length: CHUNK + 50 }, (_, index) => status('b', index + 1));
    await published(first, status('a', 1), result(1), ...many, result(2));
    await published(first, status('b', 20_000), result(3));
    assert.is(pathsIn(at.bare, 'main', LOGS).length, 3);
    assert.is(countsOf(at, 'b').at(-1), 20_000);
    push(at, 'a commit of somebody');
    await published(first, status('b', 20_001), result(4));
    await first.journal.close();
    const second = await at.open(options, { clock: createInstantClock() });
    await published(second, status('b', 20_002), result(5));
    const counts = countsOf(at, 'b');
    assert.equal(
      counts,
      [...counts].sort((a, b) => a - b),
      'nothing older is ever put in place of what is there',
    );
    assert.is(first.kinds().filter((kind) => kind === 'PathConflict').length, 1, 'told once');
    git(at.human, 'pull', '--quiet', '--rebase');
    unlinkSync(`${at.human}/${BLOCKED}`);
    push(at, 'the place is free');
    await published(second, result(6));
    assert.match(git(at.bare, 'show', `main:${BLOCKED}`), '"ExecutionCount":1');
    assert.match(git(at.bare, 'show', `main:.bmcron/${second.journal.id}.json`), `"hi":${second.journal.last}`);
    assert.is(pathsIn(at.bare, 'main', LOGS).length, 6);
    assertSound(at.bare);
  },
);

test.run();
