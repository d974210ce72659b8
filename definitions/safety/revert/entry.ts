import { type Action, valuesOf } from '../../actions/action.ts';
import { memberOf } from '../../actions/address.ts';
import { ROOTS } from '../../actions/root.ts';
import type { PayloadEntry } from '../../job.ts';
import { canonical, isObject, type Json, type JsonObject, own } from '../../values/json.ts';
import { BLOT } from '../../values/redact.ts';

/** What becomes of one field of an entry that is taken back. */
export type FieldRevert =
  /** It was so before (V04). */
  | { readonly field: string; readonly verdict: 'Same' }
  | {
      readonly field: string;
      readonly verdict: 'Revertible';
      /** What it is set to. */
      readonly old: Json;
      /** What it must be now. */
      readonly left: Json;
      /** It was accepted and waited for a reset (V07, V08). */
      readonly isPending: boolean;
    }
  | { readonly field: string; readonly verdict: 'NotRevertible'; readonly reason: string };

/** A value of which a log shows the beginning. */
const CUT = /… and \d+ bytes more, sha256:[0-9a-f]{64}$/;
/** What services fill lists up with. */
const PADDING: readonly Json[] = [null, '', '0.0.0.0', '::'];

/**
 * Which fields of an entry can be taken back, by what its result shows: `Old…` as read before anything was sent, `New…`
 * as read last (null: not read back, so it may be what was wanted), `Pending`.
 * @param shown the entry in its result or log
 */
export function fieldReverts(action: Action, entry: PayloadEntry, shown: JsonObject): readonly FieldRevert[] {
  return valuesOf(action, entry).map(([field, wanted]) => {
    const reason = irreversible(action);
    return reason === null ? revertOf(action, field, wanted, shown) : { field, verdict: 'NotRevertible', reason };
  });
}

/** Why nothing that an action does can be taken back; null: its values can (V09). */
export function irreversible({ course, root }: Action): string | null {
  if (!course) return null;
  const noun = root === 'Managers' ? 'BMC' : 'host';
  if (course.kind === 'Event') return `that a ${noun} restarted cannot be undone`;
  return `a ${noun} is switched on or off by whoever needs it so, and by no revert`;
}

function revertOf(action: Action, field: string, wanted: Json, shown: JsonObject): FieldRevert {
  const refused = (reason: string): FieldRevert => ({ field, verdict: 'NotRevertible', reason });
  const [was, is] = [own(shown, `Old${field}`), own(shown, `New${field}`) ?? null];
  const pending = own(own(shown, 'Pending'), field);
  const left = narrowed(pending ?? is ?? wanted, wanted);
  if (was === undefined) return refused('its value before was not read');
  if (pending === undefined && canonical(narrowed(was, wanted)) === canonical(left)) return { field, verdict: 'Same' };
  const hidden = [was, left].map(hiddenIn).find((reason) => reason !== null);
  if (hidden) return refused(hidden);
  const old = settable(action, field, wanted, was, null);
  if (old === undefined) return refused('it had no value before, and there is no way to take one away');
  if (pending === undefined && canonical(old) === canonical(left)) return { field, verdict: 'Same' };
  return { field, verdict: 'Revertible', old, left, isPending: pending !== undefined };
}

/** Of an object, the properties that were written. */
function narrowed(value: Json, wanted: Json): Json {
  if (!isObject(value) || !isObject(wanted)) return value;
  return Object.fromEntries(
    Object.entries(wanted).map(([key, inner]): [string, Json] => [key, narrowed(own(value, key) ?? null, inner)]),
  );
}

function hiddenIn(value: Json): string | null {
  const text = JSON.stringify(value);
  if (text.includes(BLOT)) return 'its value held a secret, which no log has';
  return typeof value === 'string' && CUT.test(value) ? 'its value is too long for the log' : null;
}

/** A value as it can be set again; undefined where it was none, and nothing stands for that (V05). */
function settable(action: Action, name: string, wanted: Json, was: Json, supplied: Json): Json | undefined {
  const { unset = {}, paddedLists = [] } = action;
  if (was === null) return own(unset, name);
  if (Array.isArray(was) && paddedLists.includes(name)) {
    const alien = [...PADDING, ...(Array.isArray(supplied) ? supplied : [])];
    return was.filter((each: Json) => !alien.includes(each));
  }
  if (!isObject(was) || !isObject(wanted)) return was;
  const bySupply = own(was, 'NetworkSuppliedServers') ?? null;
  const inner = Object.entries(wanted).map(([key, value]) => {
    return [key, settable(action, key, value, own(was, key) ?? null, bySupply)] as const;
  });
  if (inner.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(inner) as JsonObject;
}

/** The entry that puts fields back, where they still are as they were left; null: there is none to put back. */
export function revertEntry(
  action: Action,
  entry: PayloadEntry,
  shown: JsonObject,
  fields: readonly FieldRevert[],
): PayloadEntry | null {
  const able = fields.filter((each) => each.verdict === 'Revertible');
  if (able.length === 0) return null;
  const { field: name } = ROOTS[action.root];
  const target = own(entry.Payload, 'Target');
  const member = memberOf(action, entry) ?? own(shown, name);
  const isNamed = typeof member === 'string' && member !== target; // a processor stands in no chassis
  return {
    ...(isNamed && { [name]: member }),
    ...(action.target && { [action.target]: entry[action.target] }),
    Payload: {
      ...Object.fromEntries(able.map(({ field, old }) => [field, old])),
      ...(target !== undefined && { Target: target }),
      ...action.restoring,
    },
    OnlyIf: Object.fromEntries(able.map(({ field, left }) => [field, left])),
    ...(able.some(({ isPending }) => isPending) && { Pending: true }),
  };
}

/**
 * The entries of a result or log beside those of the payload that they are about: undefined where one was not come to.
 * They stand in payload order; a system or chassis that the payload leaves out has its name in the result.
 */
export function shownBeside(
  action: Action,
  payload: readonly PayloadEntry[],
  entries: readonly JsonObject[],
): readonly (JsonObject | undefined)[] {
  const { field } = ROOTS[action.root];
  const left = [...entries];
  return payload.map((entry) => {
    const [next] = left;
    const isIt =
      next !== undefined &&
      [field, ...(action.target ? [action.target] : [])].every((name) => {
        const named = entry[name as keyof PayloadEntry];
        return named === undefined || own(next, name) === named;
      });
    return isIt ? left.shift() : undefined;
  });
}
