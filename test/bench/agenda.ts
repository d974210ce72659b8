import { Cron } from 'croner';
import { nextRun } from '../../definitions/calendar/next-run.ts';
import type { Job, JobSpec } from '../../definitions/job.ts';
import { version } from '../../definitions/job-version.ts';
import { createAgenda } from '../../definitions/lifecycle/agenda.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import { parse } from '../../definitions/yaml/document.ts';
import { job as text } from './manifests.ts';
import { compare, timed } from './measure.ts';
import type { Case } from './row.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const DAY_MS = 86_400_000;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The memory of all coming runs: found once for each job, then taken in order, each followed by its next one. */
export const agenda: Case = {
  name: 'agenda',
  what: 'next runs of N jobs put in order, a day of them taken and found anew / as many next runs by croner, transient',
  unit: 'ms',
  bar: 1.3,
  sizes: { full: [1_000, 10_000, 100_000], short: [50] },
  async measure(n, scale) {
    const jobs = Array.from({ length: n }, (_, index) => jobOf(index));
    const runs = ours(jobs);
    const laps = {
      ours: () => timed(() => ours(jobs)),
      floor: () => timed(() => floor(jobs, runs)),
    };
    return [
      await compare({
        case: 'agenda',
        n,
        ...laps,
        ...(n < 100_000 ? { rounds: scale === 'full' ? 5 : 1 } : { rounds: 1, warmups: 0 }),
      }),
    ];
  },
};

function jobOf(index: number): Job {
  const spec = parse(Buffer.from(text(index, 1_000)))[0]?.value as unknown as JobSpec;
  const source = { file: `jobs/${index}.yaml`, document: 0, blob: String(index) };
  return { id: String(index), spec, machines: spec.Machines ?? [], version: version(spec), source, commit: 'c0ffee' };
}

/** Returns how many next runs it has found. */
function ours(jobs: readonly Job[]): number {
  const memory = createAgenda();
  let found = 0;
  const put = (job: Job, after: Date) => {
    found += 1;
    memory.put(job, accepted(job, NOW, nextRun(job.spec.Schedule, 'UTC', after)));
  };
  for (const job of jobs) put(job, NOW);
  const tomorrow = new Date(NOW.getTime() + DAY_MS);
  for (let job = memory.due(tomorrow); job; job = memory.due(tomorrow)) {
    put(job, new Date(memory.status(job.id)?.NextRunTime ?? tomorrow));
  }
  return found;
}

function floor(jobs: readonly Job[], runs: number): void {
  for (let run = 0; run < runs; run += 1) {
    const { Schedule } = (jobs[run % jobs.length] as Job).spec;
    const [hour, minute, second] = Schedule.Time.split(':').map(Number);
    const weekdays = (Schedule.Period?.DaysOfWeek ?? []).map((day) => WEEKDAYS.indexOf(day)).join(',') || '*';
    const dates = Schedule.Period?.DaysOfMonth ?? '*';
    const timezone = Schedule.TimeZone ?? 'UTC';
    const pattern = `${second} ${minute} ${hour} ${dates} * ${weekdays}`;
    if (!new Cron(pattern, { mode: '6-part', timezone, domAndDow: true }).nextRun(NOW)) throw new Error(pattern);
  }
}
