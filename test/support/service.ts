import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { createDemoFleet, type DemoFleet } from '../../controller/demo/fleet.ts';
import type { ControllerEvent } from '../../controller/events/event.ts';
import type { RedfishEvent } from '../../controller/events/redfish-event.ts';
import type { Executor } from '../../controller/executors/executor.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import { type Serving, type ServingOptions, startServing } from '../../controller/server/serve.ts';
import { openService, type Service } from '../../controller/service.ts';
import type { FleetLocation } from '../../controller/snapshot/source.ts';
import { assertNoSecret } from './secrets.ts';

/** The real thing in a temporary folder: a repository, simulated BMCs, the controller, its server. */
export interface TestService {
  readonly fleet: DemoFleet;
  readonly service: Service;
  readonly serving: Serving;
  readonly events: readonly ControllerEvent[];
  /** An answer of the server; a token named `alice` is `sesame`. */
  ask(path: string, init?: RequestInit & { readonly token?: string }): Promise<Response>;
  stop(): Promise<void>;
}

/** In what it differs from one with the defaults. */
export interface TestServiceOptions extends Pick<FleetLocation, 'verifyCommits' | 'statusBranch'> {
  readonly push?: boolean;
  readonly serving?: Partial<ServingOptions>;
  readonly executor?: (real: Executor) => Executor;
  readonly firstRun?: string;
  readonly machines?: number;
  /** The demonstration's rack of six vendors. */
  readonly vendors?: boolean;
  /** Looks at the fleet before the controller starts. */
  readonly prepare?: (fleet: DemoFleet) => Promise<void>;
}

export const JOBS = '/MultiFish/v1/JobService/Jobs';

/** Starts one, reconciled and running. */
export async function openTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const {
    push = true,
    serving: wanted,
    prepare,
    executor: wrap = (real) => real,
    firstRun = '23:59:59',
    machines = 3,
    vendors = false,
    ...rest
  } = options;
  const fleet = await createDemoFleet({ machines, vendors, folder: await mkdtemp(join(tmpdir(), 'bmcron-fleet-')) });
  await fleet.pushFirstRun(firstRun);
  await prepare?.(fleet);
  const { folder, apiTokens } = await createFolder();
  const events: ControllerEvent[] = [];
  let serving: Serving | null = null;
  const service = await openService({
    location: { fleet: fleet.repository.clone, remote: 'origin', ...rest },
    push,
    skipCI: false,
    stateDir: join(folder, 'state'),
    environment: process.env,
    pullIntervalMs: 30_000,
    random: Math.random,
    clock: systemClock,
    executor: wrap(executorOn(fleet, (event) => serving?.observeRedfish(event))),
    observe(event) {
      events.push(event);
      serving?.observe(event);
    },
    onAppend: (entries) => serving?.appended(entries),
  });
  const settings = { listen: '127.0.0.1:0', anyFreePort: false, apiTokens, push, ...rest, ...wanted };
  const started = await startServing(service, settings, { clock: systemClock, observe: (event) => events.push(event) });
  serving = started;
  await service.controller.start();
  await service.listen();
  const run = service.controller.run();
  return {
    fleet,
    service,
    serving: started,
    events,
    ask: (path, init) => ask(started.origin + path, init),
    async stop() {
      await service.controller.stop();
      await run;
      await started.close();
      await service.close();
      await remove(fleet, folder);
    },
  };
}

/** A folder for the service's own files, with a file of API tokens. */
async function createFolder(): Promise<{ readonly folder: string; readonly apiTokens: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'bmcron-server-test-'));
  const apiTokens = join(folder, 'tokens');
  await writeFile(apiTokens, `# who may write\nalice ${createHash('sha256').update('sesame').digest('hex')}\n`);
  return { folder, apiTokens };
}

function executorOn({ credentialsDir }: DemoFleet, observe: (event: RedfishEvent) => void): Executor {
  const credentials = createCredentials({ dir: credentialsDir, env: {} });
  return createLocalExecutor({ random: Math.random, credentials, clock: systemClock, settleMs: 0, observe });
}

function ask(url: string, { token, ...init }: RequestInit & { readonly token?: string } = {}): Promise<Response> {
  const headers = { ...init.headers, ...(token && { authorization: `Bearer ${token}` }) };
  return fetch(url, { ...init, headers });
}

/** Removes what a service has left, once no secret was found in it. */
async function remove(fleet: DemoFleet, folder: string): Promise<void> {
  const password = await readFile(join(fleet.credentialsDir, 'simulated', 'password'), 'utf8');
  assertNoSecret(fleet.folder, [password, 'sesame'], [fleet.credentialsDir]);
  assertNoSecret(folder, [password, 'sesame']);
  await fleet.remove();
  await rm(folder, { recursive: true, force: true });
}

/** A job that is fine for the demonstration fleet. */
export function job(fields: Readonly<Record<string, unknown>> = {}) {
  return {
    Name: 'Evening Balance',
    Machines: ['machine-1'],
    Action: 'PatchProfile',
    Payload: { ManagerID: 'bmc', Payload: { Profile: 'Balanced' } },
    Schedule: { Type: 'Once', Time: '23:59:58' },
    ...fields,
  };
}

/** Waits for a fact. */
export async function until<T>(look: () => T | Promise<T>, limitMs = 30_000): Promise<NonNullable<T>> {
  const ends = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > ends) throw new Error(`not so within ${limitMs} ms: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
