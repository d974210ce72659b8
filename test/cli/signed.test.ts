import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCliFleet } from '../support/command.ts';
import { git } from '../support/git-folder.ts';
import { daily } from '../support/manifests.ts';
import { keyIn } from '../support/signed-fleet.ts';

const FILES = { 'jobs/nightly.yaml': daily() };

/** A fleet that Ada has sealed, and a key of the service; files named as seen from where the program runs. */
async function sealedFleet() {
  const fleet = await createCliFleet(FILES);
  const [ada, service] = [keyIn(fleet.folder, 'ada@example.com'), keyIn(fleet.folder, 'service')];
  const human = fleet.repository.clone;
  const signing = ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${ada.file}`];
  git(human, ...signing, 'commit', '--quiet', '--allow-empty', '-S', '-m', 'read\n\nBmcron-Seal: yes');
  git(human, 'push', '--quiet', 'origin', 'main');
  return { ...fleet, human, signers: relative(process.cwd(), ada.signers), key: relative(process.cwd(), service.file) };
}

test('R45 #20.A3 run: a key and a list of signers beside where it was started; what it commits is signed', async () => {
  const { bmcron, repository, human, signers, key, remove } = await sealedFleet();
  const options = ['--remote', 'origin', '--verify-commits', signers, '--signing-key', key, human];
  const { code, stdout, stderr } = await bmcron('run', '--once', ...options);
  assert.is(code, 0, stdout + stderr);
  const own = `gpg.ssh.allowedSignersFile=${human}/.git/bmcron/own-signers`;
  assert.match(git(repository.remote, '-c', own, 'log', '-1', '--format=%G? %an', 'main'), 'G bmcron');
  await remove();
});

for (const [what, file, exit, words] of [
  ['that is not there', 'no-key', 2, /--signing-key no-key is not there: it holds an SSH private key/],
  ['that is none', 'no-ssh-key', 3, /the signing key.*name an SSH private key/],
  ['that others may read', 'package.json', 2, /--signing-key package.json: others may read or change it/],
] as const) {
  test(`#20.A3 run --signing-key with a file ${what}: says so, and starts nothing`, async () => {
    const { bmcron, human, signers, folder, remove } = await sealedFleet();
    const none = join(folder, 'no-ssh-key');
    writeFileSync(none, 'x\n', { mode: 0o600 });
    const { code, stderr } = await bmcron(
      'run',
      '--once',
      '--local',
      '--verify-commits',
      signers,
      '--signing-key',
      file === 'no-ssh-key' ? relative(process.cwd(), none) : file,
      human,
    );
    assert.is(code, exit, stderr);
    assert.match(stderr, words);
    await remove();
  });
}

test.run();
