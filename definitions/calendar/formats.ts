import { dateOf } from './dates.ts';

/** Whether a text is a real date `YYYY-MM-DD` (R08). */
export function isDate(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const date = dateOf(text);
  return Number.isFinite(date) && new Date(date).toISOString().startsWith(text);
}

/** `HH:MM:SS`, from 00:00:00 to 23:59:59 (R08). */
export const TIME_PATTERN = '^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$';

/** `YYYY-MM-DD`; that the date is real is checked beside it (R08). */
export const DATE_PATTERN = '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$';
