import { setMaxListeners } from 'node:events';
import type { Job, JobSpec } from '../definitions/job.ts';
import { type Agenda, createAgenda } from '../definitions/lifecycle/agenda.ts';
import { CLAIMED_KEPT, remember } from '../definitions/lifecycle/recovery.ts';
import type { Machine } from '../definitions/machine.ts';
import { judgeJob } from '../definitions/manifest/platform.ts';
import { createLogPaths } from '../definitions/run-log.ts';
import { DEFAULT_SETTINGS } from '../definitions/settings.ts';
import { createBoundedSet } from '../definitions/values/bounded-map.ts';
import { type Backend, type GitBackend, type GitBackendOptions, openGitBackend } from './backend.ts';
import { type Controller, createController } from './controller.ts';
import type { ControllerEvent } from './events/event.ts';
import type { GitEvent } from './events/git-event.ts';
import type { Executor } from './executors/executor.ts';
import { createStatusPage } from './publish/status-page.ts';
import { createWriteback } from './publish/writeback.ts';
import { createManifestCache, type ManifestCache } from './reconcile/manifest-cache.ts';
import { type InForce, nothingInForce } from './reconcile/pass.ts';
import { watch } from './reconcile/watch.ts';
import { createFairLimit, createKeyedMutex } from './runs/concurrency.ts';
import { createExecute } from './runs/execute.ts';
import { createQueue } from './runs/queue.ts';
import { createRunner, type Runner } from './runs/runner.ts';
import type { Journal } from './state/journal.ts';
import { createRecorder } from './state/recorder.ts';
import { createStatusRecord } from './state/status-record.ts';
import { readerVersion } from './version.ts';

/** What a controller is made from. */
export interface ServiceOptions extends Omit<GitBackendOptions, 'observe'> {
  readonly pullIntervalMs: number;
  readonly executor: Executor;
  readonly observe: (event: ControllerEvent) => void;
}

/** A controller and the parts that others look at. */
export interface Service<Below extends Backend = GitBackend> {
  readonly controller: Controller;
  readonly agenda: Agenda;
  readonly inForce: InForce;
  readonly runner: Runner;
  readonly journal: Journal;
  readonly manifestCache: ManifestCache;
  readonly backend: Below;
  /** Starts to hear of changes before the periodic look does. */
  listen(): Promise<void>;
  /** Lets go of the state folder and of what watches; the controller has been stopped before. */
  close(): Promise<void>;
}

/** Puts a controller together. @throws LockHeld, RepositoryError, JournalError */
export async function openService(options: ServiceOptions): Promise<Service> {
  const observe = (detail: GitEvent) => options.observe({ event: 'git', detail });
  return openServiceOn(await openGitBackend({ ...options, observe }), options);
}

/** What a controller needs besides what it stands on. */
export type Surroundings = Pick<ServiceOptions, 'clock' | 'executor' | 'observe' | 'pullIntervalMs'>;

/** Puts a controller together on a foundation. */
export async function openServiceOn<Below extends Backend>(
  backend: Below,
  options: Surroundings,
): Promise<Service<Below>> {
  const { clock, observe } = options;
  const { repository, journal } = backend;
  const agenda = createAgenda();
  const manifestCache = await createManifestCache(backend.cache('readings', readerVersion()));
  const inForce = nothingInForce();
  const settings = () => inForce.settings ?? DEFAULT_SETTINGS;
  const factsOf = createStatusRecord(agenda, clock);
  const statusPage = createStatusPage({
    journal,
    agenda,
    settings,
    problems: () => (inForce.commit === null ? null : inForce.problems),
  });
  const writeback = createWriteback({ clock, observe, publish: backend.publisher(settings, statusPage) });
  const { record } = createRecorder({
    ...{ clock, facts: factsOf, append: (records) => journal.append(records), recorded: writeback.touched },
    failed: (file, error) => observe({ event: 'unrecorded', job: file, error }),
  });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // each result that waits for the disk listens
  const connections = createFairLimit(settings().MaxConnections);
  const remembered = await remember(journal.replay());
  const pathOf = createLogPaths(remembered.paths);
  const claimed = createBoundedSet(CLAIMED_KEPT, remembered.claimed);
  const queue = createQueue({
    agenda,
    settings,
    observe,
    claimed,
    record: (job) => void record([job.source.file]),
  });
  const execute = createExecute({
    deps: { clock, observe },
    agenda,
    executor: options.executor,
    inForce: {
      settings,
      machines: () => inForce.machines,
      unfit: (job, machine) => (isJudged(inForce, job, machine) ? [] : unfit(job.spec, machine)),
    },
    records: {
      journal,
      facts: factsOf,
      record: (files) => void record(files),
      recorded: writeback.touched,
      pathOf,
    },
    limits: { connections, machines: createKeyedMutex() },
    signal: stop.signal,
  });
  const runner = createRunner({
    clock,
    agenda,
    queue,
    execute,
    workers: () => settings().WorkerPoolSize,
    failed: ({ job }, error) => observe({ event: 'unrecorded', job: job.id, error }),
  });
  const controller = createController({
    ...{
      clock,
      repository,
      journal,
      agenda,
      inForce,
      runner,
      connections,
      writeback,
      recall: handedOver(remembered),
      claimed,
      others: backend.others,
      pathOf,
      record,
      observe,
    },
    manifestCache,
    countedIn: backend.cache<string>('zone', process.versions['tz'] ?? process.version),
    abort: (reason) => stop.abort(reason),
    pullIntervalMs: options.pullIntervalMs,
  });
  let closeWatch = async () => {};
  return {
    ...{ controller, agenda, inForce, runner, journal, manifestCache, backend },
    async listen() {
      const failed = (error: unknown) => observe({ event: 'watchFailed', error });
      const watching = await watch(repository.watched, controller.nudge, failed);
      closeWatch = () => watching.close();
    },
    async close() {
      await closeWatch();
      await journal.close();
      await backend.release();
    },
  };
}

/** Gives a value away once and keeps no hold of it: what only a start goes by must not fill the memory ever after. */
function handedOver<Value>(value: Value): () => Value {
  const held = [value];
  return () => {
    const [given] = held.splice(0);
    if (given === undefined) throw new Error('what the journal knows has been taken up before');
    return given;
  };
}

/** Whether the last pass has found a job good as it stands, with this machine as it stands. */
function isJudged({ fleet }: InForce, job: Job, machine: Machine): boolean {
  return fleet?.jobs.get(job.id)?.spec === job.spec && fleet.machines.get(machine.ID) === machine;
}

/** What one machine of the inventory lacks for a job (R29). */
function unfit(spec: JobSpec, machine: Machine): readonly string[] {
  const findings = judgeJob({ ...spec, Machines: [machine.ID] }, new Map([[machine.ID, machine]]));
  return findings.filter((finding) => finding.severity === 'error').map((finding) => finding.message);
}
