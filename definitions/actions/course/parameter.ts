import { DURATION_PATTERN, durationMs } from '../../values/duration.ts';
import { type Json, type JsonObject, own } from '../../values/json.ts';

/** What a payload, or a resource, has under a name. */
export function parameter(values: Json | null | undefined, name: string): Json | undefined {
  return own(values ?? undefined, name);
}

/** A duration of a payload in milliseconds. */
export function durationOf(payload: JsonObject, name: string, otherwiseMs: number): number {
  const value = own(payload, name);
  return (typeof value === 'string' ? durationMs(value) : undefined) ?? otherwiseMs;
}

/** `10m`, `90s` */
export function durationText(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${Math.round(ms / 1000)}s`;
}

/** The schema of a duration. */
export function durationField(description: string, example: string): JsonObject {
  return { type: 'string', pattern: DURATION_PATTERN, description, examples: [example] };
}
