import { execFile } from 'node:child_process';
import { link, mkdir, readFile, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from './atomic-file.ts';

const HEARTBEAT_MS = 10_000;
/** A holder on another host cannot be asked; it is gone when its sign of life is older than this. */
const SILENT_MS = 60_000;
const TAKEOVER_MS = 10_000;

/** Another controller has the state folder. */
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
  /** What tells a process from a later one of the same number; empty where the system does not say. */
  readonly started: string;
}

/** The right to be the one controller of a state folder. */
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
  const own: Holder = { pid: process.pid, host: hostname(), started: await startOf(process.pid) };
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(own)}\n`);
  try {
    if (!(await placed(draft, path))) await takeOver(folder, path, draft);
  } finally {
    await rm(draft, { force: true });
  }
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), HEARTBEAT_MS);
  beat.unref();
  return {
    release: async () => {
      clearInterval(beat);
      const holder = await readHolder(path);
      if (holder?.pid === own.pid && holder.started === own.started) await rm(path, { force: true });
    },
  };
}

/** Puts the lock in place whole, unless there is one. */
async function placed(draft: string, path: string): Promise<boolean> {
  return link(draft, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

/** Replaces a dead process's lock. Looking and replacing is one step: of two that find it dead, one gets it. */
async function takeOver(folder: string, path: string, draft: string): Promise<void> {
  const guard = `${path}.takeover`;
  for (;;) {
    const holder = await readHolder(path);
    if (holder && (await alive(path, holder))) throw new LockHeld(folder, holder);
    const entered = await mkdir(guard).then(
      () => true,
      () => false,
    );
    if (entered) {
      try {
        const still = await readHolder(path);
        if (still && (await alive(path, still))) throw new LockHeld(folder, still);
        await rm(path, { force: true });
        if (await placed(draft, path)) return;
      } finally {
        await rmdir(guard);
      }
    }
    const age = await stat(guard).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > TAKEOVER_MS) await rmdir(guard).catch(() => undefined); // whoever made it died in between
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const { pid, host, started } = value as Partial<Holder>;
    return typeof pid === 'number' && pid > 0 ? { pid, host: String(host), started: String(started) } : null;
  } catch {
    return null; // absent, or written by nobody that counts: it was put in place whole
  }
}

async function alive(path: string, holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) {
    const seen = await stat(path).catch(() => null);
    return seen !== null && Date.now() - seen.mtimeMs < SILENT_MS;
  }
  if (holder.pid === process.pid && holder.started !== (await startOf(process.pid))) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const started = await startOf(holder.pid);
  return started === '' || holder.started === '' || started === holder.started;
}

/** When a process started, as text that no later process of the same number has. */
async function startOf(pid: number): Promise<string> {
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
