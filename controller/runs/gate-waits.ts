import { after, type Clock } from '../clock.ts';
import { nextWakeUp } from './wake-up.ts';

/** What wakes parts that wait for a gate. */
export interface GateWaits {
  /** Resolves at `until` or a minute from now at the latest, when something changes, and when nobody waits any more. */
  wait(until: Date | null): Promise<void>;
  /** Resolves after a while, or when nobody waits any more. */
  pause(delayMs: number): Promise<void>;
  /** Something changed that gates go by: all that wait look again. */
  wake(): void;
  /** From now on nothing waits: what would is skipped. */
  end(): void;
  readonly hasEnded: boolean;
}

/** Nobody waits yet. */
export function createGateWaits(clock: Clock): GateWaits {
  const ended = new AbortController();
  let changed = new AbortController();
  const sleep = (until: Date, signal: AbortSignal) => clock.sleep(until, signal).catch(() => undefined); // woken
  return {
    async wait(until) {
      if (!ended.signal.aborted) await sleep(nextWakeUp(clock.now(), [until]), changed.signal);
    },
    async pause(delayMs) {
      if (delayMs > 0) await sleep(after(clock, delayMs), ended.signal);
    },
    wake() {
      changed.abort();
      changed = new AbortController();
    },
    end() {
      ended.abort();
      changed.abort();
    },
    get hasEnded() {
      return ended.signal.aborted;
    },
  };
}
