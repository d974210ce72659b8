import { readLeader, writeLeader } from '../../../definitions/engine/claim-message.ts';
import { type LeaseSight, mayLead, mayTake, nextSight, RENEW_MS } from '../../../definitions/engine/lease.ts';
import { LEADER_SUBJECT, STREAMS } from '../../../definitions/engine/names.ts';
import { after, type Clock } from '../../clock.ts';
import type { EngineEvent } from '../../events/engine-event.ts';
import type { Engine } from '../engine.ts';
import type { EngineLink } from '../link.ts';
import type { Stopwatch } from '../stopwatch.ts';

export interface LeaseOptions {
  readonly link: EngineLink;
  readonly clock: Clock;
  /** Milliseconds of the monotonic clock: what a standby waits by. */
  readonly monotonicMs: () => number;
  /** What a leader stops by. */
  readonly stopwatch: Stopwatch;
  /** This process, by a name that no other has. */
  readonly id: string;
  /** For people: the host and the process. */
  readonly holder: string;
  readonly observe: (event: EngineEvent) => void;
  /** Called once, when this controller leads no more: nothing may be begun, changed or written from then on. */
  readonly lost: (reason: string) => void;
}

/** The right to lead all controllers of an engine, one at a time. */
export interface Lease {
  /** Waits until it is this controller's, and keeps it from then on; false where the signal came first. */
  take(signal: AbortSignal): Promise<boolean>;
  /** Whether this controller may still begin, change and write something. */
  readonly isHeld: boolean;
  /** Gives it up: another controller leads at once. */
  giveUp(): Promise<void>;
}

/** How often a leader looks at its own clocks: a process that was paused finds out before it does much else. */
const WATCH_MS = 100;
/** How often a standby looks. */
const LOOK_MS = 400;

interface LeaseState {
  readonly options: LeaseOptions;
  /** Since the last renewal that the engine has acknowledged was sent; null: it is not held. */
  since: (() => number) | null;
  /** The sequence of that renewal. */
  seq: number;
  isRenewing: boolean;
  timers: readonly NodeJS.Timeout[];
}

/** A lease; it is nobody's before `take`. */
export function createLease(options: LeaseOptions): Lease {
  const state: LeaseState = { options, since: null, seq: 0, isRenewing: false, timers: [] };
  return {
    take: (signal) => take(state, signal),
    get isHeld() {
      return holds(state);
    },
    giveUp: () => giveUp(state),
  };
}

function holds({ since }: LeaseState): boolean {
  return since !== null && mayLead(0, since());
}

async function take(state: LeaseState, signal: AbortSignal): Promise<boolean> {
  const { clock, link } = state.options;
  const seen: Seen = { sight: null, holder: undefined };
  while (!signal.aborted) {
    const engine = link.engine;
    const isTaken = engine ? await look(state, engine, seen).catch(() => null) : null;
    if (isTaken) {
      hold(state);
      return true;
    }
    if (isTaken === null) seen.sight = null; // it was away: what was seen before may be another store's
    await clock.sleep(after(clock, LOOK_MS), signal).catch(() => undefined);
  }
  return false;
}

interface Seen {
  sight: LeaseSight | null;
  /** Who was said to hold it; undefined: nothing was said. */
  holder: string | null | undefined;
}

/** Looks at the lease once, and takes it where that may be; true: it is this controller's. */
async function look(state: LeaseState, engine: Engine, seen: Seen): Promise<boolean> {
  const { id, holder, stopwatch, monotonicMs, observe } = state.options;
  const there = await engine.last(STREAMS.leader, LEADER_SUBJECT);
  const leader = there && readLeader(there.text);
  const isGivenUp = leader?.holder === null;
  seen.sight = nextSight(seen.sight, { revision: there?.seq ?? null, isGivenUp }, monotonicMs());
  if (!mayTake(seen.sight, monotonicMs())) {
    const other = leader?.holder ?? null;
    if (seen.holder !== other) observe({ kind: 'StandingBy', holder: other });
    seen.holder = other;
    return false;
  }
  const since = stopwatch.start();
  const seq = await engine.putAfter(LEADER_SUBJECT, writeLeader({ id, holder }), there?.seq ?? 0);
  if (seq === null) return false; // another was faster, or the leader is alive
  state.seq = seq;
  state.since = since;
  return true;
}

function hold(state: LeaseState): void {
  state.options.observe({ kind: 'Leads' });
  const renewal = setInterval(async () => {
    if (state.isRenewing) return;
    state.isRenewing = true;
    await renew(state).catch(() => undefined); // the engine is away: the lease runs out
    state.isRenewing = false;
  }, RENEW_MS);
  const watch = setInterval(() => {
    if (!holds(state)) lose(state, 'the engine has not acknowledged the lease for too long, or the process was paused');
  }, WATCH_MS);
  state.timers = [renewal, watch];
}

async function renew(state: LeaseState): Promise<void> {
  const { link, stopwatch, id, holder } = state.options;
  const { engine } = link;
  if (!engine || !holds(state)) return;
  const since = stopwatch.start();
  const seq = await engine.putAfter(LEADER_SUBJECT, writeLeader({ id, holder }), state.seq);
  if (seq !== null) {
    state.seq = seq;
    state.since = since;
    return;
  }
  const there = await engine.last(STREAMS.leader, LEADER_SUBJECT);
  const leader = there && readLeader(there.text);
  // An earlier renewal of this controller was stored, and its answer lost: the next one follows it.
  if (there && leader?.id === id) state.seq = there.seq;
  else lose(state, `${leader?.holder ?? 'nobody that is known'} has the lease`);
}

function lose(state: LeaseState, reason: string): void {
  if (state.since === null) return;
  end(state);
  state.options.observe({ kind: 'Deposed', reason });
  state.options.lost(reason);
}

function end(state: LeaseState): void {
  state.since = null;
  for (const timer of state.timers) clearInterval(timer);
}

async function giveUp(state: LeaseState): Promise<void> {
  if (state.since === null) return;
  const { link, id, observe } = state.options;
  while (state.isRenewing && holds(state)) await new Promise((resolve) => setTimeout(resolve, 10));
  end(state);
  // Where this fails, another one takes it over by observation.
  const seq = await link.engine
    ?.putAfter(LEADER_SUBJECT, writeLeader({ id, holder: null }), state.seq)
    .catch(() => null);
  if (seq) observe({ kind: 'GaveUp' });
}
