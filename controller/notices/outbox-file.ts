import { readFile, rename, rm } from 'node:fs/promises';
import { type Outbox, readOutbox } from '../../definitions/notices/outbox.ts';
import { writeAtomically } from '../state/atomic-file.ts';

/** Where the outbox outlives the process. */
export interface OutboxFile {
  /** Null: there is none. One that cannot be read is set aside, and there is none then. */
  read(): Promise<Outbox | null>;
  /** After a crash the old one is read, or this one. */
  write(text: string): Promise<void>;
  remove(): Promise<void>;
}

/** The outbox in a file of the state folder, for its owner alone. */
export function createOutboxFile(path: string): OutboxFile {
  return {
    async read() {
      const text = await readFile(path, 'utf8').catch(absent);
      if (text === null) return null;
      const outbox = readOutbox(text);
      if (outbox === null) await rename(path, `${path}.unreadable`);
      return outbox;
    },
    write: (text) => writeAtomically(path, text, 0o600),
    remove: () => rm(path, { force: true }),
  };
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
