import type { JobID } from '../job.ts';
import type { Receiver } from '../settings.ts';
import { durationMs } from '../values/duration.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import { fitsJob } from '../window.ts';
import type { Fact, Holding } from './fact.ts';
import { createReceiverState, type Outbox, type ReceiverState, setBounded } from './outbox.ts';

/** Subjects that were told and have not ended, for each receiver. */
const TOLD_KEPT = 2_000;
/** What waits for more of its kind, for each receiver: beyond that it is counted alone. */
const WAITING_KEPT = 5_000;

/** Receivers come and go with the settings; what was to be told to one that is gone goes with it. */
export function followReceivers(outbox: Outbox, receivers: readonly Receiver[]): void {
  const names = new Set(receivers.map(({ Name }) => Name));
  for (const name of Object.keys(outbox.receivers)) if (!names.has(name)) delete outbox.receivers[name];
  for (const name of names) if (!Object.hasOwn(outbox.receivers, name)) outbox.receivers[name] = createReceiverState();
}

/** Who is told of a fact; it waits for more of its kind there. */
export function tell(outbox: Outbox, receivers: readonly Receiver[], fact: Fact, now: Date): void {
  for (const receiver of receivers) {
    const state = outbox.receivers[receiver.Name];
    if (!state) continue;
    if (fact.state === 'Ended') tellEnd(state, fact, now);
    else if (isWanted(receiver, fact) && isNews(receiver, state, fact, now) && !isSilent(state, fact, now))
      enqueue(state, fact, now);
  }
}

function isWanted({ On, JobSelector }: Receiver, { event, job }: Fact): boolean {
  if (event === 'RunRecovered' || !On.includes(event)) return false;
  return job === null || JobSelector === null || JobSelector.some((pattern) => fitsJob(pattern, job));
}

/** What lasts is told again after `Repeat` (N04), or at once where it has another cause. */
function isNews({ Repeat }: Receiver, { told }: ReceiverState, { subject, cause, again }: Fact, now: Date): boolean {
  const known = subject !== null && Object.hasOwn(told, subject) ? told[subject] : undefined;
  if (!known || again === 'Always') return true;
  if (again === 'Never') return false;
  return known.cause !== cause || repeats(Repeat, known.at, now);
}

/** Whether something that was told at `at` is to be told again. */
export function repeats(repeat: Receiver['Repeat'], at: Timestamp, now: Date): boolean {
  const ms = repeat === null ? undefined : durationMs(repeat);
  return ms !== undefined && ms > 0 && now.getTime() - Date.parse(at) >= ms;
}

/** What must be told however much has been (N11). */
export function isExempt({ event }: Pick<Fact, 'event'> | { readonly event: 'TooMany' }): boolean {
  return event === 'BreakerOpen' || event === 'RestoreFailed' || event === 'TooMany';
}

function isSilent({ silentUntil }: ReceiverState, fact: Fact, now: Date): boolean {
  return silentUntil !== null && timestamp(now) < silentUntil && !isExempt(fact);
}

function enqueue(state: ReceiverState, fact: Fact, now: Date): void {
  const at = timestamp(now);
  if (state.waiting.length < WAITING_KEPT) state.waiting.push({ fact, since: at });
  const { subject, key, cause } = fact;
  if (subject !== null) setBounded(state.told, subject, { key, cause, at }, TOLD_KEPT);
}

/** Only who was told that something began is told that it has ended, once (N05). */
function tellEnd(state: ReceiverState, fact: Fact, now: Date): void {
  const { subject } = fact;
  if (subject === null || !Object.hasOwn(state.told, subject)) return;
  delete state.told[subject];
  const unsent = state.waiting.filter(({ fact: each }) => each.subject === subject && each.isCondition);
  state.waiting = state.waiting.filter((each) => !unsent.includes(each));
  const isFlicker = unsent.some(({ fact: each }) => each.state === 'Began');
  if (isFlicker || fact.event === 'Missed') return;
  state.waiting.push({ fact, since: timestamp(now) });
}

/**
 * Compares what holds now of a source with what held before, and tells what has begun and what has ended. A condition
 * is the same while its event and subject are, whatever its text says (N01).
 * @param source with which the subjects of its conditions begin
 * @param isFirst nobody was told of anything yet: what holds is older than that (N07)
 */
export function follow(
  outbox: Outbox,
  receivers: readonly Receiver[],
  source: string,
  holding: readonly Holding[],
  now: Date,
  isFirst = false,
): void {
  const { conditions } = outbox;
  const known = Object.values(conditions).filter(({ subject }) => subject.startsWith(`${source} `));
  const current = new Map(holding.map((each) => [each.subject, each]));
  for (const condition of known) {
    if (current.has(condition.subject)) continue;
    delete conditions[condition.subject];
    tell(outbox, receivers, conditionFact(condition, 'Ended', timestamp(now)), now);
  }
  for (const each of current.values()) {
    const before = Object.hasOwn(conditions, each.subject) ? conditions[each.subject] : undefined;
    const since = before?.since ?? each.since ?? timestamp(now);
    conditions[each.subject] = { ...each, since, isOld: before ? before.isOld : isFirst };
    if (!before && !isFirst) tell(outbox, receivers, conditionFact({ ...each, since }, 'Began', since), now);
  }
}

/** What was the matter with jobs that are gone is over: nobody can mend it, so nobody is told of it again. */
export function endRemoved(
  outbox: Outbox,
  receivers: readonly Receiver[],
  isThere: (job: JobID) => boolean,
  now: Date,
): void {
  for (const condition of Object.values(outbox.conditions)) {
    if (condition.job === null || isThere(condition.job)) continue;
    delete outbox.conditions[condition.subject];
    tell(outbox, receivers, conditionFact(condition, 'Ended', timestamp(now)), now);
  }
}

/** Tells again what lasts for longer than `Repeat` since it was told (N04), and what began while nobody was told. */
export function repeatConditions(outbox: Outbox, receivers: readonly Receiver[], now: Date): void {
  for (const condition of Object.values(outbox.conditions)) {
    if (condition.isOld) continue;
    for (const receiver of receivers) {
      const told = outbox.receivers[receiver.Name]?.told[condition.subject];
      if (told && !repeats(receiver.Repeat, told.at, now)) continue;
      tell(outbox, [receiver], conditionFact(condition, told ? 'Lasts' : 'Began', timestamp(now)), now);
    }
  }
}

function conditionFact(condition: Holding & { readonly since: Timestamp }, state: Fact['state'], at: Timestamp): Fact {
  const { event, subject, cause, job, detail, since } = condition;
  const key = `${event}/${subject}@${since}${state === 'Began' ? '' : `/${state}@${at}`}`;
  return { key, event, state, subject, cause, again: 'AfterRepeat', at, isCondition: true, job, run: null, detail };
}
