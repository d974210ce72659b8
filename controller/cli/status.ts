import { WAITING } from '../../definitions/lifecycle/conditions.ts';
import { haltedBy } from '../../definitions/lifecycle/rollout-start.ts';
import { byPlace, type Fleet } from '../../definitions/manifest/fleet.ts';
import { folded } from '../../definitions/manifest/resolved/consequences.ts';
import type { Status } from '../../definitions/status.ts';
import { counted, didYouMean, printable, printableJson, show, some } from '../../definitions/values/text.ts';
import { after, type Clock } from '../clock.ts';
import { GitError } from '../git/error.ts';
import { NoFleet } from './fleet/fleet-folder.ts';
import { openRepositoryView, RepositoryViewError } from './fleet/repository-view.ts';
import {
  manifestsBeside,
  type PublishedTipOptions,
  publishedTip,
  readStatusFiles,
  type StatusFile,
  type StatusPlace,
} from './fleet/status-files.ts';
import type { Output } from './report.ts';
import { table } from './table.ts';

export interface StatusOptions extends PublishedTipOptions {
  /** The fleet's folder. */
  readonly folder: string;
  /** IDs of jobs; empty: all jobs. */
  readonly jobs: readonly string[];
  readonly format: 'text' | 'json';
  /** Only jobs that are in trouble, with every error whole. */
  readonly failed: boolean;
  /** 1 when something is in trouble. */
  readonly exitCode: boolean;
  /** Prints again whenever it changes, until the signal is aborted. */
  readonly watch: boolean;
  readonly signal?: AbortSignal;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly color: boolean;
  readonly out: Output;
}

/** How long after a look comes the next one, without and with asking the remote. */
const LOOK_MS = 1_000;
const FETCH_MS = 10_000;
/** On a terminal; a pipe gets all of it. */
const LONGEST_NOTE = 100;
const MOST_ERRORS = 20;
/** Colours of a terminal, by what a job's Status is. */
const COLORS: Readonly<Record<string, number>> = { Failed: 31, Running: 36, Completed: 32 };

/**
 * Prints the status files at the branch's tip; in a folder without Git, those on disk.
 * @returns the exit code: 0 printed, 1 a job has no status, or something is in trouble and that was asked, 3 it cannot
 * be read
 */
export async function status(options: StatusOptions): Promise<number> {
  const { out, err, clock, watch, signal } = options;
  try {
    const repository = await openRepositoryView(options.folder, options.environment).catch((error: unknown) => {
      if (error instanceof RepositoryViewError && !options.branch && !options.fetch) return null;
      throw error;
    });
    let shown: string | null = null;
    for (;;) {
      const place: StatusPlace = repository
        ? { repository, tip: await publishedTip(repository, options) }
        : { folder: options.folder };
      const files = await readStatusFiles(place, err);
      const fleet = await manifestsBeside(place);
      if ('tip' in place && files.length === 0 && fleet.readings.files.size === 0) throw new NoFleet(options.folder);
      const unknown = options.jobs.find((id) => !files.some(({ status: { Id } }) => Id === id));
      if (unknown !== undefined && !watch) {
        const ids = files.map(({ status: { Id } }) => Id);
        err.write(`bmcron status: no status of a job ${show(unknown)}${didYouMean(unknown, ids)}\n`);
        return 1;
      }
      const named = files.filter(({ status: { Id } }) => options.jobs.length === 0 || options.jobs.includes(Id));
      const inTrouble = named.filter(({ status: facts }) => isInTrouble(facts));
      const text = printed(options.failed ? inTrouble : named, fleet, options);
      if (text !== shown)
        out.write(watch && out.isTTY && options.format === 'text' ? `\u001b[H\u001b[2J${text}` : text);
      shown = text;
      const isRefused = options.jobs.length === 0 && refusedText(fleet) !== '';
      const code = options.exitCode && (inTrouble.length > 0 || isRefused) ? 1 : 0;
      if (!watch || signal?.aborted) return code;
      await clock.sleep(after(clock, options.fetch ? FETCH_MS : LOOK_MS), signal).catch(() => undefined);
      if (signal?.aborted) return code;
    }
  } catch (error) {
    if (!(error instanceof RepositoryViewError || error instanceof GitError || error instanceof NoFleet)) throw error;
    err.write(`bmcron status: ${error.message}\n`);
    return 3;
  }
}

