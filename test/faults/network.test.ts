import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import type { Forge } from '../support/forge.ts';
import { git, result, status } from '../support/git-folder.ts';
import { assertSound, createInstantClock, gitProcesses, pathsIn } from '../support/publisher.ts';
import { faultTest, LOGS } from './fault.ts';

faultTest(
  'F04: half of all push answers are lost: each result arrives once',
  async ({ folder, forge, bare, url, open }) => {
    const { journal, publisher, repository } = await open(
      { fleet: url, stateDir: folder.path('state') },
      { clock: createInstantClock() },
    );
    await repository.snapshot(() => false);
    forge.behaviour.dropAnswers = 0.5;
    for (let number = 1; number <= 20; number += 1) {
      await journal.append([result(number), status('a', number)]);
      const published = await publisher.publish();
      assert.is(published.outcome, 'Pushed', JSON.stringify(published));
    }
    assert.is(pathsIn(bare, 'main', LOGS).length, 20);
    assert.is(git(bare, 'rev-list', '--count', 'main'), '21');
    assertSound(bare);
  },
);

for (const [kind, trouble] of [
  ['refused', (forge: Forge) => forge.close()],
  ['503', (forge: Forge) => Promise.resolve(Object.assign(forge.behaviour, { down: 503 }))],
  ['a black hole', (forge: Forge) => Promise.resolve(Object.assign(forge.behaviour, { silent: true }))],
] as const) {
  faultTest(`F11: a remote that is away (${kind}) is told once, and costs nothing but time`, async (at) => {
    const clock = createInstantClock();
    const stateDir = at.folder.path('state');
    const service = await at.open({ fleet: at.url, stateDir, timeoutMs: 1_500 }, { clock });
    const { commit: before } = await service.repository.snapshot(() => false);
    await trouble(at.forge);
    await service.journal.append([result(1)]);
    assert.is((await service.publisher.publish()).outcome, 'Offline');
    assert.is((await service.repository.snapshot(() => false)).commit, before, 'the last that is known');
    for (let hour = 0; hour < 2; hour += 1) {
      clock.advance(3_600_000);
      const published = await service.publisher.publish();
      assert.is(published.outcome, 'Offline');
      assert.ok('retryAt' in published && published.retryAt.getTime() - clock.now().getTime() <= 300_000);
    }
    assert.is(service.kinds().filter((each) => each === 'RemoteUnreachable').length, 1);
    assert.equal(gitProcesses(stateDir), [], 'no helper process is left');
    if (kind === 'refused') return;
    Object.assign(at.forge.behaviour, { down: null, silent: false });
    await service.repository.snapshot(() => false); // it answers again: no need to wait the back-off out
    assert.is((await service.publisher.publish()).outcome, 'Pushed');
    assert.ok(service.kinds().includes('RemoteReachable'));
    assert.is(git(at.bare, 'rev-list', '--count', 'main'), '2');
  });
}

for (const [hang, landed] of [
  ['body', false],
  ['answer', true],
] as const) {
  faultTest(
    `F12: a remote that hangs mid-push (in the ${hang}) is given up in time; a fetch tells the outcome`,
    async (at) => {
      const stateDir = at.folder.path('state');
      const clock = createInstantClock();
      const service = await at.open({ fleet: at.url, stateDir, timeoutMs: 8_000 }, { clock });
      await service.repository.snapshot(() => false);
      await service.journal.append([bulky(result(1))]);
      at.forge.behaviour.hang = hang;
      const before = Date.now();
      const published = await service.publisher.publish();
      const elapsedMs = Date.now() - before;
      assert.ok(elapsedMs >= 8_000 && elapsedMs < 40_000, `${elapsedMs} ms`);
      assert.equal(gitProcesses(stateDir), [], 'the whole process group is gone');
      assert.match(at.forge.requests.slice(-2).join(' '), 'git-upload-pack', 'the outcome was looked up');
      if (hang === 'body')
        assert.ok(at.forge.swallowed > 0 && at.forge.swallowed < BULK_BYTES, `${at.forge.swallowed}`);
      assert.is(published.outcome, landed ? 'Pushed' : 'Offline', JSON.stringify(published));
      assert.is(pathsIn(at.bare, 'main', LOGS).length, landed ? 1 : 0);
      at.forge.behaviour.hang = null;
      clock.advance(601_000);
      assert.is((await service.publisher.publish()).outcome, landed ? 'Unchanged' : 'Pushed');
      assert.is(pathsIn(at.bare, 'main', LOGS).length, 1);
      assert.is(git(at.bare, 'rev-list', '--count', 'main'), '2');
      assertSound(at.bare);
    },
  );
}

