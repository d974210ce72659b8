import type { PublishOutcome } from '../../definitions/publication.ts';
import { after, type Clock } from '../clock.ts';
import type { WritebackEvent } from '../events/event.ts';

/** A batch goes out after this long without news … */
const QUIET_MS = 2_000;
/** … or this long after its first, whichever comes first (git.md §2). */
const LONGEST_MS = 10_000;
/** After a failure of our own, nothing is known about when to try again. */
const RETRY_MS = 30_000;

/** Brings what is durable here to the public branch, in batches (R38). */
export interface Writeback {
  /** Something is durable that is not public yet, or the public branch has moved. */
  touched(): void;
  /** Publishes what is touched, until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** Publishes now, and again until all is public, a person is needed or the moment has come; tells how it stands. */
  flush(until: Date): Promise<PublishOutcome>;
}

/** What writing back works with. */
export interface WritebackOptions {
  readonly clock: Clock;
  readonly publish: () => Promise<PublishOutcome>;
  readonly observe: (event: WritebackEvent) => void;
}

/** A write-back loop; nothing happens before `run` or `flush`. */
export function createWriteback({ clock, publish, observe }: WritebackOptions): Writeback {
  let firstTouch: Date | null = null;
  let lastTouch: Date | null = null;
  let alarm = new AbortController();

  /** Sleeps until a moment, a touch or the end. */
  async function pause(until: Date, signal: AbortSignal): Promise<void> {
    alarm = new AbortController();
    // a reason to look, no error
    await clock.sleep(until, AbortSignal.any([alarm.signal, signal])).catch(() => undefined);
  }

  function batchEnds(): Date | null {
    if (!firstTouch || !lastTouch) return null;
    return new Date(Math.min(lastTouch.getTime() + QUIET_MS, firstTouch.getTime() + LONGEST_MS));
  }

  async function attempt(): Promise<PublishOutcome> {
    firstTouch = null;
    lastTouch = null;
    try {
      const published = await publish();
      if (published.outcome !== 'Unchanged') observe({ event: 'published', ...published });
      return published;
    } catch (error) {
      observe({ event: 'publishFailed', error });
      const reason = error instanceof Error ? error.message : String(error);
      return { outcome: 'Offline', reason, retryAt: after(clock, RETRY_MS) };
    }
  }

  return {
    touched() {
      lastTouch = clock.now();
      firstTouch ??= lastTouch;
      alarm.abort('touched');
    },
    async run(signal) {
      let retryAt: Date | null = null;
      while (!signal.aborted) {
        const now = clock.now();
        const due: Date | null = retryAt && (!batchEnds() || retryAt > now) ? retryAt : batchEnds();
        if (due && due <= now) {
          const published = await attempt();
          retryAt = 'retryAt' in published ? published.retryAt : null;
        } else await pause(due ?? after(clock, 60_000), signal);
      }
    },
    async flush(until) {
      for (;;) {
        const published = await attempt();
        if (!('retryAt' in published) || published.outcome === 'Blocked' || published.retryAt >= until)
          return published;
        await clock.sleep(published.retryAt);
      }
    },
  };
}
