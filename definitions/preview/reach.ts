import { valuesOf } from '../actions/action.ts';
import { fieldText } from '../actions/address.ts';
import { ACTIONS } from '../actions/index.ts';
import type { Job } from '../job.ts';
import type { MachineID, Machines } from '../machine.ts';
import { labelOf } from '../selection/labels.ts';
import { hasPlaceholders, payloadFor } from '../selection/placeholders.ts';
import { equal, type Json, own } from '../values/json.ts';
import { counted } from '../values/text.ts';

/** Which machines a job reaches besides, and which no more (S14). */
export interface ReachChange {
  /** How many it reached, and reaches. */
  readonly before: number;
  readonly after: number;
  readonly joined: readonly MachineID[];
  readonly left: readonly MachineID[];
}

/** What a job would write on a machine, before and after an edit of labels or names (S13); null: not known. */
export interface ValueChange {
  readonly machine: MachineID;
  /** `bmc Oem.OpenBmc.Fan.Profile` */
  readonly field: string;
  readonly old: Json;
  readonly new: Json;
}

/** What changes of the machines of a job that selects them; null where nothing does, or a list says it. */
export function reachChange(was: Job | undefined, job: Job): ReachChange | null {
  if (!was || (!was.spec.MachineSelector && !job.spec.MachineSelector)) return null;
  const [before, after] = [new Set(was.machines), new Set(job.machines)];
  const joined = job.machines.filter((id) => !before.has(id));
  const left = was.machines.filter((id) => !after.has(id));
  if (joined.length === 0 && left.length === 0) return null;
  return { before: before.size, after: after.size, joined, left };
}

/** What a job with placeholders writes otherwise on machines that it reached and reaches, its payload unchanged. */
export function valueChanges(
  was: Job | undefined,
  job: Job,
  before: Machines,
  after: Machines,
): readonly ValueChange[] {
  const { Action, Payload } = job.spec;
  const action = ACTIONS.get(Action);
  if (!was || !action || !hasPlaceholders(Payload) || !equal(was.spec.Payload, Payload)) return [];
  const reached = new Set(was.machines);
  return job.machines.flatMap((id): readonly ValueChange[] => {
    const [old, is] = [before.get(id), after.get(id)];
    if (!old || !is || old === is || !reached.has(id)) return [];
    const [wrote, writes] = [payloadFor(Payload, old), payloadFor(Payload, is)];
    return Payload.flatMap((entry, index) =>
      valuesOf(action, entry).flatMap(([name]): readonly ValueChange[] => {
        const [a, b] = [own(wrote?.[index]?.Payload, name) ?? null, own(writes?.[index]?.Payload, name) ?? null];
        const field = fieldText(action, entry, name);
        return equal(a, b) ? [] : [{ machine: id, field, old: a, new: b }];
      }),
    );
  });
}

/** So many machines may get other values by an edit of labels before Confirm is asked for. */
const MOST_UNCONFIRMED = 10;

/** That an edit of labels changes what many machines get, and nobody has said that this is meant (S13); else null. */
export function manyValuesNote({ spec }: Job, values: readonly ValueChange[]): string | null {
  const count = new Set(values.map(({ machine }) => machine)).size;
  if (count <= MOST_UNCONFIRMED || count <= (spec.Confirm?.Machines ?? 0)) return null;
  return `labels change what ${count} machines get, which is no new version: say Confirm: { Machines: ${count} } if that is meant`;
}

/** That `NotIn` fits machines without the label, too (S02): what people may not expect; null where it fits none. */
export function absentLabelNote({ spec, machines }: Job, inventory: Machines): string | null {
  const notes = (spec.MachineSelector?.MatchExpressions ?? []).flatMap(({ Key, Operator }) => {
    if (Operator !== 'NotIn') return [];
    const without = machines.filter((id) => labelOf(inventory.get(id)?.Labels ?? {}, Key) === undefined);
    return without.length === 0
      ? []
      : [`NotIn fits ${counted(without.length, 'machine')} without the label ${Key}, too`];
  });
  return notes.join('; ') || null;
}
