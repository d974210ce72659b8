/** Whether a text is a real date `YYYY-MM-DD` (R08). */
export function isDate(text: string): boolean {
  return DATE.test(text) && Number(text.slice(8)) <= daysOf(Number(text.slice(0, 4)), Number(text.slice(5, 7)));
}

/** Days of a month (1 to 12) of a year of the Gregorian calendar. */
function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** `HH:MM:SS`, from 00:00:00 to 23:59:59 (R08). */
export const TIME_PATTERN = '^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$';

/** `YYYY-MM-DD`; that the date is real is checked beside it (R08). */
export const DATE_PATTERN = '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$';
const DATE = new RegExp(DATE_PATTERN);
