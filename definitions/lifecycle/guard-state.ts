// Memory: what the guards go by. All of it follows from the journal, but for who works on what right now.
import { ACTIONS } from '../actions/index.ts';
import { type Breaker, BUILT_IN_BREAKER, BUILT_IN_GUARDS, type Guard, type Guards } from '../guard.ts';
import type { GuardClass } from '../guard-class.ts';
import type { Machine, MachineID, Machines } from '../machine.ts';
import { type Claim, keptClaim, type RunID } from '../run.ts';
import type { LogRecord } from '../run-log.ts';
import { afterCommit, type BreakerState, CLOSED, judged, withFailure } from '../safety/breaker.ts';
import { createGuardCounts, type GuardCounts } from '../safety/guard-counts.ts';
import type { GuardFacts } from '../safety/guard-facts.ts';
import { type Domain, domainOf } from '../safety/guards.ts';
import { type Identities, identitiesOf } from '../safety/identity.ts';
import { afterSettings, type Limits, settled, stricterGuard } from '../safety/limits.ts';
import type { Settings } from '../settings.ts';
import { canonical, isObject, type Json } from '../values/json.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import type { JournalRecord } from './journal-record.ts';

type SafetyRecord = Extract<JournalRecord, { kind: 'safety' }>;

/** What the guards go by, and what they learn. */
export interface GuardState extends GuardFacts {
  /** Takes note of what is durable. */
  note(record: JournalRecord): void;
  /** A log of which the journal has no record; it was read in Git. */
  recall(log: LogRecord): void;
  /** The breaker as Git has it, of which the journal has no record. */
  recallBreaker(breaker: SafetyRecord['breaker']): void;
  /** When published logs told last what the journal did not know; null: they have not been asked. */
  readonly recalled: Date | null;
  /** They have been asked. */
  recalledAt(now: Date): void;
  /** Whether what was reached lately is known. Until it is, it is over every limit (G11). */
  known(isKnown: boolean): void;
  /** Follows the settings of a commit. */
  follow(settings: Pick<Settings, 'Guards' | 'Breaker'>, now: Date): void;
  /** What has changed and is not durable yet; null: nothing. */
  unrecorded(): SafetyRecord | null;
  /** A run will begin, unless it is released: its machines count from now on. */
  take(claim: Claim): void;
  release(run: RunID): void;
  /** A part works from now on. */
  begin(run: RunID, guard: GuardClass, machine: Machine): void;
  /** It does no more. Returns whether that may let others begin. */
  end(run: RunID, machine: MachineID): boolean;
}

interface State {
  readonly counts: GuardCounts;
  isKnown: boolean;
  /** Null before the first settings. */
  limits: Limits | null;
  breaker: BreakerState;
  breakerSettings: Breaker | null;
  recalled: Timestamp | undefined;
  /** What the journal has; undefined: it has no limits. `seen` are those that were found to be the same. */
  readonly recorded: {
    guards: Guards | null | undefined;
    breaker: string;
    recalled: Timestamp | undefined;
    seen: Guards;
  };
  /** The limits of each class when a run was taken. */
  readonly taken: Map<RunID, Guards>;
  readonly working: Map<string, Domain & { readonly guard: GuardClass }>;
  identities: { readonly machines: Machines; readonly of: Identities } | null;
}

