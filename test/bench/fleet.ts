import { join } from 'node:path';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import { createFairLimit, createKeyedMutex } from '../../controller/runs/concurrency.ts';
import { createExecute } from '../../controller/runs/execute.ts';
import { createGateWaits } from '../../controller/runs/gate-waits.ts';
import { openJournal } from '../../controller/state/journal.ts';
import { createStatusRecord } from '../../controller/state/status-record.ts';
import type { Job, JobSpec } from '../../definitions/job.ts';
import { version } from '../../definitions/job-version.ts';
import { createAgenda } from '../../definitions/lifecycle/agenda.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import { createGuardState } from '../../definitions/lifecycle/guard-state.ts';
import type { Machine } from '../../definitions/machine.ts';
import { judgeJob } from '../../definitions/manifest/platform.ts';
import { createLogPaths } from '../../definitions/run-log.ts';
import { DEFAULT_SETTINGS } from '../../definitions/settings.ts';
import { timestamp } from '../../definitions/values/time.ts';
import { OPEN_GATES } from '../support/jobs.ts';
import { bareVisits, LOGIN, PROFILES } from './bare-visits.ts';
import { startRacks } from './bmcs.ts';
import { inFolder } from './manifests.ts';
import { compare, timed } from './measure.ts';
import type { Case } from './row.ts';

const SECRET = { BMCRON_BENCH_USERNAME: LOGIN.username, BMCRON_BENCH_PASSWORD: LOGIN.password };

/**
 * A job on many BMCs in other processes, over TLS, `MaxConnections` at a time, claims, results and logs included.
 * The executor's second look 1.5 s after a change is left out on both sides, as waiting it out costs nobody anything:
 * in the floor too, all that is left is work.
 */
export const fleet: Case = {
  name: 'fleet',
  what: 'one job on N BMCs: claim, change, read back, record / a bare node-fetch loop with the same requests',
  unit: 'ms',
  bar: 1.15,
  sizes: { full: [1_000], short: [8] },
  measure: (n, scale) =>
    inFolder(async (folder) => {
      const racks = await startRacks(n);
      const place = await openPlace(folder, racks.machines);
      try {
        let lap = 0;
        const next = () => PROFILES[lap++ % PROFILES.length] ?? '';
        const ours = () => timed(() => place.run(next()));
        const atOnce = DEFAULT_SETTINGS.MaxConnections;
        const floor = () => timed(() => bareVisits(racks.machines, { profile: next(), atOnce, settleMs: 0 }));
        return [await compare({ case: 'fleet', n, ours, floor, rounds: scale === 'full' ? 3 : 1 })];
      } finally {
        await place.close();
        racks.close();
      }
    }),
};

/** A controller's way of carrying out a run, over a journal on disk. */
async function openPlace(folder: string, machines: readonly Machine[]) {
  const journal = await openJournal(join(folder, 'journal'));
  const agenda = createAgenda();
  const inventory = new Map(machines.map((machine) => [machine.ID, machine]));
  const credentials = createCredentials({ env: { ...SECRET, BMCRON_BENCH_ENDPOINTS: '127.0.0.1' } });
  const tally = { succeeded: 0 };
  const { signal } = new AbortController();
  const unfit = ({ spec }: Job, machine: Machine) =>
    judgeJob({ ...spec, Machines: [machine.ID] }, new Map([[machine.ID, machine]])).map(({ message }) => message);
  const guards = createGuardState();
  const execute = createExecute({
    deps: {
      clock: systemClock,
      observe: (event) => {
        if (event.event === 'finished') tally.succeeded = event.succeeded;
      },
    },
    agenda,
    executor: createLocalExecutor({ random: Math.random, credentials, clock: systemClock, settleMs: 0 }),
    inForce: { settings: () => DEFAULT_SETTINGS, machines: () => inventory, unfit },
    gates: () => ({ ...OPEN_GATES, machines: inventory, guards }),
    guards,
    waits: createGateWaits(systemClock),
    records: {
      journal,
      facts: createStatusRecord(agenda, systemClock),
      missing: () => [],
      record: () => undefined,
      recorded: () => undefined,
      pathOf: createLogPaths([]),
    },
    limits: { connections: createFairLimit(DEFAULT_SETTINGS.MaxConnections), machines: createKeyedMutex() },
    signal,
  });
  return {
    close: () => journal.close(),
    async run(profile: string): Promise<void> {
      const job = jobOf(machines, profile);
      const now = timestamp(systemClock.now());
      agenda.put(job, accepted(job, systemClock.now(), null));
      const asked = { trigger: 'Manual', nominal: now, token: profile, start: now, commit: '' } as const;
      const ids = job.machines;
      await execute({
        job,
        claim: { ...asked, run: `fleet@${profile}`, job: 'fleet', action: 'PatchProfile', machines: ids },
      });
      if (tally.succeeded !== machines.length) throw new Error(`${tally.succeeded} of ${machines.length} succeeded`);
    },
  };
}

function jobOf(machines: readonly Machine[], profile: string): Job {
  const spec: JobSpec = {
    Name: 'Fleet',
    Machines: machines.map(({ ID }) => ID),
    Action: 'PatchProfile',
    Payload: [{ ManagerID: 'bmc', Payload: { Profile: profile } }],
    Schedule: { Type: 'Once', Time: '22:00:00' },
  };
  const source = { file: 'jobs/fleet.yaml', document: 0, blob: '' };
  return { id: 'fleet', spec, machines: spec.Machines ?? [], version: version(spec), source, commit: '' };
}
