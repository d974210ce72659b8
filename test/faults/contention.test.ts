import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ADA, commit, GIT_ENVIRONMENT, git, result, status, until } from '../support/git-folder.ts';
import { assertSound, pathsIn } from '../support/publisher.ts';
import { faultTest, LOGS } from './fault.ts';

faultTest(
  'F06: a human who commits all the time loses nothing, and all batches land',
  async ({ folder, bare, human, url, open }) => {
    const { journal, publisher } = await open({ fleet: url, stateDir: folder.path('state') });
    let rejects = 0;
    for (let number = 1; number <= 8; number += 1) {
      await journal.append([result(number), status('a', number)]);
      commit(human, { [`jobs/h${number}.yaml`]: `Name: H${number}\n` });
      const publishing = publisher.publish();
      for (;;) {
        try {
          git(human, 'push', '--quiet');
          break;
        } catch {
          rejects += 1;
          git(human, 'pull', '--quiet', '--rebase');
        }
      }
      assert.is((await publishing).outcome, 'Pushed');
    }
    assert.is(pathsIn(bare, 'main', LOGS).length, 8);
    assert.is(pathsIn(bare, 'main', /^jobs\/h\d/).length, 8);
    assert.ok(rejects <= 8 * 2, `${rejects} rejects`);
    assert.is(git(bare, 'rev-list', '--merges', 'main'), '');
    assertSound(bare);
  },
);

/** A human who commits and pushes, five times a second at most, until told to stop. Never blocks: the forge is here. */
async function busyHuman(human: string, stop: AbortSignal): Promise<number> {
  const run = promisify(execFile);
  const options = { cwd: human, env: { ...GIT_ENVIRONMENT, ...ADA } };
  let pushed = 0;
  for (let number = 1; !stop.aborted; number += 1) {
    writeFileSync(join(human, `note-${number}.txt`), `${number}`);
    await run('git', ['add', '--all'], options);
    await run('git', ['commit', '--quiet', '-m', `note ${number}`], options);
    const { stdout } = await run('git', ['pull', '--quiet', '--rebase'], options);
    await run('git', ['push', '--quiet'], options).then(
      () => (pushed = number),
      () => stdout, // the service was faster for once: with the next one
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await run('git', ['pull', '--quiet', '--rebase'], options);
  await run('git', ['push', '--quiet'], options);
  return pushed;
}

faultTest('F07: overtaken by a human all the time: says so, loses nothing, lands when it calms', async (at) => {
  const service = await at.open({ fleet: at.url, stateDir: at.folder.path('state') });
  await service.repository.snapshot(() => false);
  at.forge.behaviour.delayMs = 250; // a fetch and a push take longer than the human does, who has a short way
  const stop = new AbortController();
  const busy = busyHuman(at.human, stop.signal);
  await service.journal.append([result(1), result(2), status('a', 1)]);
  const first = await service.publisher.publish();
  const told = service.kinds().includes('PushContention');
  stop.abort();
  const notes = await busy;
  const calm = Date.now();
  assert.is(first.outcome, 'Contended', JSON.stringify(first));
  assert.ok(told);
  await until(async () => (await service.publisher.publish()).outcome === 'Pushed', 60_000);
  assert.ok(Date.now() - calm < 60_000);
  assert.is(pathsIn(at.bare, 'main', LOGS).length, 2);
  assert.ok(notes >= 8, `${notes} notes`);
  assert.ok(pathsIn(at.bare, 'main', /^note-/).length >= notes, 'each note of the human is there');
  assert.is(git(at.bare, 'rev-list', '--count', '--author=bmcron', 'main'), '1');
  assert.is(git(at.bare, 'rev-list', '--merges', 'main'), '');
  assertSound(at.bare);
});

test.run();
