import type { JobID } from '../definitions/job.ts';
import type { Agenda } from '../definitions/lifecycle/agenda.ts';
import type { InForce } from '../definitions/lifecycle/in-force.ts';
import { answerTrigger, type TriggerAnswer } from '../definitions/lifecycle/trigger.ts';
import type { PublishOutcome } from '../definitions/publication.ts';
import type { GateContext } from '../definitions/safety/gate.ts';
import { durationMs } from '../definitions/values/duration.ts';
import type { Backend } from './backend.ts';
import { after } from './clock.ts';
import type { Deps } from './events/deps.ts';
import type { ControllerEvent } from './events/event.ts';
import type { Notices } from './notices/notices.ts';
import type { Writeback } from './publish/batching.ts';
import type { ManifestCache } from './reconcile/manifest-cache.ts';
import { createNudge, type Nudge } from './reconcile/nudge.ts';
import type { PassResult } from './reconcile/pass.ts';
import type { ZoneMemo } from './reconcile/zone-memo.ts';
import type { FairLimit } from './runs/concurrency.ts';
import type { GateWaits } from './runs/gate-waits.ts';
import type { Hold } from './runs/hold.ts';
import type { Runner } from './runs/runner.ts';
import type { Journal } from './state/journal.ts';

/** How long a stopping controller, or `run --once`, tries to publish; what is left waits for the next start (R39). */
const LAST_PUBLISH_MS = 40_000;
/** How long `run --once` tries to tell people what it has to tell. */
const LAST_NOTICES_MS = 20_000;
/** Who hands over leaves it to the next one sooner. */
const LAST_PUBLISH_HANDED_OVER_MS = 5_000;

/** What a controller directs; each is constructed elsewhere. */
export interface ControllerOptions extends Deps<ControllerEvent> {
  /** Compares the tip with what is in force, and puts the tip in force. */
  readonly pass: () => Promise<PassResult>;
  readonly pullIntervalMs: number;
  readonly agenda: Agenda;
  readonly inForce: InForce;
  readonly manifestCache: ManifestCache;
  readonly zoneMemo: ZoneMemo;
  readonly runner: Runner;
  readonly connections: FairLimit;
  /** What the gates go by now. */
  readonly gates: () => GateContext;
  readonly hold: Hold;
  /** Parts of runs that wait for a gate. */
  readonly waits: GateWaits;
  readonly backend: Pick<Backend, 'endLooks' | 'hangUp'>;
  /** Aborted by `stop`: nothing new begins. */
  readonly stopping: AbortController;
  /** Ends the parts that run, one machine's share of a run each (R30). */
  readonly abort: (reason: Error) => void;
  readonly writeback: Writeback;
  readonly notices: Pick<Notices, 'run' | 'flush' | 'save'>;
  readonly journal: Journal;
  /** Resolves when only what goes on elsewhere is left; null: no other controller takes over. */
  readonly handOver: (() => Promise<void>) | null;
}

/** The service: reconciles what Git says, runs what falls due, writes back what became of it. */
export interface Controller {
  /** Restores what was in force and makes the first pass. @throws SettingsRefused, RepositoryError */
  start(): Promise<void>;
  /** Runs until `stop`. */
  run(): Promise<void>;
  /** Runs what is due now, writes back, ends; null where `stop` came before all that was due had run. */
  once(): Promise<PublishOutcome | null>;
  /** Ends it (R30); resolves when everything is recorded, and public or given up for now. */
  stop(): Promise<void>;
  /** Asks for a run at once (R28). */
  trigger(job: JobID, token: string): TriggerAnswer;
  /** Something may have changed in Git. */
  readonly nudge: () => void;
  /** Makes a pass and resolves when it has ended. */
  readonly reconcile: () => Promise<void>;
}

