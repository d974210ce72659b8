// `bmcron worker` as a process of its own, that can be killed and paused.
import { join } from 'node:path';
import { until } from '../command.ts';
import { type GuardedProcess, startGuarded } from './guarded-process.ts';

const MAIN = join(import.meta.dirname, '../../../controller/main.ts');

export interface WorkerProcess extends GuardedProcess {
  /** Waits until it serves its site. */
  serving(): Promise<void>;
}

export interface WorkerProcessOptions {
  readonly url: string;
  /** A folder of secrets. */
  readonly secrets: string;
  readonly stateDir: string;
  readonly site?: string;
  readonly more?: readonly string[];
  /** Options for Node itself. */
  readonly node?: readonly string[];
}

/** Starts a worker. */
export function startWorkerProcess(options: WorkerProcessOptions): WorkerProcess {
  const { url, secrets, stateDir, site = 'fra1', more = [], node = [] } = options;
  const where = ['--engine', url, '--site', site, '--credentials-dir', secrets, '--state-dir', stateDir];
  const worker = startGuarded(process.execPath, ['--import', 'tsx', ...node, MAIN, 'worker', ...where, ...more]);
  return {
    ...worker,
    serving: () =>
      until(() => {
        if (!worker.isRunning()) throw new Error(`the worker has ended:\n${worker.printed()}`);
        return worker.printed().includes('serving site');
      }, 'the worker serves its site'),
  };
}
