import type { GuardClass } from './guard-class.ts';
import type { JobID, Period } from './job.ts';
import type { MachineSelector } from './machine-selector.ts';

/** What a window is about: all that is given must fit; what is left out fits anything. */
export interface WindowScope {
  readonly Classes?: readonly GuardClass[];
  readonly MachineSelector?: MachineSelector;
  /** Job IDs; `*` stands for any characters. */
  readonly Jobs?: readonly string[];
}

/**
 * When something may begin (Allow) or must not (Freeze). Times are those of a zone's clocks: either one stretch
 * (`From`, `To`; without one of them open on that side), or each day of a Period from `Time` to `Until`, which may be
 * the next day's.
 */
export interface Window {
  /** What people call it; unique over the repository. */
  readonly Name: string;
  readonly Kind: 'Freeze' | 'Allow';
  /** True: accepted and validated, and without effect. */
  readonly Suspend?: boolean;
  readonly Applies?: WindowScope;
  /** `2026-12-18T18:00:00` */
  readonly From?: string;
  readonly To?: string;
  /** `22:00:00` */
  readonly Time?: string;
  readonly Until?: string;
  /** The days on which it begins; absent: every day. */
  readonly Period?: Period | null;
  /** An IANA zone; absent: that of `bmcron.yaml`. */
  readonly TimeZone?: string;
  /** Whether a trigger may begin something in spite of it. */
  readonly Manual: 'Deny' | 'Allow';
  /** Whether a run that began before goes on to its end, or no new part of it begins. */
  readonly Overrun: 'Finish' | 'Stop';
}

/** What a window says that does not say so. */
export const WINDOW_DEFAULTS = { Manual: 'Deny', Overrun: 'Finish' } as const;

/** A window, and where it stands. */
export interface FleetWindow {
  readonly window: Window;
  /** Path below the fleet's root. */
  readonly file: string;
  /** Since when it is in force as it is; null: it is not yet. */
  readonly since: Date | null;
}

/** Windows by Name. */
export type Windows = ReadonlyMap<string, FleetWindow>;

/** Whether a pattern of `Jobs` fits a job. */
export function fitsJob(pattern: string, id: JobID): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return id === pattern;
  const last = rest.pop() as string;
  if (!id.startsWith(first) || id.length < first.length + last.length || !id.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = id.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= id.length - last.length;
}