function printed(files: readonly StatusFile[], fleet: Fleet, options: StatusOptions): string {
  const { format, color, watch, out, jobs, failed } = options;
  const documents = files.map(({ document }) => document);
  if (format === 'json') return `${printableJson(documents, watch ? undefined : 2)}\n`;
  const refused = jobs.length === 0 ? refusedText(fleet) : '';
  if (failed) return troubleText(files) + refused || 'nothing is in trouble\n';
  if (files.length === 0)
    return `no status yet: the service writes it beside the manifests (or to its --status-branch)\n${refused}`;
  const rows = files.map(({ status: facts }) => {
    const next = facts.Suspended ? 'suspended' : (facts.NextRunTime ?? '-');
    const shown = out.isTTY ? fitting(noteOf(facts, true)) : printable(noteOf(facts, false));
    return [facts.Id, facts.Status, facts.LastRunTime ?? '-', next, String(facts.ExecutionCount)]
      .map(printable)
      .concat(shown);
  });
  const paint = (cell: string, column: number) => {
    const code = column === 1 ? COLORS[cell.trim()] : undefined;
    return color && code ? `\u001b[${code}m${cell}\u001b[0m` : cell;
  };
  return table(['JOB', 'STATUS', 'LAST RUN', 'NEXT RUN', 'RUNS', ''], rows, paint) + refused;
}

/** Somebody should look: its rollout or last run failed, machines were left out, an edit or a trigger was refused. */
function isInTrouble({ Status, LastRun, LastTrigger, Conditions, Rollout }: Status): boolean {
  if (Rollout?.Halted) return true;
  const isRefused = Conditions.some(({ Type, Status: holds }) => Type === 'Valid' && holds === 'False');
  return Status === 'Failed' || (LastRun?.Skipped ?? 0) > 0 || isRefused || LastTrigger?.Outcome === 'Refused';
}

/** A block for each job, a line for each of its errors, none of them cut. */
function troubleText(files: readonly StatusFile[]): string {
  const blocks = files.map(({ status: facts }) => {
    const { Id, Status, LastRunTime, LastRun } = facts;
    const lines = [...(Status === 'Failed' ? (LastRun?.FailedMachines ?? []) : []), ...otherNotes(facts)];
    const head = [Id, Status, LastRunTime ?? '-'].map(printable).join('  ');
    return [head, ...lines.map((line) => `  ${printable(line)}`), ''].join('\n');
  });
  return blocks.join('\n');
}

/** What of the manifests takes no effect: a file that was never valid has no status to say so. */
function refusedText({ problems }: Fleet): string {
  const errors = folded(problems)
    .filter(({ severity }) => severity === 'error')
    .sort(byPlace);
  if (errors.length === 0) return '';
  const lines = errors.slice(0, MOST_ERRORS).map(({ file, line, column, path, message }) => {
    return `  ${printable(file)}:${line}:${column}  ${path}  ${message}\n`;
  });
  if (errors.length > MOST_ERRORS) lines.push(`  and ${errors.length - MOST_ERRORS} more\n`);
  const files = new Set(errors.map(({ file }) => file)).size;
  const head = `${counted(errors.length, 'error')} in ${counted(files, 'file')}: refused, see bmcron validate`;
  return `\n${head}\n${lines.join('')}`;
}

function fitting(note: string): string {
  const text = printable(note);
  return text.length > LONGEST_NOTE ? `${text.slice(0, LONGEST_NOTE - 1)}…` : text;
}

/**
 * What is wrong with a job, on one line.
 * @param namesFirst whether the names of failed machines come before their reasons, since those may be cut
 */
function noteOf(facts: Status, namesFirst: boolean): string {
  const { Status, LastRun } = facts;
  if (Status !== 'Failed' || !LastRun || LastRun.Failed === 0) return otherNotes(facts).join('; ');
  const { Failed, Succeeded, FailedMachines } = LastRun;
  const names = FailedMachines.map((line) => line.split(': ')[0] ?? '');
  const reasons = FailedMachines.map((line, index) => line.slice((names[index] ?? '').length + 2));
  const lines = namesFirst ? [`${some(names, 5)}: ${reasons.join('; ')}`] : FailedMachines;
  const failed = `${Failed} of ${Failed + Succeeded} machines failed: ${lines.join('; ')}`;
  return [failed, ...otherNotes(facts)].join('; ');
}

/** Machines that were left out, what a job waits for, an edit and a trigger that were refused. */
function otherNotes({ LastRun, LastTrigger, Conditions, Rollout }: Status): readonly string[] {
  const notes: string[] = [];
  if (Rollout?.Halted) notes.push(`its rollout is halted since ${Rollout.Halted.Since}: ${haltedBy(Rollout.Halted)}`);
  const [skipped] = LastRun?.SkippedMachines ?? [];
  if (skipped) notes.push(`skipped on ${counted(LastRun?.Skipped ?? 0, 'machine')}: ${skipped}`);
  const waits = Conditions.find(({ Type, Reason }) => Type === 'Ready' && Reason === WAITING);
  if (waits) notes.push(`waits: ${waits.Message}`);
  const refused = Conditions.find(({ Type, Status: holds }) => Type === 'Valid' && holds === 'False');
  if (refused) notes.push(`its last edit is refused: ${refused.Message}`);
  if (LastTrigger?.Outcome === 'Refused') notes.push(`trigger refused: ${LastTrigger.Message}`);
  return notes;
}
