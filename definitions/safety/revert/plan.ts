import { type Action, valuesOf } from '../../actions/action.ts';
import { fieldText } from '../../actions/address.ts';
import { ACTIONS } from '../../actions/index.ts';
import { ROOTS } from '../../actions/root.ts';
import type { JobID, PayloadEntry } from '../../job.ts';
import type { MachineID } from '../../machine.ts';
import type { LogRecord } from '../../run-log.ts';
import { canonical, isObject, type Json, type JsonObject, own } from '../../values/json.ts';
import { fieldReverts, irreversible, revertEntry } from './entry.ts';

/** A value that is set back where it still is as a run has left it. */
export interface ValueBack {
  readonly machine: MachineID;
  /** `bmc Oem.OpenBmc.Fan.Profile` */
  readonly field: string;
  readonly from: Json;
  readonly to: Json;
  /** It waited for a reset, and going back may wait for one, too. */
  readonly isPending: boolean;
}

/** What of a run is not taken back. */
export interface LeftThere {
  readonly machine: MachineID;
  /** Null: all of it. */
  readonly field: string | null;
  readonly reason: string;
}

/** Machines that get the same entries. */
export interface RevertGroup {
  readonly machines: readonly MachineID[];
  readonly payload: readonly PayloadEntry[];
}

/** How a run is taken back. */
export interface RevertPlan {
  readonly action: string;
  readonly groups: readonly RevertGroup[];
  readonly values: readonly ValueBack[];
  readonly left: readonly LeftThere[];
}

/** How a field is written and by whom, after the run. */
interface LaterWrite {
  readonly job: JobID;
  readonly at: string;
}

/**
 * What takes a run back, by the logs of its parts: each field that it changed gets its old value. What a later run of
 * any job wrote is left as it is (V12), and so is what cannot be taken back (V05, V09).
 * @param logs one a machine, all of one action
 * @param later logs of parts that began after those, of any job and machine
 */
export function planRevert(logs: readonly LogRecord[], later: readonly LogRecord[]): RevertPlan {
  const name = logs[0]?.Action ?? '';
  const action = ACTIONS.get(name);
  const groups = new Map<string, { machines: MachineID[]; payload: readonly PayloadEntry[] }>();
  const values: ValueBack[] = [];
  const left: LeftThere[] = [];
  for (const log of logs) {
    const reason = action ? irreversible(action) : `this program has no action ${name}`;
    if (!action || reason !== null) {
      left.push({ machine: log.MachineID, field: null, reason: reason ?? '' });
      continue;
    }
    const writes = laterWrites(log, later);
    const payload = entriesOf(log).flatMap((shown) => {
      const back = entryBack(action, log.MachineID, shown, writes);
      values.push(...back.values);
      left.push(...back.left);
      return back.entry ? [back.entry] : [];
    });
    if (payload.length === 0) continue;
    const key = canonical(payload as unknown as Json);
    const group = groups.get(key) ?? { machines: [], payload };
    groups.set(key, group);
    group.machines.push(log.MachineID);
  }
  return { action: name, groups: [...groups.values()], values, left };
}

/** The entries that a log shows. */
function entriesOf({ Result: result }: LogRecord): readonly JsonObject[] {
  return (Array.isArray(result) ? result : [result]).filter(isObject);
}

interface EntryBack {
  readonly entry: PayloadEntry | null;
  readonly values: readonly ValueBack[];
  readonly left: readonly LeftThere[];
}

function entryBack(
  action: Action,
  machine: MachineID,
  shown: JsonObject,
  writes: ReadonlyMap<string, LaterWrite>,
): EntryBack {
  const entry = asSet(action, shown);
  const values: ValueBack[] = [];
  const left: LeftThere[] = [];
  const able = fieldReverts(action, entry, shown).filter((each) => {
    const field = fieldText(action, entry, each.field);
    const refuse = (reason: string) => void left.push({ machine, field, reason });
    if (each.verdict === 'Same') return false;
    if (each.verdict === 'NotRevertible') return refuse(each.reason) ?? false;
    const write = writes.get(field);
    if (write) return refuse(`${write.job} has written it since, at ${write.at}`) ?? false;
    if (own(shown, `New${each.field}`) === null && !each.isPending)
      return refuse('what it was set to was not read back') ?? false;
    values.push({ machine, field, from: each.left, to: each.old, isPending: each.isPending });
    return true;
  });
  return { entry: revertEntry(action, entry, shown, able), values, left };
}

/** The entry that was set, as far as its log tells: of an object the properties that changed. */
function asSet(action: Action, shown: JsonObject): PayloadEntry {
  const { field: name } = ROOTS[action.root];
  const names = [name, ...(action.target ? [action.target] : [])];
  const named = names.flatMap((key): [string, Json][] => {
    const value = own(shown, key);
    return typeof value === 'string' ? [[key, value]] : [];
  });
  const pending = own(shown, 'Pending');
  const fields = Object.keys(action.payload).flatMap((field): [string, Json][] => {
    const [was, is] = [own(shown, `Old${field}`), own(pending, field) ?? own(shown, `New${field}`)];
    if (was === undefined || is === undefined) return [];
    return [[field, changedIn(was, is, action.payload[field])]];
  });
  return { ...Object.fromEntries(named), Payload: Object.fromEntries(fields) };
}

/** Of an object, the properties that can be set and are not as before. */
function changedIn(was: Json, is: Json, schema: JsonObject | undefined): Json {
  const properties = own(schema, 'properties');
  if (!isObject(is) || !isObject(was) || !isObject(properties)) return is;
  const changed = Object.entries(is).filter(([key, value]) => {
    return own(properties, key) !== undefined && canonical(value) !== canonical(own(was, key) ?? null);
  });
  return Object.fromEntries(changed);
}

/** What parts wrote on a machine after a part of it had begun, by field: the last of them. */
function laterWrites(
  { MachineID, Timestamp, JobID }: LogRecord,
  later: readonly LogRecord[],
): ReadonlyMap<string, LaterWrite> {
  const writes = new Map<string, LaterWrite>();
  for (const log of later) {
    const action = ACTIONS.get(log.Action);
    if (!action || log.MachineID !== MachineID || log.Timestamp < Timestamp) continue;
    if (log.Timestamp === Timestamp && log.JobID === JobID) continue; // itself
    for (const shown of entriesOf(log)) {
      const entry = asSet(action, shown);
      for (const [field] of valuesOf(action, entry)) {
        const [was, is] = [own(shown, `Old${field}`) ?? null, own(shown, `New${field}`) ?? null];
        const isPending = own(own(shown, 'Pending'), field) !== undefined;
        if (!isPending && canonical(was) === canonical(is)) continue; // it was so
        writes.set(fieldText(action, entry, field), { job: log.JobID, at: log.Timestamp });
      }
    }
  }
  return writes;
}
