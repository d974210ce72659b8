import type { Machine, MachineID, Machines } from '../../machine.ts';
import type { Problem } from '../../problem.ts';
import type { Position } from '../../yaml/document.ts';
import type { FileReading } from '../file.ts';
import type { IdClaim, RefusedAt, RefusedMachines } from '../unique-ids.ts';
import { type FolderDefaults, folderOf } from './defaults.ts';

/** Machines in force, and the file of each. */
export interface MachinesInForce {
  readonly machines: Machines;
  readonly sources: ReadonlyMap<MachineID, string>;
}

function isError({ severity }: Problem): boolean {
  return severity === 'error';
}

/** The machines, and those in force whose file is refused now (R21). */
export function withStanding(machines: Machines, inForce: MachinesInForce, refused: ReadonlySet<string>): Machines {
  const kept = [...inForce.machines].filter(([id]) => !machines.has(id) && refused.has(inForce.sources.get(id) ?? ''));
  return kept.length === 0 ? machines : new Map([...machines, ...kept]);
}

/** Where the problem of each machine is that is claimed and refused, and of the first one without an ID. */
export function refusedMachines(
  all: ReadonlyMap<string, FileReading>,
  claims: readonly IdClaim<Machine>[],
  folders: ReadonlyMap<string, FolderDefaults>,
): RefusedMachines {
  const firstIn = (file: string): Position => {
    const first = all.get(file)?.problems.find(isError);
    return first ? [first.line, first.column] : [1, 1];
  };
  const byID = new Map<string, RefusedAt>();
  for (const { id, file, at } of claims) {
    const defaults = folders.get(folderOf(file))?.refused ?? null;
    byID.set(id, defaults === null ? { file, at } : { file: defaults, at: firstIn(defaults) });
  }
  let unnamed: RefusedAt | null = null;
  for (const [file, { entry, machines }] of all) {
    if (machines === null) continue;
    if ('refused' in entry) unnamed ??= { file, at: [1, 1] };
    else if (entry.reading.kind === 'machine') {
      for (const {
        id,
        problems: [first],
      } of entry.reading.documents) {
        if (!first) continue;
        const at: RefusedAt = { file, at: [first.line, first.column] };
        if (id === null) unnamed ??= at;
        else if (byID.get(id)?.file === file) byID.set(id, at);
      }
    }
  }
  return { byID, unnamed };
}
