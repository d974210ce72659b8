// What `doctor` finds before a run does: each row breaks one thing, on real git and a real BMC over TLS.
import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Check } from '../../controller/cli/doctor/check.ts';
import { doctor } from '../../controller/cli/doctor.ts';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials, createSecretFields } from '../../controller/credentials.ts';
import { type Bmc, startBmc } from '../../controller/demo/bmc.ts';
import { loopbackSecret, PASSWORD } from '../support/bmc.ts';
import { startForge } from '../support/forge.ts';
import { createGitFolder, GIT_ENVIRONMENT, git, remoteAndClone, workTree } from '../support/git-folder.ts';
import { job, sink } from '../support/pull-request.ts';

const at = createGitFolder();
test.after(() => at.remove());

function machine({ endpoint, fingerprint }: Pick<Bmc, 'endpoint' | 'fingerprint'>): string {
  return `ID: m1\nEndpoint: ${endpoint}\nCredentialsRef: lab\nTLS: { Fingerprint: "${fingerprint}" }\nTimeout: 10s\n`;
}

interface Asked {
  readonly remoteCredentials?: string;
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly format?: 'text' | 'json';
  readonly clock?: Pick<typeof systemClock, 'now' | 'sleep'>;
}

async function asked({ folder, env = loopbackSecret(), format = 'json', clock = systemClock, ...rest }: Asked) {
  const out = sink();
  const code = await doctor({
    ...rest,
    folder,
    machines: true,
    credentials: createCredentials({ env }),
    secrets: createSecretFields({ env }),
    format,
    environment: GIT_ENVIRONMENT,
    clock,
    signal: new AbortController().signal,
    random: () => 0.5,
    color: false,
    out,
  });
  return { code, text: out.text };
}

/** What is wrong, as `what: found`. */
function wrong(text: string, state: Check['state'] = 'error'): readonly string[] {
  const checks = (JSON.parse(text) as Check[]).filter((check) => check.state === state);
  for (const { what, advice } of checks) assert.ok(advice, what);
  return checks.map(({ what, found }) => `${what}: ${found}`);
}

test('#19.2 doctor: everything is right: a line each, exit 0, nothing changed anywhere', async () => {
  const bmc = await startBmc({ password: PASSWORD });
  const place = createGitFolder();
  const { human: clone, bare: remote } = remoteAndClone(place, {
    'machines/m1.yaml': machine(bmc),
    'jobs/a.yaml': job(),
  });
  const refs = git(remote, 'for-each-ref');
  const { code, text } = await asked({ folder: clone, format: 'text' });
  assert.is(code, 0, text);
  for (const what of ['program', 'fleet', 'git', 'remote', 'push', 'state', 'secrets', 'machines']) {
    assert.match(text, new RegExp(`^ok +${what} `, 'm'));
  }
  assert.match(text, /nothing is in the way of a run\n$/);
  assert.is(git(remote, 'for-each-ref'), refs);
  assert.is(git(clone, 'status', '--porcelain'), '');
  assert.is(bmc.sessions, 0);
  assert.ok(bmc.requests.every(({ method }) => method !== 'PATCH'));
  await bmc.close();
  place.remove();
});

test('#19.5 doctor: receivers have an address each, and no token in clear text; nothing is sent', async () => {
  const receivers = ['good', 'none', 'odd', 'clear'].map((ref) => ({ Name: ref, Format: 'Webhook', SecretRef: ref }));
  const folder = workTree(at.path('receivers'), {
    'bmcron.yaml': JSON.stringify({ Notifications: receivers, DeadMan: { SecretRef: 'nobody' } }),
    'jobs/a.yaml': job(),
  });
  const env = {
    BMCRON_GOOD_URL: 'https://127.0.0.1:1/s3cret-path',
    BMCRON_ODD_URL: 'chat.example/s3cret-path',
    BMCRON_CLEAR_URL: 'http://127.0.0.1:1/s3cret-path',
    BMCRON_CLEAR_TOKEN: 't0ken-of-mine',
  };
  const { text } = await asked({ folder, env });
  const about = (state: Check['state']) => wrong(text, state).filter((each) => /^receiver|^dead man/.test(each));
  assert.equal(about('error'), [
    'receiver none: no url for SecretRef none: variable BMCRON_NONE_URL',
    'receiver odd: the url of SecretRef odd is no address that begins with https:// or http://',
    'dead man: no url for SecretRef nobody: variable BMCRON_NOBODY_URL',
  ]);
  assert.equal(about('warning'), ['receiver clear: its token goes in clear text']);
  assert.match(text, 'receiver good');
  assert.not.match(text, /s3cret-path|t0ken-of-mine/);
});

