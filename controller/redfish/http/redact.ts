import type { Json } from '../../../definitions/values/json.ts';

/** Shorter ones are no secrets, and would blot out half of every text. */
const SHORTEST = 4;
const BLOT = '[secret]';

/** A value in which no secret stands any more, should a BMC have repeated one in what it said (R43). */
export function redact<T>(value: T, secrets: ReadonlySet<string>): T {
  const known = [...secrets].filter((each) => each.length >= SHORTEST).sort((a, b) => b.length - a.length);
  if (!holds(value as Json, known)) return value; // nearly always
  const escaped = known.map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return clean(value as Json, new RegExp(escaped.join('|'), 'g')) as T;
}

function holds(value: Json, known: readonly string[]): boolean {
  if (typeof value === 'string') return known.some((secret) => value.includes(secret));
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((each: Json) => holds(each, known));
}

function clean(value: Json, secret: RegExp): Json {
  if (typeof value === 'string') return value.replace(secret, BLOT);
  if (Array.isArray(value)) return value.map((each: Json) => clean(each, secret));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner as Json, secret)]));
}
