// What somebody who may push, but is not listed, makes of commits that were good at their time (R45).
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GIT_ENVIRONMENT, git } from '../support/git-folder.ts';
import type { TestPublisher } from '../support/publisher.ts';
import { type SignedFleet, signed, signedTest } from '../support/signed-fleet.ts';

const manifest = (text: string) => ({ 'jobs/a.yaml': `Name: ${text}\n` });
const LOG = { 'logs/2026/03/10/x.json': '{}\n' };
const SEALED = 'reverted; I have read it\n\nBmcron-Seal: yes';

/** What the manifest says that takes effect. */
async function inForce({ repository }: TestPublisher): Promise<string> {
  const { manifests } = await repository.snapshot(() => false);
  return Buffer.from(manifests.get('jobs/a.yaml')?.bytes ?? [])
    .toString()
    .slice('Name: '.length, -1);
}

/** A plain push: a commit of the service's own paths on an old state, to which the present one is joined. */
function join(human: string, old: string, present = 'main'): void {
  git(human, 'checkout', '--quiet', '-B', 'evil', old);
  signed(human, null, LOG);
  git(human, 'merge', '--quiet', '--no-gpg-sign', '-s', 'ours', '-m', 'm', present);
  git(human, 'update-ref', 'refs/heads/main', 'evil');
}

/** Old and new, both signed and both seen; returns the old commit. */
async function twoStates({ human, keys }: SignedFleet, service: TestPublisher): Promise<string> {
  const ada = keys['ada@example.com'];
  const old = signed(human, ada, manifest('old'));
  assert.is(await inForce(service), 'old');
  signed(human, ada, manifest('new'));
  assert.is(await inForce(service), 'new');
  return old;
}

signedTest('R45: an old signed state to which the new one is joined does not come back', async (fleet) => {
  const service = await fleet.open();
  join(fleet.human, await twoStates(fleet, service));
  assert.is(await inForce(service), 'new');
  signed(fleet.human, fleet.keys['ada@example.com'], {}, SEALED);
  git(fleet.human, 'update-ref', 'refs/heads/main', 'HEAD');
  assert.is(await inForce(service), 'old', 'unless somebody who may says so');
  await service.close();
});

signedTest('R45: nor does it without the state folder', async (fleet) => {
  const service = await fleet.open();
  join(fleet.human, await twoStates(fleet, service));
  await service.close();
  rmSync(fleet.folder.path('state'), { recursive: true });
  const again = await fleet.open();
  assert.is(await inForce(again), 'new');
  await again.close();
});

signedTest('R45: a side that left before takes effect once its merge is signed', async (fleet) => {
  const { human, keys } = fleet;
  const service = await fleet.open();
  const old = await twoStates(fleet, service);
  git(human, 'checkout', '--quiet', '-b', 'side', old);
  signed(human, keys['ada@example.com'], { 'jobs/side.yaml': 'Name: side\n' });
  git(human, 'checkout', '--quiet', 'main');
  git(human, 'merge', '--quiet', '--no-ff', '-S', '-m', 'merge', 'side');
  assert.equal(
    [...(await service.repository.snapshot(() => false)).manifests.keys()],
    ['jobs/a.yaml', 'jobs/side.yaml'],
  );
  await service.close();
});

signedTest(
  'R45: a force-push to an older state that was signed sets it in force, one to a fresh root does not',
  async (fleet) => {
    const { human } = fleet;
    const service = await fleet.open();
    const old = await twoStates(fleet, service);
    git(human, 'reset', '--quiet', '--hard', old);
    assert.is(await inForce(service), 'old');
    git(human, 'checkout', '--quiet', '--orphan', 'fresh');
    git(human, 'rm', '-rfq', '.');
    signed(human, null, LOG);
    git(human, 'update-ref', 'refs/heads/main', 'fresh');
    assert.is(await inForce(service), 'old', 'nothing signed is there');
    await service.close();
  },
);

