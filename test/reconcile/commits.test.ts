import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/git-folder.ts';
import { openLocalService } from '../support/local-service.ts';
import { driveCommits } from '../tools/drive-commits.ts';

/** A loaded machine is slower; a commit that was overlooked would take a day. */
const SOON_MS = 5_000;

const DISTANCES = [
  ...Array.from({ length: 12 }, (_, index) => index * 5),
  ...Array.from({ length: 13 }, (_, index) => 60 + index * 20),
];

for (const [branch, distances] of [
  ['main', DISTANCES],
  ['team/a/fleet', DISTANCES.filter((_, index) => index % 4 === 1)],
] as const) {
  test(`#15.4 #22.3 a commit at every distance from the service's own and from another is in force: ${branch}`, async () => {
    const local = await openLocalService({ by: 'git fast-import', branch });
    const late: string[] = [];
    for (const distance of distances) {
      const first = await local.commit();
      await sleep(distance);
      const second = await local.commit();
      await local.published();
      await sleep(distance);
      const third = await local.commit();
      for (const [what, { inForce }] of Object.entries({ first, second, third })) {
        if ((await inForce) > SOON_MS) late.push(`${what} at ${distance} ms`);
      }
    }
    assert.equal(late, []);
    await local.stop();
  });
}

for (const by of ['git commit', 'git fast-import'] as const) {
  test(`#15.4 #22.3 30 commits by ${by} at random distances from the service's own: each is in force`, async () => {
    const { slowestMs, overlooked } = await driveCommits({ count: 30, seed: 4, by, withinMs: SOON_MS });
    assert.equal(overlooked, [], `the slowest took ${slowestMs} ms`);
  });
}

test('#15.4 after each of its own publications the service looks, whether it watches or not', async () => {
  const local = await openLocalService({ by: 'git fast-import', listens: false });
  const own = () => local.events.flatMap((each) => (each.event === 'published' && 'commit' in each ? each.commit : []));
  await until(() => own().length > 0);
  await until(() => local.events.some((each) => each.event === 'passed' && each.commit === own()[0]));
  await local.stop();
});

test.run();
