import pMap from 'p-map';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import type { TriggerRequest } from '../../definitions/lifecycle/apply.ts';
import type { RunStart } from '../../definitions/lifecycle/next-start.ts';
import { after, type Clock } from '../clock.ts';
import type { Queue } from './queue.ts';

/** The hard bound of `WorkerPoolSize`; the size in force is asked before each start, since p-map cannot be resized. */
const MOST_WORKERS = 10_000;
/** However long nothing is due: suspended hosts and clock jumps must not lose a run (R16). */
const LOOK_AT_LEAST_MS = 60_000;
const DISK_PATIENCE_MS = 10_000;
/** What begins in one go: then the event loop gets its turn, however many are due. */
const SLICE_MS = 5;

/** What the runner works with. */
export interface RunnerOptions {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly queue: Queue;
  /** `WorkerPoolSize` as it stands. */
  readonly workers: () => number;
  /** Claims, executes and records a run; false when the disk has no room to record it, so that nothing began. */
  readonly execute: (start: RunStart) => Promise<boolean>;
  readonly failed: (start: RunStart, error: unknown) => void;
}

/** Carries out what falls due, as many jobs at once as there are workers (R25). */
export interface Runner {
  /** Runs until `stop`; with `once` until nothing is due and nothing runs. */
  start(mode: { readonly once: boolean }): Promise<void>;
  /** No new run starts; resolves when the running ones have ended (R30). */
  stop(): Promise<void>;
  /** Asks for runs at once (R28). */
  trigger(requests: readonly TriggerRequest[]): void;
  /** Something changed: look again now. */
  ring(): void;
  readonly running: number;
}

/** A runner over an agenda; nothing happens before `start`. */
export function createRunner({ clock, agenda, queue, workers, execute, failed }: RunnerOptions): Runner {
  let stopped = false;
  let alarm = new AbortController();
  let running = 0;
  let diskFullUntil: Date | null = null;
  const waves = new Set<Promise<unknown>>();

  /** The next moment at which something can be due. */
  function wakeAt(now: Date): Date {
    const moments = [new Date(now.getTime() + LOOK_AT_LEAST_MS), queue.nextTimeout()];
    if (diskFullUntil && diskFullUntil > now) moments.push(diskFullUntil);
    else if (running < workers()) moments.push(agenda.wake());
    return new Date(Math.min(...moments.filter((each) => each !== null).map(Number)));
  }

  /** What may begin at once, in order; a slice of it when there is much. */
  function startable(): RunStart[] {
    const starts: RunStart[] = [];
    const sliceEnds = performance.now() + SLICE_MS;
    while (!stopped && running < workers() && performance.now() < sliceEnds) {
      const now = clock.now();
      const start = diskFullUntil && now < diskFullUntil ? undefined : queue.next(now);
      if (!start) break;
      running += 1;
      starts.push(start);
    }
    return starts;
  }

  /** Waves overlap: what falls due later does not wait for the slow ones of an earlier wave. */
  function launch(starts: readonly RunStart[]): void {
    const wave = pMap(starts, run, { concurrency: MOST_WORKERS }).finally(() => waves.delete(wave));
    waves.add(wave);
  }

  async function run(start: RunStart): Promise<void> {
    try {
      if (await execute(start)) return;
      diskFullUntil = after(clock, DISK_PATIENCE_MS);
      queue.requeue(start, clock.now());
    } catch (error) {
      failed(start, error);
    } finally {
      running -= 1;
      agenda.release(agenda.successor(start.job.id));
      alarm.abort('rung');
    }
  }

  return {
    async start({ once }) {
      while (!stopped) {
        alarm = new AbortController();
        await queue.look(clock.now());
        const starts = startable();
        if (starts.length > 0) launch(starts);
        else if (once && running === 0) return;
        // A ring is a reason to look again.
        else await clock.sleep(wakeAt(clock.now()), alarm.signal).catch(() => undefined);
        await new Promise(setImmediate); // for others; and many that end in one moment are one reason to look
      }
    },
    async stop() {
      stopped = true;
      alarm.abort('rung');
      await Promise.all(waves);
    },
    trigger(requests) {
      queue.request(requests, clock.now());
      alarm.abort('rung');
    },
    ring: () => alarm.abort('rung'),
    get running() {
      return running;
    },
  };
}
