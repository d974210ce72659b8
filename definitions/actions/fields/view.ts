import type { JsonObject } from '../../values/json.ts';

/** How a resource shows an action's fields where they do not stand in it under their names. */
export interface FieldView {
  /** The properties that it reads and writes: what becomes of them is no loss of something else. */
  readonly owns: readonly string[];
  /** The fields that a resource shows. */
  read(body: JsonObject): JsonObject;
  /** The PATCH that sets fields. */
  write(fields: JsonObject, body: JsonObject): JsonObject;
  /** Why a payload must not be sent to a resource; null: it may. */
  refusal(payload: JsonObject, body: JsonObject): string | null;
  /** What explains a value that is not as it was set; null: nothing. */
  hint(payload: JsonObject, body: JsonObject): string | null;
}

/** Where a resource may be that shows a field, named by a link of a member of the root; of several the first. */
export interface FieldPlace {
  readonly link: string;
  /** The link leads to a collection; taken is the member of these properties: the named one, or the only one. */
  readonly member?: { readonly has: JsonObject; readonly named: string };
  /** What a resource must have; absent: nothing. */
  readonly property?: string;
  /** A property of that which names the resource that is written in its stead. */
  readonly original?: string;
}
