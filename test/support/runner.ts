// A runner over a test queue, on a fake clock: its runs go on until a test says how they end.
import { createRunner, type Runner } from '../../controller/runs/runner.ts';
import { createFakeClock, type FakeClock } from './clock.ts';
import { createTestQueue, type JobRow, type TestQueue } from './queue.ts';

/** A runner, the queue that it takes runs from, and what became of them. */
export interface TestRunner {
  readonly testQueue: TestQueue;
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

/** A runner with these jobs at a moment. */
export function createTestRunner(start: string, jobs: readonly JobRow[], workers: number): TestRunner {
  const clock = createFakeClock(start);
  const testQueue = createTestQueue(jobs);
  const [began, broke]: string[][] = [[], []] as [string[], string[]];
  const ends = new Map<string, (how: boolean | Error) => void>();
  const runner = createRunner({
    clock: clock.view('runner'),
    agenda: testQueue.agenda,
    queue: testQueue.queue,
    workers: () => testRunner.workers,
    execute: ({ job: { id } }) => {
      began.push(id);
      return new Promise((resolve, reject) => {
        ends.set(id, (how) => (how instanceof Error ? reject(how) : resolve(how)));
      });
    },
    failed: ({ job }) => void broke.push(job.id),
  });
  const testRunner: TestRunner = {
    testQueue,
    clock,
    runner,
    began,
    broke,
    workers,
    async end(job, how = true) {
      const status = testQueue.agenda.status(job);
      const known = testQueue.agenda.jobs.get(job);
      if (how === true && known && status) testQueue.agenda.put(known, { ...status, NextRunTime: null });
      ends.get(job)?.(how);
      await settled();
    },
    async pass(to) {
      await settled();
      for (let next = clock.next(); next && next <= new Date(to); next = clock.next()) {
        clock.advance(next);
        await settled();
      }
      clock.advance(new Date(to));
      await settled();
    },
  };
  return testRunner;
}
