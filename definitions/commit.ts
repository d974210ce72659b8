import { print } from './document.ts';
import { printLog } from './log.ts';
import type { Entry, JournalRecord } from './record.ts';
import { statusDocument } from './status.ts';

const FAILED_LINES = 20;

/** What one commit of the service carries: texts by path (null: the file goes), and its message. */
export interface Publication {
  readonly files: ReadonlyMap<string, string | null>;
  /** Subject and body; the publisher adds its trailers. */
  readonly message: string;
}

type Finish = Extract<JournalRecord, { kind: 'finish' }>;

/** The commit that makes the entries public: the latest facts of each job file, each log once (git.md §3, R38). */
export function project(entries: readonly Entry[]): Publication {
  const files = new Map<string, string | null>();
  const statuses = new Set<string>();
  const finishes: Finish[] = [];
  for (const { record } of entries) {
    if (record.kind === 'result') files.set(record.path, printLog(record.log));
    if (record.kind === 'finish') finishes.push(record);
    if (record.kind === 'status') {
      statuses.add(record.path);
      files.set(record.path, record.documents.length === 0 ? null : print(record.documents.map(statusDocument)));
    }
  }
  return { files, message: message(finishes, statuses.size) };
}

function message(finishes: readonly Finish[], statuses: number): string {
  const [only] = finishes;
  if (!only) return `bmcron: status of ${count(statuses, 'manifest')}`;
  const lines = finishes.flatMap((each) => each.failed.map((line) => `${each.job}: ${line}`));
  const subject = finishes.length === 1 ? oneRun(only) : manyRuns(finishes);
  const shown = lines.slice(0, FAILED_LINES);
  if (lines.length > FAILED_LINES) shown.push(`and ${lines.length - FAILED_LINES} more`);
  return shown.length === 0 ? subject : `${subject}\n\n${shown.join('\n')}`;
}

function oneRun({ job, end, succeeded, failures }: Finish): string {
  if (failures === 0) return `bmcron: ${job} completed on ${count(succeeded, 'machine')} at ${end}`;
  return `bmcron: ${job} failed on ${failures} of ${count(succeeded + failures, 'machine')} at ${end}`;
}

function manyRuns(finishes: readonly Finish[]): string {
  const failed = finishes.filter((each) => each.failures > 0).length;
  return `bmcron: ${finishes.length} runs, ${finishes.length - failed} completed, ${failed} failed`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
