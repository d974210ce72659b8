import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { after, type Clock } from '../clock.ts';

/** Makes the statuses of manifest files' jobs durable: what cannot be written now is written when it can (R40). */
export interface Recorder {
  /** Resolves with true when nothing waits to be written any more, these files included; with false otherwise. */
  record(files: Iterable<string>): Promise<boolean>;
  /**
   * What must become durable with the claim of a run, or a crash right after it would leave a claim of a job that
   * nobody knows: the facts of its manifest file, where those are not durable yet. A job that has run before may lack
   * its latest facts, unless they could not be written at all; a claim that comes before them is how that is meant.
   */
  missing(file: string, hasRun: boolean): readonly JournalRecord[];
}

export interface RecorderOptions {
  readonly clock: Clock;
  /** The status record of a manifest file as it is now. */
  readonly facts: (file: string) => JournalRecord;
  readonly append: (records: readonly JournalRecord[]) => Promise<unknown>;
  readonly recorded: () => void;
  readonly failed: (file: string, error: unknown) => void;
}

const RETRY_MS = 10_000;
/** Files of one append: a large pass must not hold up runs that fall due. */
const FILES_AT_ONCE = 250;

interface RecorderState {
  /** Files that are still to be written. */
  readonly waiting: Set<string>;
  /** Whether a later try is planned. */
  isRetrying: boolean;
  /** Files of appends in progress, with how many append them. */
  readonly inFlight: Map<string, number>;
}

/** A recorder on a journal; it tries again by itself ten seconds after a failure. */
export function createRecorder(options: RecorderOptions): Recorder {
  const state: RecorderState = { waiting: new Set(), isRetrying: false, inFlight: new Map() };
  return {
    async record(files) {
      for (const file of files) state.waiting.add(file);
      await write(state, options);
      return state.waiting.size === 0 && state.inFlight.size === 0;
    },
    missing(file, hasRun) {
      const isMissing = state.waiting.has(file) || (!hasRun && state.inFlight.has(file));
      return isMissing ? [options.facts(file)] : [];
    },
  };
}

async function write(state: RecorderState, options: RecorderOptions): Promise<void> {
  const { waiting } = state;
  while (waiting.size > 0) {
    const files = [...waiting].slice(0, FILES_AT_ONCE);
    for (const file of files) waiting.delete(file);
    for (const file of files) count(state.inFlight, file, 1);
    try {
      await options.append(files.map(options.facts));
      options.recorded();
    } catch (error) {
      for (const file of files) waiting.add(file);
      options.failed(files[0] ?? '', error);
      return retryLater(state, options);
    } finally {
      for (const file of files) count(state.inFlight, file, -1);
    }
  }
}

function count(files: Map<string, number>, file: string, change: number): void {
  const left = (files.get(file) ?? 0) + change;
  if (left > 0) files.set(file, left);
  else files.delete(file);
}

function retryLater(state: RecorderState, options: RecorderOptions): void {
  if (state.isRetrying) return;
  state.isRetrying = true;
  options.clock.sleep(after(options.clock, RETRY_MS)).then(() => {
    state.isRetrying = false;
    return write(state, options);
  });
}
