import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FILES, LOGS } from '../faults/fault.ts';
import { createGitFolder, GIT_ENVIRONMENT, type GitFolder, remoteAndClone, result } from '../support/git-folder.ts';
import { createInstantClock, gitProcesses, openTestPublisher, pathsIn } from '../support/publisher.ts';

/**
 * An ssh as far as git knows one: it writes down how it was called, and carries the command out here. It behaves as a
 * file says: `well`, `unknown host` (as ssh with strict host keys), `hangs`. Not a test of OpenSSH: of what bmcron asks
 * of it, and of how it takes its answers.
 */
function fakeSsh(at: GitFolder): { folder: string; calls: () => string[]; behave: (how: string) => void } {
  const folder = at.path('bin');
  mkdirSync(folder);
  const [calls, behaviour] = [at.path('calls'), at.path('behaviour')];
  writeFileSync(
    `${folder}/ssh`,
    `#!/bin/sh
test "$1" = -G && exit 1 # git asks whose ssh this is; with options given by its own command it need not
echo "$*" >> ${calls}
case $(cat ${behaviour}) in
  unknown*) echo "Host key verification failed." >&2; exit 255;;
  hangs) exec sleep 40;;
esac
for last in "$@"; do :; done
exec sh -c "$last"
`,
  );
  chmodSync(`${folder}/ssh`, 0o755);
  const behave = (how: string) => writeFileSync(behaviour, how);
  behave('well');
  return { folder, behave, calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []) };
}

function sshTest(name: string, body: (at: GitFolder, ssh: ReturnType<typeof fakeSsh>, bare: string) => Promise<void>) {
  test(name, async () => {
    const at = createGitFolder();
    const { bare } = remoteAndClone(at, FILES);
    try {
      await body(at, fakeSsh(at), bare);
    } finally {
      at.remove();
    }
  });
}

function options(at: GitFolder, ssh: ReturnType<typeof fakeSsh>, bare: string, more: NodeJS.ProcessEnv = {}) {
  const environment = { ...GIT_ENVIRONMENT, PATH: `${ssh.folder}:${process.env['PATH']}`, ...more };
  return { fleet: `ssh://git@forge.example${bare}`, stateDir: at.path('state'), timeoutMs: 2_000, environment };
}

sshTest('ssh: no questions, strict host keys; results arrive by it', async (at, ssh, bare) => {
  const service = await openTestPublisher(options(at, ssh, bare));
  assert.is((await service.repository.snapshot(() => false)).manifests.size, 2);
  await service.journal.append([result(1)]);
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  assert.is(pathsIn(bare, 'main', LOGS).length, 1);
  assert.ok(ssh.calls().some((call) => call.includes('git-receive-pack')));
  for (const call of ssh.calls()) {
    assert.match(call, '-o BatchMode=yes');
    assert.match(call, '-o StrictHostKeyChecking=yes');
    assert.match(call, 'git@forge.example');
  }
  await service.close();
});

sshTest("ssh: the operator's own command is used as it is", async (at, ssh, bare) => {
  const own = { GIT_SSH_COMMAND: 'ssh -i /keys/deploy -o IdentitiesOnly=yes', GIT_SSH_VARIANT: 'ssh' };
  const service = await openTestPublisher(options(at, ssh, bare, own));
  await service.repository.snapshot(() => false);
  assert.ok(ssh.calls().length > 0);
  for (const call of ssh.calls()) assert.match(call, /^-i \/keys\/deploy -o IdentitiesOnly=yes .*git@forge\.example/);
  await service.close();
});

sshTest(
  'ssh: a host that is not known, or no longer, is told in its words and stops nothing',
  async (at, ssh, bare) => {
    ssh.behave('unknown host');
    const refused = await openTestPublisher(options(at, ssh, bare)).catch((error: Error) => error);
    assert.instance(refused, Error);
    assert.match(String(refused), 'Host key verification failed');
    ssh.behave('well');
    const service = await openTestPublisher(options(at, ssh, bare), { clock: createInstantClock() });
    const { commit } = await service.repository.snapshot(() => false);
    ssh.behave('unknown host');
    assert.is((await service.repository.snapshot(() => false)).commit, commit, 'goes on with what is here');
    await service.journal.append([result(1)]);
    const published = await service.publisher.publish();
    assert.is(published.outcome, 'Offline');
    assert.match(JSON.stringify(service.events), 'Host key verification failed');
    await service.close();
  },
);

sshTest('ssh: one that hangs is ended in time, with all that it started', async (at, ssh, bare) => {
  const service = await openTestPublisher(options(at, ssh, bare), { clock: createInstantClock() });
  await service.repository.snapshot(() => false);
  ssh.behave('hangs');
  await service.journal.append([result(1)]);
  assert.is((await service.publisher.publish()).outcome, 'Offline');
  assert.equal(gitProcesses(at.path('state')), []);
  await service.close();
});

test.run();
