import { type ChildProcess, spawn } from 'node:child_process';
import { GitError } from './error.ts';

/** What a remote may make git print. */
const OUTPUT_LIMIT = 1 << 20;
const GRACE_MS = 2_000;
const STOPPED = 'stopped before its end, as was asked for';

export interface GroupOptions {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly timeoutMs: number;
  /** Ends it before. */
  readonly signal?: AbortSignal | undefined;
  /** Takes out of what it prints what nobody may read. */
  readonly scrub?: (text: string) => string;
}

/** The groups that run. Of a process that ends, however that is, none stays. */
const running = new Set<ChildProcess>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a program and everything it starts as a process group of its own, killed whole when the time is up. simple-git
 * ends git alone, and its helpers (git-remote-https, ssh, askpass) would stay; so commands that have helpers run here.
 * @throws GitError with what it printed; credentials in URLs are taken out
 */
export function runGroup(program: string, args: readonly string[], options: GroupOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const { cwd, env, signal } = options;
    if (signal?.aborted) return reject(new GitError(STOPPED, null));
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const printed = { out: [] as Buffer[], err: [] as Buffer[], size: 0 };
    const keep = (list: Buffer[]) => (chunk: Buffer) => {
      printed.size += chunk.length;
      if (printed.size <= OUTPUT_LIMIT) list.push(chunk);
    };
    // without a file to spare there are no pipes, and an error follows
    child.stdout?.on('data', keep(printed.out));
    child.stderr?.on('data', keep(printed.err));
    begins(child);
    let late = '';
    const end = (why: string) => {
      late = why;
      killGroup(child);
    };
    const timer = setTimeout(() => end(`no end after ${Math.round(options.timeoutMs / 1000)} s`), options.timeoutMs);
    const stop = () => end(STOPPED);
    signal?.addEventListener('abort', stop);
    const over = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      ended(child);
    };
    child.on('error', (error) => {
      over();
      reject(new GitError(`${program} does not start: ${error.message}`, null));
    });
    // A helper that outlives git keeps the pipes open: it goes too.
    child.on('exit', () => setTimeout(() => killGroup(child), late ? 0 : GRACE_MS).unref());
    child.on('close', (code) => {
      over();
      killGroup(child);
      const { scrub = (text) => text } = options;
      if (code === 0 && !late) return resolve(Buffer.from(scrub(Buffer.concat(printed.out).toString('utf8'))));
      const words = withoutSecrets(scrub(Buffer.concat(printed.err).toString('utf8'))).trim();
      reject(new GitError(late ? `${late}${words && `: ${words}`}` : words || `git ended with ${code}`, code));
    });
  });
}

function begins(child: ChildProcess): void {
  if (running.size === 0) {
    process.on('exit', endAll);
    for (const signal of SIGNALS) process.on(signal, onSignal);
  }
  running.add(child);
}

function ended(child: ChildProcess): void {
  if (!running.delete(child) || running.size > 0) return;
  process.off('exit', endAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

function endAll(): void {
  for (const child of running) killGroup(child);
}

/** A signal that nobody else takes ends the process at once, without a word to its children. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  endAll();
  process.off(signal, onSignal);
  process.kill(process.pid, signal);
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // the group is gone, as it should be
  }
}

/** Of hostile text, too, as quickly as it is long: each part is bounded. */
const LOGINS = [
  /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/]{0,2000}@/gi,
  /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/:@]{0,200}:(?!\d{0,5}\/)[^\s@]{0,500}@/gi, // a password with a slash in it
];

/** Takes user names and passwords out of URLs, and control characters out of what a server said. */
export function withoutSecrets(text: string): string {
  return LOGINS.reduce((rest, login) => rest.replace(login, '$1'), text)
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, 2_000);
}