/** Nothing was reached, the breaker is closed, and what is built in holds until there are settings. */
export function createGuardState(): GuardState {
  const state: State = {
    counts: createGuardCounts(),
    isKnown: true,
    limits: null,
    breaker: CLOSED,
    breakerSettings: null,
    recalled: undefined,
    recorded: { guards: undefined, breaker: durable(CLOSED), recalled: undefined, seen: BUILT_IN_GUARDS },
    taken: new Map(),
    working: new Map(),
    identities: null,
  };
  return {
    limits: (guard, now, run) => limitsOf(state, guard, now, run),
    identities(machines) {
      if (state.identities?.machines !== machines) state.identities = { machines, of: identitiesOf(machines) };
      return state.identities.of;
    },
    get counts() {
      return state.isKnown ? state.counts : null;
    },
    get breaker() {
      return { state: state.breaker, settings: state.breakerSettings ?? BUILT_IN_BREAKER };
    },
    working: (guard, { label, value }) => {
      const all = [...state.working.values()];
      return all.filter((each) => each.guard === guard && each.label === label && each.value === value).length;
    },
    note: (record) => note(state, record),
    recall: (log) => recall(state, log),
    recallBreaker: (breaker) => void Object.assign(state, { breaker: { ...state.breaker, ...breaker } }),
    get recalled() {
      return state.recalled === undefined ? null : new Date(state.recalled);
    },
    recalledAt: (now) => void Object.assign(state, { recalled: timestamp(now) }),
    known: (isKnown) => void Object.assign(state, { isKnown }),
    follow: (settings, now) => follow(state, settings, now),
    unrecorded: () => unrecorded(state),
    take(claim) {
      take(state.counts, claim);
      if (state.limits) state.taken.set(claim.run, state.limits.inForce);
    },
    release(run) {
      state.counts.release(run);
      state.taken.delete(run);
    },
    begin(run, guard, machine) {
      const domain = state.limits && domainOf(machine, state.limits.inForce[guard]);
      if (domain) state.working.set(`${run} ${machine.ID}`, { ...domain, guard });
    },
    end: (run, machine) => state.working.delete(`${run} ${machine}`),
  };
}

/** Machines that keep a promoted version count for the class of that. */
function take(counts: GuardCounts, claim: Claim): void {
  const keeping = keptClaim(claim);
  const others = new Set(keeping?.machines);
  const own = keeping ? claim.machines.filter((id) => !others.has(id)) : claim.machines;
  const isSame = keeping && classOf(keeping.action) === classOf(claim.action);
  counts.take(claim.run, classOf(claim.action), isSame ? claim.machines : own);
  if (keeping && !isSame) counts.take(claim.run, classOf(keeping.action), keeping.machines);
}

function classOf(action: string): GuardClass {
  return ACTIONS.get(action)?.guard ?? 'None';
}

function limitsOf(state: State, guard: GuardClass, now: Date, run: RunID | undefined): Guard {
  if (!state.limits) return BUILT_IN_GUARDS[guard];
  state.limits = settled(state.limits, now);
  const current = state.limits.inForce[guard];
  const taken = run === undefined ? undefined : state.taken.get(run)?.[guard];
  return taken === undefined || taken === current ? current : stricterGuard(taken, current);
}

function note(state: State, record: JournalRecord): void {
  const { counts } = state;
  switch (record.kind) {
    case 'claim':
      take(counts, record.claim);
      break;
    case 'skip':
      counts.ended(record.run, record.skip.machine);
      break;
    case 'result': {
      const { run, outcome, log } = record;
      const wasSent = outcome !== 'Unchanged' && outcome !== 'Refused'; // to these nothing was sent (G14)
      if (wasSent) counts.reached(classOf(log.Action), log.MachineID, endOf(log));
      if (outcome === 'Interrupted') break; // until when it was worked on is known by the end of the run alone
      counts.ended(run, log.MachineID);
      if (log.Status === 'failed') fail(state, failedAt(log));
      break;
    }
    case 'finish':
      counts.finish(record.run, Date.parse(record.end));
      state.taken.delete(record.run);
      break;
    case 'left':
      state.taken.delete(record.run);
      break;
    case 'safety':
      if (record.breaker.resumed !== state.breaker.resumed) state.breaker = CLOSED; // what had failed is forgotten
      state.breaker = { ...state.breaker, ...record.breaker };
      state.recorded.breaker = durable(state.breaker);
      state.recorded.guards = record.guards;
      state.recorded.recalled = record.recalled;
      state.recalled = record.recalled;
      break;
  }
}

