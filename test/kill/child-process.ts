import type { ChildProcess } from 'node:child_process';

/** Resolves once a controller has started; rejects with what it said when it ends before. */
export function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let stderr = '';
    child.stderr?.on('data', (chunk) => (stderr += chunk));
    child.stdout?.once('data', () => resolve());
    child.once('close', (code) => reject(new Error(`the controller ended with ${code}: ${stderr}`)));
  });
}

/** Resolves with its exit code; null: a signal ended it. */
export function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('close', (code) => resolve(code)));
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
