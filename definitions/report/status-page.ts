import type { Job, JobID } from '../job.ts';
import { WAITING } from '../lifecycle/conditions.ts';
import type { Problem } from '../problem.ts';
import type { RunID } from '../run.ts';
import { type LastRun, type Status, statusPath } from '../status.ts';
import { counted } from '../values/text.ts';
import { gantt } from './gantt.ts';
import { reasonsOf } from './machine-list.ts';
import { codeSpan } from './markdown.ts';
import type { RecentLog } from './recent-logs.ts';
import { haltText } from './rollout.ts';

/** The facts of STATUS.md; the time of day is none of them. */
export interface StatusPageFacts {
  readonly jobs: readonly { readonly job: Job; readonly status: Status }[];
  readonly problems: readonly Problem[];
  /** What windows will do to the next run of a job, as things stand; absent or null: nothing. */
  readonly blocked?: (job: Job, status: Status) => string | null;
  /** What stops until a person has done something, a sentence each. */
  readonly alerts?: readonly string[];
  /** The log files of a run, where they are known. */
  readonly logs: (run: RunID) => readonly RecentLog[];
}

/** Lines of each section at most: the page stays small however large the fleet is. */
const MOST = {
  problems: 50,
  machines: 50,
  gantt: 40,
  jobs: 300,
  runs: 20,
  logs: 5,
  missed: 10,
  waiting: 50,
  blocked: 50,
  skipped: 50,
} as const;

/**
 * The text of STATUS.md: the fleet at a glance, the bad news first. Equal facts give equal bytes, whatever the time is.
 * It yields between sections: thousands of jobs take a while, and runs fall due meanwhile.
 */
export function* statusPage(facts: StatusPageFacts): Generator<void, string> {
  const statuses = facts.jobs.map(({ status }) => status);
  const sections = ['# Fleet status', headline(statuses, facts.problems), problemsSection(facts)];
  for (const print of [troubleSection, waitingSection, skippedSection, missedSection]) {
    yield;
    sections.push(print(statuses));
  }
  sections.push(blockedSection(facts));
  yield;
  sections.push(comingSection(facts.jobs));
  yield;
  sections.push(jobsSection(facts.jobs));
  yield;
  sections.push(runsSection(statuses, facts.logs), 'Written by bmcron whenever these facts change; all times are UTC.');
  return `${sections.filter((text) => text !== null).join('\n\n')}\n`;
}

function headline(statuses: readonly Status[], problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const number = (of: (status: Status) => boolean) => statuses.filter(of).length;
  const failed = number(({ Status }) => Status === 'Failed');
  const halted = number(({ Rollout }) => Rollout?.Halted != null);
  const running = number(({ Status }) => Status === 'Running');
  const suspended = number(({ Suspended }) => Suspended);
  const counts = [
    ...(errors > 0 ? [`**${counted(errors, 'error')} in manifests**`] : []),
    ...(halted > 0 ? [`**${counted(halted, 'rollout')} halted**`] : []),
    ...(failed > 0 ? [`**${counted(failed, 'job')} failed last time**`] : []),
    ...(running > 0 ? [`${running} running`] : []),
    ...(suspended > 0 ? [`${suspended} suspended`] : []),
  ];
  return `${counted(statuses.length, 'job')} in force${counts.map((text) => `, ${text}`).join('')}.`;
}

