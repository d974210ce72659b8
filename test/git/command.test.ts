import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openGit } from '../../controller/git/command.ts';
import { createGitFolder, GIT_ENVIRONMENT, workTree } from '../support/git-folder.ts';

const COMMAND = pathToFileURL(join(import.meta.dirname, '../../controller/git/command.ts'));
/** The ID of nothing. */
const EMPTY = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';

for (const [what, call] of [
  ['that stays here', `git.text(['hash-object', '--stdin'])`],
  ['that stays here, with an empty input', `git.text(['hash-object', '--stdin'], { input: '' })`],
  ['that talks to a remote', `git.network(['hash-object', '--stdin'], 20_000)`],
  ['on a folder that may be a repository', `discover(folder, ['hash-object', '--stdin'], {}).then(([line]) => line)`],
] as const) {
  test(`a command ${what} reads nothing: neither what the service is told on its terminal, nor for ever`, async () => {
    const at = createGitFolder();
    const folder = workTree(at.path('fleet'), { 'a.txt': 'a' });
    const code = `
      const { discover, openGit } = await import(${JSON.stringify(COMMAND.href)});
      const folder = ${JSON.stringify(folder)};
      const git = openGit(folder + '/.git', process.env, folder);
      console.log((await ${call}).trim());
      process.exit(0);`;
    const service = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      env: GIT_ENVIRONMENT,
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 30_000,
    });
    service.stdin.write('a line from the terminal\n'); // which stays open
    let said = '';
    service.stdout.on('data', (chunk) => (said += chunk));
    const [code_] = await once(service, 'close');
    service.stdin.destroy();
    assert.equal([code_, said.trim()], [0, EMPTY]);
    at.remove();
  });
}

test('an empty input is one that ends', async () => {
  const at = createGitFolder();
  const human = workTree(at.path('human'), { 'a.txt': 'a' });
  const { text } = openGit(`${human}/.git`, GIT_ENVIRONMENT, human);
  assert.is(await text(['hash-object', '--stdin'], { input: '' }), `${EMPTY}\n`);
  at.remove();
});

for (const [what, call] of [
  ['that stays here', `git.text(['hash-object', '--stdin'])`],
  ['that talks to a remote', `git.network(['hash-object', '--stdin'], 20_000)`],
  ['on a folder that may be a repository', `discover(folder, ['hash-object', '--stdin'], {}).then(([line]) => line)`],
] as const) {
  test(`#20.5 without a file left to open, a command ${what} fails and can be tried again; the process lives`, async () => {
    const at = createGitFolder();
    const folder = workTree(at.path('fleet'), { 'a.txt': 'a' });
    const code = `
      const { openSync, closeSync } = await import('node:fs');
      const { discover, openGit } = await import(${JSON.stringify(COMMAND.href)});
      const folder = ${JSON.stringify(folder)};
      const git = openGit(folder + '/.git', process.env, folder);
      await ${call};
      const held = [];
      try { for (;;) held.push(openSync('/dev/null')); } catch {}
      const error = await ${call}.catch((error) => error);
      for (const each of held) closeSync(each);
      console.log(JSON.stringify([error.name, error.isScarcity, /EMFILE/.test(error.message), (await ${call}).trim()]));
      process.exit(0);`;
    const script = 'ulimit -n 64; exec "$0" --import tsx --input-type=module -e "$1"';
    const child = spawn('sh', ['-c', script, process.execPath, code], {
      env: GIT_ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 30_000,
    });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    const [ended] = await once(child, 'close');
    at.remove();
    assert.is(ended, 0);
    assert.equal(JSON.parse(said), ['GitError', true, true, EMPTY]);
  });
}

test.run();
