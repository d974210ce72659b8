import { type ChildProcess, spawn } from 'node:child_process';
import { GitError } from './error.ts';

/** What a remote may make git print. */
const OUTPUT_LIMIT = 1 << 20;
const GRACE_MS = 2_000;

export interface GroupOptions {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly timeoutMs: number;
}

/**
 * Runs a program and everything it starts as a process group of its own, killed whole when the time is up. simple-git
 * ends git alone, and its helpers (git-remote-https, ssh, askpass) would stay; so commands that have helpers run here.
 * @throws GitError with what it printed; credentials in URLs are taken out
 */
export function runGroup(program: string, args: readonly string[], options: GroupOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const { cwd, env } = options;
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const printed = { out: [] as Buffer[], err: [] as Buffer[], size: 0 };
    const keep = (list: Buffer[]) => (chunk: Buffer) => {
      printed.size += chunk.length;
      if (printed.size <= OUTPUT_LIMIT) list.push(chunk);
    };
    // without a file to spare there are no pipes, and an error follows
    child.stdout?.on('data', keep(printed.out));
    child.stderr?.on('data', keep(printed.err));
    const end = () => killGroup(child);
    process.once('exit', end);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child);
    }, options.timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      process.off('exit', end);
      reject(new GitError(`${program} does not start: ${error.message}`, null));
    });
    // A helper that outlives git keeps the pipes open: it goes too.
    child.on('exit', () => setTimeout(() => killGroup(child), late ? 0 : GRACE_MS).unref());
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', end);
      killGroup(child);
      if (code === 0 && !late) return resolve(Buffer.concat(printed.out));
      const words = withoutSecrets(Buffer.concat(printed.err).toString('utf8')).trim();
      const limit = `no end after ${Math.round(options.timeoutMs / 1000)} s`;
      reject(new GitError(late ? `${limit}${words && `: ${words}`}` : words || `git ended with ${code}`, code));
    });
  });
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // the group is gone, as it should be
  }
}

/** Takes user names and passwords out of URLs, and control characters out of what a server said. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1')
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, 2_000);
}
