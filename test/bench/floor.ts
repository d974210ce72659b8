import { spawn } from 'node:child_process';
import { GIT_ENVIRONMENT } from '../git/ground.ts';

/** A line of the benchmarks: medians in milliseconds; `spread` is half the quartiles' distance of the rounds' ratios. */
export interface Measurement {
  readonly case: string;
  readonly n: number;
  readonly ours: number;
  readonly floor: number;
  readonly ratio: number;
  readonly spread: number;
}

/** Git and nothing around it: no shell, no text, the input as it is. */
export function bareGit(folder: string, args: readonly string[], input: Buffer | string = ''): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: folder, env: GIT_ENVIRONMENT, stdio: ['pipe', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('close', (code) =>
      code === 0 ? resolve(Buffer.concat(chunks)) : reject(new Error(`git ended with ${code}`)),
    );
    child.stdin.on('error', () => undefined); // it may have read enough
    child.stdin.end(input);
  });
}

/** Runs ours and the floor in turns, in changing order; each lap tells its milliseconds. */
export async function inTurns(
  name: string,
  n: number,
  rounds: number,
  laps: { readonly ours: (round: number) => Promise<number>; readonly floor: (round: number) => Promise<number> },
): Promise<Measurement> {
  const taken = { ours: [] as number[], floor: [] as number[] };
  for (let round = -1; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? (['floor', 'ours'] as const) : (['ours', 'floor'] as const)) {
      const lap = await laps[side](round);
      if (round >= 0) taken[side].push(lap);
    }
  }
  const ratios = taken.ours.map((lap, index) => lap / (taken.floor[index] ?? lap));
  const [ours, floor] = [quantile(taken.ours, 0.5), quantile(taken.floor, 0.5)];
  const spread = (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / 2 / quantile(ratios, 0.5);
  return { case: name, n, ours, floor, ratio: ours / floor, spread };
}

function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * part)] ?? Number.NaN;
}

/** How long work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
