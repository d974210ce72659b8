import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { faultTest, LOGS } from '../faults/fault.ts';
import { commit, git, result } from '../support/git-folder.ts';
import { createInstantClock, pathsIn } from '../support/publisher.ts';

const DAY_MS = 86_400_000;

faultTest("KeepDays: old logs leave the tip with the next commit, young ones and a human's notes stay", async (at) => {
  const clock = createInstantClock();
  let keepDays: number | null = null;
  const publishing = { clock, logsKeepDays: () => keepDays };
  const service = await at.open({ fleet: at.url, stateDir: at.folder.path('state') }, publishing);
  const day = (ago: number) =>
    new Date(clock.now().getTime() - ago * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '/');
  const [old, young] = [day(400), day(2)];
  await service.journal.append([result(1, old), result(2, day(31)), result(3, young)]);
  await service.publisher.publish();
  git(at.human, 'pull', '--quiet');
  commit(at.human, { [`logs/${old}/notes.txt`]: 'mine' });
  git(at.human, 'push', '--quiet');
  await service.repository.snapshot(() => false);
  assert.equal(await service.publisher.publish(), { outcome: 'Unchanged' });
  keepDays = 30;
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  assert.equal(
    pathsIn(at.bare, 'main', LOGS)
      .map((path) => path.slice(0, 16))
      .sort(),
    [`logs/${old}/`, `logs/${young}/`].sort(),
  );
  assert.is(git(at.bare, 'show', `main:logs/${old}/notes.txt`), 'mine');
  assert.ok(service.kinds().includes('LogsPruned'));
  assert.not.ok(service.kinds().includes('Overridden'));
  await service.journal.append([result(4, old), result(5, young)]); // late: it would have gone at once
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  assert.is(pathsIn(at.bare, 'main', LOGS).length, 3);
  assert.equal(await service.publisher.publish(), { outcome: 'Unchanged' });
});

test.run();
