import { setMaxListeners } from 'node:events';
import { siteLimit } from '../definitions/engine/site.ts';
import type { Agenda } from '../definitions/lifecycle/agenda.ts';
import type { InForce } from '../definitions/lifecycle/in-force.ts';
import type { GateContext } from '../definitions/safety/gate.ts';
import { breakerAlert } from '../definitions/safety/guard-gates.ts';
import { type Backend, type GitBackend, type GitBackendOptions, openGitBackend } from './backend.ts';
import { type Controller, createController } from './controller.ts';
import { type ServedSites, siteAlerts } from './engine/served-sites.ts';
import type { Deps } from './events/deps.ts';
import type { ControllerEvent } from './events/event.ts';
import type { Executor } from './executors/executor.ts';
import { type Memory, openMemory } from './memory.ts';
import { connectNotices, noticesOf } from './notices/connect.ts';
import type { Notices } from './notices/notices.ts';
import type { NoticesPlace } from './notices/notices-state.ts';
import type { Transport } from './notices/transport.ts';
import { createWriteback, type Writeback } from './publish/batching.ts';
import { createStatusPage } from './publish/status-page.ts';
import type { ManifestCache } from './reconcile/manifest-cache.ts';
import { createPass } from './reconcile/pass.ts';
import { watch } from './reconcile/watch.ts';
import { createZoneMemo } from './reconcile/zone-memo.ts';
import { createFairLimit, createKeyedMutex, createSiteConnections, type FairLimit } from './runs/concurrency.ts';
import { createExecute, type ExecuteOptions } from './runs/execute.ts';
import { createGateWaits, type GateWaits } from './runs/gate-waits.ts';
import { createHold, gatesOf } from './runs/hold.ts';
import { type SharedRuns, withPublished } from './runs/part/shared-runs.ts';
import { createQueue } from './runs/queue.ts';
import { unfitReasons } from './runs/revalidate.ts';
import { createRunner, type Runner } from './runs/runner.ts';
import { createSoaks } from './runs/waves/soaks.ts';
import type { Journal } from './state/journal.ts';
import { createRecorder, type Recorder } from './state/recorder.ts';

/** Where the fleet is, and what serves it. */
export interface ServiceOptions extends Omit<GitBackendOptions, 'observe'>, Omit<ServiceDeps, 'notices'> {
  /** How notices leave; absent: nobody is told. */
  readonly transport?: Transport;
}

/** What a service is given, wherever its fleet is. */
export interface ServiceDeps extends Deps<ControllerEvent> {
  readonly pullIntervalMs: number;
  readonly executor: Executor;
  /** While this file exists nothing begins; absent: no file holds it. */
  readonly hold?: string;
  /** Who serves the machines of sites; absent: no worker does. */
  readonly sites?: ServedSites | undefined;
  /** How people are told; absent: they are not. */
  readonly notices?: NoticesPlace;
  /** The runs of all controllers that share an engine; absent: this one is alone. */
  readonly shared?: SharedRuns | undefined;
}

/** A controller, and what others look at. */
export interface Service<Below extends Backend = GitBackend> {
  readonly controller: Controller;
  readonly agenda: Agenda;
  readonly inForce: InForce;
  readonly runner: Runner;
  /** `MaxConnections`, and who has one. */
  readonly connections: Pick<FairLimit, 'active' | 'away'>;
  readonly journal: Journal;
  readonly manifestCache: ManifestCache;
  readonly backend: Below;
  /** What runs are held by now. */
  readonly gates: () => GateContext;
  /** From now on changes are heard of before the periodic look. */
  listen(): Promise<void>;
  /** Releases the state folder and ends the watch; the controller has been stopped before. */
  close(): Promise<void>;
}

/** Constructs a controller; nothing runs before it is started. @throws LockHeld, RepositoryError, JournalError */
export async function openService(options: ServiceOptions): Promise<Service> {
  const backend = await openGitBackend({ ...options, observe: (detail) => options.observe({ event: 'git', detail }) });
  return openServiceOn(backend, { ...options, ...noticesOf(backend, options.transport) });
}

