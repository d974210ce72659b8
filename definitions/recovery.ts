import { type LogRecord, PATHS_KEPT } from './log.ts';
import type { Entry } from './record.ts';
import type { Claim, RunID } from './run.ts';
import type { Status } from './status.ts';

/** A run that was claimed and has no end: the process died in it (R24). */
export interface OpenRun {
  readonly claim: Claim;
  /** What is recorded, by machine. */
  readonly logs: ReadonlyMap<string, LogRecord>;
}

/** What the journal knows at a start. */
export interface Remembered {
  /** The latest facts by status file; an empty list is a file that went. */
  readonly statuses: ReadonlyMap<string, readonly Status[]>;
  readonly open: readonly OpenRun[];
  /** The log paths that were given out last, so that none is given out twice (R33). */
  readonly paths: readonly string[];
}

/** Reads the journal from its beginning. */
export async function remember(entries: AsyncIterable<Entry> | Iterable<Entry>): Promise<Remembered> {
  const statuses = new Map<string, readonly Status[]>();
  const open = new Map<RunID, { claim: Claim; logs: Map<string, LogRecord> }>();
  let paths: string[] = [];
  for await (const { record } of entries) {
    switch (record.kind) {
      case 'claim':
        open.set(record.claim.run, { claim: record.claim, logs: new Map() });
        break;
      case 'result':
        open.get(record.run)?.logs.set(record.log.MachineID, record.log);
        paths.push(record.path);
        if (paths.length > 2 * PATHS_KEPT) paths = paths.slice(-PATHS_KEPT);
        break;
      case 'finish':
        open.delete(record.run);
        break;
      case 'status':
        statuses.set(record.path, record.documents);
        break;
    }
  }
  return { statuses, open: [...open.values()], paths: paths.slice(-PATHS_KEPT) };
}
