// A fleet with a site, as tests of several controllers need it: simulated BMCs that count, a remote, real processes.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bmc, startBmc } from '../../../controller/demo/bmc.ts';
import { createDemoRepository, type DemoRepository } from '../../../controller/demo/repository.ts';
import { readLog } from '../../../definitions/run-log.ts';
import type { Json } from '../../../definitions/values/json.ts';
import { record, type Taken } from '../../torture/surroundings.ts';
import { until } from '../command.ts';
import { publishedLogs, publishedText, publishedValue } from '../remote.ts';
import { temporary } from '../temporary-folder.ts';
import { type GuardedProcess, startGuarded } from './guarded-process.ts';
import { type Nats, type NatsOptions, startNats } from './server.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

const MAIN = join(import.meta.dirname, '../../../controller/main.ts');

export interface ControllerProcess extends GuardedProcess {
  /** Waits until it has the lease and has read the fleet. */
  leading(): Promise<void>;
  /** Waits until it says that another one has the lease. */
  standingBy(): Promise<void>;
  /** Waits until it has printed this. */
  says(text: string | RegExp): Promise<void>;
}

export interface EngineFleet {
  readonly nats: Nats;
  readonly repository: DemoRepository;
  /** By machine. */
  readonly bmcs: ReadonlyMap<string, Bmc>;
  /** A controller with a state folder of its own by its name; started again it goes on from there. */
  controller(name: string, options?: { readonly url?: string; readonly alone?: boolean }): ControllerProcess;
  worker(name: string, options?: { readonly url?: string; readonly site?: string }): Promise<WorkerProcess>;
  /** A human's commit. */
  push(files: Readonly<Record<string, string>>): Promise<void>;
  /** The published facts of a job. */
  status(job: string): Readonly<Record<string, Json>>;
  /** Waits until the published facts of a job say that its run of this token has ended. */
  ended(job: string, token: string): Promise<Readonly<Record<string, Json>>>;
  /** How each part of a job's runs ended by the published logs, as `machine success`, sorted. */
  logs(job: string): readonly string[];
  /** Whether the published facts say so. */
  hasEnded(job: string, token: string): boolean;
  /** What each machine took, in order: a run is known by the text that it alone writes. */
  taken(): ReadonlyMap<string, readonly string[]>;
  /** How often each machine was changed, as `machine 1`, sorted. */
  changes(): readonly string[];
  close(): Promise<void>;
}

export interface EngineFleetOptions {
  /** Machines at the site fra1. */
  readonly remote: number;
  /** Machines that a controller reaches itself. */
  readonly local?: number;
  readonly nats?: NatsOptions;
  /** Lines of bmcron.yaml. */
  readonly settings?: string;
  /** How long each change takes. */
  readonly slowMs?: number;
}

/** A job that changes all of these machines once for each token. */
export function tokenJob(machines: readonly string[], token: string, more = ''): string {
  return `Name: Job
Machines: [${machines.join(', ')}]
Action: PatchManager
Payload: { ManagerID: bmc, Payload: { ServiceIdentification: "${token}" } }
Schedule: { Type: Continuous, Time: "23:59:59", Period: { StartDay: 2099-01-01 } }
Trigger: ${token}
${more}`;
}

