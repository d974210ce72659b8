// A process that ends with the test, even where the test is killed: a second one waits for the test's end of a pipe.
import { type ChildProcess, spawn } from 'node:child_process';

export interface GuardedProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it printed so far, on both channels. */
  printed(): string;
  /** Its exit code; null where a signal ended it. */
  readonly exit: Promise<number | null>;
  isRunning(): boolean;
  /** Sends a signal; nothing where it has ended. */
  signal(name: NodeJS.Signals): void;
  /** Ends it by SIGKILL, paused or not, and waits until it is gone. */
  kill(): Promise<void>;
}

interface GuardOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Removed with the process where the test dies. */
  readonly folder?: string;
}

/** Starts a program. */
export function startGuarded(program: string, args: readonly string[], options: GuardOptions = {}): GuardedProcess {
  const { env = process.env, folder = '' } = options;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  if (child.pid === undefined) throw new Error(`${program} does not start`);
  const pid = child.pid;
  // Its own group: who ends the test's whole group leaves it, so that it can clear up.
  const script = 'cat >/dev/null; kill -9 "$0" 2>/dev/null; [ -z "$1" ] || { sleep 0.2; rm -rf "$1"; }';
  const guard = spawn('sh', ['-c', script, `${pid}`, folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.unref();
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (printed += chunk));
  let isRunning = true;
  const exit = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      isRunning = false;
      guard.kill('SIGKILL'); // the number may be another's by now
      resolve(code);
    });
  });
  return {
    child,
    pid,
    exit,
    printed: () => printed,
    isRunning: () => isRunning,
    signal: (name) => {
      if (isRunning) child.kill(name);
    },
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}
