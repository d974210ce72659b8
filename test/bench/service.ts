import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PACKAGE_FOLDER } from '../../controller/version.ts';
import type { Reading } from './meter.ts';

/** The program as it is shipped: `npm run build` makes it. */
export const MAIN = join(PACKAGE_FOLDER, 'dist/controller/main.js');
const METER = import.meta.resolve('./meter.js');
const LIMIT_MS = 120_000;

/** A process that is measured from outside. */
export interface Measured {
  /** Resolves at the first line of its output of which this holds; it is asked once about each. */
  line(holds: (line: string) => boolean, limitMs?: number): Promise<Line>;
  read(): Promise<Reading>;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
}

/** A line of its output, and when it came: milliseconds since the process was started. */
export interface Line {
  readonly text: string;
  readonly atMs: number;
}

/** How a measured process is started. */
export interface StartOptions {
  /** Further words of the command line. */
  readonly more?: readonly string[];
  /** Samples its heap. */
  readonly heap?: boolean;
  /** False: nothing is loaded into it, and it cannot be read. */
  readonly metered?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts the controller on a fleet, as `bmcron run` does. */
export function startService(fleet: string, stateDir: string, options: StartOptions = {}): Measured {
  const more = options.more ?? [];
  return start(MAIN, ['run', fleet, '--format', 'json', '--state-dir', stateDir, ...more], options);
}

/** Starts a script of Node's. */
export function start(script: string, args: readonly string[], options: StartOptions = {}): Measured {
  const began = performance.now();
  const { heap = false, metered = true } = options;
  const { PATH, HOME } = process.env;
  const child = fork(script, args, {
    env: { PATH, HOME, ...(heap && { BENCH_HEAP: '1' }), ...options.env },
    execArgv: metered ? ['--expose-gc', '--import', METER] : [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const seen: Line[] = [];
  const waiting = new Set<() => void>();
  const look = () => {
    for (const each of waiting) each();
  };
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (text) => {
    seen.push({ text, atMs: performance.now() - began });
    look();
  });
  const kill = () => child.kill();
  process.once('exit', kill); // a case that fails leaves nothing behind
  child.on('exit', () => {
    process.off('exit', kill);
    look();
  });
  return {
    line: (holds, limitMs = LIMIT_MS) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`nothing of it in ${limitMs} ms`)), limitMs);
        let next = 0;
        const check = () => {
          let found: Line | undefined;
          while (!found && next < seen.length) {
            const line = seen[next++] as Line;
            if (holds(line.text)) found = line;
          }
          if (!found && child.exitCode === null && child.signalCode === null) return;
          waiting.delete(check);
          clearTimeout(timer);
          if (found) resolve(found);
          else reject(new Error(`it ended with ${child.exitCode ?? child.signalCode}`));
        };
        waiting.add(check);
        check();
      }),
    async read() {
      child.send('read');
      const [reading] = await once(child, 'message');
      return reading as Reading;
    },
    stop: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Whether a line of the controller's log is this event. */
export function isEvent(event: string): (line: string) => boolean {
  return (line) => line.includes(`"event":"${event}"`);
}