/** A controller; nothing happens before `start`. */
export function createController(options: ControllerOptions): Controller {
  const { clock, inForce, agenda, runner, writeback, notices, backend, observe, stopping } = options;
  const nudge = createNudge(
    () => pass(options),
    (error) => observe({ event: 'reconcileFailed', error }),
  );
  let loops: Promise<unknown> | null = null;
  let last: Promise<PublishOutcome | null> | null = null;
  let draining: Promise<void> | null = null;
  return {
    async start() {
      await nudge.begin();
      const { user, system } = process.cpuUsage();
      const cpuMs = Math.round((user + system) / 1000);
      observe({ event: 'ready', jobs: agenda.jobs.size, machines: inForce.machines.size, cpuMs });
    },
    async run() {
      loops = Promise.all([
        runner.start({ once: false }),
        look(options, nudge, stopping.signal),
        options.hold.watch(stopping.signal, () => gatesChanged(options)),
        writeback.run(stopping.signal, nudge),
        notices.run(stopping.signal),
      ]);
      await loops;
    },
    once() {
      options.waits.end(); // what is due now runs now, or is skipped
      last = runner.start({ once: true }).then(async () => {
        const cutShort = draining;
        await cutShort;
        const outcome = await saveAndPublish(options);
        if (!cutShort) await flushNotices(options, stopping.signal);
        return cutShort ? null : outcome;
      });
      return last.finally(() => stopping.abort());
    },
    async stop() {
      observe({ event: 'stopping', running: runner.running + runner.waiting });
      stopping.abort();
      options.waits.stop(); // they have not begun, and nobody waits for them
      backend.endLooks();
      await nudge.stop();
      draining = drain(options);
      await draining;
      const published = new AbortController();
      const limit = clock
        .sleep(after(clock, lastPublishMs(options)), published.signal)
        .then(backend.hangUp, () => undefined);
      await loops;
      // What ended before it ran has nothing new: what is left waits for the next start.
      await (last?.catch(() => undefined) ?? (loops ? saveAndPublish(options) : saveAll(options)));
      published.abort();
      await limit;
      await notices.save();
      await options.journal.close();
    },
    trigger(job, token) {
      const [known, status] = [agenda.jobs.get(job), agenda.status(job)];
      const asked = known && status ? { job: known, status } : undefined;
      const answer = answerTrigger(job, asked, token, clock.now(), options.gates());
      if (answer.accepted) runner.trigger([{ job, token }]);
      return answer;
    },
    nudge,
    reconcile: () => nudge.now(),
  };
}

/** Tells what there is to tell before the end; what is not told by then is kept for the next start. */
async function flushNotices({ clock, notices }: ControllerOptions, stopping: AbortSignal): Promise<void> {
  const told = new AbortController();
  const over = new AbortController();
  const limit = clock.sleep(after(clock, LAST_NOTICES_MS), told.signal).then(
    () => over.abort(),
    () => undefined,
  );
  await notices.flush(AbortSignal.any([stopping, over.signal]));
  told.abort();
  await limit;
}

/** One look at the tip, and what follows for the runs and for what is written back. */
async function pass(options: ControllerOptions): Promise<void> {
  const { clock, inForce, runner, connections, writeback, observe } = options;
  const began = clock.now();
  const result = await options.pass();
  if (result.tip === 'in force') {
    connections.resize(inForce.settings.MaxConnections);
    const { commit } = inForce;
    for (const { job, token } of result.triggers) observe({ event: 'asked', run: `${job}@${token}`, commit });
    runner.trigger(result.triggers);
    gatesChanged(options);
  }
  // Also where the manifests are the same: the tip may lack what was published, or the branch of the statuses may.
  writeback.looked();
  const elapsedMs = clock.now().getTime() - began.getTime();
  if (inForce.commit !== null) observe({ event: 'passed', commit: inForce.commit, elapsedMs });
}

function gatesChanged({ runner, waits }: ControllerOptions): void {
  runner.reconsider();
  waits.wake();
}

/** The periodic look, which depends on no event (R39). */
async function look(options: ControllerOptions, nudge: Nudge, stopping: AbortSignal): Promise<void> {
  const { clock, manifestCache, pullIntervalMs } = options;
  while (!stopping.aborted) {
    await manifestCache.save('at rest').catch(() => undefined); // without it the next start takes longer, nothing else
    await clock.sleep(after(clock, pullIntervalMs), stopping).catch(() => undefined);
    if (!stopping.aborted) nudge();
  }
}

/** Past ShutdownTimeout the running parts are told to end, and are recorded as interrupted (R30). */
async function drain({ clock, inForce, runner, abort, handOver }: ControllerOptions): Promise<void> {
  const timeout = inForce.settings.ShutdownTimeout;
  const drained = new AbortController();
  const limit = clock
    .sleep(after(clock, durationMs(timeout) ?? 0), drained.signal)
    .then(() => abort(new Error(`stopped: ShutdownTimeout of ${timeout} is over`)))
    .catch(() => undefined);
  await Promise.race([runner.stop(), ...(handOver ? [handOver()] : [])]);
  drained.abort();
  await limit;
}

async function saveAndPublish(options: ControllerOptions): Promise<PublishOutcome> {
  await saveAll(options);
  return options.writeback.flush(after(options.clock, lastPublishMs(options)));
}

function lastPublishMs({ handOver }: ControllerOptions): number {
  return handOver ? LAST_PUBLISH_HANDED_OVER_MS : LAST_PUBLISH_MS;
}

/** Saves what the next process goes by, and what had to wait for the disk. */
async function saveAll({ zoneMemo, manifestCache }: ControllerOptions): Promise<void> {
  await zoneMemo.record([]);
  await manifestCache.save('at the end').catch(() => undefined);
}
