import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createMaintenance } from '../../controller/publish/maintenance.ts';
import { judgeHook } from '../../controller/server/webhook-signature.ts';
import { createCache } from '../../controller/state/cache.ts';
import { project } from '../../definitions/report/commit-message.ts';
import { faultTest, LOGS } from '../faults/fault.ts';
import { commit, git, ground, result, status } from '../support/git-folder.ts';
import { hastyClock, pathsIn } from '../support/publisher.ts';

const DAY_MS = 86_400_000;

faultTest("KeepDays: old logs leave the tip with the next commit, young ones and a human's notes stay", async (at) => {
  const clock = hastyClock();
  let keepDays: number | null = null;
  const publishing = { clock, keepDays: () => keepDays };
  const service = await at.open({ fleet: at.url, stateDir: at.ground.path('state') }, publishing);
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

faultTest('Logs.Layout segments: each record once, one new file a commit and day, whatever is dropped', async (at) => {
  const publishing = {
    clock: hastyClock(),
    project: (entries: Parameters<typeof project>[0], id: string) => project(entries, 'segments', id),
  };
  const service = await at.open({ fleet: at.url, stateDir: at.ground.path('state') }, publishing);
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

faultTest(
  'upkeep: what was public for seven days and is thirty days old leaves the journal, statuses stay',
  async (at) => {
    const clock = hastyClock();
    const stateDir = at.ground.path('state');
    const service = await at.open({ fleet: at.url, stateDir }, { clock });
    await service.journal.append([result(1), status('a', 1)]);
    await service.publisher.publish();
    const pruned: [number, Date][] = [];
    const journal = {
      ...service.journal,
      prune: async (through: number, before: Date) => void pruned.push([through, before]),
    };
    const upkeep = createMaintenance({ target: service.repository.target, journal, clock, stateDir });
    await upkeep.rested(2);
    assert.equal(pruned, [], 'not in the first hour');
    for (let day = 0; day < 8; day += 1) {
      clock.advance(DAY_MS);
      await upkeep.rested(2 + day);
    }
    assert.is(pruned[0]?.[0], 2, 'what the watermark was seven days ago');
    assert.ok(clock.now().getTime() - (pruned[0]?.[1].getTime() ?? 0) >= 30 * DAY_MS - 1_000);
  },
);

const SECRET = 'shared between two';
const body = Buffer.from('{"ref":"refs/heads/main"}');
const hmac = (secret: string, bytes = body) => `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;
for (const [name, headers, secret, verdict] of [
  ['GitHub, signed', { 'x-hub-signature-256': hmac(SECRET) }, SECRET, 'genuine'],
  ['GitHub, another secret', { 'x-hub-signature-256': hmac('other') }, SECRET, 'forged'],
  ['GitHub, another body', { 'x-hub-signature-256': hmac(SECRET, Buffer.from('{}')) }, SECRET, 'forged'],
  ['GitHub, cut short', { 'x-hub-signature-256': hmac(SECRET).slice(0, -1) }, SECRET, 'forged'],
  ['GitHub, said twice', { 'x-hub-signature-256': [hmac(SECRET), hmac(SECRET)] }, SECRET, 'forged'],
  ['GitLab, its token', { 'x-gitlab-token': SECRET }, SECRET, 'genuine'],
  ['GitLab, another token', { 'x-gitlab-token': `${SECRET}!` }, SECRET, 'forged'],
  ['GitLab token beside a wrong signature', { 'x-gitlab-token': SECRET, 'x-hub-signature-256': 'x' }, SECRET, 'forged'],
  ['nothing', {}, SECRET, 'unsigned'],
  ['an empty token where no secret is set', { 'x-gitlab-token': '' }, '', 'forged'],
  ['signed with the empty secret', { 'x-hub-signature-256': 'sha256=00' }, '', 'forged'],
] as const) {
  test(`hook: ${name} is ${verdict}`, () => assert.is(judgeHook({ headers, body }, secret), verdict));
}

test('a cache comes back whole, or not at all', async () => {
  const at = ground();
  const values = new Map([
    ['b', { n: 2 }],
    ['a', { n: 1 }],
  ]);
  await createCache<{ n: number }>(at.path('cache'), '1').save(values);
  const again = createCache<{ n: number }>(at.path('cache'), '1');
  assert.equal([...(await again.load())].sort(), [...values].sort());
  assert.is((await createCache(at.path('cache'), '2').load()).size, 0, 'made by another version');
  writeFileSync(at.path('cache'), 'torn', { flag: 'a' });
  assert.is((await createCache(at.path('cache'), '1').load()).size, 0);
  at.remove();
});

test.run();
