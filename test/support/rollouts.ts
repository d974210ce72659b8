// Fleets and jobs of rollouts, as rows of their table write them, and what became of them night by night.
import type { JobSpec, Rollout } from '../../definitions/job.ts';
import type { Json } from '../../definitions/values/json.ts';
import type { TestSystem } from './controller.ts';
import { daily, machine } from './manifests.ts';

/** `machine-1` to `machine-N`, of rack r7 where the row says so. */
export function fleet(count: number, r7: readonly number[] = []): Readonly<Record<string, string>> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const labels = (number: number) => (r7.includes(number) ? { Labels: { rack: 'r7' } } : {});
  return Object.fromEntries(
    numbers.map((number) => [`machines/m${number}.json`, machine(`machine-${number}`, labels(number))]),
  );
}

/** IDs of machines by their numbers. */
export function ids(...numbers: readonly number[]): string[] {
  return numbers.map((number) => `machine-${number}`);
}

/** Canary, then the two after it, then all others, unless the row says otherwise. */
export const WAVES: Rollout['Waves'] = [
  { Name: 'canary', Machines: ids(1) },
  { Name: 'rack', Machines: ids(2, 3) },
  { Name: 'rest', Rest: true },
];

/** A job on machine-1 to machine-5, daily at 22:00:00, with a rollout. */
export function rolled(
  profile: string,
  rollout: Partial<Rollout> = {},
  more: Readonly<Record<string, Json>> = {},
): string {
  const Rollout = { Waves: WAVES, ...rollout } as unknown as Json;
  return daily({ Machines: ids(1, 2, 3, 4, 5), Profile: profile, more: { Rollout, ...more } });
}

/** The same job without one. */
export function plain(profile: string): string {
  return daily({ Machines: ids(1, 2, 3, 4, 5), Profile: profile });
}

/** What the parts since a mark have set, by machine: `1:Balanced 2:PowerSaver`; in the order of the machines. */
export function night(system: TestSystem, since = 0): string {
  const set = system.bmcs.carried.slice(since).map(({ part }) => {
    const [entry] = part.payload as JobSpec['Payload'];
    return `${part.machine.ID.replace('machine-', '')}:${String(entry?.Payload['Profile'])}`;
  });
  return set.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).join(' ');
}

/** Lets the next night come, without the day before it, and so many minutes of it pass; tells what it set. */
export async function nextNight(system: TestSystem, minutes = 1): Promise<string> {
  const before = system.bmcs.carried.length;
  const now = system.clock.now();
  const eve = new Date(now);
  eve.setUTCHours(21, 59, 30, 0);
  if (eve <= now) eve.setUTCDate(eve.getUTCDate() + 1);
  await system.jump(eve.toISOString());
  await system.advance(minutes * 60_000);
  return night(system, before);
}

/** A file of a job. */
export const JOB = 'jobs/a.json';
