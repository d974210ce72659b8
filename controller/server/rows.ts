import { upcoming } from '../../definitions/calendar/upcoming.ts';
import type { Job, JobID, Schedule } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import { WAITING } from '../../definitions/lifecycle/conditions.ts';
import { nextBlock } from '../../definitions/lifecycle/in-force.ts';
import type { MachineID, MachineLabels, Machines } from '../../definitions/machine.ts';
import type { Problem } from '../../definitions/problem.ts';
import type { Settings } from '../../definitions/settings.ts';
import type { Status } from '../../definitions/status.ts';
import type { Windows } from '../../definitions/window.ts';
import { createTimeSlice } from '../time-slice.ts';
import type { DayTally, Ending, RecentRun, RecentRuns } from './recent-runs.ts';
import { hostList } from './views/host-list.ts';
import { haltedText } from './views/rollout-view.ts';
import { createTroubles, type Troubles } from './views/troubles.ts';

/** A job as the page lists it. */
export interface JobRow {
  readonly id: JobID;
  readonly name: string;
  readonly action: string;
  readonly machines: number;
  /** Which: `r1-[01-20],gate`. */
  readonly targets: string;
  readonly schedule: string;
  readonly status: Status['Status'];
  readonly suspended: boolean;
  readonly last: string | null;
  readonly next: string | null;
  readonly count: number;
  /** Why its manifest is refused, while the last good version is in force; null when it is not. */
  readonly invalid: string | null;
  readonly missed: string | null;
  /** What keeps its next run from beginning, as things stand: windows, or what it waits for; null: nothing. */
  readonly blocked: string | null;
  /** Why its rollout stands still, and what to change; null: it does not. */
  readonly halted: string | null;
  readonly file: string;
  readonly commit: string;
  readonly endings: readonly Ending[];
  /** The coming runs of a week and more, seconds since 1970. */
  readonly coming: readonly number[];
}

/** A machine as the page lists it. */
export interface MachineRow {
  readonly id: string;
  readonly name: string;
  /** `rack=r1 site=ams` */
  readonly labels: string;
  /** Why jobs failed when they came there last; empty: none did. */
  readonly failing: string;
  readonly days: readonly DayTally[];
}

/** A run that goes on. */
export interface RunRow {
  readonly run: string;
  readonly job: JobID;
  readonly trigger: string;
  readonly start: string;
  readonly machines: number;
  readonly done: number;
  readonly failed: number;
}

/** What of the fleet in force is shown. A pass changes it, so it is read anew each time. */
export interface ShownInForce {
  readonly settings: Settings;
  readonly machines: Machines;
  /** The file of each machine. */
  readonly sources: ReadonlyMap<MachineID, string>;
  readonly windows: Windows;
  readonly brokenWindows: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  /** Null before the first pass. */
  readonly commit: string | null;
}

export interface RowsOptions {
  readonly agenda: Agenda;
  readonly recentRuns: Pick<RecentRuns, 'endings' | 'days' | 'running' | 'last'>;
  readonly now: () => Date;
  readonly inForce: ShownInForce;
}

/** The fleet as rows. Equal facts give the very same row, so that what changed is found by comparing identities. */
export interface Rows {
  /** Made in slices of time, since runs that fall due must not wait for a page. */
  jobs(): Promise<ReadonlyMap<JobID, JobRow>>;
  /** Of those that the inventory has. */
  machines(ids: Iterable<MachineID>): readonly MachineRow[];
  running(): readonly RunRow[];
  /** What fails; another object once it is something else. */
  troubles(): Troubles;
}

/** How far ahead coming runs are listed: the page draws a week from when it was opened. */
const HORIZON_MS = 8 * 86_400_000;
const MOST_COMING = 10;
/** A row that is older is computed again: its coming runs end with the horizon. */
const STALE_MS = 43_200_000;

/** A row, and what it was computed from. */
interface CachedRow {
  readonly job: Job;
  readonly status: Status;
  readonly endings: readonly Ending[];
  readonly zone: string;
  readonly blocked: string | null;
  readonly madeAtMs: number;
  readonly row: JobRow;
}

/** Rows of jobs are kept from one call to the next; those of jobs that are gone are forgotten. */
export function createRows(options: RowsOptions): Rows {
  const { agenda, recentRuns, inForce } = options;
  const state = { cached: new Map<JobID, CachedRow>() };
  const troubles = createTroubles({ agenda, inForce, last: recentRuns.last });
  return {
    async jobs() {
      const zone = inForce.settings.TimeZone;
      const next = new Map<JobID, CachedRow>();
      const pace = createTimeSlice();
      for (const id of [...agenda.jobs.keys()]) {
        const [job, status] = [agenda.jobs.get(id), agenda.status(id)];
        if (job && status) next.set(id, rowOf(state.cached.get(id), job, status, zone, options));
        await pace();
      }
      state.cached = next;
      return new Map([...next].map(([id, { row }]) => [id, row]));
    },
    machines(ids) {
      const { byMachine } = troubles();
      const found = [...ids].map((id) => inForce.machines.get(id)).filter((machine) => machine !== undefined);
      return found.map(({ ID: id, Name: name = '', Labels }) => {
        const [labels, failing] = [labelsText(Labels), byMachine.get(id) ?? ''];
        return { id, name, labels, failing, days: recentRuns.days(id) };
      });
    },
    troubles,
    running: () => recentRuns.running().map(runRow),
  };
}