/** An unsigned manifest that was reverted and sealed over. Returns its commit. */
async function sealedOver({ human, keys }: SignedFleet, service: TestPublisher): Promise<string> {
  const ada = keys['ada@example.com'];
  signed(human, ada, manifest('good'));
  assert.is(await inForce(service), 'good');
  const evil = signed(human, null, manifest('evil'));
  assert.is(await inForce(service), 'good');
  signed(human, ada, manifest('good'), SEALED);
  assert.is(await inForce(service), 'good');
  return evil;
}

for (const how of ['a plain push', 'a force-push', 'a force-push to what is signed below it'] as const) {
  signedTest(`R45: a seal vouches for its own tree: ${how} brings back no state below it`, async (fleet) => {
    const { human, keys } = fleet;
    const service = await fleet.open();
    const evil = await sealedOver(fleet, service);
    if (how === 'a plain push') join(human, evil);
    else {
      git(human, 'reset', '--quiet', '--hard', how === 'a force-push' ? evil : `${evil}~2`);
      signed(human, null, LOG);
    }
    assert.is(await inForce(service), 'good');
    if (how !== 'a plain push') assert.match(JSON.stringify(service.events), 'behind the seal');
    signed(human, keys['ada@example.com'], manifest('next'), SEALED);
    git(human, 'update-ref', 'refs/heads/main', 'HEAD');
    assert.is(await inForce(service), 'next');
    await service.close();
  });
}

signedTest('R21 R45: no state below a seal is the last good version of a file', async ({ human, keys, open }) => {
  const ada = keys['ada@example.com'];
  const service = await open();
  signed(human, null, { 'jobs/n.yaml': 'Name: evil\n' });
  const seal = signed(human, ada, { 'jobs/n.yaml': null }, SEALED);
  const refused = signed(human, ada, { 'jobs/n.yaml': 'Name: [\n' });
  const { commit } = await service.repository.snapshot(() => false);
  assert.is(commit, refused);
  assert.equal(await service.repository.changes(commit, 'jobs/n.yaml'), [refused, seal]);
  await service.close();
});

for (const [what, message, seals] of [
  ['no', 'docs\n\nBmcron-Seal: no', false],
  ['yes, and more', 'docs\n\nBmcron-Seal: yes, but not that', false],
  ['yes and no', 'docs\n\nBmcron-Seal: yes\nBmcron-Seal: no', false],
  [
    'words in running text',
    'x\n\nA commit that says\nBmcron-Seal: yes\nwould do it.\n\nSigned-off-by: Ada <a@b>',
    false,
  ],
  ['yes among other trailers', 'x\n\nSigned-off-by: Ada <a@b>\nBmcron-Seal: yes', true],
] as const) {
  signedTest(`R45: Bmcron-Seal: ${what} ${seals ? 'seals' : 'does not seal'}`, async ({ human, keys, open }) => {
    const service = await open();
    await inForce(service);
    signed(human, null, manifest('evil'));
    signed(human, keys['ada@example.com'], {}, message);
    assert.is(await inForce(service), seals ? 'evil' : 'a');
    await service.close();
  });
}

/** Puts commits on main that touch nothing. */
function flood(human: string, count: number): void {
  const from = git(human, 'rev-parse', 'main');
  const each = 'commit refs/heads/main\ncommitter x <x@x> 1700000000 +0000\ndata 1\nx\n';
  const input = `${each}from ${from}\n\n${`${each}\n`.repeat(count - 1)}`;
  execFileSync('git', ['fast-import', '--quiet', '--force'], { cwd: human, input, env: GIT_ENVIRONMENT });
}

signedTest(
  'R45: ten thousand unsigned commits that touch nothing stop neither the service nor its start',
  async (fleet) => {
    const { human, keys } = fleet;
    const service = await fleet.open();
    await inForce(service);
    flood(human, 10_001);
    signed(human, keys['ada@example.com'], manifest('new'));
    assert.is(await inForce(service), 'new');
    await service.close();
    rmSync(fleet.folder.path('state'), { recursive: true });
    const again = await fleet.open();
    assert.is(await inForce(again), 'new');
    await again.close();
  },
);

test.run();
