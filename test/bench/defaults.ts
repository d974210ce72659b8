import { join } from 'node:path';
import type { Machine } from '../../definitions/machine.ts';
import { DEFAULT_SETTINGS } from '../../definitions/settings.ts';
import { timestamp } from '../../definitions/values/time.ts';
import { daily, machine } from '../support/manifests.ts';
import { bareVisits, LOGIN, PROFILES } from './bare-visits.ts';
import { startRacks } from './bmcs.ts';
import { bareRepository, commitTo, inFolder } from './manifests.ts';
import { compare, rowOf, timed } from './measure.ts';
import type { Case, Row, Scale } from './row.ts';
import { isEvent, type Measured, startService } from './service.ts';

/** The environment of a service: how it logs in to the BMCs. */
export const SECRET = {
  BMCRON_BENCH_USERNAME: LOGIN.username,
  BMCRON_BENCH_PASSWORD: LOGIN.password,
  BMCRON_BENCH_ENDPOINTS: '127.0.0.1',
};
/** The executor's second look comes so long after a change. */
const SETTLE_MS = 1_500;
/** A commit is in force well before what it says falls due. */
export const LEAD_MS = { commit: 3_000, job: 5 } as const;
const LIMIT_MS = 400_000;

const { WorkerPoolSize, MaxConnections } = DEFAULT_SETTINGS;

/** Jobs of a machine each, all due at one second, with no `bmcron.yaml`: the program as it is shipped, over TLS. */
export const crowdDefault: Case = {
  name: 'crowd-default',
  what: 'N jobs of a machine each at one second, no bmcron.yaml / the same requests by a bare loop, as many at once',
  unit: 'ms',
  bar: 1.3,
  sizes: { full: [100, 1_000], short: [6] },
  measure: (n, scale) =>
    measureDefaults('crowd-default', scale, {
      n,
      atOnce: Math.min(WorkerPoolSize, MaxConnections),
      jobs: (machines) => machines.map(({ ID }) => [ID]),
    }),
};

/** One job on many machines with no `bmcron.yaml`. */
export const wideDefault: Case = {
  name: 'wide-default',
  what: 'one job on N machines, no bmcron.yaml / the same requests by a bare loop, and one settle time',
  unit: 'ms',
  bar: 1.3,
  sizes: { full: [1_000], short: [6] },
  measure: (n, scale) =>
    measureDefaults('wide-default', scale, {
      n,
      atOnce: MaxConnections,
      jobs: (machines) => [machines.map(({ ID }) => ID)],
    }),
};

interface Crowd {
  /** How many machines. */
  readonly n: number;
  /** So many does the floor talk to at once: what the defaults allow. */
  readonly atOnce: number;
  /** The machines of each job. */
  readonly jobs: (machines: readonly Machine[]) => readonly (readonly string[])[];
}

/** From the second at which all is due until the last run is recorded; and when the last BMC heard of it. */
function measureDefaults(name: string, scale: Scale, { n, atOnce, jobs }: Crowd): Promise<readonly Row[]> {
  return inFolder(async (folder) => {
    const racks = await startRacks(n);
    const all = jobs(racks.machines);
    const bare = bareRepository(folder, inventory(racks.machines));
    const service = startService(bare, join(folder, 'state'), { env: SECRET, metered: false });
    const first = { ours: [] as number[], floor: [] as number[] };
    let lap = 0;
    const next = () => PROFILES[lap++ % PROFILES.length] ?? '';
    const ours = async () => {
      const due = new Date(Math.ceil((Date.now() + LEAD_MS.commit + LEAD_MS.job * n) / 1000) * 1000);
      const took = await runAll(service, bare, manifestsAt(all, due, next()), due);
      first.ours.push(await racks.lastFirstRequest(due.getTime()));
      return took;
    };
    const floor = async () => {
      const began = Date.now();
      const took = await timed(() => bareVisits(racks.machines, { profile: next(), atOnce, settleMs: SETTLE_MS }));
      first.floor.push(await racks.lastFirstRequest(began));
      return took;
    };
    try {
      await service.line(isEvent('ready'));
      const rounds = scale === 'full' ? 2 : 1;
      const warmups = scale === 'full' ? 1 : 0;
      const row = await compare({ case: name, n, ours, floor, rounds, warmups });
      return [row, rowOf(`${name} (last first request)`, n, first.ours.slice(warmups), first.floor.slice(warmups))];
    } finally {
      await service.stop();
      racks.close();
    }
  });
}

/** Commits jobs that fall due at a second; resolves with the milliseconds after it when the last one had ended. */
export async function runAll(
  service: Measured,
  bare: string,
  manifests: ReadonlyMap<string, string>,
  due: Date,
): Promise<number> {
  const [ended, publishing] = [endOf(due, manifests.size), endOf(due, manifests.size)];
  commitTo(bare, manifests);
  await service.line(ended, LIMIT_MS);
  const took = Date.now() - due.getTime();
  await service.line((line) => publishing(line) && isEvent('published')(line)); // the next lap is not to hear of it
  return took;
}

/** Makes what holds from the line on that reports the end of the last of the runs of a second. */
function endOf(due: Date, runs: number): (line: string) => boolean {
  let ended = 0;
  return (line) => {
    if (isEvent('finished')(line) && line.includes(`@${timestamp(due)}"`)) {
      if (!line.includes('"failed":0')) throw new Error(line);
      ended += 1;
    }
    return ended === runs;
  };
}

/** The manifests of machines, fifty a file. */
export function inventory(machines: readonly Machine[]): Map<string, string> {
  const documents = machines.map(({ ID, Type, Endpoint, CredentialsRef = '', TLS = {} }) =>
    machine(ID, { Type, Endpoint, CredentialsRef, TLS: { ...TLS } }),
  );
  const files = new Map<string, string>();
  for (let from = 0; from < documents.length; from += 50)
    files.set(`machines/rack-${from}.yaml`, documents.slice(from, from + 50).join('---\n'));
  return files;
}

/** A job a file, due today at a second. */
export function manifestsAt(jobs: readonly (readonly string[])[], due: Date, Profile: string): Map<string, string> {
  const Time = due.toISOString().slice(11, 19);
  const text = (Machines: readonly string[], job: number) => daily({ Name: `Job ${job}`, Time, Machines, Profile });
  return new Map(jobs.map((Machines, job) => [`jobs/${Math.floor(job / 100)}/job-${job}.yaml`, text(Machines, job)]));
}