test('#19.2 doctor: a secret that is not there, is for other hosts, or is wrong', async () => {
  const bmc = await startBmc({ password: PASSWORD });
  const folder = workTree(at.path('secrets'), { 'machines/m1.yaml': machine(bmc), 'jobs/a.yaml': job() });
  const none = await asked({ folder, env: {} });
  assert.is(none.code, 1);
  assert.match(wrong(none.text)[0] ?? '', /^secret of m1: no username for CredentialsRef lab/);
  const others = await asked({ folder, env: { ...loopbackSecret(), BMCRON_LAB_ENDPOINTS: '10.0.0.0/8' } });
  assert.match(wrong(others.text)[0] ?? '', /^secret of m1: .* is not among the endpoints/);
  assert.is(bmc.requests.length, 0, 'a BMC whose secret is not right is not asked');
  const bad = await asked({ folder, env: loopbackSecret('wrong') });
  assert.match(wrong(bad.text)[0] ?? '', /^machine m1: .*401/);
  await bmc.close();
});

test('#19.2 doctor: a certificate that is not the pinned one; a BMC that is off; a clock that is wrong', async () => {
  const bmc = await startBmc({ password: PASSWORD });
  const pinned = { endpoint: bmc.endpoint, fingerprint: `sha256:${'0'.repeat(64)}` };
  const folder = workTree(at.path('machines'), { 'machines/m1.yaml': machine(pinned), 'jobs/a.yaml': job() });
  assert.match(wrong((await asked({ folder })).text)[0] ?? '', /^machine m1: .*certificate is .*, not the pinned/);
  const right = workTree(at.path('clock'), { 'machines/m1.yaml': machine(bmc), 'jobs/a.yaml': job() });
  const late = { ...systemClock, now: () => new Date(systemClock.now().getTime() + 3_600_000) };
  assert.match(
    wrong((await asked({ folder: right, clock: late })).text, 'warning').join(),
    /m1: its clock is 60 min behind/,
  );
  await bmc.close();
  assert.match(wrong((await asked({ folder: right })).text)[0] ?? '', /^machine m1: .*connection refused/);
});

test('#19.2 doctor: a remote that is gone, that lacks the branch, that refuses a push; no remote at all', async () => {
  const files = { 'machines/m1.yaml': 'ID: m1\nEndpoint: https://127.0.0.1:9\n', 'jobs/a.yaml': job() };
  const place = createGitFolder();
  const { human: clone } = remoteAndClone(place, files);
  const offline = async (folder: string) =>
    wrong((await asked({ folder })).text).filter((line) => !line.startsWith('machine'));
  git(clone, 'config', 'remote.origin.receivepack', '/bin/false');
  assert.match((await offline(clone))[0] ?? '', /^push: origin refuses a push/);
  git(clone, 'config', '--unset', 'remote.origin.receivepack');
  git(clone, 'checkout', '-q', '-b', 'new', '--track', 'origin/main');
  assert.equal(await offline(clone), ['remote: origin has no branch new']);
  git(clone, 'config', 'remote.origin.url', `${clone}-gone`);
  assert.match((await offline(clone))[0] ?? '', /^remote: origin does not answer/);
  const alone = (await asked({ folder: workTree(at.path('alone'), files) })).text;
  assert.match(wrong(alone, 'warning').join(), /remote: branch main tracks no remote/);
  place.remove();
});

test('#21 doctor: the secrets and BMCs of a site are its workers business', async () => {
  const machine = 'ID: m1\nEndpoint: https://127.0.0.1:9\nCredentialsRef: nowhere\nLabels: { site: fra1 }\n';
  const files = { 'bmcron.yaml': 'Sites: { fra1: {} }\n', 'machines/m1.yaml': machine, 'jobs/a.yaml': job() };
  const { text } = await asked({ folder: workTree(at.path('sites'), files), format: 'text' });
  assert.match(text, /sites +1 machine of sites: bmcron workers tells who serves them/);
  assert.not.match(text, /nowhere|refused/);
});

test('#19.2 doctor: a manifest that is refused; a folder without Git', async () => {
  const folder = workTree(at.path('refused'), { 'jobs/a.yaml': job() });
  assert.match(wrong((await asked({ folder })).text)[0] ?? '', /^fleet: .*0 jobs, 0 machines, 1 error$/);
  const none = await asked({ folder: at.path('nowhere') });
  assert.equal([none.code, wrong(none.text).length], [1, 1]);
});

test('#20.C12 doctor: a remote that wants a login gets that of --remote-credentials', async () => {
  const place = createGitFolder();
  const { human: clone, bare } = remoteAndClone(place, { 'jobs/a.yaml': job() });
  git(bare, 'config', 'http.receivepack', 'true');
  const forge = await startForge(place.root);
  forge.behaviour.login = 'robot:s3cret/word';
  git(clone, 'remote', 'set-url', 'origin', `${forge.url}/remote.git`);
  const file = place.path('login');
  writeFileSync(file, 'username=robot\npassword=s3cret/word\n', { mode: 0o600 });
  assert.match(wrong((await asked({ folder: clone })).text).join(), 'remote: origin does not answer');
  const { text } = await asked({ folder: clone, remoteCredentials: file });
  assert.not.match(wrong(text).join(), /remote:|push:/);
  assert.not.match(text, 's3cret');
  await forge.close();
  place.remove();
});

test.run();
