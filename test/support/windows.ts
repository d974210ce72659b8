// Scenarios of windows: a fleet of two sites, a freeze, and what became of it.
import type { Condition } from '../../definitions/status.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { facts, type TestSystem } from './controller.ts';
import { daily, machine, text } from './manifests.ts';
import { publishedText } from './remote.ts';

export const AMS = { MachineSelector: { MatchLabels: { site: 'ams' } } };
export const FREEZE = {
  Name: 'Year end',
  Kind: 'Freeze',
  From: '2026-03-10T12:00:00',
  To: '2026-03-12T08:00:00',
} as const;
export const FROZEN = 'Frozen by Year end until 2026-03-12T08:00:00Z';

export const window = (more: JsonObject = {}) => text({ ...FREEZE, ...more });
export const wait = { more: { OnBlocked: 'Wait' } };
/** machine-1 and machine-2 are in Amsterdam, machine-3 is elsewhere. */
export const fleet = {
  'machines/all.yaml': [
    machine('machine-1', { Labels: { site: 'ams' } }),
    machine('machine-2', { Labels: { site: 'ams' } }),
    machine('machine-3'),
  ].join('---\n'),
};
export const ALL = { Machines: ['machine-1', 'machine-2', 'machine-3'] };
export const carried = (system: TestSystem) =>
  system.bmcs.carried.map(({ part, start }) => `${part.job} ${part.machine.ID} ${start.toISOString().slice(5, 16)}`);
export const missed = (system: TestSystem, job: string) =>
  system.status(job).Missed.map(({ Time, Reason }) => `${Time} ${Reason}`);

/** One connection: machine-1 takes an hour, the others' parts have not begun. */
export const oneByOne = { ...fleet, 'bmcron.yaml': 'MaxConnections: 1\n', 'jobs/a.yaml': daily(ALL) };

/** The condition Ready in the published status file. */
export function readyOf(system: TestSystem, job: string): Condition | undefined {
  const conditions = facts(system, job)?.['Conditions'] ?? [];
  return (conditions as unknown as readonly Condition[]).find(({ Type }) => Type === 'Ready');
}

export function page(system: TestSystem): string {
  return publishedText(system.bare, 'STATUS.md') ?? '';
}
