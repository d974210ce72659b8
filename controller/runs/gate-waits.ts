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
  /** As `end`, and the service stops: of a run in waves no further part begins, either. */
  stop(): void;
  readonly hasStopped: boolean;
}

/** Nobody waits yet. */
export function createGateWaits(clock: Clock): GateWaits {
  const ended = new AbortController();
  const standing = { hasStopped: false };
  let changed = new AbortController();
  const sleep = (until: Date, signal: AbortSignal) => clock.sleep(until, signal).catch(() => undefined); // woken
  const end = () => {
    ended.abort();
    changed.abort();
  };
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
    end,
    stop() {
      standing.hasStopped = true;
      end();
    },
    get hasStopped() {
      return standing.hasStopped;
    },
    get hasEnded() {
      return ended.signal.aborted;
    },
  };
}
