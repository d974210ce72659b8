import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkRunOptions } from '../../controller/cli/run-checks.ts';
import { createCliFleet, jobText, machineText, serve, until } from '../support/command.ts';
import { temporary } from '../support/temporary-folder.ts';

const place = temporary({
  file: 'x',
  'long-enough': 'abcdefghijk\n',
  open: '',
  short: 'abc\n',
  tokens: 'bo not-a-digest\n',
  'folder/x': '',
});
const at = (name: string) => join(place.path, name);
chmodSync(at('short'), 0o600);
chmodSync(at('long-enough'), 0o644);
chmodSync(at('open'), 0o666);
execFileSync('mkfifo', [at('pipe')]);
test.after(() => place.remove());

/** What is given beside what every start has, and what is said of it. */
const CASES: readonly (readonly [what: string, given: object, said: RegExp])[] = [
  [
    'a credentials folder that is not there',
    { credentialsDir: at('nope') },
    /^--credentials-dir .*nope is not there: make/,
  ],
  ['a credentials folder that is a file', { credentialsDir: at('file') }, /^--credentials-dir .*file is no folder/],
  ['tokens without --listen', { unserved: ['--api-tokens'] }, /^--api-tokens: nothing is served without --listen/],
  ['an address that is none', { serving: serving({ listen: 'there' }) }, /^--listen there: say HOST:PORT/],
  [
    'a tokens file that is not there',
    { serving: serving({ apiTokens: at('nope') }) },
    /^--api-tokens .*nope is not there: it/,
  ],
  [
    'a tokens file that is a folder',
    { serving: serving({ apiTokens: at('folder') }) },
    /^--api-tokens .*folder is a folder/,
  ],
  [
    'a line of tokens that is none',
    { serving: serving({ apiTokens: at('tokens') }) },
    /^--api-tokens .*: line 1 of the token/,
  ],
  [
    'a hook secret that is too short',
    { serving: serving({ hookSecret: at('short') }) },
    /^--hook-secret .*: a secret has at/,
  ],
  [
    'a hook secret that is a pipe',
    { serving: serving({ hookSecret: at('pipe') }) },
    /^--hook-secret .*pipe is no file: it is read more than once$/,
  ],
  [
    'a hook secret that others may read',
    { serving: serving({ hookSecret: at('long-enough') }) },
    /^--hook-secret .*long-enough: others may read or change it \(mode 0644\): chmod 0600, or 0640 for a group$/,
  ],
  [
    'a key that others may read',
    { location: { fleet: '.', signingKey: at('long-enough') } },
    /^--signing-key .*: others may read or change it/,
  ],
  [
    'tokens that others may change',
    { serving: serving({ apiTokens: at('open') }) },
    /^--api-tokens .*open: others may change it \(mode 0666\): chmod o-w$/,
  ],
  [
    'signers that others may change',
    { location: { fleet: '.', verifyCommits: at('open'), ownSigners: at('open') } },
    /^2 options .*\n {2}--verify-commits .*: others may change it .*\n {2}--own-signers .*: others may change it/,
  ],
  [
    'signers that are not there',
    { location: { fleet: '.', verifyCommits: at('nope') } },
    /^--verify-commits .*nope is not there/,
  ],
  [
    'a key that is not there',
    { location: { fleet: '.', signingKey: at('nope') } },
    /^--signing-key .*nope is not there/,
  ],
  [
    'own signers that are not there',
    { location: { fleet: '.', ownSigners: at('nope') } },
    /^--own-signers .*nope is not there/,
  ],
  [
    'own signers with a line that is none',
    { location: { fleet: '.', ownSigners: at('long-enough') } },
    /^--own-signers .*long-enough: line 1 is not understood/,
  ],
  [
    'a branch name that is none',
    { location: { fleet: '.', branch: 'a..b' } },
    /^--branch "a\.\.b" is no name of a branch/,
  ],
  [
    'a path that leaves the repository',
    { location: { fleet: '.', path: '../other' } },
    /^--path \.\.\/other leaves the repository: name a folder inside it/,
  ],
  [
    'a path that leaves it on the way',
    { location: { fleet: '.', path: 'a\\..\\..\\b' } },
    /^--path .* leaves the repository/,
  ],
  [
    'the followed branch for status',
    { location: { fleet: '.', branch: 'main', statusBranch: 'main' } },
    /^--status-branch main is the followed branch/,
  ],
];

