import type { Job, JobID } from '../job.ts';
import type { Problem } from '../problem.ts';
import type { RunID } from '../run.ts';
import { type LastRun, type Status, statusPath } from '../status.ts';
import { gantt } from './gantt.ts';
import { codeSpan } from './markdown.ts';
import type { RecentLog } from './recent-logs.ts';
import { counted } from './report.ts';

/** What STATUS.md is made from: facts, and no clock. */
export interface StatusPageFacts {
  readonly jobs: readonly { readonly job: Job; readonly status: Status }[];
  readonly problems: readonly Problem[];
  /** The log files of a run, where they are known. */
  readonly logs: (run: RunID) => readonly RecentLog[];
}

/** Lines of each part: the page stays small however large the fleet is. */
const MOST = { problems: 50, machines: 50, gantt: 40, jobs: 300, runs: 20, logs: 5, missed: 10 } as const;

/**
 * The text of STATUS.md: the fleet at a glance, the bad news first. Equal facts give equal bytes; the passing of time
 * is no fact. Part by part, since thousands of jobs take a while and runs fall due meanwhile.
 */
export function* statusPage(facts: StatusPageFacts): Generator<void, string> {
  const statuses = facts.jobs.map(({ status }) => status);
  const parts = ['# Fleet status', headline(statuses, facts.problems), problemsPart(facts.problems)];
  for (const make of [troublePart, missedPart, ganttPart]) {
    yield;
    parts.push(make(statuses));
  }
  yield;
  parts.push(jobsPart(facts.jobs));
  yield;
  parts.push(runsPart(statuses, facts.logs), 'Written by bmcron whenever these facts change; all times are UTC.');
  return `${parts.filter((part) => part !== null).join('\n\n')}\n`;
}

function headline(statuses: readonly Status[], problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const number = (of: (status: Status) => boolean) => statuses.filter(of).length;
  const failed = number(({ Status }) => Status === 'Failed');
  const running = number(({ Status }) => Status === 'Running');
  const suspended = number(({ Suspended }) => Suspended);
  const counts = [
    ...(errors > 0 ? [`**${counted(errors, 'error')} in manifests**`] : []),
    ...(failed > 0 ? [`**${counted(failed, 'job')} failed last time**`] : []),
    ...(running > 0 ? [`${running} running`] : []),
    ...(suspended > 0 ? [`${suspended} suspended`] : []),
  ];
  return `${counted(statuses.length, 'job')} in force${counts.map((text) => `, ${text}`).join('')}.`;
}

/** A part of the page: a line for each of the first items, and how many more there are. */
function part<Item>(
  title: string,
  items: readonly Item[],
  most: number,
  line: (item: Item) => string,
  head: readonly string[] = [],
): string | null {
  if (items.length === 0) return null;
  const isTable = head.length > 0;
  const left = items.length - most;
  const more = left > 0 ? [...(isTable ? [''] : []), `${isTable ? '' : '- '}and ${left} more`] : [];
  return [`## ${title}`, '', ...head, ...items.slice(0, most).map(line), ...more].join('\n');
}

function problemsPart(problems: readonly Problem[]): string | null {
  const sorted = [
    ...problems.filter(({ severity }) => severity === 'error'),
    ...problems.filter(({ severity }) => severity === 'warning'),
  ];
  return part('Problems', sorted, MOST.problems, ({ file, line, column, path, message, severity }) => {
    return `- ${severity}: ${codeSpan(`${file}:${line}:${column}`)} ${codeSpan(path)}: ${codeSpan(message)}`;
  });
}

/** Machines on which a job failed when it ran last, and no other job has done well since. */
function troublePart(statuses: readonly Status[]): string | null {
  const runs = statuses.flatMap(({ Id, LastRun: run, Machines }) => (run?.EndTime ? [{ Id, run, Machines }] : []));
  runs.sort((a, b) => (a.run.StartTime < b.run.StartTime ? -1 : 1));
  const trouble = new Map<string, { job: JobID; at: string; error: string }>();
  for (const { Id, run, Machines } of runs) {
    const failures = new Map(
      run.FailedMachines.map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
    );
    for (const machine of Machines) {
      const error = failures.get(machine);
      if (error !== undefined) trouble.set(machine, { job: Id, at: run.StartTime, error });
      else if (run.Failed <= failures.size) trouble.delete(machine); // else it may be among those that are not named
    }
  }
  const sorted = [...trouble].sort(([a], [b]) => (a < b ? -1 : 1));
  return part('Machines in trouble', sorted, MOST.machines, ([machine, { job, at, error }]) => {
    return `- ${codeSpan(machine)}: ${codeSpan(job)} at ${at}: ${codeSpan(error)}`;
  });
}

