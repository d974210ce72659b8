import { createHash } from 'node:crypto';
import type { Receiver } from '../settings.ts';
import { durationMs } from '../values/duration.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import type { Fact } from './fact.ts';
import type { Notice, Outbox } from './outbox.ts';

/** Facts that one notice holds; beyond that they are counted. */
const FACTS_KEPT = 200;

/** Makes one notice of what is alike and has waited for `GroupWait` (N02, N03). @param hurry nothing waits longer */
export function makeNotices(outbox: Outbox, receivers: readonly Receiver[], now: Date, hurry = false): void {
  for (const receiver of receivers) {
    const state = outbox.receivers[receiver.Name];
    if (!state || state.waiting.length === 0) continue;
    const due = new Set(
      [...groups(state.waiting)].filter(([, { ends }]) => hurry || ends(receiver) <= now).map(([group]) => group),
    );
    if (due.size === 0) continue;
    for (const group of due) {
      const facts = state.waiting.filter(({ fact }) => groupOf(fact) === group).map(({ fact }) => fact);
      state.notices.push(noticeOf(receiver, facts, now));
    }
    state.waiting = state.waiting.filter(({ fact }) => !due.has(groupOf(fact)));
  }
}

/** When the next group has waited long enough; null: none waits. */
export function nextGroup(outbox: Outbox, receivers: readonly Receiver[]): Date | null {
  const ends = receivers.flatMap((receiver) => {
    const waiting = outbox.receivers[receiver.Name]?.waiting ?? [];
    return [...groups(waiting).values()].map((group) => group.ends(receiver).getTime());
  });
  return ends.length === 0 ? null : new Date(Math.min(...ends));
}

interface Group {
  ends(receiver: Receiver): Date;
}

function groups(waiting: readonly { readonly fact: Fact; readonly since: Timestamp }[]): ReadonlyMap<string, Group> {
  const found = new Map<string, Group>();
  for (const { fact, since } of waiting) {
    const group = groupOf(fact);
    if (found.has(group)) continue; // they are in the order in which they came
    found.set(group, { ends: ({ GroupWait }) => new Date(Date.parse(since) + (durationMs(GroupWait) ?? 0)) });
  }
  return found;
}

/** What is alike: the same event, its beginning or its end, of the same class of cause. */
function groupOf({ event, state, cause }: Fact): string {
  return `${event} ${state} ${cause}`;
}

/** The notice of facts that are alike, at least one. */
function noticeOf({ Name }: Receiver, facts: readonly Fact[], now: Date): Notice {
  const [{ event, state, cause } = NO_FACT] = facts;
  const kept = facts.slice(0, FACTS_KEPT);
  const id = noticeID(event, [Name, ...facts.map(({ key }) => key)]);
  return { id, event, state, cause, made: timestamp(now), facts: kept, more: facts.length - kept.length };
}

const NO_FACT = { event: 'RunFailed', state: 'Began', cause: '' } as const;

/** A name that fits a header and follows from the keys of the facts alone, so that it is the same at each try (N09). */
export function noticeID(event: string, keys: readonly string[]): string {
  return `${event}-${createHash('sha256').update(JSON.stringify(keys)).digest('hex').slice(0, 32)}`;
}