function serving(more: object) {
  return { listen: '127.0.0.1:0', anyFreePort: false, push: true, ...more };
}

function check(given: object): Promise<string> {
  const log = { level: 'info', format: 'text' } as const;
  const basics = { location: { fleet: '.' }, local: false, push: true, skipCI: false, pullIntervalMs: 1, log };
  return checkRunOptions({ ...basics, once: false, unserved: [], ...given }).then(
    () => '',
    (error: Error) => error.message,
  );
}

for (const [what, given, said] of CASES) {
  test(`#22.11 ${what}: told at the start, with what to do`, async () => assert.match(await check(given), said));
}

test('#22.11 all faults are told at once', async () => {
  const serve = serving({ apiTokens: at('nope'), hookSecret: at('short') });
  const said = await check({ credentialsDir: at('nope'), serving: serve, location: { fleet: '.', branch: ' ' } });
  assert.match(
    said,
    /^4 options cannot be used:\n {2}--credentials-dir .*\n {2}--branch .*\n {2}--api-tokens .*\n {2}--hook/,
  );
  assert.is(await check({}), '');
});

test('#22.11 exit 2 before anything is written; a missing secret is told once the machines are known', async () => {
  const fleet = await createCliFleet({ 'jobs/nightly.yaml': jobText(['machine-1'], 'Balanced', '23:59:59') });
  try {
    for (const args of [
      ['probe', '--credentials-dir', '/nope'],
      ['plan', '--live', '--credentials-dir', '/nope'],
    ]) {
      const said = await fleet.bmcron(args[0] ?? '', ...args.slice(1), fleet.repository.clone);
      assert.equal([said.code, said.stdout], [2, ''], args.join(' '));
      assert.match(said.stderr, /^bmcron: --credentials-dir \/nope is not there: make it/);
    }
    const demo = await fleet.bmcron('demo', '--api-tokens', '/nope');
    assert.equal([demo.code, demo.stdout], [2, '']);
    assert.match(demo.stderr, /^bmcron: --api-tokens \/nope is not there: it holds a line/);
    const wrong = await fleet.bmcron('run', fleet.repository.clone, '--local', '--once', '--api-tokens', '/nope');
    assert.equal([wrong.code, wrong.stdout], [2, '']);
    assert.match(wrong.stderr, /^bmcron: --api-tokens: nothing is served without --listen/);
    await fleet.write({
      'machines/two.yaml': ['m2', 'm3']
        .map((id) => machineText(id, fleet.bmc, { CredentialsRef: 'gone' }))
        .join('---\n'),
    });
    await fleet.repository.commit('Two machines more');
    const service = serve(fleet, fleet.repository.clone, '--local');
    await until(() => service.printed.stdout.includes('secretMissing'), service.printed.stderr);
    assert.match(service.printed.stdout, /no username for CredentialsRef gone: .*; their runs will fail: m2, m3/);
    service.child.kill('SIGTERM');
    assert.is(await service.exit, 0);
  } finally {
    await fleet.remove();
  }
});

test('#22.11 a machine without CredentialsRef whose BMC asks for a login: that is said', async () => {
  const fleet = await createCliFleet({});
  try {
    const text = machineText('open', fleet.bmc).replace('CredentialsRef: right\n', '');
    await fleet.write({ 'machines/open.yaml': text });
    const { stdout } = await fleet.bmcron('probe', 'open', fleet.repository.clone);
    assert.match(stdout, /it asks for a login \(401\), and its machine has no CredentialsRef: name the secret there/);
    await fleet.write({ 'jobs/nightly.yaml': jobText(['open'], 'Balanced', '23:59:59', 'Trigger: t1') });
    await fleet.repository.commit('An open machine');
    const ran = await fleet.bmcron('run', fleet.repository.clone, '--local', '--once');
    assert.match(ran.stdout, /it asks for a login \(401\), and its machine has no CredentialsRef/);
  } finally {
    await fleet.remove();
  }
});

test.run();
