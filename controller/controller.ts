import type { JobID } from '../definitions/job.ts';
import type { Agenda } from '../definitions/lifecycle/agenda.ts';
import type { Remembered } from '../definitions/lifecycle/recovery.ts';
import { answerTrigger, type TriggerAnswer } from '../definitions/lifecycle/trigger.ts';
import { readFleet } from '../definitions/manifest/fleet.ts';
import type { PublishOutcome } from '../definitions/publication.ts';
import type { LogRecord } from '../definitions/run-log.ts';
import { DEFAULT_SETTINGS } from '../definitions/settings.ts';
import { durationMs } from '../definitions/values/duration.ts';
import type { GitBackend } from './backend.ts';
import { after, type Clock } from './clock.ts';
import type { ControllerEvent } from './events/event.ts';
import type { Writeback } from './publish/writeback.ts';
import { type FleetFiles, type ManifestCache, sameFile } from './reconcile/manifest-cache.ts';
import { createNudge } from './reconcile/nudge.ts';
import { type InForce, reconcile } from './reconcile/pass.ts';
import { putInForce, putInForceLate } from './reconcile/start.ts';
import type { FairLimit } from './runs/concurrency.ts';
import type { Claimed } from './runs/queue.ts';
import type { Runner } from './runs/runner.ts';
import type { Snapshot } from './snapshot/snapshot.ts';
import type { Cache } from './state/cache.ts';
import type { Journal } from './state/journal.ts';

/** How long a stopping controller, or `run --once`, tries to publish; what is left waits for the next start (R39). */
const LAST_PUBLISH_MS = 40_000;

/** The parts of a controller, each constructed elsewhere. */
export interface ControllerOptions {
  readonly clock: Clock;
  readonly repository: GitBackend['repository'];
  readonly journal: Journal;
  readonly agenda: Agenda;
  readonly inForce: InForce;
  readonly manifestCache: ManifestCache;
  /** Outlives the process: the zone by which all recorded next runs were found. */
  readonly countedIn: Cache<string>;
  readonly runner: Runner;
  readonly connections: FairLimit;
  readonly writeback: Writeback;
  /** What the journal knows at the start: asked for once, and let go of. */
  readonly recall: () => Remembered;
  readonly others: GitBackend['others'];
  /** Runs that were claimed lately (R23). */
  readonly claimed: Claimed;
  readonly pathOf: (log: LogRecord) => string;
  /** Makes the facts of manifest files durable; false when some must wait. */
  readonly record: (files: Iterable<string>) => Promise<boolean>;
  /** Ends the running parts (R30). */
  readonly abort: (reason: Error) => void;
  readonly pullIntervalMs: number;
  readonly observe: (event: ControllerEvent) => void;
}

/** The service: reconciles what Git says, runs what falls due, writes back what became of it. */
export interface Controller {
  /** Takes over what was in force and makes the first pass. @throws SettingsRefused, RepositoryError */
  start(): Promise<void>;
  /** Runs until `stop`. */
  run(): Promise<void>;
  /** Runs what is due now, writes back, ends. */
  once(): Promise<PublishOutcome>;
  /** Ends it (R30); resolves when everything is recorded, and public or given up for now. */
  stop(): Promise<void>;
  /** Asks for a run at once (R28). */
  trigger(job: JobID, token: string): TriggerAnswer;
  /** Something may have changed in Git. */
  readonly nudge: () => void;
  /** Makes a pass and resolves when it has ended. */
  readonly reconcile: () => Promise<void>;
}

