import { spawnSync } from 'node:child_process';
import { request } from 'node:https';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startBmc } from '../../controller/demo/bmc.ts';
import { trackedRemote } from '../../controller/git/discover.ts';
import { parse } from '../../definitions/yaml/document.ts';
import { createCliFleet, jobText, machineText, serve, until } from '../support/command.ts';

const LOG_KEYS = ['JobID', 'MachineID', 'Action', 'Status', 'Timestamp', 'ExecutionTime', 'Result', 'Error'];

/** Asks a BMC for a manager's profile with a plain HTTPS request, past all of our own client. */
function profileOf(endpoint: string): Promise<string> {
  const login = `Basic ${Buffer.from('operator:correct horse').toString('base64')}`;
  return new Promise((resolve, reject) => {
    const path = `${endpoint}/redfish/v1/Managers/bmc`;
    const asked = request(
      path,
      { rejectUnauthorized: false, headers: { authorization: login }, agent: false },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => (text += chunk));
        answer.on('end', () => resolve(JSON.parse(text).Oem.OpenBmc.Fan.Profile));
      },
    );
    asked.on('error', reject).end();
  });
}

test('R23 R31–R38 run --once: a due job reaches the BMC, its log and status the branch; again: nothing', async () => {
  const fleet = await createCliFleet({
    'jobs/nightly.yaml': jobText(['machine-1'], 'PowerSaver', '23:59:59', 'Trigger: t1'),
  });
  try {
    const first = await fleet.bmcron('run', fleet.repository.clone, '--local', '--once');
    assert.is(first.code, 0, first.stdout + first.stderr);
    assert.is(await profileOf(fleet.bmc.endpoint), 'PowerSaver');
    const git = (...args: string[]) =>
      spawnSync('git', ['-C', fleet.repository.clone, ...args], { encoding: 'utf8' }).stdout;
    const [newest = '', before = ''] = git('log', '--format=%an: %s').split('\n');
    assert.match(newest, /^bmcron: bmcron: nightly completed on 1 machine/);
    assert.is(before, 'Demo Operator: Describe the fleet');
    const [log = ''] = git('ls-tree', '-r', '--name-only', 'HEAD', 'logs').split('\n');
    assert.match(log, /^logs\/\d{4}\/\d\d\/\d\d\/nightly_machine-1_PatchProfile_\d{8}_\d{6}_success\.json$/);
    const record = JSON.parse(git('show', `HEAD:${log}`));
    assert.equal(Object.keys(record), LOG_KEYS);
    assert.equal(record.Result, { ManagerID: 'bmc', OldProfile: 'Performance', NewProfile: 'PowerSaver' });
    const [status] = parse(Buffer.from(git('show', 'HEAD:jobs/nightly.status.yaml')));
    const facts = status?.value as Record<string, unknown>;
    assert.is(Object.keys(facts).slice(0, 11).join(), STATUS_KEYS);
    assert.is(`${facts['Status']} ${facts['ExecutionCount']}`, 'Completed 1');
    assert.is(git('status', '--porcelain'), '', 'the work tree is as the commit');

    const commits = git('rev-list', '--count', 'HEAD');
    const requests = fleet.bmc.requests.length;
    const second = await fleet.bmcron('run', fleet.repository.clone, '--local', '--once');
    assert.is(second.code, 0, second.stdout + second.stderr);
    assert.is(git('rev-list', '--count', 'HEAD'), commits);
    assert.is(fleet.bmc.requests.length, requests, 'nothing is sent');
    assert.is(fleet.bmc.sessions, 0);
  } finally {
    await fleet.remove();
  }
});

const STATUS_KEYS =
  'Id,Name,Machines,Action,Payload,Schedule,Status,CreatedTime,LastRunTime,NextRunTime,ExecutionCount';

const FAULTS: readonly [string, Readonly<Record<string, string>>, RegExp][] = [
  ['an unreachable BMC', { Endpoint: 'https://127.0.0.1:9' }, /transient/],
  ['a bad password', { CredentialsRef: 'wrong' }, /permanent/],
  ['a wrong certificate', { TLS: `{ Fingerprint: "sha256:${'0'.repeat(64)}" }` }, /permanent/],
  ['a certificate that nobody vouches for', { TLS: '{ Insecure: false }' }, /permanent/],
  ['a secret that is not there', { CredentialsRef: 'nowhere' }, /permanent/],
];

