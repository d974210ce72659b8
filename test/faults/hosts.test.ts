import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { commit, git, result, status } from '../support/git-folder.ts';
import { assertSound, createInstantClock, pathsIn, type TestPublisher } from '../support/publisher.ts';
import { type FaultContext, faultTest, LOGS } from './fault.ts';

const HOUR_MS = 3_600_000;

/** Two services with state folders of their own that publish to the same branch. */
async function two(at: FaultContext, clock = createInstantClock()): Promise<[TestPublisher, TestPublisher]> {
  const [a, b] = await Promise.all(
    ['a', 'b'].map((name) => at.open({ fleet: at.url, stateDir: at.folder.path(name) }, { clock })),
  );
  assert.ok(a && b);
  return [a, b];
}

/** What a service does when something is recorded, or the branch has moved. */
async function works(
  { repository, journal, publisher }: TestPublisher,
  ...records: readonly JournalRecord[]
): Promise<string> {
  await journal.append(records);
  await repository.snapshot(() => false);
  return (await publisher.publish()).outcome;
}

const rivalsOf = (service: TestPublisher) =>
  service.events.flatMap((event) => (event.kind === 'RivalController' ? [event.id] : []));

/** A result of the same name as another one, and of other content. */
function same(number: number, seconds: string): JournalRecord {
  const record = result(number);
  return record.kind === 'result' ? { ...record, log: { ...record.log, ExecutionTime: seconds } } : record;
}

faultTest('F25: two controllers that publish in turn: each hears of the other, and nothing is lost', async (at) => {
  const clock = createInstantClock();
  const [a, b] = await two(at, clock);
  for (let number = 1; number <= 3; number += 1) {
    assert.is(await works(a, result(number), status('a', number)), 'Pushed');
    assert.is(await works(b, result(10 + number), status('b', number)), 'Pushed');
  }
  assert.equal(rivalsOf(a), [b.journal.id], 'once, however often the other one publishes');
  assert.equal(rivalsOf(b), [a.journal.id]);
  assert.is(await works(a), 'Unchanged', 'and neither puts back what the other one wrote');
  assert.is(await works(b), 'Unchanged');
  assert.is(pathsIn(at.bare, 'main', LOGS).length, 6);
  assert.match(git(at.bare, 'show', 'main:jobs/a.status.yaml'), '"ExecutionCount":3');
  assert.match(git(at.bare, 'show', 'main:jobs/b.status.yaml'), '"ExecutionCount":3');
  clock.advance(2 * HOUR_MS);
  git(at.human, 'pull', '--quiet');
  commit(at.human, { 'notes.txt': 'a new tip\n' });
  git(at.human, 'push', '--quiet');
  assert.is(await works(a), 'Unchanged');
  assert.is(rivalsOf(a).length, 1, 'silent as long as the other one is');
  await works(b, result(14));
  await works(a);
  assert.is(rivalsOf(a).length, 2, 'again after an hour, while it goes on');
  assertSound(at.bare);
});

faultTest(
  'F25: a controller that has published nothing yet hears of one that publishes since it started',
  async (at) => {
    const first = await at.open({ fleet: at.url, stateDir: at.folder.path('a') });
    await works(first, result(1));
    const atStart = git(at.bare, 'rev-parse', 'main');
    const options = { fleet: at.url, stateDir: at.folder.path('b') };
    const second = await at.open(options, { seenAtStart: () => atStart });
    await works(second);
    assert.equal(rivalsOf(second), [], 'what came before its start is no rivalry');
    await works(first, result(2));
    await works(second);
    assert.equal(rivalsOf(second), [first.journal.id]);
  },
);

faultTest('F25: two controllers that publish at once: the races settle, and nothing is lost', async (at) => {
  const [a, b] = await two(at);
  for (let number = 1; number <= 5; number += 1) {
    const outcomes = await Promise.all([
      works(a, result(number), status('a', number)),
      works(b, result(10 + number), status('b', number)),
    ]);
    assert.equal(outcomes, ['Pushed', 'Pushed']);
  }
  await Promise.all([works(a), works(b)]);
  assert.is(pathsIn(at.bare, 'main', LOGS).length, 10);
  assert.equal([rivalsOf(a), rivalsOf(b)], [[b.journal.id], [a.journal.id]]);
  assert.is(git(at.bare, 'rev-list', '--merges', 'main'), '');
  assertSound(at.bare);
});

faultTest('R33: two controllers that run the same in the same second: both results stay', async (at) => {
  const [a, b] = await two(at);
  await works(a, same(1, '1.000s'));
  await works(b, same(1, '2.000s'), result(2));
  await works(a, same(2, '3.000s'));
  const times = pathsIn(at.bare, 'main', LOGS).map(
    (path) => /"ExecutionTime":"(.)/.exec(git(at.bare, 'show', `main:${path}`))?.[1],
  );
  assert.equal(times.sort(), ['1', '1', '2', '3']);
  await b.journal.renew();
  await works(b, status('b', 1));
  assert.is(pathsIn(at.bare, 'main', LOGS).length, 4, 'projected anew, found again');
});

faultTest("F19: a human's edits are put right while two controllers publish, in one commit", async (at) => {
  const [a, b] = await two(at);
  await works(a, result(1), status('a', 1));
  await works(b, result(2), status('b', 1));
  await works(a, result(3));
  await works(b, result(4));
  git(at.human, 'pull', '--quiet');
  const [first = '', second = ''] = pathsIn(at.bare, 'main', LOGS);
  commit(at.human, { 'jobs/a.status.yaml': 'ExecutionCount: 99\n', [first]: null, [second]: 'nothing\n' });
  git(at.human, 'push', '--quiet');
  assert.is(await works(a), 'Pushed');
  assert.is(await works(b), 'Unchanged');
  assert.is(await works(a), 'Unchanged');
  assert.match(git(at.bare, 'show', 'main:jobs/a.status.yaml'), '"ExecutionCount":1');
  assert.is(pathsIn(at.bare, 'main', LOGS).length, 4);
  assert.match(git(at.bare, 'show', `main:${second}`), '"JobID"');
});

test.run();
