import { createHash } from 'node:crypto';
import { readdir, readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, own } from '../../definitions/values/json.ts';
import { makeFolder, writeAtomically } from '../state/atomic-file.ts';

/** A result on its way to the engine, as it will be stored there. */
export interface Outgoing {
  readonly subject: string;
  readonly text: string;
}

/** Results that the engine has not acknowledged, on this worker's disk: no crash loses one. */
export interface ResultOutbox {
  /** Whether the disk has space for the results of what may begin now; asked before anything begins. */
  hasRoom(): Promise<boolean>;
  /** Durable when it resolves. */
  add(result: Outgoing): Promise<void>;
  /** The engine has it. */
  remove(result: Outgoing): Promise<void>;
  /** What an earlier process left; a file that cannot be read is left alone. */
  all(): Promise<readonly Outgoing[]>;
}

/** Enough for the results of a thousand machines. */
const LEAST_FREE_BYTES = 16 << 20;

/** Opens the outbox in a folder, and makes it. */
export async function openOutbox(folder: string): Promise<ResultOutbox> {
  await makeFolder(folder);
  const pathOf = ({ subject }: Outgoing) => join(folder, `${createHash('sha256').update(subject).digest('hex')}.json`);
  return {
    async hasRoom() {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize >= LEAST_FREE_BYTES;
    },
    add: (result) => writeAtomically(pathOf(result), JSON.stringify(result), 0o600),
    remove: (result) => rm(pathOf(result), { force: true }),
    async all() {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
      const found = await Promise.all(names.map((name) => readOutgoing(join(folder, name))));
      return found.filter((each) => each !== null);
    },
  };
}

async function readOutgoing(path: string): Promise<Outgoing | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const [subject, text] = [own(value, 'subject'), own(value, 'text')];
    return isObject(value) && typeof subject === 'string' && typeof text === 'string' ? { subject, text } : null;
  } catch {
    return null;
  }
}
