import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atRest, bareRepository, inFolder, job, jobFile, manifests } from './manifests.ts';
import { compare, rowOf, timed } from './measure.ts';
import type { Case } from './row.ts';
import { isEvent, startService } from './service.ts';

/** The least: Node starts, git says what the branch is, the facts are read. */
const FLOOR = `const [bare, known] = process.argv.slice(1);
require('node:child_process').execFileSync('git', ['-C', bare, 'rev-parse', 'main']);
JSON.parse(require('node:fs').readFileSync(known, 'utf8'));`;

/** What a program has to know again of each job: its manifest and its facts. */
function facts(jobs: number): string {
  const texts = Array.from({ length: jobs }, (_, index) => ({ file: jobFile(index), text: job(index, jobs / 10) }));
  return JSON.stringify(texts.map((each) => ({ ...each, next: '2026-03-10T22:00:00Z', runs: 1, conditions: [] })));
}

/** Process start to ready with a warm state folder: what a deployment, a crash or a reboot costs. */
export const restart: Case = {
  name: 'restart',
  what: 'process start to ready, warm state folder / `node -e 0`, git rev-parse, reading the facts of as many jobs',
  unit: 'ms',
  bar: (n) => (n > 1_000 ? 4 : 2),
  sizes: { full: [1_000, 10_000], short: [50] },
  measure: (n, scale) =>
    inFolder(async (folder) => {
      const bare = bareRepository(folder, atRest(manifests(n, n / 10)));
      const [state, known] = [join(folder, 'state'), join(folder, 'facts.json')];
      writeFileSync(known, facts(n));
      const first = startService(bare, state);
      await first.line(isEvent('published'));
      await first.stop();
      const cpu: number[] = [];
      const ours = async () => {
        const service = startService(bare, state, { metered: false });
        const { text, atMs } = await service.line(isEvent('ready'));
        cpu.push(JSON.parse(text).cpuMs);
        await service.stop();
        return atMs;
      };
      const floor = () => timed(() => spawnSync(process.execPath, ['-e', FLOOR, bare, known]));
      const row = await compare({ case: 'restart', n, ours, floor, rounds: scale === 'full' ? 5 : 1 });
      return [row, rowOf('restart (CPU, of 1 s)', n, cpu.slice(1), cpu.slice(1).fill(1_000))];
    }),
};
