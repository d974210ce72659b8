import type { JournalEntry, JournalRecord } from '../lifecycle/journal-record.ts';
import { haltedBy } from '../lifecycle/rollout-start.ts';
import { HOW_TO_CLOSE } from '../safety/breaker.ts';
import type { Receiver } from '../settings.ts';
import type { Status } from '../status.ts';
import type { Holding } from './fact.ts';
import { factsOf } from './journal-facts.ts';
import type { Outbox } from './outbox.ts';
import { follow, tell } from './routing.ts';

/** Takes in an entry of the journal: what has begun and what has ended is told; of one that was read nothing (N06). */
export function readEntry(outbox: Outbox, receivers: readonly Receiver[], entry: JournalEntry, now: Date): void {
  if (entry.seq <= outbox.journal.through) return;
  const { seq, record } = entry;
  outbox.journal.through = seq;
  const facts = factsOf(outbox.journal, record, outbox.began);
  followConditions(outbox, receivers, record, now);
  for (const fact of facts) tell(outbox, receivers, fact, now);
}

function followConditions(outbox: Outbox, receivers: readonly Receiver[], record: JournalRecord, now: Date): void {
  if (record.kind === 'safety') follow(outbox, receivers, 'breaker', breaker(record.breaker.opened), now);
  if (record.kind !== 'status') return;
  for (const status of record.documents) {
    const source = `rollout ${status.Id}`;
    const halt = halted(status, source);
    const since = halt[0]?.since ?? '';
    const isKnown = Object.hasOwn(outbox.conditions, `${source} halted`);
    if (isKnown || since >= outbox.began) follow(outbox, receivers, source, halt, now);
  }
}

function breaker(opened: string | null): readonly Holding[] {
  if (opened === null) return [];
  const detail = `the breaker is open since ${opened}: ${HOW_TO_CLOSE}`;
  return [{ event: 'BreakerOpen', subject: 'breaker open', cause: 'Open', job: null, detail, since: opened }];
}

function halted({ Id, Rollout }: Status, source: string): readonly Holding[] {
  const halt = Rollout?.Halted;
  if (!halt) return [];
  const detail = `its rollout is halted: ${haltedBy(halt)}`;
  const subject = `${source} halted`;
  return [{ event: 'RolloutHalted', subject, cause: halt.Reason, job: Id, detail, since: halt.Since }];
}
