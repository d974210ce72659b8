import { type Action, valuesOf } from '../actions/action.ts';
import { fieldOn, fieldText } from '../actions/address.ts';
import { ACTIONS } from '../actions/index.ts';
import type { Job, JobID, PayloadEntry } from '../job.ts';
import { type MachineID, type Machines, originOf } from '../machine.ts';
import type { Timestamp } from '../values/time.ts';
import { BEGIN, type PartGate } from './gate.ts';

/** A job that writes at a time: one that it missed, or the one at which it ran last. */
export interface WriteTime {
  readonly job: Job;
  readonly nominal: Timestamp;
  /** False: it has run for it, and can only supersede others. */
  readonly isMissed: boolean;
}

/** What of a missed run somebody writes later: machine → field → the job that has the last word. */
export interface Supersession {
  readonly nominal: Timestamp;
  readonly by: ReadonlyMap<MachineID, ReadonlyMap<string, JobID>>;
}

/**
 * Catching up does not replay: of what is written to one field of one machine only the last counts, whether that is
 * still to be made up for or has been done (R22). It counts also where it cannot begin any more, since what came before
 * it is no longer what anybody wants. Of one time the later ID is the last, as they would run (R25).
 */
export function supersessions(writes: readonly WriteTime[], machines: Machines): ReadonlyMap<JobID, Supersession> {
  const found = new Map<JobID, { nominal: Timestamp; by: Map<MachineID, Map<string, JobID>> }>();
  if (!writes.some(({ isMissed }) => isMissed)) return found;
  const last = new Map<string, WriteTime>();
  for (const write of writes) {
    for (const { key } of fieldsOf(write.job, machines)) {
      const known = last.get(key);
      if (!known || isLater(write, known)) last.set(key, write);
    }
  }
  for (const { job, nominal, isMissed } of writes) {
    for (const { key, machine, field } of isMissed ? fieldsOf(job, machines) : []) {
      const winner = last.get(key)?.job.id;
      if (winner === undefined || winner === job.id) continue;
      const entry = found.get(job.id) ?? { nominal, by: new Map() };
      found.set(job.id, entry);
      entry.by.set(machine, (entry.by.get(machine) ?? new Map<string, JobID>()).set(field, winner));
    }
  }
  return found;
}

/** A field of a machine that a job writes; `key` is the same for all that write to it. */
interface WrittenField {
  readonly machine: MachineID;
  readonly field: string;
  readonly key: string;
}

function fieldsOf({ spec, machines: ids }: Job, machines: Machines): readonly WrittenField[] {
  const action = ACTIONS.get(spec.Action);
  if (!action) return [];
  const written = spec.Payload.flatMap((entry) =>
    valuesOf(action, entry).map(([name]) => ({ entry, name, field: fieldText(action, entry, name) })),
  );
  return ids.flatMap((id) => {
    const machine = machines.get(id);
    const place = machine ? originOf(machine) : id; // two machines with one Endpoint are one BMC
    return written.map(({ entry, name, field }) => {
      return { machine: id, field, key: `${place} ${fieldOn(action, entry, name, machine)}` };
    });
  });
}

function isLater(a: WriteTime, b: WriteTime): boolean {
  return a.nominal > b.nominal || (a.nominal === b.nominal && a.job.id > b.job.id);
}

/** What is left of a payload on a machine; nothing: no entry. */
export function payloadLeft(
  action: string,
  payload: readonly PayloadEntry[],
  superseded: ReadonlyMap<string, JobID> | undefined,
): readonly PayloadEntry[] {
  const known = ACTIONS.get(action);
  if (!known || !superseded) return payload;
  return payload.flatMap((entry) => {
    const gone = new Set(fields(known, entry).filter((name) => superseded.has(fieldText(known, entry, name))));
    if (gone.size === 0) return [entry];
    if (gone.size === fields(known, entry).length) return []; // how to set what is set by somebody else says nothing
    const left = Object.entries(entry.Payload).filter(([name]) => !gone.has(name));
    return [{ ...entry, Payload: Object.fromEntries(left) }];
  });
}

function fields(action: Action, entry: PayloadEntry): readonly string[] {
  return valuesOf(action, entry).map(([name]) => name);
}

/** `Superseded by evening, night`. */
export function supersededText(jobs: Iterable<JobID>): string {
  return `Superseded by ${[...new Set(jobs)].sort().join(', ')}`;
}

/** Skips the parts of which nothing is left. */
export const partSuperseded: PartGate = ({ claim, machine }) => {
  const by = claim.superseded && Object.hasOwn(claim.superseded, machine.ID) ? claim.superseded[machine.ID] : undefined;
  if (by === undefined) return BEGIN;
  return { verdict: 'skip', block: { reason: 'Superseded', message: supersededText(by) } };
};