/** A section: a line for each of the first items, and how many more there are; null when there are no items. */
function section<Item>(
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

function problemsSection({ jobs, problems, alerts = [] }: StatusPageFacts): string | null {
  const sorted = [
    ...jobs.map(({ job, status }) => haltText(job, status)).filter((text) => text !== null),
    ...alerts,
    ...problems.filter(({ severity }) => severity === 'error'),
    ...problems.filter(({ severity }) => severity === 'warning'),
  ];
  return section('Problems', sorted, MOST.problems, (each) => {
    if (typeof each === 'string') return `- **${codeSpan(each)}**`;
    if ('join' in each) return `- **${each.map(codeSpan).join('; ')}**`;
    const { file, line, column, path, message, severity } = each;
    return `- ${severity}: ${codeSpan(`${file}:${line}:${column}`)} ${codeSpan(path)}: ${codeSpan(message)}`;
  });
}

/** Machines on which a job failed when it ran last, and no other job has done well since. */
function troubleSection(statuses: readonly Status[]): string | null {
  const runs = statuses.flatMap(({ Id, LastRun: run, Machines }) => (run?.EndTime ? [{ Id, run, Machines }] : []));
  runs.sort((a, b) => (a.run.StartTime < b.run.StartTime ? -1 : 1));
  const failing = new Map<string, { job: JobID; at: string; error: string }>();
  for (const { Id, run, Machines } of runs) {
    const failures = reasonsOf(run.FailedMachines);
    for (const machine of Machines) {
      const error = failures.get(machine);
      if (error !== undefined) failing.set(machine, { job: Id, at: run.StartTime, error });
      else if (run.Failed <= failures.size) failing.delete(machine); // else it may have failed unnamed
    }
  }
  const sorted = [...failing].sort(([a], [b]) => (a < b ? -1 : 1));
  return section('Machines in trouble', sorted, MOST.machines, ([machine, { job, at, error }]) => {
    return `- ${codeSpan(machine)}: ${codeSpan(job)} at ${at}: ${codeSpan(error)}`;
  });
}

/** Jobs whose time has come, and that a gate lets wait. */
function waitingSection(statuses: readonly Status[]): string | null {
  const waiting = statuses.flatMap(({ Id, Conditions }) => {
    const wait = Conditions.find(({ Type, Reason }) => Type === 'Ready' && Reason === WAITING);
    return wait ? [{ Id, Message: wait.Message }] : [];
  });
  waiting.sort((a, b) => (a.Id < b.Id ? -1 : 1));
  return section('Waiting jobs', waiting, MOST.waiting, ({ Id, Message }) => `- ${codeSpan(Id)}: ${codeSpan(Message)}`);
}

/** Machines on which the last run of a job was never begun. */
function skippedSection(statuses: readonly Status[]): string | null {
  const skipped = statuses.flatMap(({ Id, LastRun: run }) => {
    return (run?.SkippedMachines ?? []).map((line) => ({ Id, at: run?.StartTime ?? '', line }));
  });
  skipped.sort((a, b) => (a.at !== b.at ? (a.at < b.at ? 1 : -1) : a.Id < b.Id ? -1 : a.Id > b.Id ? 1 : 0));
  return section('Skipped machines', skipped, MOST.skipped, ({ Id, at, line }) => {
    const [machine, message] = named(line);
    return `- ${codeSpan(machine)}: ${codeSpan(Id)} at ${at}${message && `: ${codeSpan(message)}`}`;
  });
}

/** A line of a machine: its ID, and what is said of it; `and 3 more` is no machine. */
function named(line: string): readonly [machine: string, said: string] {
  const end = line.indexOf(': ');
  return end < 0 ? [line, ''] : [line.slice(0, end), line.slice(end + 2)];
}

/** Jobs whose next run windows forbid, as things stand; those whose time has come are told as waiting. */
function blockedSection({ jobs, blocked = () => null }: StatusPageFacts): string | null {
  const found = jobs.flatMap(({ job, status }) => {
    const { NextRunTime, Suspended, Conditions } = status;
    if (NextRunTime === null || Suspended || Conditions.some(({ Reason }) => Reason === WAITING)) return [];
    const message = blocked(job, status);
    return message === null ? [] : [{ id: job.id, at: NextRunTime, message }];
  });
  found.sort((a, b) => (a.at !== b.at ? (a.at < b.at ? -1 : 1) : a.id < b.id ? -1 : 1));
  return section('Blocked next runs', found, MOST.blocked, ({ id, at, message }) => {
    return `- ${at} ${codeSpan(id)}: ${codeSpan(message)}`;
  });
}

function missedSection(statuses: readonly Status[]): string | null {
  const missed = statuses.flatMap(({ Id, Missed }) => Missed.map((each) => ({ Id, ...each })));
  missed.sort((a, b) => (a.Time !== b.Time ? (a.Time < b.Time ? 1 : -1) : a.Id < b.Id ? -1 : 1));
  return section('Missed runs', missed, MOST.missed, ({ Id, Time, Reason }) => {
    return `- ${Time} ${codeSpan(Id)}: ${codeSpan(Reason)}`;
  });
}

function comingSection(jobs: StatusPageFacts['jobs']): string | null {
  const chart = gantt(jobs, MOST.gantt);
  if (!chart) return null;
  const more = chart.more > 0 ? `\n\nand ${chart.more} more runs` : '';
  return `## 24 hours from the next run on\n\n\`\`\`mermaid\n${chart.text}\n\`\`\`${more}`;
}

function jobsSection(jobs: StatusPageFacts['jobs']): string | null {
  const rows = [...jobs].sort((a, b) => rank(a.status) - rank(b.status) || (a.job.id < b.job.id ? -1 : 1));
  const head = ['| Job | Action | Last outcome | Last run | Next run | Machines |', '|---|---|---|---|---|---|'];
  const line = ({ job, status }: StatusPageFacts['jobs'][number]) => {
    const { Id, Action, LastRunTime, NextRunTime, Suspended } = status;
    const next = Suspended ? 'suspended' : (NextRunTime ?? 'none');
    const name = `[${codeSpan(Id)}](${target(statusPath(job.source.file))})`;
    return `| ${[name, Action, outcome(status), LastRunTime ?? 'never', next, job.machines.length].join(' | ')} |`;
  };
  return section('Jobs', rows, MOST.jobs, line, head);
}

/** Failed jobs stand first, then those that run. */
function rank({ Status }: Status): number {
  return Status === 'Failed' ? 0 : Status === 'Running' ? 1 : 2;
}

function outcome({ Status, LastRun: run, Conditions }: Status): string {
  const refused = Conditions.some(({ Type, Status: holds }) => Type === 'Valid' && holds === 'False');
  const on = Status === 'Failed' && run && run.Failed > 0 ? ` on ${run.Failed} of ${run.Failed + run.Succeeded}` : '';
  return `${Status === 'Failed' ? '**Failed**' : Status}${on}${refused ? ', last edit refused' : ''}`;
}

/** The last run of each job, the newest first. */
export function lastRuns(statuses: readonly Status[]): { readonly Id: JobID; readonly run: LastRun }[] {
  const runs = statuses.flatMap(({ Id, LastRun: run }) => (run ? [{ Id, run }] : []));
  return runs.sort((a, b) =>
    a.run.StartTime !== b.run.StartTime ? (a.run.StartTime < b.run.StartTime ? 1 : -1) : a.Id < b.Id ? -1 : 1,
  );
}

function runsSection(statuses: readonly Status[], logs: StatusPageFacts['logs']): string | null {
  return section('Last runs', lastRuns(statuses), MOST.runs, ({ Id, run }) => {
    const trigger = run.Trigger === 'Manual' ? ', triggered' : run.Trigger === 'CatchUp' ? ', made up for' : '';
    return `- ${run.StartTime} ${codeSpan(Id)}: ${ended(run)}${trigger}; ${links(run, logs(run.RunID))}`;
  });
}

function ended({ EndTime, Succeeded, Failed, Skipped = 0 }: LastRun): string {
  if (EndTime === null) return 'running';
  const skipped = Skipped > 0 ? `, skipped on ${Skipped}` : '';
  return Failed > 0
    ? `**failed on ${Failed} of ${counted(Failed + Succeeded, 'machine')}**${skipped}`
    : `done on ${counted(Succeeded, 'machine')}${skipped}`;
}

/** Links to a run's logs, failed machines first; to the day's folder where the files are not known. */
function links({ StartTime }: LastRun, logs: readonly RecentLog[]): string {
  if (logs.length === 0) return `[logs of the day](logs/${StartTime.slice(0, 10).replaceAll('-', '/')}/)`;
  const sorted = [...logs].sort((a, b) => Number(b.failed) - Number(a.failed) || (a.machine < b.machine ? -1 : 1));
  const shown = sorted.slice(0, MOST.logs).map(({ machine, path }) => `[${codeSpan(machine)}](${target(path)})`);
  return `${shown.join(', ')}${logs.length > MOST.logs ? ` and ${logs.length - MOST.logs} more` : ''}`;
}

/** A path as the target of a Markdown link: no character of it ends the link or begins another. */
function target(path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return encoded.replace(/[()'*!]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}
