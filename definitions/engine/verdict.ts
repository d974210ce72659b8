import type { MachineID } from '../machine.ts';
import type { Result } from '../run.ts';
import { counted } from '../values/text.ts';
import type { Site } from './names.ts';

/** A worker that has said nothing of a part for so long is given up; it says something every four seconds. */
export const SILENT_MS = 10_000;

/** The lease of a part as it was seen last: its sequence, and since when, by the observer's own monotonic clock. */
export interface PartSight {
  readonly seq: number;
  readonly sinceMs: number;
}

/** The sight after one more look at the engine: a sequence that moved is a sign of life, whichever way it moved. */
export function nextPartSight(before: PartSight | null, seq: number, nowMs: number): PartSight {
  return before?.seq === seq ? before : { seq, sinceMs: nowMs };
}

/** Whether its worker is to be given up. */
export function isSilent({ sinceMs }: PartSight, nowMs: number): boolean {
  return nowMs - sinceMs >= SILENT_MS;
}

/** What an operator sees where nobody serves a site. */
export function noWorkerText(site: Site, machines: number): string {
  return `site ${site} has no worker; ${counted(machines, 'machine')} ${machines === 1 ? 'waits' : 'wait'}`;
}

/** The end of a part that no worker took, and that none can begin any more. */
export function neverTaken(machine: MachineID, site: Site): Result {
  return unreachable(machine, `no worker of site ${site} took it (transient)`);
}

/** The end of a part that was never published, since the engine did not answer. */
export function neverPublished(machine: MachineID, site: Site): Result {
  return unreachable(machine, `the engine did not answer, so that no worker of site ${site} heard of it (transient)`);
}

/** The end of a part of a site where there is no engine to reach its workers by. */
export function noEngine(machine: MachineID, site: Site): Result {
  return unreachable(machine, `it is at site ${site}, and this controller was started without --engine (transient)`);
}

/** The end of a part that was told to stop before any worker began. */
export function stoppedBefore(machine: MachineID): Result {
  return { machine, outcome: 'Interrupted', entries: [], error: 'interrupted: its run was stopped before it began' };
}

/** The end of a part whose worker fell silent: what the BMC holds is not known. */
export function workerLost(machine: MachineID, site: Site): Result {
  const what = 'transient: the next run tells what the BMC holds';
  const error = `interrupted: the worker of site ${site} fell silent (${what})`;
  return { machine, outcome: 'Interrupted', entries: [], error };
}

/** The end of a part whose result nobody can read. */
export function unreadableResult(machine: MachineID, fault: string): Result {
  const error = `interrupted: the result of its worker cannot be read: ${fault} (transient)`;
  return { machine, outcome: 'Interrupted', entries: [], error };
}

function unreachable(machine: MachineID, error: string): Result {
  return { machine, outcome: 'Unreachable', entries: [], error };
}
