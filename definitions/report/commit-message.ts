import type { JournalEntry, JournalRecord } from '../lifecycle/journal-record.ts';
import { BREAKER_FILE } from '../own-paths.ts';
import type { Publication } from '../publication.ts';
import { type LogRecord, printLog } from '../run-log.ts';
import { printBreaker } from '../safety/breaker.ts';
import type { Settings } from '../settings.ts';
import { statusDocument } from '../status.ts';
import { counted } from '../values/text.ts';
import { print } from '../yaml/document.ts';

const FAILED_LINES = 20;

type Finish = Extract<JournalRecord, { kind: 'finish' }>;

/** As `projection`, without a pause. */
export function project(...args: Parameters<typeof projection>): Publication {
  const work = projection(...args);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/**
 * The commit that makes the entries public: the latest status of each job file, each log once (R38). It
 * yields before each entry, so that whoever runs it may do other things meanwhile.
 * @param layout `files`: a file for each log (R33); `segments`: an NDJSON file for a commit's logs of one day
 * @param journalID names segments together with the entries' numbers, so that no two have the same name
 * @param statusPage the text of STATUS.md, for when the entries say that it has changed; null leaves it as it is
 */
export function* projection(
  entries: readonly JournalEntry[],
  layout: Settings['Logs']['Layout'] = 'files',
  journalID = 'bmcron',
  statusPage: string | null = null,
): Generator<void, Publication> {
  const files = new Map<string, string | null>();
  const statuses = new Set<string>();
  const finishes: Finish[] = [];
  const segments = new Map<string, LogRecord[]>();
  const latest = new Map(entries.map(({ record }) => [record.kind === 'status' ? record.path : '', record]));
  for (const { record } of entries) {
    yield;
    if (record.kind === 'result' && layout === 'files') files.set(record.path, printLog(record.log));
    if (record.kind === 'result' && layout === 'segments') {
      const folder = record.path.slice(0, record.path.lastIndexOf('/'));
      const logs = segments.get(folder);
      if (logs) logs.push(record.log);
      else segments.set(folder, [record.log]);
    }
    if (record.kind === 'finish') finishes.push(record);
    if (record.kind === 'safety' && (record.breaker.opened ?? record.breaker.resumed) !== null)
      files.set(BREAKER_FILE, printBreaker(record.breaker));
    if (record.kind === 'overview' && statusPage !== null) files.set('STATUS.md', statusPage);
    if (record.kind === 'status' && latest.get(record.path) === record) {
      statuses.add(record.path);
      files.set(record.path, record.documents.length === 0 ? null : print(record.documents.map(statusDocument)));
    }
  }
  const range = `${journalID}-${entries[0]?.seq}-${entries.at(-1)?.seq}`;
  for (const [folder, logs] of segments) files.set(`${folder}/${range}.ndjson`, logs.map(printLine).join(''));
  return { files, message: message(finishes, statuses.size) };
}

function printLine(log: LogRecord): string {
  return `${JSON.stringify(log)}\n`;
}

function message(finishes: readonly Finish[], statuses: number): string {
  const [only] = finishes;
  if (!only) {
    return statuses === 0 ? 'bmcron: the fleet at a glance' : `bmcron: status of ${counted(statuses, 'manifest')}`;
  }
  const lines = finishes.flatMap((each) => [
    ...each.failed.map((line) => `${each.job}: ${line}`),
    ...(each.skipped ?? []).map((line) => `${each.job}: skipped ${line}`),
  ]);
  const subject = finishes.length === 1 ? oneRun(only) : manyRuns(finishes);
  const shown = lines.slice(0, FAILED_LINES);
  if (lines.length > FAILED_LINES) shown.push(`and ${lines.length - FAILED_LINES} more`);
  return shown.length === 0 ? subject : `${subject}\n\n${shown.join('\n')}`;
}

function oneRun(run: Finish): string {
  const { job, end, succeeded, failures, skips = 0 } = run;
  const skipped = skips > 0 ? `, ${skips} skipped,` : '';
  if (failures > 0)
    return `bmcron: ${job} failed on ${failures} of ${counted(succeeded + failures, 'machine')}${skipped} at ${end}`;
  const done = counted(succeeded, 'machine');
  return hasFailed(run)
    ? `bmcron: ${job} failed: ${done} done${skipped} at ${end}`
    : `bmcron: ${job} completed on ${done}${skipped} at ${end}`;
}

function hasFailed({ failures, status }: Finish): boolean {
  return failures > 0 || status === 'Failed';
}

function manyRuns(finishes: readonly Finish[]): string {
  const failed = finishes.filter(hasFailed).length;
  return `bmcron: ${finishes.length} runs, ${finishes.length - failed} completed, ${failed} failed`;
}
