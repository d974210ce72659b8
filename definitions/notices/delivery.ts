import { counted } from '../values/text.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import { noticeID } from './grouping.ts';
import type { Notice, Outbox, ReceiverState } from './outbox.ts';
import { isExempt } from './routing.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** So long a notice is tried (N08). */
export const KEPT_MS = 24 * HOUR_MS;
/** So many go to one receiver within an hour (N11). */
export const MOST_AN_HOUR = 30;
/** However long a receiver is away, so many wait for it: the oldest go. */
const MOST_NOTICES = 1_000;

/** What became of a try. */
export type Attempt =
  | { readonly outcome: 'Delivered' }
  | {
      readonly outcome: 'Failed';
      /** No address and no secret. */
      readonly reason: string;
      readonly isPermanent: boolean;
      /** So long the receiver asks for patience; null: it does not say. */
      readonly waitMs: number | null;
    };

/** Notices that were given up by `tidy`, for this reason. */
export interface GivenUp {
  readonly reason: 'TooOld' | 'TooMany';
  readonly count: number;
}

/**
 * Gives up what is too old or too much (N08), and of what goes to a receiver that had thirty within the hour all but
 * what must be told: one notice says so, and nothing more follows for an hour (N11).
 */
export function tidy(name: string, state: ReceiverState, now: Date): readonly GivenUp[] {
  const oldest = timestamp(new Date(now.getTime() - KEPT_MS));
  const old = state.notices.filter(({ made }) => made < oldest);
  const left = state.notices.filter(({ made }) => made >= oldest);
  const surplus = left.slice(0, Math.max(0, left.length - MOST_NOTICES));
  const lost = [...old, ...surplus];
  if (lost.length > 0) {
    state.notices = left.slice(surplus.length);
    state.dropped = { count: (state.dropped?.count ?? 0) + lost.length, at: timestamp(now) };
    forget(state, lost);
  }
  const silenced = silence(name, state, now);
  return [
    ...(lost.length > 0 ? [{ reason: 'TooOld', count: lost.length } as const] : []),
    ...(silenced > 0 ? [{ reason: 'TooMany', count: silenced } as const] : []),
  ];
}

/** Returns how many notices are not told for that. */
function silence(name: string, state: ReceiverState, now: Date): number {
  const hourAgo = timestamp(new Date(now.getTime() - HOUR_MS));
  state.delivered = state.delivered.filter((at) => at > hourAgo);
  const isSilent = state.silentUntil !== null && timestamp(now) < state.silentUntil;
  if (!isSilent) state.silentUntil = null;
  if (!isSilent && state.delivered.length < MOST_AN_HOUR) return 0;
  const surplus = state.notices.filter((notice) => !isExempt(notice));
  if (surplus.length === 0) return 0;
  state.notices = state.notices.filter(isExempt);
  forget(state, surplus);
  if (!isSilent) {
    state.silentUntil = timestamp(new Date(now.getTime() + HOUR_MS));
    state.notices.unshift(tooMany(name, now));
  }
  return surplus.length;
}

function tooMany(name: string, now: Date): Notice {
  const made = timestamp(now);
  const id = noticeID('TooMany', [name, made]);
  return { id, event: 'TooMany', state: 'Began', cause: '', made, facts: [], more: 0 };
}

/** Who was not told that something began is not told that it has ended (N05). */
function forget(state: ReceiverState, notices: readonly Notice[]): void {
  for (const { subject, key } of notices.flatMap(({ facts }) => facts)) {
    if (subject !== null && Object.hasOwn(state.told, subject) && state.told[subject]?.key === key)
      delete state.told[subject];
  }
}

/** What is to be delivered now; null: nothing is. Ask after `tidy`. */
export function nextNotice({ notices, retryAt }: ReceiverState, now: Date): Notice | null {
  return retryAt !== null && timestamp(now) < retryAt ? null : (notices[0] ?? null);
}

/** What follows from a try: the next is a minute later, then two, up to an hour; after a refusal an hour (N10). */
export function noteAttempt(state: ReceiverState, notice: Notice, attempt: Attempt, now: Date): void {
  if (attempt.outcome === 'Delivered') {
    state.notices = state.notices.filter(({ id }) => id !== notice.id);
    if (!isExempt(notice)) state.delivered.push(timestamp(now));
    state.tries = 0;
    state.retryAt = null;
    state.trouble = null;
    state.dropped = null;
    return;
  }
  const { reason, isPermanent, waitMs } = attempt;
  const doubled = isPermanent ? HOUR_MS : Math.min(HOUR_MS, MINUTE_MS * 2 ** Math.min(state.tries, 10));
  state.tries += 1;
  state.retryAt = timestamp(new Date(now.getTime() + Math.min(HOUR_MS, Math.max(doubled, waitMs ?? 0))));
  const isSame = state.trouble?.reason === reason;
  state.trouble = { reason, isPermanent, since: isSame && state.trouble ? state.trouble.since : timestamp(now) };
}

/** When a receiver is tried next; null: nothing waits for it. */
export function nextTry({ receivers }: Outbox, name: string): Timestamp | null {
  const state = receivers[name];
  if (!state || state.notices.length === 0) return null;
  return state.retryAt ?? state.notices[0]?.made ?? null;
}

/** What people read in STATUS.md of receivers that are not told. */
export function noticeAlerts({ receivers }: Outbox): readonly string[] {
  return Object.entries(receivers).flatMap(([name, { trouble, dropped }]) => [
    ...(trouble?.isPermanent
      ? [`receiver ${name} of Notifications refuses notices since ${trouble.since}: ${trouble.reason}`]
      : []),
    ...(dropped
      ? [`${counted(dropped.count, 'notice')} for receiver ${name} given up, the last at ${dropped.at}: it took none`]
      : []),
  ]);
}
