import { STREAMS, siteSubject } from '../../definitions/engine/names.ts';
import { type HereMessage, readCancel, writeHere } from '../../definitions/engine/wire.ts';
import { createFairLimit, type FairLimit } from '../runs/concurrency.ts';
import { type CarryOutOptions, carryOut, type RunningParts, sendOut } from './carry-out.ts';

/** How often a worker says that it is there. */
export const HERE_MS = 5_000;
/** A pull ends so soon: one that the engine forgot, at a change of its leader say, is followed by another. */
const PULL_MS = 1_000;

export interface SiteWorkerOptions extends CarryOutOptions {
  readonly host: string;
  /** Of the program. */
  readonly version: string;
  /** How many machines are talked to at once. */
  readonly places: number;
}

/** What a worker says of itself. */
export interface WorkerHealth extends HereMessage {
  readonly connected: boolean;
}

/** Carries out the parts of a site. */
export interface SiteWorker {
  /** Until `stop`. */
  run(): Promise<void>;
  /** Takes no more; parts that still run after so long are told to end. Resolves when all results are on their way. */
  stop(timeoutMs: number): Promise<void>;
  health(): WorkerHealth;
}

interface WorkerState {
  readonly options: SiteWorkerOptions;
  readonly limit: FairLimit;
  readonly running: RunningParts;
  /** Parts that have been delivered and have not ended. */
  readonly parts: Set<Promise<void>>;
  /** Results that have not reached the engine. */
  readonly outgoing: Set<Promise<void>>;
  readonly stopping: AbortController;
  /** Resolves when a place may be free again. */
  freed: () => void;
  isUnknown: boolean;
  claims: number;
}

export function createSiteWorker(options: SiteWorkerOptions): SiteWorker {
  const state: WorkerState = {
    options,
    limit: createFairLimit(options.places),
    running: new Map(),
    parts: new Set(),
    outgoing: new Set(),
    stopping: new AbortController(),
    freed: () => undefined,
    isUnknown: false,
    claims: 0,
  };
  return {
    run: () => run(state),
    async stop(timeoutMs) {
      options.observe({ kind: 'Stopping', busy: state.parts.size });
      state.stopping.abort();
      state.freed();
      const timer = setTimeout(() => {
        for (const stop of state.running.values()) stop.abort(new Error('the worker stops'));
      }, timeoutMs);
      await ended(state);
      clearTimeout(timer);
    },
    health: () => ({ ...hereOf(state), connected: options.engine.isConnected }),
  };
}

async function run(state: WorkerState): Promise<void> {
  const { engine, site, places, outbox, observe } = state.options;
  const left = await outbox.all();
  if (left.length > 0) observe({ kind: 'OutboxFound', results: left.length });
  for (const each of left) track(state.outgoing, sendOut(state.options, each));
  const endCancel = engine.hear(siteSubject('cancel', site), ({ text }) => cancel(state, text));
  const here = () => engine.tell(siteSubject('here', site), writeHere(hereOf(state)));
  const endAsked = engine.hear('bmcron.who', here);
  const timer = setInterval(here, HERE_MS);
  here();
  observe({ kind: 'Serving', site, places });
  try {
    while (!state.stopping.signal.aborted) await takeSome(state);
    await ended(state);
  } finally {
    clearInterval(timer);
    endCancel();
    endAsked();
  }
}

/** All that was taken has ended, and its results are at the engine, or on the disk for the next process. */
async function ended(state: WorkerState): Promise<void> {
  while (state.parts.size > 0) await Promise.allSettled(state.parts);
  if (state.options.engine.isConnected) await Promise.allSettled(state.outgoing);
}

/** Takes only what can begin at once: what is delivered and waits would lose its time. */
async function takeSome(state: WorkerState): Promise<void> {
  const { engine, site, places, observe } = state.options;
  const { running } = state;
  const passing = (work: Promise<void>) => track(state.outgoing, work);
  const free = places - state.limit.active - state.limit.waiting;
  if (free <= 0) return isFreed(state);
  try {
    const from = { stream: STREAMS.parts, consumer: site };
    await engine.take(from, { most: free, expiresMs: PULL_MS }, (delivery) => {
      const part = state.limit.run(site, (place) =>
        carryOut(state.options, { delivery, place, running, claimID: nextClaim(state), passing }),
      );
      track(
        state.parts,
        part.finally(() => state.freed()),
      );
    });
    state.isUnknown = false;
  } catch (error) {
    const isUnknown = /consumer not found|stream not found/i.test(String(error));
    if (isUnknown && !state.isUnknown) observe({ kind: 'SiteUnknown', site });
    state.isUnknown = isUnknown;
    await pause(state);
  }
}

function nextClaim(state: WorkerState): string {
  state.claims += 1;
  return `${state.options.id}.${state.claims}`;
}

function isFreed(state: WorkerState): Promise<void> {
  return new Promise((resolve) => {
    state.freed = resolve;
  });
}

async function pause({ options, stopping }: WorkerState): Promise<void> {
  const until = new Date(options.clock.now().getTime() + PULL_MS);
  await options.clock.sleep(until, stopping.signal).catch(() => undefined);
}

function cancel({ running }: WorkerState, text: string): void {
  const reading = readCancel(text);
  if (!('message' in reading)) return;
  const { run, machine } = reading.message;
  running.get(`${run} ${machine}`)?.abort(new Error('its run was told to stop'));
}

function hereOf({ options, limit, outgoing }: WorkerState): HereMessage {
  const { site, id, host, version, places } = options;
  return { site, id, host, version, places, busy: limit.active + limit.away, outbox: outgoing.size };
}

function track(all: Set<Promise<void>>, work: Promise<void>): void {
  const tracked = work.catch(() => undefined).finally(() => all.delete(tracked));
  all.add(tracked);
}
