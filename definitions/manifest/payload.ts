import type { Action } from '../actions/action.ts';
import { ROOTS } from '../actions/root.ts';
import { irreversible } from '../safety/revert/entry.ts';
import { durationMs } from '../values/duration.ts';
import { isObject, type Json, type JsonObject, own } from '../values/json.ts';
import { show } from '../values/text.ts';
import type { PathKey } from '../yaml/tree.ts';
import type { Objection } from './reading.ts';

type Entries = readonly (readonly [path: readonly PathKey[], entry: Json])[];

/**
 * What a schema cannot say about payload entries: the order of limits, and that nothing is patched twice (R02, R06).
 */
export function judgePayload(action: Action, entries: Entries, scheduleType: Json | undefined): readonly Objection[] {
  const once = scheduleType === 'Once' ? [] : onceOnly(action, entries);
  const all = [...disordered(action, entries), ...tooLong(action, entries), ...repeated(action, entries)];
  return [...all, ...once, ...aimless(action, entries)];
}

/** What nobody can take back is not promised to be put back (R66). */
export function judgeOnFailure(action: Action, onFailure: Json | undefined): readonly Objection[] {
  const reason = onFailure === 'Revert' ? irreversible(action) : null;
  if (reason === null) return [];
  const message = `what ${action.name} does cannot be put back: ${reason}`;
  return [{ path: ['OnFailure'], stage: 'payload', rule: 'R66', message }];
}

/** What is asked of a BMC before something is set there is about what is set, and Pending about that (R67). */
function aimless(action: Action, entries: Entries): readonly Objection[] {
  return entries.flatMap(([path, entry]): Objection[] => {
    const onlyIf = own(entry, 'OnlyIf');
    const refused = (key: PathKey[], message: string): Objection => {
      return { path: [...path, ...key], atKey: true, stage: 'payload', rule: 'R67', message };
    };
    if (onlyIf === undefined) {
      if (own(entry, 'Pending') === undefined) return [];
      return [refused(['Pending'], 'Pending is about what OnlyIf says, and there is no OnlyIf')];
    }
    if (action.course) return [refused(['OnlyIf'], `${action.name} has no values that OnlyIf could ask for`)];
    const others = Object.keys(isObject(onlyIf) ? onlyIf : {}).filter(
      (field) => own(own(entry, 'Payload'), field) === undefined,
    );
    return others.map((field) => refused(['OnlyIf', field], `${field} is no field that Payload sets here`));
  });
}

function tooLong({ longest = {} }: Action, entries: Entries): readonly Objection[] {
  return entries.flatMap(([path, entry]) =>
    Object.entries(longest).flatMap(([field, most]): Objection[] => {
      const value = own(own(entry, 'Payload'), field);
      if (typeof value !== 'string') return [];
      const ms = durationMs(value);
      if (ms !== undefined && ms <= (durationMs(most) ?? 0)) return [];
      const message = `${field} ${show(value)} is not a duration of at most ${most}`;
      return [{ path: [...path, 'Payload', field], stage: 'payload', rule: 'R02', message }];
    }),
  );
}

function onceOnly({ onceOnly: fields = {} }: Action, entries: Entries): readonly Objection[] {
  return entries.flatMap(([path, entry]) =>
    Object.entries(fields).flatMap(([field, values]): Objection[] => {
      const value = own(own(entry, 'Payload'), field);
      if (typeof value !== 'string' || !values.includes(value)) return [];
      const message = `${field} ${value} is for jobs whose Schedule.Type is Once`;
      return [{ path: [...path, 'Payload', field], stage: 'payload', rule: 'R60', message }];
    }),
  );
}

function disordered({ ordered = [] }: Action, entries: Entries): readonly Objection[] {
  const found: Objection[] = [];
  for (const [path, entry] of entries) {
    for (const [lower, upper] of ordered) {
      const low = own(own(entry, 'Payload'), lower);
      const high = own(own(entry, 'Payload'), upper);
      if (typeof low !== 'number' || typeof high !== 'number' || low <= high) continue;
      const message = `${lower} ${low} is above ${upper} ${high}`;
      found.push({ path: [...path, 'Payload', lower], stage: 'payload', rule: 'R02', message });
    }
  }
  return found;
}

/** The pair is compared as a pair: `a:b` with `c` is not `a` with `b:c`. */
function repeated({ root, target }: Action, entries: Entries): readonly Objection[] {
  const seen = new Set<string>();
  const found: Objection[] = [];
  for (const [path, entry] of entries) {
    if (!isObject(entry)) continue;
    const { field, noun } = ROOTS[root];
    const isOpen = root !== 'Managers' && own(entry, field) === undefined;
    const names = isOpen ? [] : [own(entry, field), ...(target ? [own(entry, target)] : [])];
    if (!names.every((name) => typeof name === 'string' && name !== '')) continue;
    const key = JSON.stringify(names);
    if (seen.has(key)) {
      const what = isOpen ? `the ${noun}` : names.map(show).join(' with ');
      const message = `${what} is patched by an earlier entry: merge the two`;
      found.push({ path: isOpen ? path : [...path, target ?? field], stage: 'payload', rule: 'R06', message });
    }
    seen.add(key);
  }
  return found;
}

/** The entries of a job's Payload with their paths as written: an object is one entry, a list holds several (R06). */
export function entriesOf(job: Json): readonly (readonly [path: readonly PathKey[], entry: Json])[] {
  const payload = own(job, 'Payload');
  if (Array.isArray(payload)) {
    return payload
      .map((entry, index): [PathKey[], Json] => [['Payload', index], entry])
      .filter(([, entry]) => isObject(entry));
  }
  return isObject(payload) ? [[['Payload'], payload]] : [];
}

/** Payload is a list inside (R06). */
export function withPayloadList(job: Json): Json {
  const payload = own(job, 'Payload');
  return { ...(job as JsonObject), Payload: Array.isArray(payload) ? payload : [payload ?? {}] };
}
