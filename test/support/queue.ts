// A queue over an agenda, with its events: here a test asks it for runs, not a runner.
import { createQueue, type Queue } from '../../controller/runs/queue.ts';
import type { JobSpec } from '../../definitions/job.ts';
import { type Agenda, createAgenda } from '../../definitions/lifecycle/agenda.ts';
import { createGuardState } from '../../definitions/lifecycle/guard-state.ts';
import type { RunStart } from '../../definitions/lifecycle/next-start.ts';
import type { Settings } from '../../definitions/settings.ts';
import type { Status } from '../../definitions/status.ts';
import { factsOf, jobOf, OPEN_GATES, settingsOf } from './jobs.ts';

/** A job in force: its ID, its NextRunTime, and what else the row says. */
export type JobRow = readonly [id: string, next: string | null, facts?: Partial<Status>, spec?: Partial<JobSpec>];

/** A queue, and what it uses and reports. */
export interface TestQueue {
  readonly agenda: Agenda;
  readonly queue: Queue;
  readonly claimed: Set<string>;
  /** `missed a 2026-…: why`, `refused a t1: why` */
  readonly events: readonly string[];
  /** Jobs whose facts were made durable. */
  readonly recorded: readonly string[];
  /** All runs that begin at a moment, with no end of workers. */
  starts(now: string): readonly RunStart[];
}

/** A queue with these jobs; nothing has been looked at. */
export function createTestQueue(jobs: readonly JobRow[], settings: Partial<Settings> = {}): TestQueue {
  const agenda = createAgenda();
  for (const [id, NextRunTime, facts = {}, spec = {}] of jobs) {
    const job = jobOf(id, spec);
    agenda.put(job, factsOf(job, { NextRunTime, ...facts }));
  }
  const events: string[] = [];
  const recorded: string[] = [];
  const claimed = new Set<string>();
  const queue = createQueue({
    agenda,
    claimed,
    settings: () => settingsOf(settings),
    gates: () => OPEN_GATES,
    guards: createGuardState(),
    record: ({ id }) => void recorded.push(id),
    observe: (event) => {
      if (event.event === 'missed') events.push(`missed ${event.job} ${event.nominal}: ${event.reason}`);
      if (event.event === 'refused') events.push(`refused ${event.job} ${event.token}: ${event.reason}`);
    },
  });
  return {
    agenda,
    queue,
    claimed,
    events,
    recorded,
    starts(now) {
      const found: RunStart[] = [];
      for (let start = queue.next(new Date(now)); start; start = queue.next(new Date(now))) found.push(start);
      return found;
    },
  };
}

/** `a@2026-03-10T22:00:00Z Schedule` */
export function printStart({ claim }: RunStart): string {
  return `${claim.run} ${claim.trigger}`;
}
