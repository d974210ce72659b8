/** Milliseconds of a day without a clock change. */
export const DAY_MS = 86_400_000;

/** The last date that is looked at. */
export const LAST_DATE: DateMs = Date.UTC(9999, 11, 31);

/** A date as the midnight that begins it in UTC, in ms: dates add and compare as numbers, in no zone at all. */
export type DateMs = number;

/** The date that a text `YYYY-MM-DD` names; NaN for one that is none. */
export function dateOf(text: string): DateMs {
  return Date.parse(`${text}T00:00:00Z`);
}

/** A date as `YYYY-MM-DD`. */
export function dateText(date: DateMs): string {
  return new Date(date).toISOString().slice(0, 10);
}