/** Starts everything but controllers and workers. */
export async function createEngineFleet(options: EngineFleetOptions): Promise<EngineFleet> {
  const { remote, local = 0, slowMs = 0, settings = 'Sites: { fra1: { StartWithin: 30s } }\n' } = options;
  const nats = await startNats(options.nats);
  const folder = await mkdtemp(join(tmpdir(), 'bmcron-engine-fleet-'));
  const secrets = temporary({ 'lab/username': 'op', 'lab/password': 'pw', 'lab/endpoints': '127.0.0.1' });
  const repository = await createDemoRepository(folder);
  const machines = await startMachines({ remote, local, slowMs });
  const { bmcs, taken } = machines;
  const files = { 'bmcron.yaml': settings, ...machines.files };
  const push = async (texts: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(texts)) {
      await mkdir(join(repository.clone, path, '..'), { recursive: true });
      await writeFile(join(repository.clone, path), text);
    }
    await repository.commit('A change');
  };
  await push(files);
  const processes: GuardedProcess[] = [];
  const started = <Process extends GuardedProcess>(process: Process): Process => {
    processes.push(process);
    return process;
  };
  const status = (job: string) =>
    (publishedValue(repository.remote, `jobs/${job}.status.yaml`) ?? {}) as Readonly<Record<string, Json>>;
  const hasEnded = (job: string, token: string) => {
    const run = status(job)['LastRun'] as { readonly RunID?: string; readonly EndTime?: Json } | null | undefined;
    return run?.RunID === `${job}@${token}` && run.EndTime !== null;
  };
  return {
    nats,
    repository,
    bmcs,
    push,
    status,
    controller: (name, { url = nats.url, alone = false } = {}) =>
      started(startController({ folder, name, url, alone, remote: repository.remote, secrets: secrets.path })),
    async worker(name, { url = nats.url, site = 'fra1' } = {}) {
      const stateDir = join(folder, name);
      const worker = started(startWorkerProcess({ url, secrets: secrets.path, stateDir, site }));
      await worker.serving();
      return worker;
    },
    hasEnded,
    taken: () =>
      new Map(
        [...bmcs.keys()].map((id) => [id, taken.filter((each) => each.machine === id).map(({ value }) => value)]),
      ),
    async ended(job, token) {
      await until(() => hasEnded(job, token), `${job} of ${token} has ended`, 60_000).catch((error: Error) => {
        const told = processes.map((each) => each.printed()).join('\n---\n');
        throw new Error(`${error.message}: ${JSON.stringify(status(job))}\n${told}`);
      });
      return status(job);
    },
    logs: (job) => logsOf(repository.remote, job),
    changes: () =>
      [...bmcs].map(([id, bmc]) => `${id} ${bmc.requests.filter(({ method }) => method === 'PATCH').length}`).sort(),
    async close() {
      await Promise.all(processes.map((each) => each.kill()));
      await machines.close();
      await nats.close();
      secrets.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** BMCs with what they took on record, and their manifests by path. */
async function startMachines({ remote, local, slowMs }: { remote: number; local: number; slowMs: number }) {
  const bmcs = new Map<string, Bmc>();
  const recorders: { close(): Promise<unknown> }[] = [];
  const taken: Taken[] = [];
  const files: Record<string, string> = {};
  for (let number = 1; number <= remote + local; number += 1) {
    const id = number <= remote ? `far-${number}` : `near-${number - remote}`;
    const bmc = await startBmc({ plain: true, username: 'op', password: 'pw' });
    const recorder = await record(bmc, id, taken, { holds: false });
    recorders.push(recorder);
    if (slowMs > 0) bmc.faults.set({ kind: 'slow', ms: slowMs, method: 'PATCH' });
    bmcs.set(id, bmc);
    const labels = number <= remote ? 'Labels: { site: fra1 }\n' : '';
    files[`machines/${id}.yaml`] =
      `ID: ${id}\nEndpoint: ${recorder.endpoint}\nCredentialsRef: lab\nAllowPlaintext: true\nTimeout: 30s\n${labels}`;
  }
  return {
    bmcs,
    taken,
    files,
    async close() {
      await Promise.all(recorders.map((each) => each.close()));
      await Promise.all([...bmcs.values()].map((bmc) => bmc.close()));
    },
  };
}

function logsOf(bare: string, job: string): string[] {
  const logs = publishedLogs(bare).map((path) => readLog(publishedText(bare, path) ?? ''));
  return logs
    .filter((log) => log?.JobID === job)
    .map((log) => `${log?.MachineID} ${log?.Error?.split(' ')[0] ?? log?.Status}`)
    .sort();
}

interface ControllerOptions {
  readonly folder: string;
  readonly name: string;
  readonly url: string;
  readonly alone: boolean;
  readonly remote: string;
  readonly secrets: string;
}

function startController({ folder, name, url, alone, remote, secrets }: ControllerOptions): ControllerProcess {
  const where = ['--engine', url, '--state-dir', join(folder, name), '--credentials-dir', secrets];
  const how = ['--pull-interval', '1s', ...(alone ? [] : ['--standby'])];
  const controller = startGuarded(process.execPath, [
    '--import',
    'tsx',
    MAIN,
    'run',
    `file://${remote}`,
    ...where,
    ...how,
  ]);
  const says = (text: string | RegExp) =>
    until(
      () => {
        const isSaid = typeof text === 'string' ? controller.printed().includes(text) : text.test(controller.printed());
        if (!isSaid && !controller.isRunning()) throw new Error(`${name} has ended:\n${controller.printed()}`);
        return isSaid;
      },
      `${name} says ${text}`,
      60_000,
    );
  return {
    ...controller,
    says,
    async leading() {
      if (!alone) await says('this controller leads');
      await says('ready: ');
    },
    standingBy: () => says('standing by: '),
  };
}
