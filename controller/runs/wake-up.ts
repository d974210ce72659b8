/** However long nothing is due: suspended hosts and clock jumps must not lose a run (R16). */
const LOOK_AT_LEAST_MS = 60_000;

/** When the clock is read again: at the first of these moments, and at least once a minute (R16). */
export function nextWakeUp(now: Date, moments: readonly (Date | null)[]): Date {
  const known = moments.filter((each) => each !== null).map(Number);
  return new Date(Math.min(now.getTime() + LOOK_AT_LEAST_MS, ...known));
}
