import type { Json, JsonObject } from '../../../definitions/values/json.ts';
import type { Role } from '../bmc/accounts.ts';
import type { Reply } from '../bmc/answer.ts';
import type { FieldRules } from './field-rules.ts';

/** A JSON object that a BMC changes in place. */
export interface MutableObject {
  [key: string]: Json | MutableObject | MutableObject[];
}

/** Something with a path on a simulated BMC: what it holds, what may be written, what it does. */
export interface BoardResource {
  /** The methods that it knows. */
  readonly allow: string;
  readonly body: MutableObject;
  /** What changes by itself, laid over the body when it is read. */
  readonly live?: () => JsonObject;
  /** Properties that can be written; absent: none, PATCH is not allowed. */
  readonly rules?: FieldRules;
  /** The least role that may write or act; an operator by default. */
  readonly role?: Role;
  /** What follows from a PATCH that was applied. */
  readonly written?: (patch: JsonObject) => void;
  /** Carries out a POST, whose body has been read. */
  readonly act?: (parameters: JsonObject) => Reply;
  /** The path of its schema, where bmcweb sends a Link. */
  readonly schema?: string;
  /** Without the OData-Version header. */
  readonly plain?: boolean;
  /** Text instead of JSON, of this type. */
  readonly text?: { readonly type: string; readonly content: string };
}

/** A resource that is only read. */
export function readOnly(body: JsonObject, more: Partial<BoardResource> = {}): BoardResource {
  return { allow: 'GET', body: structuredClone(body) as MutableObject, ...more };
}
