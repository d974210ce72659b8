import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { after, type Clock } from '../clock.ts';

/** Keeps the facts of manifest files durable: what cannot be written now is written when it can (R40). */
export interface Recorder {
  /** Resolves with true when all facts are durable that were to be, with false when some must wait. */
  record(files: Iterable<string>): Promise<boolean>;
}

/** What a recorder works with. */
export interface RecorderOptions {
  readonly clock: Clock;
  /** The facts of a manifest file's jobs as they are now. */
  readonly facts: (file: string) => JournalRecord;
  readonly append: (records: readonly JournalRecord[]) => Promise<unknown>;
  readonly recorded: () => void;
  readonly failed: (file: string, error: unknown) => void;
}

const RETRY_MS = 10_000;
/** Files of one append: a large pass must not hold up runs that fall due. */
const FILES_AT_ONCE = 250;

/** A recorder of facts. */
export function createRecorder({ clock, facts, append, recorded, failed }: RecorderOptions): Recorder {
  const waiting = new Set<string>();
  let retrying = false;
  let writing = 0;

  async function write(): Promise<void> {
    while (waiting.size > 0) {
      const files = [...waiting].slice(0, FILES_AT_ONCE);
      for (const file of files) waiting.delete(file);
      writing += 1;
      try {
        await append(files.map(facts));
        recorded();
      } catch (error) {
        for (const file of files) waiting.add(file);
        failed(files[0] ?? '', error);
        return retryLater();
      } finally {
        writing -= 1;
      }
    }
  }

  function retryLater(): void {
    if (retrying) return;
    retrying = true;
    clock.sleep(after(clock, RETRY_MS)).then(() => {
      retrying = false;
      return write();
    });
  }

  return {
    async record(files) {
      for (const file of files) waiting.add(file);
      await write();
      return waiting.size === 0 && writing === 0;
    },
  };
}
