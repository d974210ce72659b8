import { leaseSubject, type PartName, STREAMS } from '../../definitions/engine/names.ts';
import { readStart, writeStart } from '../../definitions/engine/wire.ts';
import type { Fence } from '../executors/executor.ts';
import type { Engine } from './engine.ts';
import type { Stopwatch } from './stopwatch.ts';

/** So long after the last word of a worker its part may count as cut off. */
export const PART_LEASE_MS = 15_000;
/** A worker changes nothing any more in the last second of that. */
const FENCE_MS = PART_LEASE_MS - 1_000;
const RENEW_MS = 4_000;

/** A worker's right to change something for one part, renewed at the engine while it works. */
export interface PartLease {
  readonly fence: Fence;
  /** Ends the renewals. */
  end(): void;
}

export interface PartLeaseOptions {
  readonly engine: Engine;
  readonly name: PartName;
  /** Who holds it. */
  readonly id: string;
  readonly stopwatch: Stopwatch;
  /** What tells the time since right before the start was claimed. */
  readonly sinceClaim: () => number;
  /** Called with each renewal. */
  readonly working: () => void;
  /** Called once, where it may change nothing any more. */
  readonly lost: (reason: string) => void;
}

interface LeaseState {
  readonly options: PartLeaseOptions;
  readonly text: string;
  /** Since right before the last renewal that the engine has acknowledged was sent. */
  since: () => number;
  /** The sequence of the last renewal; 0 before the first. */
  seq: number;
  isLost: boolean;
}

/**
 * Holds a part. Each renewal follows the one before at the engine, so that a controller can end it there, by a message
 * in between; who has ended it so waits `PART_LEASE_MS`, and knows that this worker changes nothing any more, whatever
 * became of it: no clocks of two hosts are compared.
 */
export function holdPart(options: PartLeaseOptions): PartLease {
  const state: LeaseState = {
    options,
    text: writeStart({ by: 'worker', id: options.id }),
    since: options.sinceClaim,
    seq: 0,
    isLost: false,
  };
  let renewing = false;
  const timer = setInterval(async () => {
    if (renewing) return;
    renewing = true;
    await renew(state).catch(() => undefined); // the engine is away: the lease runs on, and may run out
    renewing = false;
  }, RENEW_MS);
  return {
    fence() {
      if (!state.isLost && state.since() < FENCE_MS) return;
      lose(state, `the engine has not heard of this worker for ${FENCE_MS / 1000} s`);
      throw new Error('nothing may be changed any more: the lease of this part is over');
    },
    end: () => clearInterval(timer),
  };
}

async function renew(state: LeaseState): Promise<void> {
  const { engine, name, stopwatch, working } = state.options;
  const since = stopwatch.start();
  working();
  const seq = await engine.putAfter(leaseSubject(name), state.text, state.seq);
  if (seq === null) return lookAgain(state);
  state.seq = seq;
  state.since = since;
}

/** Another message has come between: a controller's, or an earlier one of this worker whose answer was lost. */
async function lookAgain(state: LeaseState): Promise<void> {
  const { engine, name } = state.options;
  const last = await engine.lastNearby(STREAMS.leases, leaseSubject(name));
  const reading = last && readStart(last.text);
  if (!last || !reading || !('message' in reading)) return;
  if (reading.message.by === 'controller') return lose(state, 'a controller has given this worker up');
  state.seq = Math.max(state.seq, last.seq);
}

function lose(state: LeaseState, reason: string): void {
  if (state.isLost) return;
  state.isLost = true;
  state.options.lost(reason);
}
