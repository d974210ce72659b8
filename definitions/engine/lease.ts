// The lease by observation: no clock of one host is compared with that of another, and nothing expires at the server.
// A leader moves the lease's revision; a standby takes it over when the revision has stood still for so long.

/** How long a standby sees one revision, on its own monotonic clock, before it takes over. */
export const LEASE_MS = 3_000;
/** A leader whose last good renewal was sent longer ago than this stops: earlier than any standby can take over. */
export const LEADS_MS = 2_500;
/** How often a leader moves the revision, and a standby looks at it. */
export const RENEW_MS = 700;

/** The lease as it was read: its revision at the server, null where there is none, and whether it was given up. */
export interface LeaseReading {
  readonly revision: number | null;
  readonly isGivenUp: boolean;
}

/** What a standby knows of the lease: the reading, and when it first had it, in ms of its own monotonic clock. */
export interface LeaseSight extends LeaseReading {
  readonly sinceMs: number;
}

/**
 * The sight after one more reading. A revision that is another, whichever way it moved, is a sign of life: a store that
 * was set back counts backwards.
 * @param nowMs after the answer came, so that a slow answer makes the wait longer and never shorter
 */
export function nextSight(before: LeaseSight | null, reading: LeaseReading, nowMs: number): LeaseSight {
  const isSame = before?.revision === reading.revision && before.isGivenUp === reading.isGivenUp;
  return { ...reading, sinceMs: isSame ? before.sinceMs : nowMs };
}

/**
 * Whether a standby may take the lease now, by a compare-and-swap on the revision that it saw. One that was given up is
 * taken at once. One that is not there is not: a store that was wiped may have a leader that has not noticed.
 */
export function mayTake({ isGivenUp, sinceMs }: LeaseSight, nowMs: number): boolean {
  return isGivenUp || nowMs - sinceMs >= LEASE_MS;
}

/** Whether a leader still leads. @param sentMs when its last good renewal was sent, not when it was acknowledged */
export function mayLead(sentMs: number, nowMs: number): boolean {
  return nowMs - sentMs < LEADS_MS;
}