/** As `openService`, on a backend that is open. */
export async function openServiceOn<Below extends Backend>(
  backend: Below,
  given: ServiceDeps,
): Promise<Service<Below>> {
  const notices = connectNotices(given);
  const options = { ...given, observe: withPublished(notices.observe, given.shared) };
  const { clock, observe, executor, shared } = options;
  const memory = await openMemory(backend, options, notices.nudge);
  const { journal, agenda, inForce, manifestCache, ownParts } = memory;
  notices.open(memory);
  const writeback = openWriteback(backend, memory, options, notices);
  const { record, missing } = openRecorder(memory, writeback, options);
  const connections = createFairLimit(inForce.settings.MaxConnections);
  const waits = createGateWaits(clock);
  const hold = createHold(options.hold ?? null, { clock, observe });
  const gates = gatesOf(memory, hold);
  const [stopping, stop] = [new AbortController(), new AbortController()];
  const { signal } = stop;
  setMaxListeners(0, signal); // each result that waits for the disk listens
  const runner = openRunner(memory, options, { writeback, record, missing, connections, waits, gates, signal });
  const zoneMemo = createZoneMemo({
    cache: backend.cache<string>('zone', process.versions['tz'] ?? process.version),
    zone: () => inForce.settings.TimeZone,
    record,
  });
  const seen = { ...backend, ...memory, executor, zoneMemo, record, shared, stopping: stopping.signal };
  const controller = createController({
    ...memory,
    clock,
    observe,
    pass: createPass({ ...seen, clock, observe }),
    pullIntervalMs: options.pullIntervalMs,
    zoneMemo,
    runner,
    connections,
    waits,
    hold,
    gates,
    backend,
    stopping,
    abort: (reason) => stop.abort(reason),
    writeback,
    notices,
    handOver: shared?.handsOver ? ownParts.handOver : null,
  });
  let closeWatch = async () => {};
  return {
    controller,
    agenda,
    inForce,
    runner,
    connections,
    journal,
    manifestCache,
    backend,
    gates,
    async listen() {
      const failed = (error: unknown) => observe({ event: 'watchFailed', error });
      const watching = await watch(backend.repository.watched, controller.nudge, failed);
      closeWatch = () => watching.close();
    },
    async close() {
      await closeWatch();
      await journal.close();
      await backend.release();
    },
  };
}

function openWriteback(
  backend: Backend,
  { journal, agenda, inForce, guards }: Memory,
  { clock, observe, sites }: ServiceDeps,
  notices: Pick<Notices, 'alerts'>,
): Writeback {
  const alerts = () => {
    const alert = breakerAlert(guards, agenda.jobs.values());
    return [...(alert === null ? [] : [alert]), ...notices.alerts(), ...siteAlerts(sites?.states ?? [])];
  };
  const { logs: publishedLogs } = backend.repository;
  const statusPage = createStatusPage({ journal, agenda, inForce, alerts, publishedLogs });
  const publish = backend.publisher(() => inForce.settings, statusPage);
  const writeback = createWriteback({ clock, observe, publish });
  sites?.onChange(writeback.touched);
  return writeback;
}

function openRecorder(
  { journal, facts }: Memory,
  writeback: Writeback,
  { clock, observe }: Deps<ControllerEvent>,
): Recorder {
  return createRecorder({
    clock,
    facts,
    append: (records) => journal.append(records),
    recorded: writeback.touched,
    failed: (file, error) => observe({ event: 'unrecorded', job: file, error }),
  });
}

/** What runs share with the rest of the service. */
interface RunnerDeps extends Recorder {
  readonly writeback: Writeback;
  readonly connections: FairLimit;
  readonly waits: GateWaits;
  readonly gates: () => GateContext;
  readonly signal: AbortSignal;
}

function openRunner(memory: Memory, options: ServiceDeps, deps: RunnerDeps): Runner {
  const { clock, observe } = options;
  const { journal, agenda, inForce, guards, facts, claimed, pathOf } = memory;
  const { writeback, record, missing, connections, waits, gates, signal } = deps;
  const settings = () => inForce.settings;
  const queue = createQueue({
    agenda,
    settings,
    gates,
    guards,
    observe,
    claimed,
    record: (job) => void record([job.source.file]),
  });
  const parts: ExecuteOptions = {
    deps: { clock, observe },
    agenda,
    executor: options.executor,
    gates,
    guards,
    waits,
    inForce: {
      settings,
      machines: () => inForce.machines,
      unfit: (job, machine, payload) => unfitReasons(inForce, job, machine, payload),
    },
    records: {
      journal,
      facts,
      missing,
      record: (files) => void record(files),
      recorded: writeback.touched,
      pathOf,
    },
    limits: {
      connections,
      machines: createKeyedMutex(),
      atSite: createSiteConnections((id) => siteLimit(inForce, id)),
    },
    signal,
    shared: options.shared,
    ownParts: memory.ownParts,
  };
  return createRunner({
    clock,
    agenda,
    queue,
    resumed: memory.resumed,
    execute: createExecute(parts),
    soaks: createSoaks({ ...parts, executor: options.executor }),
    workers: () => settings().WorkerPoolSize,
    failed: ({ job }, error) => observe({ event: 'unrecorded', job: job.id, error }),
  });
}
