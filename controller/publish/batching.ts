import type { PublishOutcome } from '../../definitions/publication.ts';
import { after, type Clock } from '../clock.ts';
import type { WritebackEvent } from '../events/event.ts';

/** A batch goes out after this long without news … */
const QUIET_MS = 2_000;
/** … or this long after its first, whichever comes first: hosts of Git allow about six pushes a minute. */
const LONGEST_MS = 10_000;
/** What does not pass while the service ends. */
const NEEDS_A_PERSON: ReadonlySet<PublishOutcome['outcome']> = new Set(['Blocked', 'NoBranch']);
/** After a failure of our own, nothing is known about when to try again. */
const RETRY_MS = 30_000;

/** Brings what is durable here to the public branch, in batches (R38). */
export interface Writeback {
  /** Something is durable that is not public yet. */
  touched(): void;
  /** The public branch was looked at, and may lack what was published: that begins a batch, and puts off none. */
  looked(): void;
  /**
   * Publishes what is touched, until the signal is aborted.
   * @param moved hears that the branch has moved: by this, or by others in the middle of it
   */
  run(signal: AbortSignal, moved: () => void): Promise<void>;
  /** Publishes now, and again until all is public, a person is needed or the time is up; returns the last outcome. */
  flush(until: Date): Promise<PublishOutcome>;
}

export interface WritebackOptions {
  readonly clock: Clock;
  readonly publish: () => Promise<PublishOutcome>;
  readonly observe: (event: WritebackEvent) => void;
}

interface WritebackState {
  readonly options: WritebackOptions;
  /** The first and the last touch that no attempt has followed yet. */
  firstTouch: Date | null;
  lastTouch: Date | null;
  /** Ends the pause that is going on. */
  alarm: AbortController;
}

/** A write-back loop; nothing happens before `run` or `flush`. */
export function createWriteback(options: WritebackOptions): Writeback {
  const state: WritebackState = { options, firstTouch: null, lastTouch: null, alarm: new AbortController() };
  return {
    touched() {
      state.lastTouch = options.clock.now();
      state.firstTouch ??= state.lastTouch;
      state.alarm.abort('touched');
    },
    looked() {
      if (state.firstTouch) return; // looks are often: were each a touch, nothing would ever be quiet
      state.lastTouch = state.firstTouch = options.clock.now();
      state.alarm.abort('looked');
    },
    run: (signal, moved) => run(state, signal, moved),
    flush: (until) => flush(state, until),
  };
}

async function run(state: WritebackState, signal: AbortSignal, moved: () => void): Promise<void> {
  const { clock } = state.options;
  let retryAt: Date | null = null;
  while (!signal.aborted) {
    const now = clock.now();
    const due: Date | null = retryAt && (!batchEnds(state) || retryAt > now) ? retryAt : batchEnds(state);
    if (due && due <= now) {
      const published = await attempt(state);
      if (published.outcome === 'Pushed' || published.outcome === 'Contended') moved();
      retryAt = 'retryAt' in published ? published.retryAt : null;
    } else await pause(state, due ?? after(clock, 60_000), signal);
  }
}

async function flush(state: WritebackState, until: Date): Promise<PublishOutcome> {
  for (;;) {
    const published = await attempt(state);
    if (!('retryAt' in published) || NEEDS_A_PERSON.has(published.outcome) || published.retryAt >= until)
      return published;
    await state.options.clock.sleep(published.retryAt);
  }
}

/** Sleeps until a moment, a touch or the end. */
async function pause(state: WritebackState, until: Date, signal: AbortSignal): Promise<void> {
  state.alarm = new AbortController();
  // a reason to look, no error
  await state.options.clock.sleep(until, AbortSignal.any([state.alarm.signal, signal])).catch(() => undefined);
}

function batchEnds({ firstTouch, lastTouch }: WritebackState): Date | null {
  if (!firstTouch || !lastTouch) return null;
  return new Date(Math.min(lastTouch.getTime() + QUIET_MS, firstTouch.getTime() + LONGEST_MS));
}

async function attempt(state: WritebackState): Promise<PublishOutcome> {
  const { clock, publish, observe } = state.options;
  state.firstTouch = null;
  state.lastTouch = null;
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
