import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROFILES } from './bare-visits.ts';
import { startRacks } from './bmcs.ts';
import { inventory, LEAD_MS, manifestsAt, runAll, SECRET } from './defaults.ts';
import { bareRepository, inFolder } from './manifests.ts';
import { rowOf } from './measure.ts';
import type { Case } from './row.ts';
import { isEvent, start, startService } from './service.ts';

/** V8 looks every eight seconds whether there is something to give back. */
const REST_MS = 30_000;

/** The most memory that it takes to talk to all of a fleet at once, and what of it is left a little later. */
export const wideMemory: Case = {
  name: 'wide-memory',
  what: 'peak RSS, one job on N machines with MaxConnections: N / the same requests by a bare loop, all at once',
  unit: 'MiB',
  bar: null,
  sizes: { full: [1_000], short: [6] },
  measure: (n, scale) =>
    inFolder(async (folder) => {
      const racks = await startRacks(n);
      const settings = ['bmcron.yaml', `MaxConnections: ${n}\n`] as const;
      const bare = bareRepository(folder, new Map([...inventory(racks.machines), settings]));
      const texts = join(folder, 'machines.json');
      writeFileSync(texts, JSON.stringify(racks.machines));
      const service = startService(bare, join(folder, 'state'), { env: SECRET });
      try {
        await service.line(isEvent('ready'));
        const due = new Date(Math.ceil((Date.now() + LEAD_MS.commit) / 1000) * 1000);
        const job = racks.machines.map(({ ID }) => ID);
        await runAll(service, bare, manifestsAt([job], due, PROFILES[0] ?? ''), due);
        const visitor = start(fileURLToPath(import.meta.resolve('./visitor.js')), [texts]);
        await visitor.line((line) => line === 'visited');
        const floor = await visitor.read();
        await visitor.stop();
        await new Promise((resolve) => setTimeout(resolve, scale === 'full' ? REST_MS : 100));
        const ours = await service.read();
        console.error(`  wide-memory ${n}: ${ours.foundMiB.toFixed(0)} MiB at rest, a little later`);
        return [rowOf('wide-memory', n, [ours.peakMiB], [floor.peakMiB])];
      } finally {
        await service.stop();
        racks.close();
      }
    }),
};
