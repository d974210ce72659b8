import { execFile } from 'node:child_process';
import { link, mkdir, readFile, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from './atomic-file.ts';

const HEARTBEAT_MS = 10_000;
/** A holder on another host cannot be asked: it counts as gone when its heartbeat is older than this. */
const SILENT_MS = 60_000;
const TAKEOVER_MS = 10_000;

/** Another controller holds the state folder. */
export class LockHeld extends Error {
  override readonly name = 'LockHeld';
  readonly pid: number;
  constructor(folder: string, holder: Holder) {
    const where = holder.host === hostname() ? '' : ` on host ${JSON.stringify(holder.host)}`;
    const advice = where ? `; if it is gone, wait ${SILENT_MS / 1000} s and start again` : '';
    super(`another controller, process ${holder.pid}${where}, holds the state folder ${folder}${advice}`);
    this.pid = holder.pid;
  }
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one with the same number; empty where the system does not say. */
  readonly started: string;
}

/** The right to be the only controller of a state folder. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the state folder for this process. The lock of a dead process is taken over, whatever ended it.
 * @throws LockHeld
 */
export async function takeLock(folder: string): Promise<Lock> {
  await makeFolder(folder);
  const path = join(folder, 'lock');
  const own: Holder = { pid: process.pid, host: hostname(), started: await startTimeOf(process.pid) };
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(own)}\n`);
  try {
    if (!(await place(temporary, path))) await takeOver(folder, path, temporary);
  } finally {
    await rm(temporary, { force: true });
  }
  const heartbeat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), HEARTBEAT_MS);
  heartbeat.unref();
  return {
    release: async () => {
      clearInterval(heartbeat);
      const holder = await readHolder(path);
      if (holder?.pid === own.pid && holder.started === own.started) await rm(path, { force: true });
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
async function takeOver(folder: string, path: string, temporary: string): Promise<void> {
  const mutex = `${path}.takeover`;
  for (;;) {
    const holder = await readHolder(path);
    if (holder && (await isAlive(path, holder))) throw new LockHeld(folder, holder);
    const isOurs = await mkdir(mutex).then(
      () => true,
      () => false,
    );
    if (isOurs) {
      try {
        const still = await readHolder(path);
        if (still && (await isAlive(path, still))) throw new LockHeld(folder, still);
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
    if (age > TAKEOVER_MS) await rmdir(mutex).catch(() => undefined); // its maker died in between
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const { pid, host, started } = value as Partial<Holder>;
    return typeof pid === 'number' && pid > 0 ? { pid, host: String(host), started: String(started) } : null;
  } catch {
    return null; // absent, or no lock of ours: ours are put in place whole
  }
}

async function isAlive(path: string, holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) {
    const seen = await stat(path).catch(() => null);
    return seen !== null && Date.now() - seen.mtimeMs < SILENT_MS;
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
