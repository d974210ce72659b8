import pMap from 'p-map';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import type { RunStart } from '../../definitions/lifecycle/next-start.ts';
import type { TriggerRequest } from '../../definitions/lifecycle/trigger.ts';
import { after, type Clock } from '../clock.ts';
import { createFairLimit, type FairLimit, type Place } from './concurrency.ts';
import type { Queue } from './queue.ts';
import { nextWakeUp } from './wake-up.ts';
import type { Soaks } from './waves/soaks.ts';
import { createWorker, type Worker } from './worker.ts';

/** The hard bound of `WorkerPoolSize`; the size in force is asked before each start, since p-map cannot be resized. */
const MAX_WORKERS = 10_000;
const DISK_RETRY_MS = 10_000;
/** How long runs are started before the event loop has its turn, however many are due. */
const SLICE_MS = 5;

export interface RunnerOptions {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly queue: Queue;
  /** Runs that were claimed before this process began: they go on before any other. What is taken leaves the list. */
  readonly resumed?: RunStart[];
  /** `WorkerPoolSize` as it is now. */
  readonly workers: () => number;
  /** Claims, executes and records a run; false when the disk has no space to record it, so that nothing began. */
  readonly execute: (start: RunStart, worker: Worker) => Promise<boolean>;
  readonly failed: (start: RunStart, error: unknown) => void;
  /** Waves that are left alone; absent: nothing soaks. */
  readonly soaks?: Soaks;
}

/** Runs what falls due, as many jobs at once as there are workers (R25); who waits gives its worker back. */
export interface Runner {
  /** Runs until `stop`; with `once` until nothing is due and nothing runs. */
  start(mode: { readonly once: boolean }): Promise<void>;
  /** No new run starts; resolves when the running ones have ended (R30). */
  stop(): Promise<void>;
  /** Requests runs at once (R28). */
  trigger(requests: readonly TriggerRequest[]): void;
  /** Something changed that gates go by: what waits for them is judged again now. */
  reconsider(): void;
  /** Something changed: look again now. */
  nudge(): void;
  /** Runs that work, or wait for the turn of a machine: in their place no other begins. */
  readonly running: number;
  /** Runs all of whose parts that are left wait for a time: they have given their workers back. */
  readonly waiting: number;
}

interface RunnerState {
  readonly options: RunnerOptions;
  readonly workers: FairLimit;
  stopped: boolean;
  /** Runs that have not ended, and those of them that wait. */
  open: number;
  waiting: number;
  /** Aborted by a nudge; a new one before each look, so that a nudge during a look ends the sleep after it. */
  sleep: AbortController;
  /** Until when nothing starts, since the disk was full. */
  diskFullUntil: Date | null;
  /** Runs that started together, until all of them have ended. */
  readonly batches: Set<Promise<unknown>>;
}

/** A runner over an agenda; nothing happens before `start`. */
export function createRunner(options: RunnerOptions): Runner {
  const state: RunnerState = {
    options,
    workers: createFairLimit(0), // each look resizes it
    stopped: false,
    open: 0,
    waiting: 0,
    sleep: new AbortController(),
    diskFullUntil: null,
    batches: new Set(),
  };
  return {
    async start({ once }) {
      if (once) await options.soaks?.lookDue();
      // Who is told to stop while it looks leaves that to the next start.
      const soaks = once ? undefined : options.soaks?.run().catch(() => undefined);
      await loop(state, once);
      await soaks;
    },
    async stop() {
      state.stopped = true;
      nudge(state);
      await Promise.all(state.batches);
    },
    trigger(requests) {
      options.queue.request(requests, options.clock.now());
      nudge(state);
    },
    reconsider() {
      options.queue.reconsider();
      nudge(state);
    },
    nudge: () => nudge(state),
    get running() {
      return runningOf(state);
    },
    get waiting() {
      return state.waiting;
    },
  };
}

function runningOf({ open, waiting }: RunnerState): number {
  return open - waiting;
}

function nudge(state: RunnerState): void {
  state.sleep.abort('nudged');
}

async function loop(state: RunnerState, once: boolean): Promise<void> {
  const { clock, queue, workers } = state.options;
  while (!state.stopped) {
    state.sleep = new AbortController();
    state.workers.resize(workers());
    await queue.look(clock.now());
    const starts = startable(state);
    if (starts.length > 0) launch(state, starts);
    else if (once && state.open === 0) return;
    // A nudge is a reason to look again.
    else await clock.sleep(wakeUpOf(state, clock.now()), state.sleep.signal).catch(() => undefined);
    await new Promise(setImmediate); // for others; and many that end in one moment are one reason to look
  }
}

/** When to look again, if no nudge comes before. */
function wakeUpOf(state: RunnerState, now: Date): Date {
  const { options, diskFullUntil } = state;
  const isFull = diskFullUntil !== null && diskFullUntil > now;
  const isFree = runningOf(state) < options.workers();
  return nextWakeUp(now, [
    options.queue.nextTimeout(),
    isFull ? diskFullUntil : null,
    !isFull && isFree ? options.agenda.nextDue() : null,
  ]);
}

/** What may start at once, in order; a slice of it when there is much. */
function startable(state: RunnerState): RunStart[] {
  const { clock, queue, resumed, workers } = state.options;
  const starts: RunStart[] = [];
  const sliceEnds = performance.now() + SLICE_MS;
  while (!state.stopped && runningOf(state) < workers() && performance.now() < sliceEnds) {
    const now = clock.now();
    const isFull = state.diskFullUntil !== null && now < state.diskFullUntil;
    const start = isFull ? undefined : (resumed?.shift() ?? queue.next(now));
    if (!start) break;
    state.open += 1;
    starts.push(start);
  }
  return starts;
}

/** Batches overlap: what falls due later does not wait for the slow ones of an earlier batch. */
function launch(state: RunnerState, starts: readonly RunStart[]): void {
  const { batches } = state;
  const run = (start: RunStart) => runOne(state, start);
  const batch = pMap(starts, run, { concurrency: MAX_WORKERS }).finally(() => batches.delete(batch));
  batches.add(batch);
}

async function runOne(state: RunnerState, start: RunStart): Promise<void> {
  const { clock, agenda, queue, execute, failed } = state.options;
  try {
    const { job, claim } = start;
    const work = (place: Place) => execute(start, workerOf(state, place, claim.machines.length));
    if (await state.workers.run(job.id, work)) return;
    state.diskFullUntil = after(clock, DISK_RETRY_MS);
    if (start.resumed) state.options.resumed?.unshift(start);
    else queue.requeue(start, clock.now());
  } catch (error) {
    failed(start, error);
  } finally {
    state.open -= 1;
    agenda.release(agenda.successor(start.job.id));
    nudge(state);
  }
}

function workerOf(state: RunnerState, place: Place, parts: number): Worker {
  const { clock } = state.options;
  const waits = (isWaiting: boolean) => {
    state.waiting += isWaiting ? 1 : -1;
    if (isWaiting) nudge(state); // a worker is free
  };
  return createWorker({ place, parts, now: () => clock.now(), waits });
}
