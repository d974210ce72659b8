import type { Action } from '../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import type { Outcome, Part, Result } from '../../definitions/run.ts';
import { fieldReverts, revertEntry } from '../../definitions/safety/revert/entry.ts';
import { type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { applyEntry } from '../redfish/apply.ts';
import { difference } from '../redfish/compare.ts';
import type { PartHooks } from '../redfish/course/follow.ts';
import { asFailure, oneLine } from '../redfish/failure.ts';
import { guardPayload } from '../redfish/payload-guard.ts';
import type { Session } from '../redfish/session.ts';
import { placeOf } from './result.ts';

/** An entry that was begun: as the part has it, and as its result shows it. */
export interface Begun {
  readonly entry: PayloadEntry;
  readonly shown: JsonObject;
}

/** What became of a field that a part owed to put back. */
type Word = 'Reverted' | 'Conflict' | 'NotRevertible' | 'RestoreFailed';

/** What became of the fields of one entry; none: nothing of it had to be put back. */
export interface PutBack {
  readonly words: Readonly<Record<string, Word>>;
  /** Each `New…` as it was read last. */
  readonly values: JsonObject;
  /** In sentences. */
  readonly notes: readonly string[];
}

/**
 * Puts the fields of entries back to what they were before, where they still are as the part left them: the last entry
 * and the last field first (V06). Once: what fails is not tried again. Never rejects.
 * @returns what became of each entry, in the order in which they were given
 */
export async function putBack(
  session: Session,
  action: Action,
  begun: readonly Begun[],
  part: Part,
): Promise<readonly PutBack[]> {
  const { clock, rest, stop } = session.connection;
  const hooks: PartHooks = {
    rest: (until) => rest(() => clock.sleep(until, stop)),
    before: async () => undefined, // it has been on record since before the part sent anything
  };
  const backwards: Action = { ...action, payload: Object.fromEntries(Object.entries(action.payload).reverse()) };
  const done: PutBack[] = [];
  for (const each of [...begun].reverse()) done.unshift(await putEntryBack(session, backwards, each, hooks, part));
  return done;
}

async function putEntryBack(
  session: Session,
  action: Action,
  { entry, shown }: Begun,
  hooks: PartHooks,
  part: Part,
): Promise<PutBack> {
  const words: Record<string, Word> = {};
  const place = placeOf(part, entry);
  const reverts = fieldReverts(action, entry, shown);
  const notes = reverts.flatMap((each) => {
    if (each.verdict !== 'NotRevertible') return [];
    words[each.field] = 'NotRevertible';
    return [`NotRevertible: ${place} ${each.field}: ${each.reason}`];
  });
  const back = revertEntry(action, entry, shown, reverts);
  if (!back) return { words, values: {}, notes };
  const able = Object.keys(back.OnlyIf ?? {});
  const { values, failure, conflicts } = await send(session, action, back, hooks);
  for (const field of able) {
    const wanted = { [field]: own(back.Payload, field) ?? null };
    const isOld = Object.keys(difference(action, wanted, { [field]: own(values, `New${field}`) ?? null })).length === 0;
    words[field] = conflicts.includes(field) ? 'Conflict' : isOld || failure === null ? 'Reverted' : 'RestoreFailed';
  }
  const reverted = able.filter((field) => words[field] === 'Reverted').reverse();
  if (reverted.length > 0) notes.push(`reverted ${place} ${reverted.join(', ')}`);
  const isLost = able.some((field) => words[field] === 'RestoreFailed');
  if (failure !== null) notes.push(`${isLost ? 'RestoreFailed' : 'Conflict'}: ${place}: ${failure}`);
  return { words, values, notes };
}

async function send(session: Session, action: Action, back: PayloadEntry, hooks: PartHooks) {
  try {
    guardPayload(action, back);
  } catch (error) {
    return { values: {}, failure: asFailure(error).message, conflicts: [] };
  }
  const { fields, failure } = await applyEntry(session, action, back, hooks);
  const values = Object.entries(fields ?? {}).filter(([key]) => key.startsWith('New'));
  const conflicts = own(fields, 'Conflict');
  return {
    values: Object.fromEntries(values) as JsonObject,
    failure: failure ? oneLine(failure.message) : null,
    conflicts: Array.isArray(conflicts) ? conflicts : [],
  };
}

/** From the worst down. */
const RANKS = ['RestoreFailed', 'Conflict', 'NotRevertible', 'Reverted'] as const;

/** The result of a part with what was put back after it had failed. @param backs beside its entries */
export function withPutBack(result: Result, backs: readonly (PutBack | undefined)[]): Result {
  const words = backs.flatMap((each) => Object.values(each?.words ?? {}));
  const worst = RANKS.find((rank) => words.includes(rank));
  if (worst === undefined) return result;
  const outcome: Outcome = worst === 'NotRevertible' ? result.outcome : worst;
  const entries = result.entries.map((entry, index): JsonObject => {
    const back = backs[index];
    if (!back || Object.keys(back.words).length === 0) return entry;
    const read = Object.entries(back.values).filter(([, value]: [string, Json]) => value !== null);
    return { ...entry, ...Object.fromEntries(read), Revert: back.words };
  });
  const notes = backs.flatMap((each) => each?.notes ?? []);
  return { ...result, outcome, entries, error: [result.error, ...notes].join('; ') };
}
