import { after, type Clock } from '../clock.ts';

interface TimerState<Item> {
  readonly clock: Clock;
  readonly report: (item: Item) => void;
  /** When each item is reported; all wait equally long, so the first is the next. */
  readonly times: Map<Item, Date>;
  /** Ends the timer; null while there is none. */
  timer: AbortController | null;
}

/**
 * Reports each item that has not ended a while after its start. One timer serves all, because each waits equally long:
 * among thousands that begin together, a timer for each would cost more than their work.
 * @returns call it when an item starts; call what it returns when the item ends
 */
export function createLongRunning<Item>(clock: Clock, delayMs: number, report: (item: Item) => void) {
  const state: TimerState<Item> = { clock, report, times: new Map(), timer: null };
  return (item: Item): (() => void) => {
    state.times.set(item, after(clock, delayMs));
    if (!state.timer) {
      state.timer = new AbortController();
      void wait(state, state.timer);
    }
    return () => {
      state.times.delete(item);
      if (state.times.size === 0) stop(state);
    };
  };
}

async function wait<Item>(state: TimerState<Item>, { signal }: AbortController): Promise<void> {
  const { clock, report, times } = state;
  for (let [first] = times; first && !signal.aborted; [first] = times) {
    const [item, time] = first;
    await clock.sleep(time, signal).catch(() => undefined); // aborted: all have ended
    if (!signal.aborted && times.delete(item)) report(item);
  }
  if (times.size === 0) stop(state);
}

function stop<Item>(state: TimerState<Item>): void {
  state.timer?.abort();
  state.timer = null;
}
