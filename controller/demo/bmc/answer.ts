import { createHash } from 'node:crypto';
import { canonical, isObject, type Json, type JsonObject } from '../../../definitions/values/json.ts';
import { errorOf, type Message, message } from './messages.ts';

/** What a BMC answers, before it is put on the wire. */
export interface Reply {
  readonly status: number;
  /** Methods of the resource; absent where bmcweb sends no Allow header. */
  readonly allow?: string | undefined;
  /** Whether the OData-Version header goes with it. */
  readonly odata?: boolean;
  readonly etag?: string | undefined;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** JSON, or the very text. */
  readonly body?: JsonObject | string | undefined;
}

/** A refusal with messages, as most of bmcweb's are. */
export function refuse(status: number, allow: string | undefined, ...messages: readonly Message[]): Reply {
  return { status, allow, odata: true, body: { error: errorOf(messages) } };
}

/** The answer for a path that no route knows, or a resource that is not there. */
export function notFound(allow: string, type: string, name: string): Reply {
  return refuse(404, allow, message('ResourceNotFound', type, name));
}

/** A strong ETag that changes with what the body means; DateTime is no part of it (bmcweb since 2025-09). */
export function etagOf(body: JsonObject): string {
  const { DateTime: _, ...rest } = body;
  const digest = createHash('sha256').update(canonical(rest)).digest();
  return `"${digest.readBigUInt64BE().toString(16).toUpperCase()}"`;
}

/** What D-Bus keeps as a double, so that bmcweb prints 57 as `57.0`. */
const DOUBLE_NAMES = [
  '\\w+Coefficient|\\w+Hysteresis|\\w+Limit(?:Min|Max)',
  'FailSafePercent|MinThermalOutput|Output|SetPoint|Slew(?:Neg|Pos)|Target',
];
const DOUBLES = new RegExp(`("(?:${DOUBLE_NAMES.join('|')})": -?\\d+)(?=,?\\n)`, 'g');

/** The JSON text with keys in order at every level, indented, as bmcweb's library prints it. */
export function print(body: JsonObject): string {
  return JSON.stringify(sorted(body), null, 2).replace(DOUBLES, '$1.0');
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] as Json)]),
  );
}
