// A controller and a worker as people start them: two processes, a server between them, a BMC behind the worker.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startBmc } from '../../controller/demo/bmc.ts';
import { type CliFleet, createCliFleet, ended, jobText, machineText, until } from '../support/command.ts';
import { type Nats, startNats } from '../support/nats/server.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/nats/worker-process.ts';

const SITES = 'Sites: { fra1: { StartWithin: 60s } }\n';

function siteMachine(fleet: Pick<CliFleet, 'bmc'>): string {
  return machineText('machine-1', fleet.bmc, { Labels: '{ site: fra1 }' });
}

async function withFleet(
  files: Readonly<Record<string, string>>,
  play: (fleet: CliFleet, nats: Nats) => Promise<void>,
): Promise<void> {
  const nats = await startNats();
  const fleet = await createCliFleet({});
  try {
    await fleet.write({ 'machines/one.yaml': siteMachine(fleet), 'bmcron.yaml': SITES, ...files });
    await fleet.repository.commit('Put the machine at a site');
    await play(fleet, nats);
  } finally {
    await fleet.remove();
    await nats.close();
  }
}

/** `bmcron run --once` with the engine, and without any secret. */
function runOnce(fleet: CliFleet, url: string, ...more: readonly string[]) {
  return ended(['run', fleet.repository.clone, '--local', '--once', '--engine', url, ...more]);
}

function workerOf(fleet: CliFleet, url: string, ...more: readonly string[]): WorkerProcess {
  return startWorkerProcess({ url, secrets: fleet.secrets, stateDir: join(fleet.folder, 'worker'), more });
}

function outcomes(fleet: CliFleet): string {
  const { stdout } = spawnSync('git', ['-C', fleet.repository.clone, 'ls-tree', '-r', '--name-only', 'HEAD', 'logs'], {
    encoding: 'utf8',
  });
  return stdout;
}

test('R62 a controller without secrets has a machine of a site done by the worker there', () =>
  withFleet(
    { 'jobs/nightly.yaml': jobText(['machine-1'], 'PowerSaver', '23:59:59', 'Trigger: t1') },
    async (fleet, nats) => {
      const worker = workerOf(fleet, nats.url, '--listen', '127.0.0.1:0');
      try {
        await worker.serving();
        const { code, stdout, stderr } = await runOnce(fleet, nats.url);
        assert.is(code, 0, stdout + stderr + worker.printed());
        assert.is(fleet.bmc.get('Oem/OpenBmc/Fan/Profile'), 'PowerSaver');
        const listed = await ended(['workers', '--engine', nats.url, '--format', 'json']);
        assert.is(listed.code, 0, listed.stderr);
        const [only, ...others] = JSON.parse(listed.stdout).workers;
        assert.equal([only.site, only.places, only.busy, only.outbox, others], ['fra1', 50, 0, 0, []]);
        assert.match((await ended(['workers', '--engine', nats.url])).stdout, /^SITE +HOST .*\nfra1 /);
        assert.match(outcomes(fleet), /nightly_machine-1_PatchProfile_\d{8}_\d{6}_success\.json/);
        assert.match(worker.printed(), /nightly@\S+ on machine-1: Applied/);
        worker.signal('SIGTERM');
        assert.is(await worker.exit, 0);
      } finally {
        await worker.kill();
      }
    },
  ));

test('R62 without a worker a machine is unreachable when StartWithin is over; the others are done', async () => {
  const here = await startBmc({ username: 'operator', password: 'correct horse' });
  try {
    await withFleet(
      {
        'bmcron.yaml': 'Sites: { fra1: { StartWithin: 1s } }\n',
        'machines/two.yaml': machineText('machine-2', here),
        'jobs/nightly.yaml': jobText(['machine-1', 'machine-2'], 'PowerSaver', '23:59:59', 'Trigger: t1'),
      },
      async (fleet, nats) => {
        const { code, stdout, stderr } = await runOnce(fleet, nats.url, '--credentials-dir', fleet.secrets);
        assert.is(code, 1, stdout + stderr);
        assert.match(stdout, /on machine-1: Unreachable: no worker of site fra1 took it \(transient\)/);
        assert.is(fleet.bmc.requests.length, 0);
        assert.is(here.get('Oem/OpenBmc/Fan/Profile'), 'PowerSaver');
      },
    );
  } finally {
    await here.close();
  }
});

test('R62 the engine is down: local machines are done, those of a site are unreachable, and nothing is dropped', () =>
  withFleet(
    {
      'bmcron.yaml': 'Sites: { fra1: { StartWithin: 1s } }\n',
      'jobs/nightly.yaml': jobText(['machine-1'], 'PowerSaver', '23:59:59', 'Trigger: t1'),
    },
    async (fleet) => {
      const { code, stdout, stderr } = await runOnce(fleet, 'nats://127.0.0.1:9');
      assert.is(code, 1, stdout + stderr);
      assert.match(stdout, /Unreachable: the engine did not answer, so that no worker of site fra1 heard of it/);
      assert.match(outcomes(fleet), /nightly_machine-1_PatchProfile_\d{8}_\d{6}_fail(ed|ure)?\.json/);
      const without = await fleet.bmcron('run', fleet.repository.clone, '--local', '--once');
      assert.is(without.code, 0, 'nothing is due any more');
    },
  ));

test('R62 without --engine a machine of a site is not reached by another way', () =>
  withFleet({ 'jobs/nightly.yaml': jobText(['machine-1'], 'PowerSaver', '23:59:59', 'Trigger: t1') }, async (fleet) => {
    const { code, stdout } = await fleet.bmcron('run', fleet.repository.clone, '--local', '--once');
    assert.is(code, 1);
    assert.match(stdout, /it is at site fra1, and this controller was started without --engine/);
    assert.is(fleet.bmc.requests.length, 0);
  }));

test('a worker says why it waits, and 3 when the engine cannot be had; a signal ends the wait', async () => {
  const fleet = await createCliFleet({});
  try {
    const [asked, left] = [
      startWorkerProcess({ url: 'nats://127.0.0.1:9', secrets: fleet.secrets, stateDir: join(fleet.folder, 'a') }),
      startWorkerProcess({ url: 'nats://127.0.0.1:9', secrets: fleet.secrets, stateDir: join(fleet.folder, 'b') }),
    ];
    await until(() => asked.printed().includes('the engine does not answer'), 'it says why it waits');
    asked.signal('SIGTERM');
    assert.is(await asked.exit, 0);
    assert.is(await left.exit, 3);
    assert.match(left.printed(), /the engine cannot be had within 45 s/);
  } finally {
    await fleet.remove();
  }
});

test('what is wrong with the options of a worker is said at once', async () => {
  const fault = async (...args: string[]) => {
    const { code, stderr } = await ended(['worker', ...args]);
    assert.is(code, 2, stderr);
    return stderr;
  };
  assert.match(await fault('--engine', 'nats://hub:4222', '--site', 'fra1'), /without TLS on this very host only/);
  assert.match(await fault('--engine', 'tls://hub:4222', '--site', 'fra1'), /--engine-credentials/);
  assert.match(await fault('--engine', 'nats://127.0.0.1:4222', '--site', 'fra.1'), /--site fra\.1: a site is/);
  assert.match(await fault('--engine', 'http://127.0.0.1', '--site', 'a'), /say tls:\/\/HOST:4222/);
  const none = ['--engine-credentials', '/nowhere/file'];
  assert.match(await fault('--engine', 'tls://hub:4222', '--site', 'a', ...none), /cannot be read \(ENOENT\)/);
});

test.run();
