import { type JsonObject, own } from '../../values/json.ts';
import { type CourseSeen, type Decision, isOffered, notApplied, type SentValue, unsupported } from './course.ts';

/** The value to restart with: as written, else what was written to fall back on; else why there is none. */
export function restartValue(payload: JsonObject, seen: CourseSeen): { readonly value: string } | Decision {
  const value = String(own(payload, 'ResetType'));
  if (isOffered(seen, value)) return { value };
  const fallback = own(payload, 'Fallback');
  if (typeof fallback === 'string' && isOffered(seen, fallback)) return { value: fallback };
  const has = (seen.offered ?? []).map(String).join(', ') || 'none';
  return unsupported(`ResetType ${value} is not offered; it has ${has}; nothing was sent`);
}

/** What may be sent for a payload: what is written in it. */
export function restartValues(payload: JsonObject): readonly string[] {
  return ['ResetType', 'Fallback'].flatMap((field) => {
    const value = own(payload, field);
    return typeof value === 'string' ? [value] : [];
  });
}

/** Why an event that was answered with a refusal has not happened; null: it was taken, or nobody knows. */
export function refusedEvent({ answer, reason = 'refused', isPassing }: SentValue): Decision | null {
  if (answer !== 'Refused') return null;
  return isPassing
    ? notApplied(`${reason}; an event is not sent twice`)
    : { step: 'fail', outcome: 'Refused', class: 'permanent', reason };
}

/** What is told when nothing shows that it happened. */
export function noSign({ answer, reason }: SentValue, sign: string): Decision {
  if (answer === 'Lost')
    return notApplied(`sent, result unknown (${reason ?? 'no answer'}): no sign of ${sign}; it is not sent twice`);
  return notApplied(`accepted, no sign of ${sign}`);
}

/** When the resource says that it was last reset; NaN where it does not. */
export function lastReset(values: JsonObject | null): number {
  return Date.parse(String(own(values ?? undefined, 'LastResetTime')));
}
