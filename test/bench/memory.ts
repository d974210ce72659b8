import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atRest, bareRepository, inFolder, manifests } from './manifests.ts';
import { rowOf } from './measure.ts';
import type { Case } from './row.ts';
import { isEvent, start, startService } from './service.ts';

/** V8 looks every eight seconds whether a start has left something over. */
const REST_MS = 15_000;

/** A service at rest with as many jobs as machines: what it holds, and which functions made it. */
export const memory: Case = {
  name: 'memory',
  what: 'RSS of a service with N jobs and N machines / of a process that holds their manifests as plain objects',
  unit: 'MiB',
  bar: null,
  sizes: { full: [1_000, 10_000], short: [50] },
  measure: (n, scale) =>
    inFolder(async (folder) => {
      const files = atRest(manifests(n, n));
      const bare = bareRepository(folder, files);
      const texts = join(folder, 'texts.json');
      writeFileSync(texts, JSON.stringify([...files]));
      const first = startService(bare, join(folder, 'state'));
      await first.line(isEvent('published'));
      await first.stop();
      const service = startService(bare, join(folder, 'state'), { heap: true });
      await service.line(isEvent('ready'));
      const holder = start(fileURLToPath(import.meta.resolve('./holder.js')), [texts]);
      await holder.line((line) => line === 'held');
      await new Promise((resolve) => setTimeout(resolve, scale === 'full' ? REST_MS : 100));
      const [ours, floor] = await Promise.all([service.read(), holder.read()]);
      await Promise.all([service.stop(), holder.stop()]);
      console.error(
        `  memory ${n}: heap ${ours.heapMiB.toFixed(0)} MiB / ${floor.heapMiB.toFixed(0)} MiB; sampled, most first:`,
      );
      for (const line of ours.top) console.error(`    ${line}`);
      return [rowOf('memory', n, [ours.rssMiB], [floor.rssMiB])];
    }),
};