/** More than git keeps before it sends, and nothing that could be packed smaller. */
const BULK_BYTES = 2 << 20;
function bulky(record: ReturnType<typeof result>): typeof record {
  if (record.kind !== 'result') throw new Error('a result is what can be bulky');
  return { ...record, log: { ...record.log, Result: { Run: randomBytes(BULK_BYTES).toString('base64') } } };
}

for (const status_ of [401, 403, 500] as const) {
  faultTest(`F13: a push that is refused for good (${status_}) is not hammered`, async (at) => {
    const clock = createInstantClock();
    const service = await at.open({ fleet: at.url, stateDir: at.folder.path('state') }, { clock });
    await service.repository.snapshot(() => false);
    at.forge.behaviour.refusePush = status_;
    await service.journal.append([result(1)]);
    const published = await service.publisher.publish();
    assert.is(published.outcome, 'Blocked', JSON.stringify(published));
    assert.ok('retryAt' in published && published.retryAt.getTime() - clock.now().getTime() >= 29_000);
    const asked = at.forge.requests.length;
    for (let times = 0; times < 10; times += 1) assert.is((await service.publisher.publish()).outcome, 'Blocked');
    assert.is(at.forge.requests.length, asked, 'nobody is asked before the time');
    at.forge.behaviour.refusePush = null;
    clock.advance(31_000);
    assert.is((await service.publisher.publish()).outcome, 'Pushed');
    assert.is(service.kinds().filter((kind) => kind === 'PushBlocked').length, 1);
  });
}

faultTest('F13: a hook that declines is a permanent refusal, whatever it says', async ({ folder, bare, url, open }) => {
  const service = await open({ fleet: url, stateDir: folder.path('state') });
  const hook = join(bare, 'hooks', 'pre-receive');
  mkdirSync(join(bare, 'hooks'), { recursive: true });
  writeFileSync(hook, '#!/bin/sh\necho "non-fast-forward, fetch first"\nexit 1\n', { mode: 0o755 });
  await service.journal.append([result(1)]);
  assert.is((await service.publisher.publish()).outcome, 'Blocked');
});

faultTest('F13: a password in the URL reaches the server, and neither ps nor disk nor words', async (at) => {
  at.forge.behaviour.login = 'robot:s3cret/word';
  const url = at.url.replace('http://', 'http://robot:s3cret%2Fword@');
  const stateDir = at.folder.path('state');
  const service = await at.open({ fleet: url, stateDir }, { clock: systemClock });
  at.forge.behaviour.delayMs = 150;
  const seen: string[] = [];
  const watching = setInterval(() => seen.push(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })), 40);
  await service.repository.snapshot(() => false);
  await service.journal.append([result(1)]);
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  clearInterval(watching);
  assert.ok(seen.some((text) => text.includes('git-remote-http') || text.includes('remote-http')));
  assert.not.ok(seen.some((text) => text.includes('s3cret')));
  at.forge.behaviour.login = 'robot:changed';
  await service.journal.append([result(2)]);
  const refused = await service.publisher.publish();
  assert.not.match(JSON.stringify([refused, service.events]), 's3cret');
  assert.throws(() => execFileSync('grep', ['-rl', 's3cret', stateDir]), 'grep finds nothing, and fails');
});

test.run();
