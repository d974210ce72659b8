import { resolve } from 'node:path';
import { siteOf } from '../../definitions/engine/site.ts';
import type { InForce } from '../../definitions/lifecycle/in-force.ts';
import type { Machine } from '../../definitions/machine.ts';
import { systemClock } from '../clock.ts';
import { createCredentials, createSecretFields } from '../credentials.ts';
import type { ControllerEvent } from '../events/event.ts';
import { addressOf } from '../git/address.ts';
import { isRemoteURL, stateFolder, trackedRemote } from '../git/discover.ts';
import { createTransport } from '../notices/transport.ts';
import type { Serving } from '../server/serve.ts';
import { openService, type Service } from '../service.ts';
import { onceUntilSignal, runUntilSignal, type Signals, takeSignals } from '../signals.ts';
import { type Startup, startUnoptimized } from '../v8.ts';
import { type ExitCode, endAtOnce, UsageError } from './exit-code.ts';
import { createLogger } from './log-output.ts';
import { checkRunOptions } from './run-checks.ts';
import { openRunExecutor, type RunExecutor } from './run-executor.ts';
import type { RunOptions } from './run-options.ts';
import { missingSecrets } from './secret-checks.ts';
import { waitForLease } from './standby.ts';
import { openTraces, type Traces } from './traces.ts';

/** What is counted for the exit code of `--once`. */
interface Tally {
  failedRuns: number;
  problems: number;
}

/** So many machines leave something over that is worth giving back to the host. */
const MUCH = 100;

/** Runs the controller until a signal ends it, or with `once` until what is due now is done and written back. */
export async function run(options: RunOptions): Promise<ExitCode> {
  const startup = startUnoptimized(systemClock);
  const log = createLogger(options.log);
  const traces = await openTraces(process.env, log);
  return runController(options, startup, { log, traces }).finally(traces.close).finally(startup.ended);
}

/** Who hears of everything. */
interface Watchers {
  readonly log: (event: ControllerEvent) => void;
  readonly traces: Traces;
}

async function runController(options: RunOptions, startup: Startup, { log, traces }: Watchers): Promise<ExitCode> {
  const tally: Tally = { failedRuns: 0, problems: 0 };
  let serving: Serving | null = null;
  const opened: { service: Service | null } = { service: null };
  const rests = createRestWatch(startup.rests);
  const observe = (event: ControllerEvent) => {
    if (event.event === 'ready') startup.ready();
    rests(event);
    count(tally, event);
    log(event);
    serving?.observe(event);
    traces.observe(event);
  };
  await checkRunOptions(options);
  await refuseBoth(options);
  const signals = takeSignals();
  const stateDir = await stateDirOf(options);
  const parts = await openRunExecutor(options, {
    inForce: () => opened.service?.inForce ?? null,
    observe,
    observeRedfish(event) {
      serving?.observeRedfish(event);
      traces.observeRedfish(event);
    },
    stateDir,
  });
  const { engine } = parts;
  const leads = !engine?.lease || (await waitForLease(engine.lease, options.serving, signals));
  const opening = { ...parts, observe, stateDir, serving: () => serving };
  const service = leads ? await open(options, opening, signals.early).catch((error) => failed(error, signals)) : null;
  opened.service = service;
  try {
    if (service === null) return options.once ? cutShort() : 0;
    if (options.serving) {
      const { startServing } = await import('../server/serve.ts'); // who serves nothing need not load what serves
      serving = await startServing({ ...service, sites: engine?.sites }, options.serving, {
        clock: systemClock,
        observe,
      });
      observe({ event: 'serving', origin: serving.origin });
    }
    if (!options.once) {
      await runUntilSignal(service, () => begin(service, options, observe), signals);
      return 0;
    }
    const published = await onceUntilSignal(service, signals);
    if (published === null) return cutShort();
    if ('retryAt' in published) return 3;
    return tally.failedRuns + tally.problems > 0 ? 1 : 0;
  } finally {
    signals.release();
    await serving?.close();
    await service?.close();
    await engine?.lease?.giveUp();
    await engine?.close();
    if (engine?.lease) endSoon();
  }
}

/** Parts at sites that the next controller records are waited for here, too: they must not keep the process. */
function endSoon(): void {
  setImmediate(() => process.exit()); // once the exit code is set
}

/** It was asked to end while it waited for the remote, or it cannot be opened. */
function failed(error: unknown, signals: Signals): null {
  signals.release();
  if (signals.early.aborted) return null;
  throw error;
}