/**
 * What a checkpoint keeps of a record for the guards, under which name: the latest part of each class on each machine,
 * and the latest safety record. Null: nothing.
 */
export function guardKey(record: JournalRecord): string | null {
  if (record.kind === 'safety') return 'safety';
  if (record.kind !== 'result') return null;
  const guard = classOf(record.log.Action);
  const wasSent = record.outcome !== 'Unchanged' && record.outcome !== 'Refused';
  return guard === 'None' || !wasSent ? null : `${guard} ${record.log.MachineID}`;
}

/** When a part had ended, in milliseconds since the epoch: its log has whole seconds. */
function endOf({ Timestamp, ExecutionTime }: LogRecord): number {
  return Date.parse(Timestamp) + Math.ceil(Number.parseFloat(ExecutionTime) + 1) * 1000;
}

function failedAt({ Timestamp, ExecutionTime }: LogRecord): number {
  return Date.parse(Timestamp) + Math.round(Number.parseFloat(ExecutionTime) * 1000);
}

function fail(state: State, at: number): void {
  state.breaker = withFailure(state.breaker, at);
  if (state.breakerSettings) state.breaker = judged(state.breaker, state.breakerSettings);
}

/** A log says less than a record: what it does not rule out counts. */
function recall(state: State, log: LogRecord): void {
  const guard = classOf(log.Action);
  if (!isUnchanged(log)) state.counts.reached(guard, log.MachineID, endOf(log));
  if (log.Status === 'failed' && !log.Error?.startsWith('interrupted')) fail(state, failedAt(log));
}

/** Whether a log tells that nothing had to be sent: each New is the Old. */
function isUnchanged({ Status, Result }: LogRecord): boolean {
  if (Status !== 'success') return false;
  return (Array.isArray(Result) ? Result : [Result]).every((entry) => {
    const fields = isObject(entry) ? Object.entries(entry) : [];
    const old = new Map(fields.filter(([key]) => key.startsWith('Old')).map(([key, value]) => [key.slice(3), value]));
    const now = fields.filter(([key]) => key.startsWith('New'));
    return now.length > 0 && now.every(([key, value]) => canonical(old.get(key.slice(3)) ?? null) === canonical(value));
  });
}

/** The first settings after a start are compared with what the journal had in force: a raise made meanwhile waits. */
function follow(state: State, { Guards, Breaker }: Pick<Settings, 'Guards' | 'Breaker'>, now: Date): void {
  const { guards } = state.recorded;
  const before = state.limits ?? (guards === undefined ? null : { inForce: guards ?? BUILT_IN_GUARDS, coming: null });
  state.limits = before ? afterSettings(before, Guards, now) : { inForce: Guards, coming: null };
  const isFirst = state.breakerSettings === null;
  state.breakerSettings = Breaker;
  if (isFirst) state.breaker = judged(state.breaker, Breaker); // a crash may have come between a failure and its record
  state.breaker = afterCommit(state.breaker, Breaker);
}

function unrecorded({ breaker, limits, recalled, recorded }: State): SafetyRecord | null {
  if (!limits) return null;
  const isMoved = durable(breaker) !== recorded.breaker || recalled !== recorded.recalled;
  if (!isMoved && limits.inForce === recorded.seen) return null; // it is asked with each record
  const guards = same(limits.inForce, BUILT_IN_GUARDS) ? null : limits.inForce;
  if (!isMoved && same(guards, recorded.guards ?? null)) {
    recorded.seen = limits.inForce;
    return null;
  }
  const { opened, resumed } = breaker;
  return { kind: 'safety', breaker: { opened, resumed }, guards, ...(recalled !== undefined && { recalled }) };
}

function durable({ opened, resumed }: BreakerState): string {
  return JSON.stringify([opened, resumed]);
}

function same(a: Guards | null, b: Guards | null): boolean {
  return canonical(a as unknown as Json) === canonical(b as unknown as Json);
}