/** Labels as a row shows them. */
export function labelsText(labels: MachineLabels = {}): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

/** The row of a job: the old one as long as nothing that it was computed from has changed. */
function rowOf(
  was: CachedRow | undefined,
  job: Job,
  status: Status,
  zone: string,
  { recentRuns, now, inForce }: RowsOptions,
): CachedRow {
  const endings = recentRuns.endings(job.id);
  const madeAtMs = now().getTime();
  const blocked = blockedText(job, status, inForce);
  const same =
    was &&
    was.blocked === blocked &&
    was.job === job &&
    was.status === status &&
    was.endings === endings &&
    was.zone === zone;
  if (same && madeAtMs - was.madeAtMs < STALE_MS) return was;
  return {
    job,
    status,
    endings,
    zone,
    blocked,
    madeAtMs,
    row: jobRow({ job, status, endings, zone, blocked }, haltedText(job, status), madeAtMs),
  };
}

function blockedText(job: Job, status: Status, inForce: ShownInForce): string | null {
  const waits = status.Conditions.find(({ Type, Reason }) => Type === 'Ready' && Reason === WAITING);
  return waits ? waits.Message : nextBlock(inForce, job, status);
}

type RowFacts = Omit<CachedRow, 'madeAtMs' | 'row'>;

function jobRow({ job, status, endings, zone, blocked }: RowFacts, halted: string | null, at: number): JobRow {
  const { Name: name, Action: action, Schedule } = job.spec;
  const valid = status.Conditions.find(({ Type }) => Type === 'Valid');
  return {
    id: job.id,
    name,
    action,
    machines: job.machines.length,
    targets: hostList(job.machines),
    schedule: scheduleText(Schedule, zone),
    status: status.Status,
    suspended: status.Suspended,
    last: status.LastRunTime,
    next: status.Suspended ? null : status.NextRunTime,
    count: status.ExecutionCount,
    invalid: valid?.Status === 'False' ? valid.Message : null,
    missed: status.Missed[0] ? `${status.Missed[0].Time}: ${status.Missed[0].Reason}` : null,
    blocked,
    halted,
    file: job.source.file,
    commit: job.commit,
    endings,
    coming: comingRuns(Schedule, status, zone, at),
  };
}

function comingRuns(schedule: Schedule, { Suspended, NextRunTime }: Status, zone: string, at: number): number[] {
  if (Suspended || NextRunTime === null) return [];
  const next = new Date(NextRunTime);
  const runs: number[] = [];
  if (next.getTime() <= at + HORIZON_MS) runs.push(next.getTime() / 1000);
  if (schedule.Type === 'Once' || runs.length === 0) return runs;
  for (const run of upcoming(schedule, zone, next)) {
    if (runs.length >= MOST_COMING || run.getTime() > at + HORIZON_MS) break;
    runs.push(run.getTime() / 1000);
  }
  return runs;
}

/** A schedule in words: `daily 22:00`, `Mon–Fri 07:30 Europe/Berlin`. */
export function scheduleText({ Type, Time, Period, Day, TimeZone }: Schedule, zone: string): string {
  const time = Time.endsWith(':00') ? Time.slice(0, 5) : Time;
  const where = (TimeZone ?? zone) === 'UTC' ? 'UTC' : (TimeZone ?? zone);
  if (Type === 'Once') return `once ${Day ?? ''} ${time} ${where}`.replace('  ', ' ');
  const week = weekText(Period?.DaysOfWeek ?? []);
  const month = Period?.DaysOfMonth ? `day ${Period.DaysOfMonth.replaceAll(' ', '')}` : '';
  return `${[week, month].filter((text) => text !== '').join(', ') || 'daily'} ${time} ${where}`;
}

const WEEK = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Days as `Mon–Fri, Sun`: three and more in a row become a span. Empty for every day. */
function weekText(days: readonly string[]): string {
  const chosen = WEEK.map((day) => days.includes(day));
  if (chosen.every((each) => each === chosen[0])) return '';
  const spans: string[] = [];
  for (let from = 0; from < WEEK.length; from += 1) {
    if (!chosen[from]) continue;
    let to = from;
    while (chosen[to + 1]) to += 1;
    const name = (index: number) => (WEEK[index] ?? '').slice(0, 3);
    spans.push(
      to - from >= 2
        ? `${name(from)}–${name(to)}`
        : WEEK.slice(from, to + 1)
            .map((day) => day.slice(0, 3))
            .join(', '),
    );
    from = to;
  }
  return spans.join(', ');
}

function runRow({ claim, parts }: RecentRun): RunRow {
  const failed = parts.filter(({ log }) => log.Status === 'failed').length;
  const { run, job, trigger, start, machines } = claim;
  return { run, job, trigger: trigger ?? '', start, machines: machines.length, done: parts.length, failed };
}
