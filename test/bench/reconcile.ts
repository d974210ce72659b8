import { join } from 'node:path';
import { systemClock } from '../../controller/clock.ts';
import { openService } from '../../controller/service.ts';
import { bareGit } from './bare-git.ts';
import { bareRepository, commitTo, git, inFolder, job, jobFile, manifests } from './manifests.ts';
import { compare, timed } from './measure.ts';
import type { Case } from './row.ts';

const CHANGED = 10;

/** Ten of N manifests change: from the push to the agenda, recorded; the whole controller, but that nothing runs. */
export const reconcile: Case = {
  name: 'reconcile',
  what: '10 changed of N, from push to agenda / fetch, diff-tree and cat-file of the changed blobs',
  unit: 'ms',
  bar: 1.5,
  sizes: { full: [1_000, 10_000], short: [50] },
  measure: (n, scale) =>
    inFolder(async (folder) => {
      const machines = Math.max(5, n / 10);
      const bare = bareRepository(folder, manifests(n, machines));
      const url = `file://${bare}`;
      git(folder, ['clone', '--quiet', '--bare', url, 'clone.git']);
      const clone = join(folder, 'clone.git');
      git(clone, ['config', 'remote.origin.fetch', '+refs/heads/*:refs/heads/*']);
      const { controller, agenda, close } = await openController(url, folder);
      let round = 0;
      const push = () => {
        round += 1;
        const changed = Array.from({ length: CHANGED }, (_, index) => (index * (n / CHANGED)) | 0);
        commitTo(bare, new Map(changed.map((index) => [jobFile(index), job(index, machines, round)])));
        return changed.map((index) => jobFile(index));
      };
      const ours = async () => {
        const [file = ''] = push();
        const taken = await timed(() => controller.reconcile());
        const [facts] = agenda.documents(file);
        if (!facts?.Schedule.Time.endsWith(`:${String(round).padStart(2, '0')}`))
          throw new Error(`${file} is as before`);
        return taken;
      };
      const floor = () => {
        push();
        return timed(() => byHand(clone));
      };
      try {
        const rounds = scale === 'full' ? 15 : 1;
        return [await compare({ case: 'reconcile', n, ours, floor, rounds, warmups: 2, collects: false })];
      } finally {
        await close();
      }
    }),
};

const nothingRuns = () => Promise.reject(new Error('nothing runs here'));

async function openController(fleet: string, folder: string) {
  const service = await openService({
    location: { fleet },
    stateDir: join(folder, 'state'),
    environment: process.env,
    push: true,
    skipCI: false,
    pullIntervalMs: 600_000,
    random: Math.random,
    clock: systemClock,
    observe: () => undefined,
    executor: { execute: nothingRuns, recover: nothingRuns },
  });
  await service.controller.start();
  return service;
}

async function byHand(clone: string): Promise<void> {
  const was = (await bareGit(clone, ['rev-parse', 'main'])).toString().trim();
  await bareGit(clone, ['fetch', '--quiet', '--no-tags', 'origin']);
  const changed = (await bareGit(clone, ['diff-tree', '-r', '-z', was, 'main'])).toString().split('\0');
  const blobs = changed.filter((field) => field.startsWith(':')).map((field) => field.split(' ')[3]);
  if (blobs.length < CHANGED) throw new Error(`${blobs.length} blobs changed`);
  await bareGit(clone, ['cat-file', '--batch'], `${blobs.join('\n')}\n`);
}
