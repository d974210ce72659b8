import { cpSync, rmSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { project } from '../../definitions/report/commit-message.ts';
import { type FaultContext, faultTest, LOGS } from '../faults/fault.ts';
import { commit, git, result, status } from '../support/git-folder.ts';
import { assertSound, createInstantClock, pathsIn, type TestPublisher } from '../support/publisher.ts';

const STATUS = 'jobs/a.status.yaml';

/** A service that writes segments, with an ID of a status that `print` can read. */
function openSegments(at: FaultContext): Promise<TestPublisher> {
  const publishing = {
    clock: createInstantClock(),
    project: (entries: Parameters<typeof project>[0], id: string) => {
      const logs = entries.filter(({ record }) => record.kind === 'result');
      const others = entries.filter(({ record }) => record.kind === 'status');
      const { files, message } = project(
        entries.length > 0 && logs.length > 0 ? entries.filter(isLog) : [],
        'segments',
        id,
      );
      return { files: new Map([...files, ...others.map(() => [STATUS, `Id: a${others.length}\n`] as const)]), message };
    },
  };
  return at.open({ fleet: at.url, stateDir: at.folder.path('state') }, publishing);
}

function isLog({ record }: { readonly record: { readonly kind: string } }): boolean {
  return record.kind === 'result';
}

async function published(service: TestPublisher, ...numbers: number[]): Promise<void> {
  await service.journal.append(numbers.map((number) => result(number)));
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
}

/** Each record stands in one line of one segment. */
function assertOnce(at: FaultContext, count: number): void {
  const segments = pathsIn(at.bare, 'main', LOGS).filter((path) => path.endsWith('.ndjson'));
  const lines = segments.flatMap((path) => git(at.bare, 'show', `main:${path}`).split('\n'));
  assert.is(new Set(lines).size, count, `of ${count} records ${new Set(lines).size} are there`);
  assert.is(lines.length, count, `${lines.length - count} stand twice`);
  assertSound(at.bare);
}

/** What may be lost in part, at the worst moment: after 1–3 and 4–5 were published, 6 and 7 are new. */
const LOSSES: Readonly<Record<string, (at: FaultContext, state: string) => void>> = {
  'the journal is set back and the clone gone': (_at, state) => {
    rmSync(`${state}/repo.git`, { recursive: true });
    setBack(state);
  },
  'the journal is set back, the clone is not': (_at, state) => setBack(state),
  'the watermark is removed and the clone gone': (at, state) => {
    rmSync(`${state}/repo.git`, { recursive: true });
    git(at.human, 'rm', '--quiet', '-r', '.bmcron');
    git(at.human, 'commit', '--quiet', '-m', 'no watermark');
    git(at.human, 'push', '--quiet');
  },
  'an older watermark is put back and the clone gone': (at, state) => {
    rmSync(`${state}/repo.git`, { recursive: true });
    git(at.human, 'checkout', '--quiet', 'HEAD~1', '--', '.bmcron');
    git(at.human, 'commit', '--quiet', '-m', 'an older watermark');
    git(at.human, 'push', '--quiet');
  },
};

function setBack(state: string): void {
  rmSync(`${state}/journal`, { recursive: true });
  cpSync(`${state}.early`, `${state}/journal`, { recursive: true });
}

for (const [what, lose] of Object.entries(LOSSES)) {
  faultTest(`F18: segments repeat no record when ${what}`, async (at) => {
    const state = at.folder.path('state');
    const first = await openSegments(at);
    await first.journal.append([result(1), result(2), result(3)]);
    cpSync(`${state}/journal`, `${state}.early`, { recursive: true });
    assert.is((await first.publisher.publish()).outcome, 'Pushed');
    await published(first, 4, 5);
    await first.journal.close();
    git(at.human, 'pull', '--quiet');
    lose(at, state);
    const second = await openSegments(at);
    await second.repository.snapshot(() => false);
    await published(second, 6, 7);
    await published(second, 8);
    assertOnce(at, 8);
  });
}

faultTest('Logs.Layout segments: each record once, one new file a commit and day, whatever is dropped', async (at) => {
  const publishing = {
    clock: createInstantClock(),
    project: (entries: Parameters<typeof project>[0], id: string) => project(entries, 'segments', id),
  };
  const service = await at.open({ fleet: at.url, stateDir: at.folder.path('state') }, publishing);
  await service.repository.snapshot(() => false);
  at.forge.behaviour.dropAnswers = 0.5;
  for (let number = 1; number <= 6; number += 1) {
    await service.journal.append([result(2 * number), result(2 * number + 1)]);
    assert.is((await service.publisher.publish()).outcome, 'Pushed');
  }
  git(at.human, 'pull', '--quiet');
  git(at.human, 'reset', '--quiet', '--hard', 'HEAD~3');
  git(at.human, 'push', '--quiet', '--force');
  await service.repository.snapshot(() => false);
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  const segments = pathsIn(at.bare, 'main', LOGS);
  assert.is(segments.length, 6);
  const lines = segments.flatMap((path) => git(at.bare, 'show', `main:${path}`).split('\n'));
  assert.is(new Set(lines).size, 12);
  assert.is(lines.length, 12);
});

faultTest("F20: segments repeat no record when somebody's link holds the watermark back", async (at) => {
  git(at.human, 'pull', '--quiet');
  const { symlinkSync, unlinkSync } = await import('node:fs');
  symlinkSync('elsewhere', `${at.human}/${STATUS}`);
  commit(at.human, { [STATUS.replace('a.', 'z.')]: 'x' });
  git(at.human, 'add', '--all');
  git(at.human, 'commit', '--quiet', '-m', 'a link');
  git(at.human, 'push', '--quiet');
  const service = await openSegments(at);
  await service.repository.snapshot(() => false);
  await service.journal.append([result(1), status('a', 1), result(2), result(3)]);
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  await published(service, 4);
  await published(service, 5, 6);
  assertOnce(at, 6);
  git(at.human, 'pull', '--quiet');
  unlinkSync(`${at.human}/${STATUS}`);
  git(at.human, 'add', '--all');
  git(at.human, 'commit', '--quiet', '-m', 'the place is free');
  git(at.human, 'push', '--quiet');
  await service.repository.snapshot(() => false);
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  assert.match(git(at.bare, 'show', `main:${STATUS}`), 'Id: a');
  assertOnce(at, 6);
});

faultTest(
  "#20.8 R33: a human's file under the very name of a coming segment stays; no record is lost or stands twice",
  async (at) => {
    const service = await openSegments(at);
    const [mine, next] = ['', '_2'].map((copy) => `logs/2026/03/10/${service.journal.id}-1-2${copy}.ndjson`);
    commit(at.human, { [mine ?? '']: 'my own notes\n' });
    git(at.human, 'push', '--quiet');
    await service.repository.snapshot(() => false);
    await published(service, 1, 2);
    assert.is(git(at.bare, 'show', `main:${mine}`), 'my own notes');
    assert.match(git(at.bare, 'show', `main:${next}`), '"Run":"job@2"');
    // What has lost its watermark finds them again.
    git(at.human, 'pull', '--quiet', '--rebase');
    git(at.human, 'rm', '--quiet', '-r', '.bmcron');
    git(at.human, 'commit', '--quiet', '-m', 'no watermark');
    git(at.human, 'push', '--quiet');
    await service.journal.close();
    rmSync(at.folder.path('state', 'repo.git'), { recursive: true });
    const second = await openSegments(at);
    await second.repository.snapshot(() => false);
    await published(second, 3);
    assert.is(git(at.bare, 'show', `main:${mine}`), 'my own notes');
    const segments = pathsIn(at.bare, 'main', LOGS).filter((path) => path !== mine);
    const lines = segments.flatMap((path) => git(at.bare, 'show', `main:${path}`).split('\n'));
    assert.is(lines.length, 3, lines.join('\n'));
    assert.is(new Set(lines).size, 3);
  },
);

test.run();
