import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCredentials } from '../controller/credentials.ts';
import { temporary } from './support/temporary-folder.ts';

const SECRET = 'n0t-to-be-seen';

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

for (const [endpoints, endpoint, given] of [
  ['10.0.0.11', 'https://10.0.0.11', true],
  ['10.0.0.11', 'https://10.0.0.11:8443', true],
  ['10.0.0.11', 'https://10.0.0.12', false],
  ['10.0.0.11:443', 'https://10.0.0.11', true],
  ['10.0.0.11:443', 'https://10.0.0.11:8443', false],
  ['10.0.0.11:80', 'http://10.0.0.11', true],
  ['10.0.0.0/24', 'https://10.0.0.255', true],
  ['10.0.0.0/24', 'https://10.0.1.0', false],
  ['10.0.0.0/33', 'https://10.0.0.1', false],
  ['0.0.0.0/0', 'https://8.8.8.8', true],
  ['10.0.0.0/24', 'https://10.0.0.1.example.org', false],
  ['bmc.example.org', 'https://BMC.example.org', true],
  ['bmc.example.org', 'https://evil-bmc.example.org', false],
  ['bmc.example.org:8443', 'https://bmc.example.org:8443', true],
  ['fd00::/8', 'https://[fd00::11]', true],
  ['fd00::/8', 'https://[fe80::11]', false],
  ['fd00::11', 'https://[fd00:0:0::11]', true],
  ['[fd00::11]:443', 'https://[fd00::11]', true],
  ['[fd00::11]:443', 'https://[fd00::11]:8443', false],
  ['a.example.org, b.example.org\n# a comment\n10.1.0.0/16', 'https://10.1.2.3', true],
  ['a.example.org, b.example.org', 'https://b.example.org', true],
  ['', 'https://10.0.0.11', false],
  ['*', 'https://10.0.0.11', false],
  ['/', 'https://10.0.0.11', false],
] as const) {
  test(`R42 ${JSON.stringify(endpoints)}: ${endpoint} is ${given ? 'sent' : 'refused'} the secret`, async () => {
    const env = { BMCRON_R_USERNAME: 'root', BMCRON_R_PASSWORD: SECRET, BMCRON_R_ENDPOINTS: endpoints };
    const message = await refusal(createCredentials({ env }).get('r', endpoint));
    assert.is(message === '', given, message);
    assert.not.match(message, new RegExp(SECRET));
  });
}

test('R42 a folder like a Kubernetes secret: a change counts at once, without endpoints it is not used', async () => {
  const dir = temporary({ 'rack1/username': 'root\n', 'rack1/password': `${SECRET}\n` });
  const credentials = createCredentials({ dir: dir.path, env: {} });
  assert.match(await refusal(credentials.get('rack1', 'https://10.0.0.1')), /names no endpoints: list the hosts/);
  dir.write('rack1/endpoints', '10.0.0.0/8\n');
  assert.equal(await credentials.get('rack1', 'https://10.0.0.1'), { username: 'root', password: SECRET });
  dir.write('rack1/password', 'an0ther');
  assert.is((await credentials.get('rack1', 'https://10.0.0.1')).password, 'an0ther');
  dir.remove();
});

for (const ref of ['../rack1', 'a/b', '..', '.', '', '/etc', 'a\u0000b', 'rack..1', 'COM1', 'nul.x', 'x'.repeat(64)]) {
  test(`R42 the reference ${JSON.stringify(ref.slice(0, 20))} does not leave the folder`, async () => {
    const dir = temporary({ 'rack1/username': 'root', 'inner/x': '' });
    const credentials = createCredentials({ dir: `${dir.path}/inner`, env: {} });
    assert.match(await refusal(credentials.get(ref, 'https://10.0.0.1')), /is no name of letters/);
    assert.match(await refusal(credentials.ca(ref)), /is no name of letters/);
    dir.remove();
  });
}

test('#20.15 R42 what is no variable of its own is no secret', async () => {
  const inherited = Object.create({ BMCRON_R_USERNAME: 'a', BMCRON_R_PASSWORD: 'b', BMCRON_R_ENDPOINTS: '10.0.0.1' });
  assert.match(await refusal(createCredentials({ env: inherited }).get('r', 'https://10.0.0.1')), /no username/);
  assert.match(await refusal(createCredentials({ env: {} }).get('constructor', 'https://10.0.0.1')), /no username/);
});

test('R42 what is missing is named with its file and variable', async () => {
  const dir = temporary({ 'a-b/username': 'root', 'ca/ca.crt': 'no certificate' });
  const credentials = createCredentials({ dir: dir.path, env: {} });
  const message = await refusal(credentials.get('a-b', 'https://10.0.0.1'));
  assert.match(message, /no password for CredentialsRef a-b: file a-b\/password or variable BMCRON_A_B_PASSWORD/);
  assert.match(await refusal(credentials.ca('ca')), /holds no PEM certificate/);
  assert.match(await refusal(credentials.ca('nope')), /no file for TLS.CA nope/);
  dir.remove();
});

test('R42 what others may change is not used, what they may read is told; a pipe is not waited for', async () => {
  const dir = temporary({
    'r/username': 'root',
    'r/password': SECRET,
    'r/endpoints': '10.0.0.1',
    'p/username': 'root',
  });
  const file = (name: string) => `${dir.path}/${name}`;
  const credentials = createCredentials({ dir: dir.path, env: {} });
  for (const name of ['username', 'password', 'endpoints']) {
    chmodSync(file(`r/${name}`), 0o666);
    const said = await refusal(credentials.get('r', 'https://10.0.0.1'));
    assert.is(said, `r/${name} in the credentials folder is not used: others may change it (mode 0666): chmod o-w`);
    chmodSync(file(`r/${name}`), 0o640);
  }
  assert.equal(await credentials.exposed('r'), []);
  chmodSync(file('r/password'), 0o644);
  assert.equal(await credentials.exposed('r'), ['r/password']);
  for (const name of ['url', 'token', 'secret']) writeFileSync(file(`r/${name}`), 'x', { mode: 0o644 });
  assert.equal(await credentials.exposed('r'), ['r/password', 'r/url', 'r/token', 'r/secret'], 'a receiver of notices');
  assert.is((await credentials.get('r', 'https://10.0.0.1')).password, SECRET);
  execFileSync('mkfifo', [file('p/password')]);
  chmodSync(file('p/password'), 0o600);
  assert.match(await refusal(credentials.get('p', 'https://10.0.0.1')), /^p\/password in the .* folder is no file$/);
  dir.remove();
});

test.run();
