/** A moment as the service writes it (R11): UTC, whole seconds, `2026-03-10T22:00:00Z`. */
export type Timestamp = string;

/** A moment as R11 writes it; fractions of a second are cut off. */
export function timestamp(moment: Date): Timestamp {
  return `${moment.toISOString().slice(0, 19)}Z`;
}

/** `20260310_220000`: a moment in a file name (R33), UTC. */
export function compactTimestamp(moment: Date): string {
  return moment.toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '').replace('T', '_');
}

/** `2026/03/10`: the folder of a moment's logs (R33), UTC. */
export function dayFolder(moment: Date): string {
  return moment.toISOString().slice(0, 10).replaceAll('-', '/');
}
