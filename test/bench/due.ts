import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../controller/clock.ts';
import { createFairLimit, createKeyedMutex } from '../../controller/runs/concurrency.ts';
import { createExecute } from '../../controller/runs/execute.ts';
import { createGateWaits } from '../../controller/runs/gate-waits.ts';
import { createQueue } from '../../controller/runs/queue.ts';
import { createRunner } from '../../controller/runs/runner.ts';
import { openJournal } from '../../controller/state/journal.ts';
import { createStatusRecord } from '../../controller/state/status-record.ts';
import type { Job, JobSpec } from '../../definitions/job.ts';
import { version } from '../../definitions/job-version.ts';
import { createAgenda } from '../../definitions/lifecycle/agenda.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import { createGuardState } from '../../definitions/lifecycle/guard-state.ts';
import type { Machine } from '../../definitions/machine.ts';
import { createLogPaths } from '../../definitions/run-log.ts';
import { DEFAULT_SETTINGS } from '../../definitions/settings.ts';
import { OPEN_GATES } from '../support/jobs.ts';
import { inFolder } from './manifests.ts';
import { compare, timed } from './measure.ts';
import type { Case } from './row.ts';

/** Lines that share a sync in the floor: what comes together while a disk syncs. */
const GROUP = 100;

/** All jobs of a fleet due in one second, a worker for each: how long until the last one is claimed, durably. */
export const due: Case = {
  name: 'due',
  what: 'N jobs due in one second, until the last is claimed on disk / N journal lines, an fdatasync for each hundred',
  unit: 'ms',
  bar: 2,
  sizes: { full: [1_000, 10_000], short: [50] },
  measure: (n, scale) =>
    inFolder(async (folder) => {
      let lap = 0;
      const ours = () => claimAll(join(folder, `journal-${lap++}`), n);
      const floor = () => timed(() => lines(join(folder, `lines-${lap++}`), n));
      return [await compare({ case: 'due', n, ours, floor, rounds: scale === 'full' ? 5 : 1 })];
    }),
};

/** Milliseconds until every job of an agenda is claimed; then all runs end, which is not counted. */
async function claimAll(folder: string, n: number): Promise<number> {
  const journal = await openJournal(folder);
  const agenda = createAgenda();
  const nominal = systemClock.now();
  const put = (job: Job, next: Date) => agenda.put(job, accepted(job, nominal, next));
  const settings = () => ({ ...DEFAULT_SETTINGS, WorkerPoolSize: n });
  const { signal } = new AbortController();
  const inventory = new Map(Array.from({ length: n }, (_, index) => [`machine-${index}`, machineOf(index)]));
  let claimed = 0;
  let release = () => {};
  const all = new Promise<void>((resolve) => {
    release = resolve;
  });
  const facts = createStatusRecord(agenda, systemClock);
  let began = Number.NaN;
  let tookMs = Number.NaN;
  const guards = createGuardState();
  const execute = createExecute({
    deps: {
      clock: systemClock,
      observe: ({ event }) => {
        if (event !== 'started' || ++claimed < n) return;
        tookMs = performance.now() - began;
        release();
      },
    },
    agenda,
    executor: {
      execute: async ({ machine }) => {
        await all; // a BMC takes longer than this case
        return { machine: machine.ID, outcome: 'Unchanged', entries: [], error: null };
      },
    },
    inForce: { settings, machines: () => inventory, unfit: () => [] },
    gates: () => ({ ...OPEN_GATES, machines: inventory, guards }),
    guards,
    waits: createGateWaits(systemClock),
    records: {
      journal,
      facts,
      missing: () => [],
      record: () => undefined,
      recorded: () => undefined,
      pathOf: createLogPaths([]),
    },
    limits: { connections: createFairLimit(DEFAULT_SETTINGS.MaxConnections), machines: createKeyedMutex() },
    signal,
  });
  const queue = createQueue({
    agenda,
    settings,
    gates: () => ({ ...OPEN_GATES, machines: inventory, guards }),
    guards,
    claimed: new Set(),
    observe: () => undefined,
    record: () => undefined,
  });
  await queue.look(nominal); // it has been there all the time: nothing was missed
  for (let index = 0; index < n; index += 1) put(jobOf(index), nominal);
  const failed = (_: unknown, error: unknown) => {
    throw error;
  };
  const runner = createRunner({ clock: systemClock, agenda, queue, execute, workers: () => n, failed });
  began = performance.now();
  await runner.start({ once: true });
  await journal.close();
  return tookMs;
}

function jobOf(index: number): Job {
  const spec: JobSpec = {
    Name: `Job ${index}`,
    Machines: [`machine-${index}`],
    Action: 'PatchProfile',
    Payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
    Schedule: { Type: 'Continuous', Time: '22:00:00', Period: { StartDay: '2026-02-10' } },
  };
  const source = { file: `jobs/job-${index}.yaml`, document: 0, blob: '' };
  return { id: `job-${index}`, spec, machines: spec.Machines ?? [], version: version(spec), source, commit: 'c0ffee' };
}

function machineOf(index: number): Machine {
  return { ID: `machine-${index}`, Type: 'Extend', Endpoint: 'https://127.0.0.1', Timeout: '60s' };
}

/** A claim's line each, of the same length as ours. */
async function lines(path: string, n: number): Promise<void> {
  const file = await open(path, 'w');
  for (let from = 0; from < n; from += GROUP) {
    const group = Array.from({ length: Math.min(GROUP, n - from) }, (_, index) => line(from + index));
    await file.write(group.join(''));
    await file.datasync();
  }
  await file.close();
}

function line(index: number): string {
  const [job, at] = [`job-${index}`, systemClock.now().toISOString()];
  const claim = { run: `${job}@${at}`, job, trigger: 'Schedule', nominal: at, start: at, action: 'PatchProfile' };
  const record = { kind: 'claim', claim: { ...claim, machines: [`machine-${index}`], commit: 'c0ffee' } };
  return `${JSON.stringify({ seq: index, record })}\n`;
}