/** A controller over its parts; nothing happens before `start`. */
export function createController(options: ControllerOptions): Controller {
  const { clock, repository, manifestCache, inForce, agenda, runner, writeback, observe } = options;
  const stopping = new AbortController();
  let unreadable: ReadonlySet<string> = new Set();
  /** The files of the last pass that went through. */
  let judged: FleetFiles | null = null;
  let loops: Promise<unknown> = Promise.resolve();
  let countedIn: string | null = null;

  async function pass(): Promise<void> {
    const began = clock.now();
    await judgeTip();
    const elapsedMs = clock.now().getTime() - began.getTime();
    if (inForce.commit !== null) observe({ event: 'passed', commit: inForce.commit, elapsedMs });
  }

  async function judgeTip(): Promise<void> {
    const snapshot = await repository.snapshot(manifestCache.knows);
    if (inForce.commit !== null && inForce.fleet)
      await putInForceLate(options, inForce.fleet, snapshot.manifests.keys());
    if (snapshot.commit === inForce.commit) return;
    if (sameManifests(snapshot, judged)) {
      inForce.commit = snapshot.commit;
      return writeback.touched(); // a new tip may lack, or have changed, what the service wrote
    }
    const files = await manifestCache.gather(snapshot, repository);
    if (inForce.commit === null) {
      inForce.fleet = readFleet(files, snapshot.commit);
      unreadable = await putInForce(options, inForce.fleet, snapshot.commit, snapshot.manifests.keys());
    }
    if (inForce.commit === null) countedIn = (await options.countedIn.load()).get('zone') ?? null;
    const work = { clock, agenda, inForce, unreadable, countedIn, record, observe };
    const triggers = await reconcile(work, snapshot.commit, files);
    unreadable = new Set();
    judged = files;
    options.connections.resize((inForce.settings ?? DEFAULT_SETTINGS).MaxConnections);
    runner.trigger(triggers);
    writeback.touched();
  }

  /** Makes facts durable. As long as some were found by another zone than others, the next start counts anew (R11). */
  async function record(files: Iterable<string>): Promise<void> {
    const zone = (inForce.settings ?? DEFAULT_SETTINGS).TimeZone;
    if (zone !== countedIn) await countIn(null);
    if ((await options.record(files)) && zone !== countedIn) await countIn(zone);
  }

  async function countIn(zone: string | null): Promise<void> {
    countedIn = zone;
    const saved = zone === null ? [] : [['zone', zone] as const];
    await options.countedIn.save(new Map(saved)).catch(() => undefined); // the host's disk is full: see above
  }

  const nudge = createNudge(pass, (error) => observe({ event: 'reconcileFailed', error }));

  /** The periodic look, which depends on no event (R39). */
  async function look(): Promise<void> {
    while (!stopping.signal.aborted) {
      await manifestCache.save('at rest').catch(() => undefined); // without it the next start takes longer, nothing else
      await clock.sleep(after(clock, options.pullIntervalMs), stopping.signal).catch(() => undefined);
      if (!stopping.signal.aborted) nudge();
    }
  }

  /** Past ShutdownTimeout the running parts are told to end, and are recorded as interrupted (R30). */
  async function drain(): Promise<void> {
    const timeout = (inForce.settings ?? DEFAULT_SETTINGS).ShutdownTimeout;
    const drained = new AbortController();
    const limit = clock
      .sleep(after(clock, durationMs(timeout) ?? 0), drained.signal)
      .then(() => options.abort(new Error(`stopped: ShutdownTimeout of ${timeout} is over`)))
      .catch(() => undefined);
    await runner.stop();
    drained.abort();
    await limit;
  }

  return {
    async start() {
      await pass();
      const { user, system } = process.cpuUsage();
      const cpuMs = Math.round((user + system) / 1000);
      observe({ event: 'ready', jobs: agenda.jobs.size, machines: inForce.machines.size, cpuMs });
    },
    async run() {
      loops = Promise.all([runner.start({ once: false }), look(), writeback.run(stopping.signal)]);
      await loops;
    },
    async once() {
      await runner.start({ once: true });
      await record([]); // what had to wait for the disk
      await manifestCache.save('at the end').catch(() => undefined);
      return writeback.flush(after(clock, LAST_PUBLISH_MS));
    },
    async stop() {
      observe({ event: 'stopping', running: runner.running });
      stopping.abort();
      await nudge.stop();
      await drain();
      await loops;
      await record([]); // what had to wait for the disk
      await manifestCache.save('at the end').catch(() => undefined);
      await writeback.flush(after(clock, LAST_PUBLISH_MS));
      await options.journal.close();
    },
    trigger(job, token) {
      const answer = answerTrigger(job, agenda.status(job), token, clock.now());
      if (answer.accepted) runner.trigger([{ job, token }]);
      return answer;
    },
    nudge,
    reconcile: () => nudge.now(),
  };
}

/** Own commits, and those that touch no manifest, are no reason for a pass (R38). */
function sameManifests({ manifests }: Snapshot, known: FleetFiles | null): boolean {
  if (manifests.size !== known?.size) return false;
  for (const [path, file] of manifests) {
    const was = known.get(path);
    if (!was || !sameFile(was, file)) return false;
  }
  return true;
}