function missedPart(statuses: readonly Status[]): string | null {
  const missed = statuses.flatMap(({ Id, Missed }) => Missed.map((each) => ({ Id, ...each })));
  missed.sort((a, b) => (a.Time !== b.Time ? (a.Time < b.Time ? 1 : -1) : a.Id < b.Id ? -1 : 1));
  return part('Missed runs', missed, MOST.missed, ({ Id, Time, Reason }) => {
    return `- ${Time} ${codeSpan(Id)}: ${codeSpan(Reason)}`;
  });
}

function ganttPart(statuses: readonly Status[]): string | null {
  const chart = gantt(statuses, MOST.gantt);
  if (!chart) return null;
  const more = chart.more > 0 ? `\n\nand ${chart.more} more runs` : '';
  return `## 24 hours from the next run on\n\n\`\`\`mermaid\n${chart.text}\n\`\`\`${more}`;
}

function jobsPart(jobs: StatusPageFacts['jobs']): string | null {
  const rows = [...jobs].sort((a, b) => rank(a.status) - rank(b.status) || (a.job.id < b.job.id ? -1 : 1));
  const head = ['| Job | Action | Last outcome | Last run | Next run | Machines |', '|---|---|---|---|---|---|'];
  const line = ({ job, status }: StatusPageFacts['jobs'][number]) => {
    const { Id, Action, LastRunTime, NextRunTime, Machines, Suspended } = status;
    const next = Suspended ? 'suspended' : (NextRunTime ?? 'none');
    const name = `[${codeSpan(Id)}](${target(statusPath(job.source.file))})`;
    return `| ${[name, Action, outcome(status), LastRunTime ?? 'never', next, Machines.length].join(' | ')} |`;
  };
  return part('Jobs', rows, MOST.jobs, line, head);
}

/** What failed stands first. */
function rank({ Status }: Status): number {
  return Status === 'Failed' ? 0 : Status === 'Running' ? 1 : 2;
}

function outcome({ Status, LastRun: run, Conditions }: Status): string {
  const refused = Conditions.some(({ Type, Status: holds }) => Type === 'Valid' && holds === 'False');
  const on = Status === 'Failed' && run ? ` on ${run.Failed} of ${run.Failed + run.Succeeded}` : '';
  return `${Status === 'Failed' ? '**Failed**' : Status}${on}${refused ? ', last edit refused' : ''}`;
}

function runsPart(statuses: readonly Status[], logs: StatusPageFacts['logs']): string | null {
  const runs = statuses.flatMap(({ Id, LastRun: run }) => (run ? [{ Id, run }] : []));
  runs.sort((a, b) =>
    a.run.StartTime !== b.run.StartTime ? (a.run.StartTime < b.run.StartTime ? 1 : -1) : a.Id < b.Id ? -1 : 1,
  );
  return part('Last runs', runs, MOST.runs, ({ Id, run }) => {
    const trigger = run.Trigger === 'Manual' ? ', triggered' : run.Trigger === 'CatchUp' ? ', made up for' : '';
    return `- ${run.StartTime} ${codeSpan(Id)}: ${ended(run)}${trigger}; ${links(run, logs(run.RunID))}`;
  });
}

function ended({ EndTime, Succeeded, Failed }: LastRun): string {
  if (EndTime === null) return 'running';
  return Failed > 0
    ? `**failed on ${Failed} of ${counted(Failed + Succeeded, 'machine')}**`
    : `done on ${counted(Succeeded, 'machine')}`;
}

/** Failed machines first; where the files are not known, the day's folder. */
function links({ StartTime }: LastRun, logs: readonly RecentLog[]): string {
  if (logs.length === 0) return `[logs of the day](logs/${StartTime.slice(0, 10).replaceAll('-', '/')}/)`;
  const sorted = [...logs].sort((a, b) => Number(b.failed) - Number(a.failed) || (a.machine < b.machine ? -1 : 1));
  const shown = sorted.slice(0, MOST.logs).map(({ machine, path }) => `[${codeSpan(machine)}](${target(path)})`);
  return `${shown.join(', ')}${logs.length > MOST.logs ? ` and ${logs.length - MOST.logs} more` : ''}`;
}

/** A path as a link's target: nothing in it ends the link or begins another. */
function target(path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return encoded.replace(/[()'*!]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}
