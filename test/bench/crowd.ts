import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { systemClock } from '../../controller/clock.ts';
import type { Executor } from '../../controller/executors/executor.ts';
import { openService } from '../../controller/service.ts';
import { interrupted } from '../../definitions/run.ts';
import { daily, machine } from '../support/manifests.ts';
import { bareRepository } from './manifests.ts';
import { quantile, rowOf } from './measure.ts';
import type { Case, Row } from './row.ts';

/** Jobs of one append in the floor: what a group commit of the same moment holds. */
const GROUP = 250;
const ANSWER_MS = 200;
const LEAD_MS = 4_000;

/** BMCs that answer after a while, without a wire. */
const executor: Executor = {
  async execute({ machine }) {
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    return { machine: machine.ID, outcome: 'Applied', entries: [{ ManagerID: 'bmc' }], error: null };
  },
  recover: async ({ machine }) => interrupted(machine.ID),
};

/** What one crowd showed. */
export interface Crowd {
  readonly lastClaimMs: number;
  readonly early: number;
  /** The longest time for which the event loop did nothing else, in milliseconds. */
  readonly blockedMs: number;
  /** How late each of the lone jobs began, that fell due while the crowd ran. */
  readonly lone: readonly number[];
  readonly restCpu: number;
  readonly restMiB: number;
}

/** Jobs that all fall due at one second, and lone ones in the seconds after it. */
function files(jobs: number, due: Date, lone: number): Map<string, string> {
  const time = (ms: number) => new Date(due.getTime() + ms).toISOString().slice(11, 19);
  const texts = new Map<string, string>();
  for (let from = 0; from < jobs + lone; from += 50) {
    const documents = Array.from({ length: Math.min(50, jobs + lone - from) }, (_, index) =>
      machine(`machine-${from + index + 1}`),
    );
    texts.set(`machines/rack-${from}.yaml`, documents.join('---\n'));
  }
  texts.set('bmcron.yaml', 'WorkerPoolSize: 10000\nMaxConnections: 10000\n');
  for (let job = 0; job < jobs + lone; job += 1) {
    const Time = time(job < jobs ? 0 : (job - jobs + 1) * 1000);
    const Machines = [`machine-${job + 1}`];
    texts.set(`jobs/${Math.floor(job / 100)}/job-${job}.yaml`, daily({ Name: `Job ${job}`, Time, Machines }));
  }
  return texts;
}

/** Lets a crowd of jobs fall due at one second. */
export async function crowd(jobs: number): Promise<Crowd> {
  const folder = mkdtempSync(join(tmpdir(), 'bmcron-due-'));
  try {
    const lone = 12;
    const setUpMs = 8_000 + jobs * 2;
    const due = new Date(Math.ceil((Date.now() + setUpMs + LEAD_MS) / 1000) * 1000);
    const bare = bareRepository(folder, files(jobs, due, lone));
    const delays = new Map<string, number>();
    const service = await openService({
      location: { fleet: bare, branch: 'main' },
      stateDir: join(folder, 'state'),
      environment: process.env,
      push: true,
      skipCI: false,
      pullIntervalMs: 30_000,
      executor,
      random: Math.random,
      clock: systemClock,
      observe: (event) => {
        if (event.event === 'started') delays.set(event.job, Date.now() - Date.parse(event.nominal));
        if (event.event === 'problem') throw new Error(event.problem.message);
      },
    });
    await service.controller.start();
    const running = service.controller.run();
    if (Date.now() > due.getTime() - 1000) throw new Error('the set-up took longer than was foreseen');
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due.getTime() - LEAD_MS / 2 - Date.now())));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due.getTime() - 200 - Date.now())));
    const rest = process.cpuUsage(before);
    const restMiB = process.memoryUsage().rss / 2 ** 20;
    const loop = monitorEventLoopDelay({ resolution: 5 });
    loop.enable();
    while (delays.size < jobs + lone && Date.now() < due.getTime() + 60_000)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await new Promise((resolve) => setTimeout(resolve, LEAD_MS)); // what is written back is part of it
    loop.disable();
    await service.controller.stop();
    await running;
    await service.close();
    const all = [...delays].filter(([id]) => Number(id.split('-')[1]) < jobs).map(([, ms]) => ms);
    const others = [...delays].filter(([id]) => Number(id.split('-')[1]) >= jobs).map(([, ms]) => ms);
    return {
      lastClaimMs: Math.max(...all),
      early: all.filter((ms) => ms < 0).length,
      blockedMs: loop.max / 1e6,
      lone: others,
      restCpu: (rest.user + rest.system) / 1000 / (LEAD_MS / 2 - 200),
      restMiB,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The least: as many claims made durable, in groups. */
async function floor(jobs: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bmcron-due-'));
  const file = await open(join(folder, 'journal'), 'a');
  const line = JSON.stringify({
    run: 'jobs.job-00000@2026-03-10T22:00:00Z',
    machines: ['machine-1'],
    action: 'PatchProfile',
  });
  const began = performance.now();
  for (let from = 0; from < jobs; from += GROUP) {
    await file.appendFile(`${line}\n`.repeat(Math.min(GROUP, jobs - from)));
    await file.datasync();
  }
  const taken = performance.now() - began;
  await file.close();
  rmSync(folder, { recursive: true, force: true });
  return taken;
}

/** Jobs due at the same second: until the last claim is durable, and what it does to others. */
export const crowded: Case = {
  name: 'crowd',
  what: 'jobs due at one second: until the last claim is durable / as many lines, synced in groups of 250',
  unit: 'ms',
  bar: null,
  sizes: { full: [1_000, 10_000], short: [50] },
  async measure(n): Promise<readonly Row[]> {
    const found = await crowd(n);
    if (found.early > 0) throw new Error(`${found.early} runs began early`);
    const late = quantile(found.lone, 0.99);
    return [
      rowOf('crowd', n, [found.lastClaimMs], [await floor(n)]),
      rowOf('crowd (event loop blocked, of 100 ms)', n, [found.blockedMs], [100]),
      rowOf('crowd (a lone job late, p99, of 50 ms)', n, [late], [50]),
    ];
  },
};

if (process.argv[1] === import.meta.filename) console.log(await crowd(Number(process.argv[2] ?? 1000)));
