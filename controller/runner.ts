import pMap, { pMapSkip } from 'p-map';
import type { Agenda } from '../definitions/agenda.ts';
import type { TriggerRequest } from '../definitions/apply.ts';
import { after, type Clock } from './clock.ts';
import type { Intake, Start } from './intake.ts';

/** The hard bound of `WorkerPoolSize`; the size in force is asked before each start, since p-map cannot be resized. */
const MOST_WORKERS = 10_000;
/** However long nothing is due: suspended hosts and clock jumps must not lose a run (R16). */
const LOOK_AT_LEAST_MS = 60_000;
const DISK_PATIENCE_MS = 10_000;
/** Starts go on for so long before the event loop gets its turn. */
const SLICE_MS = 10;

/** What the runner works with. */
export interface RunnerOptions {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly intake: Intake;
  /** `WorkerPoolSize` as it stands. */
  readonly workers: () => number;
  /** Claims, executes and records a run; false when the disk has no room to record it, so that nothing began. */
  readonly carryOut: (start: Start) => Promise<boolean>;
  readonly failed: (start: Start, error: unknown) => void;
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
export function createRunner({ clock, agenda, intake, workers, carryOut, failed }: RunnerOptions): Runner {
  let stopped = false;
  let alarm = new AbortController();
  let running = 0;
  let diskFullUntil: Date | null = null;
  let ended: Promise<unknown> = Promise.resolve();

  /** The next moment at which something can be due. */
  function wakeAt(now: Date): Date {
    const moments = [new Date(now.getTime() + LOOK_AT_LEAST_MS), intake.patienceEnds()];
    if (diskFullUntil && diskFullUntil > now) moments.push(diskFullUntil);
    else if (running < workers()) moments.push(agenda.wake());
    return new Date(Math.min(...moments.filter((each) => each !== null).map(Number)));
  }

  async function* starts(once: boolean): AsyncGenerator<Start> {
    let sliceEnds = performance.now() + SLICE_MS;
    while (!stopped) {
      if (performance.now() > sliceEnds) {
        await new Promise(setImmediate); // however many are due, what has begun goes on meanwhile
        sliceEnds = performance.now() + SLICE_MS;
      }
      alarm = new AbortController();
      const now = clock.now();
      intake.look(now);
      const mayStart = running < workers() && !(diskFullUntil && now < diskFullUntil);
      const start = mayStart ? intake.next(now) : undefined;
      if (start) {
        running += 1;
        yield start;
      } else if (once && running === 0) return;
      else await clock.sleep(wakeAt(now), alarm.signal).catch(() => undefined); // a ring is a reason to look again
    }
  }

  async function run(start: Start): Promise<typeof pMapSkip> {
    try {
      if (await carryOut(start)) return pMapSkip;
      diskFullUntil = after(clock, DISK_PATIENCE_MS);
      intake.giveBack(start, clock.now());
    } catch (error) {
      failed(start, error);
    } finally {
      running -= 1;
      agenda.release(agenda.successor(start.job.id));
      alarm.abort('rung');
    }
    return pMapSkip;
  }

  return {
    async start({ once }) {
      const loop = pMap(starts(once), run, { concurrency: MOST_WORKERS });
      ended = loop;
      await loop;
    },
    async stop() {
      stopped = true;
      alarm.abort('rung');
      await ended;
    },
    trigger(requests) {
      intake.ask(requests, clock.now());
      alarm.abort('rung');
    },
    ring: () => alarm.abort('rung'),
    get running() {
      return running;
    },
  };
}
