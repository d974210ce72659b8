import { after, type Clock } from '../clock.ts';
import type { EngineEvent } from '../events/engine-event.ts';
import type { Engine } from './engine.ts';
import { isNewEnough, LEAST_VERSION } from './streams.ts';

/** A line to the engine that is tried until it is there, and again after each time that it was away. */
export interface EngineLink {
  /** The engine, ready for use and connected; null while it is not. */
  readonly engine: Engine | null;
  /** Called with the engine each time that it is ready: at first, and after it was away. */
  onReady(ready: (engine: Engine) => void): void;
  /** The engine once it is ready; null where the time is over before, or nobody waits any more. */
  within(waitMs: number, signal?: AbortSignal): Promise<Engine | null>;
  close(): Promise<void>;
}

export interface EngineLinkOptions {
  readonly connect: () => Promise<Engine>;
  /** What has to be done before it can be used, each time that it is there again: streams, say. */
  readonly prepare: (engine: Engine) => Promise<void>;
  readonly clock: Clock;
  readonly observe: (event: EngineEvent) => void;
}

const RETRY_MS = 1_000;
/** How often it is looked at whether it is there. */
const LOOK_MS = 500;

interface LinkState {
  readonly options: EngineLinkOptions;
  readonly closing: AbortController;
  readonly listeners: ((engine: Engine) => void)[];
  line: Engine | null;
  isReady: boolean;
  /** What was said last of why it is not there. */
  said: string | null;
}

/** Opens it; what it connects to need not be there. */
export function openLink(options: EngineLinkOptions): EngineLink {
  const state: LinkState = {
    options,
    closing: new AbortController(),
    listeners: [],
    line: null,
    isReady: false,
    said: null,
  };
  const keeping = keep(state);
  const ready = () => (state.isReady && state.line?.isConnected ? state.line : null);
  return {
    get engine() {
      return ready();
    },
    onReady(listener) {
      state.listeners.push(listener);
      const engine = ready();
      if (engine) listener(engine);
    },
    async within(waitMs, signal) {
      const { clock } = options;
      const end = after(clock, waitMs);
      while (!ready() && clock.now() < end && !signal?.aborted && !state.closing.signal.aborted) {
        await clock.sleep(after(clock, 50), signal).catch(() => undefined);
      }
      return ready();
    },
    async close() {
      state.closing.abort();
      await keeping;
      await state.line?.close();
    },
  };
}

async function keep(state: LinkState): Promise<void> {
  const { connect, prepare, clock, observe } = state.options;
  const { signal } = state.closing;
  while (!signal.aborted) {
    try {
      state.line ??= await connect();
      if (!state.line.isConnected) state.isReady = false;
      else if (!state.isReady) {
        checkVersion(state.line);
        await prepare(state.line);
        state.isReady = true;
        state.said = null;
        observe({ kind: 'Connected', version: state.line.version });
        for (const listener of state.listeners) listener(state.line);
      }
      if (!state.isReady) say(state, { kind: 'Away', reason: 'the connection was lost' });
      await clock.sleep(after(clock, LOOK_MS), signal);
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      say(state, error instanceof UnfitEngine ? { kind: 'Unfit', reason } : { kind: 'Away', reason });
      await clock.sleep(after(clock, RETRY_MS), signal).catch(() => undefined);
    }
  }
}

/** Says once why it is not there, until it is, or the reason is another. */
function say(state: LinkState, event: EngineEvent & { readonly reason: string }): void {
  if (state.said === event.reason) return;
  state.said = event.reason;
  state.options.observe(event);
}

class UnfitEngine extends Error {
  override readonly name = 'UnfitEngine';
}

function checkVersion({ version }: Engine): void {
  if (isNewEnough(version)) return;
  throw new UnfitEngine(`nats-server ${version} is too old: install ${LEAST_VERSION} or later`);
}
