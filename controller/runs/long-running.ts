import { after, type Clock } from '../clock.ts';

/**
 * Tells of what still goes on a while after its start. One timer serves all, because each waits equally long: among
 * thousands that begin together a timer for each would cost more than what they do.
 * @returns takes what begins, and gives back how its end is told: nothing is told of it then
 */
export function createLongRunning<Item>(clock: Clock, delayMs: number, tell: (item: Item) => void) {
  /** In the order of their moments. */
  const going = new Map<Item, Date>();
  let watching: AbortController | null = null;

  async function watch({ signal }: AbortController): Promise<void> {
    for (let [first] = going; first && !signal.aborted; [first] = going) {
      const [item, until] = first;
      await clock.sleep(until, signal).catch(() => undefined); // aborted: nothing goes on any more
      if (!signal.aborted && going.delete(item)) tell(item);
    }
    if (going.size === 0) end();
  }

  function end(): void {
    watching?.abort();
    watching = null;
  }

  return (item: Item): (() => void) => {
    going.set(item, after(clock, delayMs));
    if (!watching) {
      watching = new AbortController();
      void watch(watching);
    }
    return () => {
      going.delete(item);
      if (going.size === 0) end();
    };
  };
}
