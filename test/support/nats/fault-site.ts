// A site to break: a server behind a proxy, a worker as a process, a BMC, and a controller's executor in the test.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bmc, startBmc } from '../../../controller/demo/bmc.ts';
import type { Executor } from '../../../controller/executors/executor.ts';
import type { Part, Result } from '../../../definitions/run.ts';
import { asked, machineOf, PASSWORD } from '../bmc.ts';
import { until } from '../command.ts';
import { openLine, SITE, type TestLine } from './line.ts';
import { type CuttingProxy, startProxy } from './proxy.ts';
import { type Nats, startNats } from './server.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export interface FaultSite {
  readonly nats: Nats;
  /** Between the workers and the server. */
  readonly proxy: CuttingProxy;
  readonly bmc: Bmc;
  readonly line: TestLine;
  /** Starts a worker, and waits until it serves. */
  worker(options?: { readonly state?: string; readonly node?: readonly string[] }): Promise<WorkerProcess>;
  part(run: string, profile?: string): Part;
  execute(part: Part, signal?: AbortSignal): Promise<Result>;
  /** How often the BMC was told to change something. */
  changes(): number;
  /** Waits until the BMC has been asked for what the part changes. */
  isRead(): Promise<void>;
}

/** For machines that are at no site; there are none. */
const NOBODY: Executor = {
  execute: () => Promise.reject(new Error('at no site')),
  recover: () => Promise.reject(new Error('at no site')),
};

/** Breaks a site in a test, and removes it. @param startWithin of the site */
export async function withSite(play: (site: FaultSite) => Promise<void>, startWithin = '60s'): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bmcron-site-'));
  const secrets = join(folder, 'secrets');
  mkdirSync(join(secrets, 'lab'), { recursive: true });
  for (const [name, text] of Object.entries({ username: 'root', password: PASSWORD, endpoints: '127.0.0.1' })) {
    writeFileSync(join(secrets, 'lab', name), text);
  }
  const nats = await startNats();
  const proxy = await startProxy(nats.url);
  const bmc = await startBmc({ password: PASSWORD });
  bmc.put('Oem/OpenBmc/Fan/Profile', 'Balanced');
  const line = openLine(nats.url, NOBODY, startWithin);
  await line.engine();
  const workers: WorkerProcess[] = [];
  const machine = machineOf(bmc, { Labels: { site: SITE } });
  try {
    await play({
      nats,
      proxy,
      bmc,
      line,
      async worker({ state = `worker-${workers.length}`, node = [] } = {}) {
        const worker = startWorkerProcess({ url: proxy.url, secrets, stateDir: join(folder, state), node });
        workers.push(worker);
        await worker.serving();
        return worker;
      },
      part: (run, Profile = 'PowerSaver') => ({
        run,
        job: 'job',
        action: 'PatchProfile',
        machine,
        payload: [{ ManagerID: 'bmc', Payload: { Profile } }],
      }),
      execute: (part, signal = new AbortController().signal) => line.executor.execute(part, signal),
      changes: () => asked(bmc, 'PATCH').length,
      isRead: () => until(() => asked(bmc, 'GET').some((each) => each.includes('Managers/bmc')), 'the BMC is read'),
    });
  } finally {
    for (const worker of workers) await worker.kill();
    await line.close();
    await proxy.close();
    await bmc.close();
    await nats.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
