import type { Settings } from '../../definitions/settings.ts';
import type { Deps } from '../events/deps.ts';
import type { NoticesEvent } from '../events/event.ts';
import type { Transport } from './transport.ts';

/** People push in crowds, and each push leads to a look: somebody who waits for calls needs no more than this. */
const LEAST_BETWEEN_MS = 10_000;

/** Calls an address after each look that ended well: who gets no call any more knows that nobody looks (N15). */
export interface DeadMan {
  /** A look has ended well. Nothing waits for the call. */
  passed(): void;
  /** Resolves when no call is under way. */
  settled(): Promise<void>;
  /** Ends the call that is under way, and makes no more. */
  end(): Promise<void>;
}

export interface DeadManOptions extends Deps<NoticesEvent> {
  readonly settings: () => Pick<Settings, 'DeadMan'>;
  readonly transport: Pick<Transport, 'call'>;
}

/** A dead man's switch of a controller; without `DeadMan` in the settings nobody is called. */
export function createDeadMan({ settings, transport, clock, observe }: DeadManOptions): DeadMan {
  const stop = new AbortController();
  const state: { last: Date | null; call: Promise<void> | null } = { last: null, call: null };
  const call = async (ref: string) => {
    const attempt = await transport.call(ref, stop.signal);
    if (stop.signal.aborted) return;
    observe({ event: 'deadManCalled', reason: attempt.outcome === 'Failed' ? attempt.reason : null });
  };
  return {
    passed() {
      const ref = settings().DeadMan?.SecretRef;
      const now = clock.now();
      const isSoon = state.last !== null && Math.abs(now.getTime() - state.last.getTime()) < LEAST_BETWEEN_MS;
      if (ref === undefined || isSoon || state.call || stop.signal.aborted) return;
      state.last = now;
      state.call = call(ref).finally(() => {
        state.call = null;
      });
    },
    async settled() {
      await state.call;
    },
    async end() {
      stop.abort();
      await state.call;
    },
  };
}
