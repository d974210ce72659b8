import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atRest, bareRepository, git, inFolder, manifests } from './manifests.ts';
import { rowOf } from './measure.ts';
import type { Case } from './row.ts';
import { isEvent, type Measured, start, startService } from './service.ts';

const MINUTE_MS = 60_000;
/** After the first look at the remote, which takes note of the service's own first commit. */
const REST_MS = 35_000;

/** A service with nothing to do, following a remote: what it burns, and that it writes nothing. */
export const idle: Case = {
  name: 'idle',
  what: 'CPU of a service at rest that follows a remote / a process that does nothing but fetch as often',
  unit: 'CPU ms a minute',
  bar: null,
  sizes: { full: [10_000], short: [50] },
  measure: (n, scale) =>
    inFolder(async (folder) => {
      const bare = bareRepository(folder, atRest(manifests(n, n / 10)));
      const state = join(folder, 'state');
      const url = `file://${bare}`;
      const service = startService(url, state);
      await service.line(isEvent('published'));
      const other = git(folder, ['clone', '--quiet', '--bare', url, 'other.git']) + join(folder, 'other.git');
      const fetcher = start(fileURLToPath(import.meta.resolve('./fetcher.js')), [other]);
      await new Promise((resolve) => setTimeout(resolve, scale === 'full' ? REST_MS : 100));
      const before = { bytes: sizeOf(folder), tip: git(bare, ['rev-parse', 'main']) };
      const lastMs = scale === 'full' ? MINUTE_MS : MINUTE_MS / 60;
      const [ours, floor] = await Promise.all([cpuOver(service, lastMs), cpuOver(fetcher, lastMs)]);
      const bytes = sizeOf(folder) - before.bytes;
      if (git(bare, ['rev-parse', 'main']) !== before.tip) throw new Error('a service at rest has made a commit');
      await Promise.all([service.stop(), fetcher.stop()]);
      console.error(`  idle ${n}: ${bytes} bytes written, 0 commits`);
      return [rowOf('idle', n, [ours], [floor])];
    }),
};

/** Milliseconds of CPU in a minute, from a part of it. */
async function cpuOver(process: Measured, lastMs: number): Promise<number> {
  const before = await process.read();
  await new Promise((resolve) => setTimeout(resolve, lastMs));
  const after = await process.read();
  return ((after.cpuMs - before.cpuMs) * MINUTE_MS) / lastMs;
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce(
    (sum, path) => sum + (statSync(join(folder, path), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
