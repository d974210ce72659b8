import type { JsonObject } from '../../values/json.ts';
import type { FieldPlace } from './view.ts';

/** Something else than the fields that must come true once they are as wanted, where a payload asks for it. */
export interface Witness {
  /** Where it is shown if the resource with the fields does not: of the same member of the root. */
  readonly sources: readonly FieldPlace[];
  /** How long it may take, in milliseconds; null: a payload does not ask. */
  withinMs(payload: JsonObject): number | null;
  /** What a resource shows of it; null: nothing. */
  judge(payload: JsonObject, body: JsonObject): Testimony | null;
}

/** What has been seen, for the result, and why it is not enough once the time is over; null: it is. */
export interface Testimony {
  readonly shown: JsonObject;
  readonly late: string | null;
}
