import type { Result } from '../run.ts';
import { type Json, own } from '../values/json.ts';
import { isTimestamp } from '../values/time.ts';

/**
 * When a result says that its part was carried out: whoever imports it tells of it by the same times, and so writes the
 * same log. Empty where it does not say so; null where it says nonsense.
 */
export function readCarriedOut(value: Json | undefined): Pick<Result, 'carriedOut'> | null {
  if (value === undefined) return {};
  const [began, elapsedMs] = [own(value, 'began'), own(value, 'elapsedMs')];
  if (!isTimestamp(began) || typeof elapsedMs !== 'number' || !(elapsedMs >= 0)) return null;
  return { carriedOut: { began, elapsedMs } };
}
