import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressOf, reachFrom, rewritten, withLoginFile } from '../../controller/git/address.ts';
import { openGit } from '../../controller/git/command.ts';
import { withoutSecrets } from '../../controller/git/process-group.ts';
import { readLogin } from '../../controller/git/remote/login.ts';
import { createGitFolder, GIT_ENVIRONMENT, git, workTree } from '../support/git-folder.ts';

/** A file of a mode, whatever the umask is. */
function fileOf(at: { path: (name: string) => string }, text: string, mode: number): string {
  const file = at.path('login');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing was wrong',
    (error: Error) => error.message,
  );
}

const GOOD = 'username=robot\npassword=s3cret = #1\n';

for (const [what, text, mode, expected] of [
  ['as git prints it', GOOD, 0o600, { username: 'robot', password: 's3cret = #1' }],
  ['that a group may read', GOOD, 0o640, { username: 'robot', password: 's3cret = #1' }],
  [
    'with comments, empty lines and CRLF',
    '# x\r\n\r\npassword=s3cret\r\n',
    0o400,
    { username: 'url', password: 's3cret' },
  ],
  ['that all may read', GOOD, 0o644, /mode 0644.*chmod 0600/],
  ['that a group may change', GOOD, 0o660, /mode 0660/],
  ['that others may run', GOOD, 0o601, /mode 0601/],
  ['without a password', 'username=robot\n', 0o600, /has no password/],
  ['with a line of another shape', 'username=robot\nhttps://robot:s3cret@x\n', 0o600, /:2 is not understood/],
  ['with two passwords', 'password=s3cret\npassword=s3cret2\n', 0o600, /:2 is not understood/],
  ['of a megabyte', `password=${'s3cret'.repeat(200_000)}`, 0o600, /larger than 64 KiB/],
] as const) {
  test(`#20.C12 a file of a login ${what}`, async () => {
    const at = createGitFolder();
    const file = fileOf(at, text, mode);
    if (!(expected instanceof RegExp)) assert.equal(await readLogin(file, 'url'), expected);
    else {
      const message = await messageOf(readLogin(file, 'url'));
      assert.match(message, expected);
      assert.not.match(message, 's3cret');
    }
    at.remove();
  });
}

test('#20.C12 a file that is not there, and one without a name for a URL without one', async () => {
  const at = createGitFolder();
  assert.match(await messageOf(readLogin(at.path('nothing'), 'url')), /cannot be read: ENOENT/);
  assert.match(await messageOf(readLogin(fileOf(at, 'password=s3cret', 0o600), '')), 'has no username');
  at.remove();
});

for (const [url, pushUrl, expected] of [
  ['https://example.com/a.git', 'https://example.com/b.git', null],
  ['http://127.0.0.1:3000/a.git', 'http://127.0.0.1:3000/a.git', null],
  ['http://[::1]:3000/a.git', 'http://[::1]:3000/a.git', null],
  ['http://example.com/a.git', 'http://example.com/a.git', /clear text/],
  ['http://127.0.0.1.example.com/a.git', 'http://127.0.0.1.example.com/a.git', /clear text/],
  ['https://example.com/a.git', 'https://other.example.com/a.git', /another host/],
  ['https://example.com/a.git', 'git@example.com:a.git', /another host/],
  ['git@example.com:a.git', 'git@example.com:a.git', /leave it out/],
  ['/srv/a.git', '/srv/a.git', /leave it out/],
] as const) {
  test(`#20.C12 --remote-credentials for ${url}, pushed to ${pushUrl}: ${expected ?? 'taken'}`, async () => {
    const at = createGitFolder();
    const address = { ...addressOf(url), pushUrl };
    const work = async () => withLoginFile(address, fileOf(at, GOOD, 0o600)).reach();
    if (expected !== null) assert.match(await messageOf(work()), expected);
    else {
      const { settings, login } = await work();
      assert.is(login?.password, 's3cret = #1');
      assert.equal(settings[0], ['credential.helper', ''], 'no helper that would write it down');
      assert.is(settings[1]?.[0], `credential.${new URL(url).origin}.helper`);
      assert.not.match(JSON.stringify(settings), 's3cret');
    }
    at.remove();
  });
}

test('#20.C12 a password that url.*.insteadOf puts into an address is taken out of it', async () => {
  const at = createGitFolder();
  const config = at.path('gitconfig');
  const environment = { ...GIT_ENVIRONMENT, GIT_CONFIG_GLOBAL: config };
  git(at.root, 'config', '--file', config, 'url.https://robot:s3cret@example.com/.insteadOf', 'https://example.com/');
  const address = await rewritten(addressOf('https://example.com/fleet.git'), environment);
  assert.is(address.url, 'https://example.com/fleet.git');
  const { settings, login } = await address.reach();
  assert.equal(login, { username: 'robot', password: 's3cret' });
  assert.equal(await effective(settings, environment, at.root, address.url), 'https://example.com/fleet.git');
  at.remove();
});

test('#20.C12 trigger and status: nor does a password in the address of a work tree show', async () => {
  const at = createGitFolder();
  const human = workTree(at.path('human'), { 'jobs/a.yaml': 'x' });
  git(human, 'remote', 'add', 'origin', 'https://robot:s3cret@example.com/fleet.git');
  const repository = openGit(`${human}/.git`, GIT_ENVIRONMENT, human);
  const { settings, login } = await reachFrom(repository);
  assert.is(login?.password, 's3cret');
  assert.is(await effective(settings, GIT_ENVIRONMENT, human, 'origin'), 'https://example.com/fleet.git');
  at.remove();
});

/** What git makes of a remote's name or address, and gives its helpers as an argument. */
async function effective(
  settings: readonly (readonly [string, string])[],
  environment: NodeJS.ProcessEnv,
  folder: string,
  remote: string,
): Promise<string> {
  const variables = settings.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, name],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  const env = { ...environment, ...Object.fromEntries(variables), GIT_CONFIG_COUNT: String(settings.length) };
  return execFileSync('git', ['ls-remote', '--get-url', '--', remote], { cwd: folder, env, encoding: 'utf8' }).trim();
}

for (const [text, expected] of [
  ['fatal: https://robot:s3cret@example.com/x', 'fatal: https://example.com/x'],
  ['fatal: https://robot:s3c@ret@example.com/x', 'fatal: https://example.com/x'],
  ['fatal: https://robot:s3c/ret@example.com/x', 'fatal: https://example.com/x'],
  ['fatal: https://s3cret@example.com/x', 'fatal: https://example.com/x'],
  ['fatal: https://example.com:8443/x@2', 'fatal: https://example.com:8443/x@2'],
] as const) {
  test(`#20.C12 ${text} is told without the login`, () => assert.is(withoutSecrets(text), expected));
}

for (const unit of ['a', 'a://', 'a://u:', 'a:/', '://@', 'x://u:p', ':@']) {
  test(`#20.C12 a megabyte of ${unit} that a remote says does not hold the service up`, () => {
    const text = unit.repeat((1 << 20) / unit.length);
    const began = performance.now();
    withoutSecrets(text);
    assert.ok(performance.now() - began < 5_000, `${performance.now() - began} ms`);
  });
}

test.run();