async function stateDirOf({ stateDir, location: { fleet } }: RunOptions): Promise<string> {
  return stateDir ? resolve(stateDir) : await stateFolder(fleet, process.env);
}

/** Starts, and says which secrets are missing before a run needs them. */
async function begin(
  { controller, inForce }: Service,
  { credentialsDir }: RunOptions,
  observe: (event: ControllerEvent) => void,
): Promise<void> {
  await controller.start();
  const credentials = createCredentials({ dir: credentialsDir, env: process.env });
  for (const each of await missingSecrets(ownMachines(inForce), credentials)) {
    observe({ event: 'secretMissing', ...each });
  }
}

/** The machines whose secrets are needed here: those of sites are the workers' there (R42). */
function ownMachines({ machines, settings }: InForce): Iterable<Machine> {
  return [...machines.values()].filter((machine) => siteOf(machine, settings.Sites) === null);
}

/** `--once` that a signal ended has not done what it was asked for. */
function cutShort(): ExitCode {
  process.stderr.write(
    'bmcron run: ended by a signal: what ran is recorded, what else was due waits for the next start\n',
  );
  return 3;
}

/**
 * A clone and its remote both look like the fleet: a service on the clone alone would be a second controller by
 * accident, whose commits nobody sees. @throws UsageError
 */
async function refuseBoth({ location, local }: RunOptions): Promise<void> {
  const { fleet, remote, branch, remoteCredentials } = location;
  if (local && remote !== undefined) throw new UsageError('--local and --remote: say one of the two');
  if (local && isRemoteURL(fleet)) throw new UsageError(`--local: ${addressOf(fleet).url} is a URL, and no work tree`);
  if (remoteCredentials !== undefined && remote === undefined && !isRemoteURL(fleet)) {
    throw new UsageError('--remote-credentials is for a remote: name one by --remote, or its URL as FLEET');
  }
  if (local || remote !== undefined || isRemoteURL(fleet)) return;
  const tracked = await trackedRemote(fleet, branch, process.env);
  if (tracked === null) return;
  throw new UsageError(
    `the branch of ${fleet} tracks the remote ${tracked}: say --remote ${tracked} to read from it and push to it, as the others do, or --local to run on this clone alone and push nothing`,
  );
}

/** Calls `rests` when much was done, nothing runs any more, and all of it is written back. */
function createRestWatch(rests: () => void): (event: ControllerEvent) => void {
  const state = { running: 0, machines: 0 };
  return ({ event }) => {
    if (event === 'started') state.running += 1;
    if (event === 'finished') state.running -= 1;
    if (event === 'machine') state.machines += 1;
    if (event !== 'published' || state.running > 0 || state.machines < MUCH) return;
    state.machines = 0;
    rests();
  };
}

function count(tally: Tally, event: ControllerEvent): void {
  if (event.event === 'finished' && event.status === 'Failed') tally.failedRuns += 1;
  if (event.event === 'problem' && event.problem.severity === 'error') tally.problems += 1;
}

/** What a service is opened with. */
interface Opening extends RunExecutor {
  readonly stateDir: string;
  readonly observe: (event: ControllerEvent) => void;
  readonly serving: () => Serving | null;
}

/** Opens the service; what happens is passed on to the server as soon as there is one. */
async function open(
  options: RunOptions,
  { observe, executor, engine, serving, stateDir }: Opening,
  signal: AbortSignal | undefined,
): Promise<Service> {
  const { location } = options;
  const { fleet, verifyCommits, signingKey, ownSigners, remoteCredentials } = location;
  const environment = process.env;
  return openService({
    location: {
      ...location,
      fleet: isRemoteURL(fleet) ? fleet : resolve(fleet),
      // Named as seen from here, and read by git in the repository.
      verifyCommits: verifyCommits && resolve(verifyCommits),
      signingKey: signingKey && resolve(signingKey),
      ownSigners: ownSigners && resolve(ownSigners),
      remoteCredentials: remoteCredentials && resolve(remoteCredentials),
    },
    push: options.push,
    skipCI: options.skipCI,
    random: Math.random,
    ...(signal && { signal }),
    lost: endAtOnce,
    stateDir,
    environment,
    clock: systemClock,
    pullIntervalMs: options.pullIntervalMs,
    ...(options.hold !== undefined && { hold: resolve(options.hold) }),
    executor,
    sites: engine?.sites,
    transport: createTransport({
      clock: systemClock,
      secrets: createSecretFields({ dir: options.credentialsDir, env: environment }),
    }),
    shared: engine?.shared,
    observe,
    onAppend: (entries) => serving()?.appended(entries),
  });
}
