import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressOf, addressOfRemote, localFolder } from '../../controller/git/address.ts';
import { openGit } from '../../controller/git/command.ts';
import { gitFolder, isRemoteURL, stateFolder } from '../../controller/git/discover.ts';
import { gitEnvironment } from '../../controller/git/environment.ts';
import { loginVariables } from '../../controller/git/remote/reach.ts';
import { createGitFolder, GIT_ENVIRONMENT, git, workTree } from '../support/git-folder.ts';

for (const [fleet, remote] of [
  ['https://example.com/fleet.git', true],
  ['ssh://git@example.com/fleet.git', true],
  ['git@example.com:team/fleet.git', true],
  ['example.com:fleet.git', true],
  ['file:///srv/fleet.git', true],
  ['/srv/fleet', false],
  ['./fleet', false],
  ['../a:b', false],
  ['.', false],
] as const) {
  test(`${fleet} is ${remote ? 'a URL' : 'a folder'}`, () => assert.is(isRemoteURL(fleet), remote));
}

test('a password leaves the URL and reaches git through a helper that asks the environment', async () => {
  const address = addressOf('https://robot:p%40ss@example.com/fleet.git');
  assert.is(address.url, 'https://example.com/fleet.git');
  const reach = await address.reach();
  assert.equal(loginVariables(reach), { BMCRON_GIT_USER: 'robot', BMCRON_GIT_PASSWORD: 'p@ss' });
  assert.not.match(JSON.stringify(reach.settings), 'p@ss');
  assert.equal((await addressOf('https://robot:100%@example.com/').reach()).login?.password, '100%');
  assert.is(addressOf('ssh://git@example.com/x').url, 'ssh://git@example.com/x');
  assert.is(localFolder('file:///srv/x.git'), '/srv/x.git');
  assert.is(localFolder('https://example.com/x.git'), null);
});

test("a remote is reached as its work tree's own settings say; a relative path is one of the work tree", async () => {
  const at = createGitFolder();
  const human = workTree(at.path('human'), { 'jobs/a.yaml': 'x' });
  git(human, 'remote', 'add', 'origin', '../remote.git');
  git(human, 'config', 'http.https://example.com/.extraHeader', 'Authorization: Basic x');
  git(human, 'config', 'core.sshCommand', 'ssh -i key');
  git(human, 'config', 'core.hooksPath', '/evil');
  const address = await addressOfRemote(openGit(`${human}/.git`, GIT_ENVIRONMENT, human), 'origin', human);
  assert.is(address.url, at.path('remote.git'));
  assert.equal((await address.reach()).settings.map(([name]) => name.toLowerCase()).sort(), [
    'core.sshcommand',
    'http.https://example.com/.extraheader',
  ]);
  at.remove();
});

test("git's environment: the operator's way to remotes comes through, what points elsewhere does not", () => {
  const ambient = {
    PATH: '/bin',
    GIT_DIR: '/x',
    GIT_INDEX_FILE: '/x',
    GIT_WORK_TREE: '/x',
    GIT_EDITOR: 'vi',
    BMCRON_RACK1_PASSWORD: 'x',
    BMCRON_GIT_PASSWORD: 'x',
    GIT_SSH_COMMAND: 'ssh -i k',
    GIT_SSL_CAINFO: '/ca',
    GIT_ASKPASS: '/ask',
    SSH_AUTH_SOCK: '/s',
    https_proxy: 'p',
  };
  const local = gitEnvironment(ambient, 'local');
  const own = [
    'GIT_GRAFT_FILE',
    'GIT_NO_LAZY_FETCH',
    'GIT_NO_REPLACE_OBJECTS',
    'GIT_OPTIONAL_LOCKS',
    'GIT_TERMINAL_PROMPT',
    'LC_ALL',
    'PATH',
  ];
  assert.equal(Object.keys(local).sort(), own);
  const network = gitEnvironment(ambient, 'network');
  for (const key of ['GIT_SSH_COMMAND', 'GIT_SSL_CAINFO', 'GIT_ASKPASS', 'SSH_AUTH_SOCK', 'https_proxy']) {
    assert.is(network[key], ambient[key as keyof typeof ambient], key);
  }
  assert.is(network['GIT_DIR'], undefined);
  assert.is(network['BMCRON_RACK1_PASSWORD'], undefined);
  assert.is(network['BMCRON_GIT_PASSWORD'], undefined);
  const strict = gitEnvironment({ PATH: '/bin' }, 'network')['GIT_SSH_COMMAND'] ?? '';
  assert.match(strict, 'StrictHostKeyChecking=yes');
  assert.match(strict, 'BatchMode=yes');
});

for (const name of [
  'url.https://b.test/.insteadOf',
  'core.sshCommand',
  'credential.helper',
  'core.askPass',
  'http.proxy',
]) {
  test(`#20.C12 an operator may set ${name} by GIT_CONFIG_COUNT`, async () => {
    const at = createGitFolder();
    const human = workTree(at.path('human'), { 'jobs/a.yaml': 'x' });
    const setting = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: name, GIT_CONFIG_VALUE_0: 'https://a.test/' };
    assert.is((await gitFolder(human, { ...GIT_ENVIRONMENT, ...setting })).top, human);
    at.remove();
  });
}

test('the state folder is in the Git folder, and for a URL in the state home of its user', async () => {
  const at = createGitFolder();
  const human = workTree(at.path('human'), { 'jobs/a.yaml': 'x' });
  assert.is(await stateFolder(`${human}/jobs`, GIT_ENVIRONMENT), `${human}/.git/bmcron`);
  const home = { ...GIT_ENVIRONMENT, XDG_STATE_HOME: '/state' };
  const [one, other] = await Promise.all(['a', 'b'].map((name) => stateFolder(`https://${name}.test/fleet.git`, home)));
  assert.match(one ?? '', /^\/state\/bmcron\/fleet-[0-9a-f]{8}$/);
  assert.is.not(one, other);
  at.remove();
});

test.run();
