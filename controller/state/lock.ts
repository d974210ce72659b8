import { execFile } from 'node:child_process';
import { link, lstat, mkdir, readFile, readlink, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from './atomic-file.ts';

const HEARTBEAT_MS = 10_000;
/** A holder elsewhere cannot be asked: it counts as gone when its file has not moved for so long of our own time. */
const SILENT_MS = 35_000;
const LOOK_MS = 250;
const TAKEOVER_MS = 10_000;
/** What the system lacks, and may have again in a moment. */
const SHORTAGES = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EIO']);

/** Another controller holds the state folder. */
export class LockHeld extends Error {
  override readonly name = 'LockHeld';
  readonly pid: number;
  constructor(folder: string, holder: Holder) {
    const where = holder.host === hostname() ? '' : ` on host ${JSON.stringify(holder.host)}`;
    super(`another controller, process ${holder.pid}${where}, holds the state folder ${folder}`);
    this.pid = holder.pid;
  }
}

/** The lock was another's when this process looked: it stood still for too long, and may write nothing any more. */
export class LockLost extends Error {
  override readonly name = 'LockLost';
  constructor(folder: string) {
    super(`the lock of the state folder ${folder} is another's, or gone: this process may write nothing, and ends`);
  }
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** The namespace in which `pid` is a number; two containers may have one host name. Empty where there are none. */
  readonly namespace: string;
  /** Tells a process from a later one with the same number; empty where the system does not say. */
  readonly started: string;
}

/** The right to be the only controller of a state folder. */
export interface Lock {
  /** To be asked before anything is written. @throws LockLost once another has taken it */
  held(): Promise<void>;
  release(): Promise<void>;
}

export interface LockOptions {
  /** Ends the look at a holder that cannot be asked. */
  readonly signal?: AbortSignal | undefined;
  /** How long that one must be silent, in ms. */
  readonly silentMs?: number;
  /** How far signs of life of its own are apart, in ms. */
  readonly heartbeatMs?: number;
  /** Hears, at the next heartbeat at the latest, that another has the lock. */
  readonly lost?: ((error: LockLost) => void) | undefined;
}

/**
 * Takes the state folder for this process. The lock of a dead process is taken over, whatever ended it.
 * @throws LockHeld
 */
export async function takeLock(folder: string, options: LockOptions = {}): Promise<Lock> {
  await makeFolder(folder, 0o700);
  const path = join(folder, 'lock');
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    namespace: await namespaceOf(),
    started: await startTimeOf(process.pid),
  };
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(own)}\n`);
  try {
    if (!(await place(temporary, path))) await takeOver(folder, path, temporary, options);
  } finally {
    await rm(temporary, { force: true });
  }
  const isOurs = async () => {
    const holder = await readHolder(path);
    return holder?.pid === own.pid && holder.started === own.started && holder.namespace === own.namespace;
  };
  const held = async () => {
    if (await isOurs()) return;
    clearInterval(heartbeat);
    const error = new LockLost(folder);
    options.lost?.(error);
    throw error;
  };
  const beat = async () => {
    await held();
    await utimes(path, new Date(), new Date());
  };
  const heartbeat = setInterval(() => void beat().catch(() => undefined), options.heartbeatMs ?? HEARTBEAT_MS);
  heartbeat.unref();
  return {
    held,
    release: async () => {
      clearInterval(heartbeat);
      if (await isOurs()) await rm(path, { force: true });
    },
  };
}

/** Puts the lock in place, whole, unless there is one; returns whether it did. */
async function place(temporary: string, path: string): Promise<boolean> {
  return link(temporary, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

/**
 * Replaces a dead process's lock. Looking and replacing happen under a mutex: of two that find the holder
 * dead, only one gets the lock.
 */
async function takeOver(folder: string, path: string, temporary: string, options: LockOptions): Promise<void> {
  const mutex = `${path}.takeover`;
  for (;;) {
    const holder = await readHolder(path);
    if (holder && (await isAlive(path, holder, options))) throw new LockHeld(folder, holder);
    const beat = await beatOf(path);
    const isOurs = await mkdir(mutex).then(
      () => true,
      () => false,
    );
    if (isOurs) {
      try {
        const still = await readHolder(path);
        if (still && (await beatOf(path)) !== beat) throw new LockHeld(folder, still);
        await rm(path, { force: true });
        if (await place(temporary, path)) return;
      } finally {
        await rmdir(mutex);
      }
    }
    const age = await stat(mutex).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > TAKEOVER_MS) await rmdir(mutex).catch(refuseFull); // its maker died in between
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Nobody of ours puts anything in there. */
function refuseFull(error: NodeJS.ErrnoException): void {
  if (error.code === 'ENOTEMPTY') throw new Error(`${error.path} is not empty: look what it is, and remove it`);
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    if (!(await lstat(path)).isFile()) return null; // a pipe would be waited for
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const { pid, host, namespace = '', started } = value as Partial<Holder>;
    if (typeof pid !== 'number' || pid <= 0) return null;
    return { pid, host: String(host), namespace: String(namespace), started: String(started) };
  } catch (error) {
    if (SHORTAGES.has((error as NodeJS.ErrnoException).code ?? '')) throw error; // says nothing about the lock
    return null; // absent, or no lock of ours: ours are put in place whole
  }
}

async function isAlive(path: string, holder: Holder, options: LockOptions): Promise<boolean> {
  const isElsewhere = holder.namespace !== '' && holder.namespace !== (await namespaceOf());
  if (holder.host !== hostname()) return givesSigns(path, options);
  if (isElsewhere) {
    const beat = await beatOf(path); // by our own clock
    return beat !== null && Date.now() - beat < SILENT_MS && givesSigns(path, options);
  }
  if (holder.pid === process.pid && holder.started !== (await startTimeOf(process.pid))) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const started = await startTimeOf(holder.pid);
  return started === '' || holder.started === '' || started === holder.started;
}

/**
 * Whether the heartbeat of a holder that cannot be asked moves: watched by our own clock, since its host's may say
 * anything. Until it moves, or has not for so long, nobody knows.
 */
async function givesSigns(path: string, { signal, silentMs = SILENT_MS }: LockOptions): Promise<boolean> {
  const first = await beatOf(path);
  for (const until = performance.now() + silentMs; performance.now() < until; ) {
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const beat = await beatOf(path);
    if (beat === null) return false; // given up
    if (beat !== first) return true;
  }
  return false;
}

/** When a holder gave its last sign of life, by its own clock; null where there is no lock. */
async function beatOf(path: string): Promise<number | null> {
  return (await stat(path).catch(() => null))?.mtimeMs ?? null;
}

/** The namespace of process numbers that this process is in; empty where the system has none. */
async function namespaceOf(): Promise<string> {
  return readlink('/proc/self/ns/pid').catch(() => '');
}

/** When a process started, as text that no later process with the same number has; empty when it cannot be known. */
async function startTimeOf(pid: number): Promise<string> {
  try {
    const [fields, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // The name in parentheses may hold anything: count from its end. Field 3 is the state, field 22 the start.
    const rest = fields.slice(fields.lastIndexOf(')') + 2).split(' ');
    return rest[0] === 'Z' ? 'dead' : `${boot.trim()}:${rest[19]}`;
  } catch {
    const asked = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => null);
    return asked?.stdout.trim() ?? '';
  }
}