for (const [what, change, error] of FAULTS) {
  test(`R27 R34 ${what}: a failed log that says so, the other machine done, exit code 1`, async () => {
    const fleet = await createCliFleet({});
    const other = await startBmc({ username: 'operator', password: 'correct horse' });
    try {
      await fleet.write({
        'machines/two.yaml': machineText('machine-2', other, { Timeout: '3s', ...change }),
        'jobs/both.yaml': jobText(['machine-2', 'machine-1'], 'Balanced', '23:59:59', 'Trigger: t1'),
      });
      await fleet.repository.commit('Add a job');
      const { code, stdout, stderr } = await fleet.bmcron(
        'run',
        fleet.repository.clone,
        '--remote',
        'origin',
        '--once',
      );
      assert.is(code, 1, stdout + stderr);
      assert.is(await profileOf(fleet.bmc.endpoint), 'Balanced');
      const names = (await fleet.repository.ask('ls-tree', '-r', '--name-only', 'main', 'logs')).trim().split('\n');
      assert.is(names.length, 2);
      const failed = names.find((name) => name.includes('both_machine-2_') && name.endsWith('_failed.json')) ?? '';
      const record = JSON.parse(await fleet.repository.ask('show', `main:${failed}`));
      assert.match(record.Error, error);
      assert.not.match(JSON.stringify(record) + stdout + stderr, /correct horse|wrong pony/);
      assert.is(other.get('Oem/OpenBmc/Fan/Profile'), 'Performance', 'the refused BMC is as it was');
    } finally {
      await other.close();
      await fleet.remove();
    }
  });
}

test('R19 R30 run: a push takes effect at once, SIGTERM ends it with everything public and exit code 0', async () => {
  const fleet = await createCliFleet({ 'jobs/later.yaml': jobText(['machine-1'], 'Balanced', '23:59:59') });
  const service = serve(fleet, fleet.repository.clone, '--remote', 'origin');
  try {
    await until(() => service.printed.stdout.includes('"event":"ready"'), 'ready');
    await fleet.write({ 'jobs/now.yaml': jobText(['machine-1'], 'Custom', '23:59:59', 'Trigger: go') });
    spawnSync('git', ['-C', fleet.repository.clone, 'pull', '--quiet', 'origin', 'main']);
    await fleet.repository.commit('Run now');
    const pushed = Date.now();
    await until(() => service.printed.stdout.includes('"run":"now@go"'), 'the run has started');
    const tookMs = Date.now() - pushed;
    await until(() => fleet.bmc.get('Oem/OpenBmc/Fan/Profile') === 'Custom', 'the BMC has the profile');
    service.child.kill('SIGTERM');
    assert.is(await service.exit, 0, service.printed.stderr);
    const names = await fleet.repository.ask('ls-tree', '-r', '--name-only', 'main', 'logs', 'jobs');
    assert.match(names, /now_machine-1_PatchProfile_\d{8}_\d{6}_success\.json/);
    assert.match(names, /jobs\/now\.status\.yaml/);
    assert.ok(tookMs < 10_000, 'took effect by the watch, long before the periodic look of 30 s');
  } finally {
    service.child.kill('SIGKILL');
    await fleet.remove();
  }
});

test('#22.2 run in a clone whose branch tracks a remote asks which of the two is meant, and does nothing', async () => {
  const fleet = await createCliFleet({ 'jobs/now.yaml': jobText(['machine-1'], 'Custom', '23:59:59', 'Trigger: go') });
  const { clone } = fleet.repository;
  const git = (...args: string[]) => spawnSync('git', ['-C', clone, ...args], { encoding: 'utf8' }).stdout.trim();
  try {
    const tip = git('rev-parse', 'HEAD');
    const asked = await fleet.bmcron('run', clone, '--once');
    assert.is(asked.code, 2, asked.stdout + asked.stderr);
    assert.match(asked.stderr, /tracks the remote origin: say --remote origin .*, or --local/);
    git('config', '--unset', 'branch.main.remote'); // pushed without -u: what was fetched still says so
    git('fetch', '--quiet', 'origin');
    assert.is((await fleet.bmcron('run', clone, '--once')).code, 2);
    assert.is((await fleet.bmcron('run', clone, '--local', '--remote', 'origin', '--once')).code, 2);
    assert.is((await fleet.bmcron('run', `file://${clone}`, '--local', '--once')).code, 2);
    assert.is(fleet.bmc.requests.length, 0);
    assert.is(git('rev-parse', 'HEAD'), tip);
    assert.is(await trackedRemote(clone, 'another', process.env), null, 'a branch that tracks none');
    const local = await fleet.bmcron('run', clone, '--local', '--once');
    assert.is(local.code, 0, local.stdout + local.stderr);
    assert.is.not(git('rev-parse', 'HEAD'), tip);
    assert.is(await fleet.repository.ask('rev-parse', 'main'), `${tip}\n`, 'nothing is pushed');
  } finally {
    await fleet.remove();
  }
});

test('exit codes: 2 wrong usage, 3 no repository, 1 refused settings at a first start', async () => {
  const fleet = await createCliFleet({ 'bmcron.yaml': 'WorkerPoolSize: 0\n' });
  try {
    assert.is((await fleet.bmcron('run', '--nonsense')).code, 2);
    const nowhere = await fleet.bmcron('run', fleet.secrets, '--once');
    assert.is(nowhere.code, 3);
    assert.match(nowhere.stderr, /bmcron: .+/);
    const refused = await fleet.bmcron('run', fleet.repository.clone, '--local', '--once');
    assert.is(refused.code, 1);
    assert.match(refused.stderr, /bmcron\.yaml:1:17 .*WorkerPoolSize.*1.*10000/);
  } finally {
    await fleet.remove();
  }
});

test.run();
