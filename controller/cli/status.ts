import type { Status } from '../../definitions/status.ts';
import { didYouMean, printable, show } from '../../definitions/values/text.ts';
import { after, type Clock } from '../clock.ts';
import { GitError } from '../git/error.ts';
import { openRepositoryView, RepositoryViewError } from './fleet/repository-view.ts';
import { readStatusFiles, type StatusFile, type StatusFilesOptions } from './fleet/status-files.ts';
import type { Output } from './report.ts';
import { table } from './table.ts';

export interface StatusOptions extends StatusFilesOptions {
  /** IDs of jobs; empty: all jobs. */
  readonly jobs: readonly string[];
  readonly format: 'text' | 'json';
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
const LONGEST_NOTE = 100;
/** Colours of a terminal, by what a job's Status is. */
const COLORS: Readonly<Record<string, number>> = { Failed: 31, Running: 36, Completed: 32 };

/**
 * Prints the status files at the branch's tip; in a folder without Git, those on disk.
 * @returns the exit code: 0 printed, 1 a job has no status, 3 it cannot be read
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
      const files = await readStatusFiles(repository, options);
      const unknown = options.jobs.find((id) => !files.some(({ status: { Id } }) => Id === id));
      if (unknown !== undefined && !watch) {
        const ids = files.map(({ status: { Id } }) => Id);
        err.write(`bmcron status: no status of a job ${show(unknown)}${didYouMean(unknown, ids)}\n`);
        return 1;
      }
      const chosen = files.filter(({ status: { Id } }) => options.jobs.length === 0 || options.jobs.includes(Id));
      const text = printed(chosen, options);
      if (text !== shown)
        out.write(watch && out.isTTY && options.format === 'text' ? `\u001b[H\u001b[2J${text}` : text);
      shown = text;
      if (!watch || signal?.aborted) return 0;
      await clock.sleep(after(clock, options.fetch ? FETCH_MS : LOOK_MS), signal).catch(() => undefined);
      if (signal?.aborted) return 0;
    }
  } catch (error) {
    if (!(error instanceof RepositoryViewError || error instanceof GitError)) throw error;
    err.write(`bmcron status: ${error.message}\n`);
    return 3;
  }
}

function printed(files: readonly StatusFile[], { format, color, watch }: StatusOptions): string {
  const documents = files.map(({ document }) => document);
  if (format === 'json') return `${watch ? JSON.stringify(documents) : JSON.stringify(documents, null, 2)}\n`;
  if (files.length === 0)
    return 'no status yet: the service writes it beside the manifests (or to its --status-branch)\n';
  const rows = files.map(({ status: facts }) => {
    const next = facts.Suspended ? 'suspended' : (facts.NextRunTime ?? '-');
    return [facts.Id, facts.Status, facts.LastRunTime ?? '-', next, String(facts.ExecutionCount), noteOf(facts)].map(
      printable,
    );
  });
  const paint = (cell: string, column: number) => {
    const code = column === 1 ? COLORS[cell.trim()] : undefined;
    return color && code ? `\u001b[${code}m${cell}\u001b[0m` : cell;
  };
  return table(['JOB', 'STATUS', 'LAST RUN', 'NEXT RUN', 'RUNS', ''], rows, paint);
}

/** What is wrong with a job, in a few words. */
function noteOf({ Status, LastRun, LastTrigger, Conditions }: Status): string {
  const notes: string[] = [];
  if (Status === 'Failed' && LastRun) {
    const [first = ''] = LastRun.FailedMachines;
    notes.push(`${LastRun.Failed} of ${LastRun.Failed + LastRun.Succeeded} machines failed: ${first}`);
  }
  const refused = Conditions.find(({ Type, Status: holds }) => Type === 'Valid' && holds === 'False');
  if (refused) notes.push(`its last edit is refused: ${refused.Message}`);
  if (LastTrigger?.Outcome === 'Refused') notes.push(`trigger refused: ${LastTrigger.Message}`);
  const text = notes.join('; ');
  return text.length > LONGEST_NOTE ? `${text.slice(0, LONGEST_NOTE - 1)}…` : text;
}
