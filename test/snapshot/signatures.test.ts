import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RepositoryError } from '../../controller/snapshot/snapshot.ts';
import { git, status } from '../support/git-folder.ts';
import { job, signed, signedTest } from '../support/signed-fleet.ts';

signedTest('F23: an unsigned commit takes no effect, and no later one launders it', async ({ human, keys, open }) => {
  const service = await open();
  const first = await service.repository.snapshot(() => false);
  assert.equal([...first.manifests.keys()], ['jobs/a.yaml']);
  signed(human, keys['ada@example.com'], job('b'));
  assert.is((await service.repository.snapshot(() => false)).manifests.size, 2);
  const unsigned = signed(human, null, job('evil'));
  await service.journal.append([status('a', 1)]);
  assert.is((await service.publisher.publish()).outcome, 'Pushed', 'the service writes on top of it');
  assert.is((await service.repository.snapshot(() => false)).manifests.size, 2);
  signed(human, keys['ada@example.com'], job('c'));
  assert.is((await service.repository.snapshot(() => false)).manifests.size, 2, 'still: what is below is not signed');
  assert.equal(
    service.events.filter((event) => event.kind === 'CommitRefused').map((event) => 'commit' in event && event.commit),
    [unsigned],
  );
  await service.journal.close();
  const again = await open();
  assert.is((await again.repository.snapshot(() => false)).manifests.size, 2, 'after a restart too');
  signed(human, keys['ada@example.com'], {}, 'I have read it all\n\nBmcron-Seal: yes');
  assert.is((await again.repository.snapshot(() => false)).manifests.size, 4);
  await again.journal.close();
});

for (const [name, by, files, takes] of [
  ["somebody's key that is not allowed", 'mallory', job('b'), false],
  ["the service's own key on a manifest", 'bot', job('b'), false],
  ["the service's own key on its own paths", 'bot', { 'jobs/a.status.yaml': 'x\n', 'STATUS.md': 'x\n' }, true],
  ['a key that is allowed', 'ada@example.com', job('b'), true],
  ['no key, on the paths of the service', null, { 'logs/2026/03/10/x.json': '{}\n' }, true],
  ['no key, a seal', null, job('b'), false],
] as const) {
  signedTest(`F23, R45: ${name}: ${takes ? 'takes effect' : 'is refused'}`, async ({ human, keys, open }) => {
    const service = await open();
    await service.repository.snapshot(() => false);
    const made = signed(human, by && keys[by], { ...files }, name.endsWith('a seal') ? 'x\n\nBmcron-Seal: yes' : 'x');
    const { commit: accepted } = await service.repository.snapshot(() => false);
    assert.is(accepted === made, takes);
    assert.is(service.kinds().includes('CommitRefused'), !takes);
    await service.journal.close();
  });
}

signedTest('R45 #20.A3: a key of a controller is good for no manifest, whoever it is listed as', async (fleet) => {
  const { folder: at, human, keys, open } = fleet;
  const line = (principal: string) => readFileSync(`${keys.bot}.signers`, 'utf8').replace(/^\S+/, principal);
  appendFileSync(at.path('signers'), line('grace@example.com'));
  writeFileSync(at.path('own'), line('ssh-bot@fleet'));
  const service = await open({ ownSigners: at.path('own') });
  const { commit: before } = await service.repository.snapshot(() => false);
  signed(human, keys.bot, job('b'));
  assert.is((await service.repository.snapshot(() => false)).commit, before);
  await service.journal.close();
});

signedTest('R45: a signature under a merge does not cover an unsigned side of it', async ({ human, keys, open }) => {
  const service = await open();
  const { commit: before } = await service.repository.snapshot(() => false);
  git(human, 'checkout', '--quiet', '-b', 'side');
  signed(human, null, job('side'));
  git(human, 'checkout', '--quiet', 'main');
  const good = signed(human, keys['ada@example.com'], job('main'));
  git(human, 'merge', '--quiet', '--no-ff', '-S', '-m', 'merge', 'side');
  const { commit: accepted } = await service.repository.snapshot(() => false);
  assert.is.not(accepted, before);
  assert.is(accepted, good, 'the newest that stands on signed ones alone');
  await service.journal.close();
});

signedTest(
  'R45: with nothing signed, or no file of signers, nothing is in force',
  async ({ folder: at, human, open }) => {
    git(human, 'config', 'commit.gpgSign', 'false');
    git(human, 'checkout', '--quiet', '--orphan', 'fresh');
    git(human, 'commit', '--quiet', '-m', 'unsigned root');
    const service = await open();
    assert.instance(await service.repository.snapshot(() => false).catch((error) => error), RepositoryError);
    git(human, 'checkout', '--quiet', 'main');
    rmSync(at.path('signers'));
    const error = await open()
      .then((other) => other.repository.snapshot(() => false))
      .catch((reason) => reason);
    assert.match(String(error), 'signers');
    await service.journal.close();
  },
);

test.run();
