// A runner over a desk, on a clock that is turned: its runs go on until a test says how they end.
import { createRunner, type Runner } from '../../controller/runs/runner.ts';
import { createFakeClock, type FakeClock } from './clock.ts';
import { createDesk, type Desk, type Given } from './queue.ts';

/** A runner whose runs go on until they are told how they end. */
export interface Bench {
  readonly desk: Desk;
  readonly clock: FakeClock;
  readonly runner: Runner;
  /** Jobs whose runs began, in order. */
  readonly began: readonly string[];
  /** Jobs whose runs broke. */
  readonly broke: readonly string[];
  workers: number;
  /** Ends the run of a job: true, recorded; false, no room on the disk; an error is thrown. */
  end(job: string, how?: boolean | Error): Promise<void>;
  /** Lets time pass to a moment, timer by timer. */
  pass(to: string): Promise<void>;
}

/** Whatever has begun goes as far as it can. */
export const settled = async () => {
  for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate);
};

/** A bench with these jobs at a moment. */
export function createBench(start: string, jobs: readonly Given[], workers: number): Bench {
  const clock = createFakeClock(start);
  const desk = createDesk(jobs);
  const [began, broke]: string[][] = [[], []] as [string[], string[]];
  const ends = new Map<string, (how: boolean | Error) => void>();
  const runner = createRunner({
    clock: clock.view('runner'),
    agenda: desk.agenda,
    queue: desk.queue,
    workers: () => bench.workers,
    execute: ({ job: { id } }) => {
      began.push(id);
      return new Promise((resolve, reject) => {
        ends.set(id, (how) => (how instanceof Error ? reject(how) : resolve(how)));
      });
    },
    failed: ({ job }) => void broke.push(job.id),
  });
  const bench: Bench = {
    desk,
    clock,
    runner,
    began,
    broke,
    workers,
    async end(job, how = true) {
      const status = desk.agenda.status(job);
      const known = desk.agenda.jobs.get(job);
      if (how === true && known && status) desk.agenda.put(known, { ...status, NextRunTime: null });
      ends.get(job)?.(how);
      await settled();
    },
    async pass(to) {
      await settled();
      for (let next = clock.next(); next && next <= new Date(to); next = clock.next()) {
        clock.pass(next);
        await settled();
      }
      clock.pass(new Date(to));
      await settled();
    },
  };
  return bench;
}
