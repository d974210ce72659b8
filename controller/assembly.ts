import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Agenda, createAgenda } from '../definitions/agenda.ts';
import { project } from '../definitions/commit.ts';
import type { JobSpec } from '../definitions/job.ts';
import { createLogPaths } from '../definitions/log.ts';
import type { Machine } from '../definitions/machine.ts';
import { judgeJob, kindOf } from '../definitions/manifest.ts';
import { remember } from '../definitions/recovery.ts';
import { DEFAULT_SETTINGS } from '../definitions/settings.ts';
import type { Clock } from './clock.ts';
import { type Controller, createController } from './controller.ts';
import type { ControllerEvent } from './event.ts';
import type { Executor } from './executors/executor.ts';
import { createFacts } from './facts.ts';
import { createGate, createTurns } from './gate.ts';
import type { GitEvent } from './git/event.ts';
import { type Journal, openJournal } from './git/journal.ts';
import { takeLock } from './git/lock.ts';
import { createPublisher, type Published } from './git/publisher.ts';
import { openRepository, type Repository } from './git/repository.ts';
import { isRemoteURL } from './git/state.ts';
import { createIntake } from './intake.ts';
import { createReadings } from './readings.ts';
import { emptyWorld, type World } from './reconcile.ts';
import { createRunner, type Runner } from './runner.ts';
import { watch } from './watch.ts';
import { createWork } from './work.ts';
import { createWriteback } from './writeback.ts';

/** Who commits what the service writes. */
const IDENTITY = { name: 'bmcron', email: `bmcron@${hostname()}` };

/** What a controller is made from. */
export interface AssemblyOptions {
  readonly clock: Clock;
  /** A folder in a work tree or bare repository, or a URL. */
  readonly fleet: string;
  /** The fleet's folder inside the repository. */
  readonly path?: string;
  readonly remote?: string;
  readonly branch?: string;
  readonly statusBranch?: string;
  /** An SSH allowed-signers file (R45). */
  readonly verifyCommits?: string;
  /** False: nothing is pushed to a remote, results are kept in the journal; a local branch still gets its commits. */
  readonly push: boolean;
  readonly stateDir: string;
  readonly pullIntervalMs: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly executor: Executor;
  readonly observe: (event: ControllerEvent) => void;
}

/** A controller and the parts that others look at. */
export interface Assembly {
  readonly controller: Controller;
  readonly agenda: Agenda;
  readonly world: World;
  readonly runner: Runner;
  /** Starts to hear of changes before the periodic look does. */
  listen(): Promise<void>;
  /** Lets go of the state folder and of what watches; the controller has been stopped before. */
  close(): Promise<void>;
}

/** Puts a controller together. @throws LockHeld, RepositoryError, JournalError */
export async function assemble(options: AssemblyOptions): Promise<Assembly> {
  const { observe } = options;
  const lock = await takeLock(options.stateDir);
  try {
    const tell = (detail: GitEvent) => observe({ event: 'git', detail });
    const journal = await openJournal(join(options.stateDir, 'journal'), { observe: tell });
    const isManifest = (path: string) => kindOf(path) !== null;
    const repository = await openRepository({ ...options, isManifest, identity: IDENTITY, observe: tell });
    return await connect(options, journal, repository, () => lock.release());
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function connect(
  options: AssemblyOptions,
  journal: Journal,
  repository: Repository,
  release: () => Promise<void>,
): Promise<Assembly> {
  const { clock, observe } = options;
  const agenda = createAgenda();
  const world = emptyWorld();
  const settings = () => world.settings ?? DEFAULT_SETTINGS;
  const factsOf = createFacts(agenda, clock);
  const writeback = createWriteback({ clock, observe, publish: publishing(options, journal, repository, settings) });
  const record = async (files: Iterable<string>) => {
    const records = [...files].map(factsOf);
    if (records.length === 0) return;
    await journal.append(records);
    writeback.touched();
  };
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // each running part listens
  const connections = createGate(settings().MaxConnections);
  const remembered = await remember(journal.replay());
  const pathOf = createLogPaths(remembered.paths);
  const intake = createIntake({
    agenda,
    settings,
    observe,
    record: (job) =>
      void record([job.source.file]).catch((error) => observe({ event: 'unrecorded', job: job.id, error })),
  });
  const carryOut = createWork({
    ...{ clock, agenda, settings, journal, connections, pathOf, observe },
    machines: () => world.machines,
    unfit: (spec, machine) => unfit(spec, machine),
    executor: options.executor,
    turns: createTurns(),
    facts: factsOf,
    recorded: writeback.touched,
    signal: stop.signal,
  });
  const runner = createRunner({
    ...{ clock, agenda, intake, carryOut },
    workers: () => settings().WorkerPoolSize,
    failed: ({ job }, error) => observe({ event: 'unrecorded', job: job.id, error }),
  });
  const controller = createController({
    ...{
      clock,
      repository,
      journal,
      agenda,
      world,
      runner,
      connections,
      writeback,
      remembered,
      pathOf,
      record,
      observe,
    },
    readings: createReadings(),
    abort: (reason) => stop.abort(reason),
    pullIntervalMs: options.pullIntervalMs,
  });
  let closeWatch = async () => {};
  return {
    ...{ controller, agenda, world, runner },
    async listen() {
      const failed = (error: unknown) => observe({ event: 'watchFailed', error });
      const watching = await watch(repository.watched, controller.nudge, failed);
      closeWatch = () => watching.close();
    },
    async close() {
      await closeWatch();
      await journal.close();
      await release();
    },
  };
}

/** What one machine of the inventory lacks for a job (R29). */
function unfit(spec: JobSpec, machine: Machine): readonly string[] {
  const findings = judgeJob({ ...spec, Machines: [machine.ID] }, new Map([[machine.ID, machine]]));
  return findings.filter((finding) => finding.severity === 'error').map((finding) => finding.message);
}

function publishing(
  options: AssemblyOptions,
  journal: Journal,
  repository: Repository,
  settings: () => typeof DEFAULT_SETTINGS,
): () => Promise<Published> {
  const { clock, observe } = options;
  const pushes = options.remote !== undefined || isRemoteURL(options.fleet);
  if (pushes && !options.push) return async () => ({ outcome: 'Unchanged' });
  const publisher = createPublisher({
    ...{ clock, journal, stateDir: options.stateDir, identity: IDENTITY },
    project: (entries, journalID) => project(entries, settings().Logs.Layout, journalID),
    target: repository.target,
    prefix: repository.prefix,
    keepDays: () => settings().Logs.KeepDays,
    observe: (detail) => observe({ event: 'git', detail }),
  });
  return () => publisher.publish();
}
