import {
  type PartName,
  partNameOf,
  partSubject,
  type Site,
  STREAMS,
  siteSubject,
} from '../../definitions/engine/names.ts';
import { neverPublished, stoppedBefore } from '../../definitions/engine/verdict.ts';
import { readPart, readRest, readSeen, writePart } from '../../definitions/engine/wire.ts';
import type { CutOffPart, Part, Result } from '../../definitions/run.ts';
import { after, type Clock } from '../clock.ts';
import type { SiteExecutor, SiteHooks, SiteLimits } from '../executors/router.ts';
import type { Engine, HeardMessage } from './engine.ts';
import type { EngineLink } from './link.ts';
import { awaitEnd, type EndOptions, storedResult } from './part-end.ts';
import type { Stopwatch } from './stopwatch.ts';

export interface RemoteOptions {
  readonly link: EngineLink;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  /** This controller's process. */
  readonly id: string;
}

/** A site executor that says how much it has handed out. */
export interface RemoteExecutor extends SiteExecutor {
  /** Parts of a site that have not ended. */
  waiting(site: Site): number;
}

/** Who waits for the end of a part. */
interface Waiting {
  readonly signal: AbortSignal;
  readonly hooks: SiteHooks;
  readonly nudge: () => void;
}

interface RemoteState {
  readonly options: RemoteOptions;
  /** Parts that have been handed out, by site. */
  readonly counts: Map<Site, number>;
  /** By `run machine`; the same part may be asked for twice at once. */
  readonly waiting: Map<string, Set<Waiting>>;
}

const RETRY_MS = 500;

/** A remote executor over a link; it hears of ends as soon as there is an engine. */
export function createRemoteExecutor(options: RemoteOptions): RemoteExecutor {
  const state: RemoteState = { options, counts: new Map(), waiting: new Map() };
  const heard = new WeakSet<Engine>();
  options.link.onReady((engine) => {
    for (const all of state.waiting.values()) for (const { nudge } of all) nudge();
    if (heard.has(engine)) return; // the connection that came back hears as before
    heard.add(engine);
    engine.hear('bmcron.result.*.*.*', ({ subject }) => nudged(state, subject));
    engine.hear(siteSubject('rest', '*'), (message) => void rest(state, message));
    engine.hear(siteSubject('before', '*'), (message) => void record(state, message));
  });
  return {
    execute: (part, limits, signal, hooks = {}) => execute(state, { part, limits, signal, hooks }),
    recover: (part, limits, signal) => recover(state, part, limits, signal),
    waiting: (site) => state.counts.get(site) ?? 0,
  };
}

interface Request {
  readonly part: Part | CutOffPart;
  readonly limits: SiteLimits;
  readonly signal: AbortSignal;
  readonly hooks: SiteHooks;
}

async function execute(state: RemoteState, request: Request): Promise<Result> {
  const { part, limits, signal, hooks } = request;
  const name: PartName = { site: limits.site, run: part.run, machine: part.machine.ID };
  if (signal.aborted) return stoppedBefore(name.machine);
  const nudge = createAlarm(state.options.clock);
  const waiting: Waiting = { hooks, signal, nudge: nudge.ring };
  const key = keyOf(name);
  const all = state.waiting.get(key) ?? new Set();
  state.waiting.set(key, all.add(waiting));
  signal.addEventListener('abort', nudge.ring, { once: true });
  count(state, name.site, 1);
  try {
    const published = await publish(state, request, name);
    if ('result' in published) return published.result;
    return await awaitEnd({ ...endOptions(state), sleep: nudge.sleep }, name, published.startBy, signal);
  } finally {
    count(state, name.site, -1);
    signal.removeEventListener('abort', nudge.ring);
    all.delete(waiting);
    if (all.size === 0) state.waiting.delete(key);
  }
}

function count({ counts }: RemoteState, site: Site, by: number): void {
  counts.set(site, (counts.get(site) ?? 0) + by);
}

function endOptions({ options }: RemoteState): Omit<EndOptions, 'sleep'> {
  const { link, clock, stopwatch, id } = options;
  return { engine: () => link.engine, clock, stopwatch, id };
}

type Published = { readonly startBy: Date } | { readonly result: Result };

/**
 * Publishes a part, or finds its result. Its machine's subject holds one part: where another run's stands there still,
 * that one is seen to its end first.
 */
async function publish(state: RemoteState, { part, limits, signal }: Request, name: PartName): Promise<Published> {
  const { link, clock, stopwatch } = state.options;
  let away = stopwatch.start();
  let isSent = false;
  for (;;) {
    const startBy = after(clock, limits.startWithinMs);
    const { engine } = link;
    if (signal.aborted) return isSent ? { startBy: clock.now() } : { result: stoppedBefore(name.machine) };
    if (away() >= limits.startWithinMs) {
      return isSent ? { startBy: clock.now() } : { result: neverPublished(name.machine, name.site) };
    }
    try {
      if (engine) {
        const known = await storedResult(engine, name);
        if (known) return { result: known };
        isSent = true;
        const text = writePart({ part, site: name.site, startBy });
        if ((await engine.put(partSubject(name), text)) !== null) return { startBy };
        const other = await standing(engine, name);
        if (other && other.name.run === name.run) return { startBy: other.startBy ?? startBy };
        if (other) await seeOff(state, engine, { ...other, startBy: other.startBy ?? startBy });
        away = stopwatch.start(); // the engine is there: it is the machine that was not free
        continue;
      }
    } catch (error) {
      isSent &&= (error as { isSent?: boolean }).isSent !== false;
    }
    await clock.sleep(after(clock, RETRY_MS), signal).catch(() => undefined);
  }
}

interface StandingPart {
  readonly name: PartName;
  /** Null where it cannot be read. */
  readonly startBy: Date | null;
  readonly seq: number;
}

/** The part that waits, or is carried out, at a machine's subject. */
async function standing(engine: Engine, name: PartName): Promise<StandingPart | null> {
  const there = await engine.last(STREAMS.parts, partSubject(name));
  if (!there) return null;
  const reading = readPart(there.text);
  const run = 'message' in reading ? reading.message.part.run : (reading.run ?? '?');
  const startBy = 'message' in reading ? reading.message.startBy : null;
  return { name: { ...name, run }, startBy, seq: there.seq };
}

/** Sees another run's part to its end, and its message gone: a worker that died in between leaves it behind. */
async function seeOff(
  state: RemoteState,
  engine: Engine,
  { name, startBy, seq }: StandingPart & { readonly startBy: Date },
): Promise<void> {
  const { sleep } = createAlarm(state.options.clock);
  await awaitEnd({ ...endOptions(state), sleep }, name, startBy, new AbortController().signal);
  await engine.remove(STREAMS.parts, seq);
}

function nudged({ waiting }: RemoteState, subject: string): void {
  const name = partNameOf(subject);
  if (name) for (const { nudge } of waiting.get(keyOf(name)) ?? []) nudge();
}

/** A worker's part only waits: what it has seen is put on record, and it goes on when its turn has come (R59). */
async function rest({ waiting }: RemoteState, { text, answer }: HeardMessage): Promise<void> {
  const reading = readRest(text);
  if (!('message' in reading)) return;
  const { run, machine, until, seen } = reading.message;
  const [first] = waiting.get(`${run} ${machine}`) ?? [];
  if (!first) return; // another controller's, perhaps; without an answer the worker goes on when its time has come
  const { wait } = first.hooks;
  if (!wait) return answer('nobody');
  try {
    await wait(until, seen);
    answer('go');
  } catch {
    answer('stop');
  }
}

/** What a worker's part has read is put on record before it sends (R61). */
async function record({ waiting }: RemoteState, { text, answer }: HeardMessage): Promise<void> {
  const reading = readSeen(text);
  if (!('message' in reading)) return;
  const { run, machine, seen } = reading.message;
  const [first] = waiting.get(`${run} ${machine}`) ?? [];
  if (!first) return; // without an answer nothing is sent
  try {
    await first.hooks.before?.(seen, first.signal);
    answer('go');
  } catch (error) {
    answer(error instanceof Error ? error.message : 'it could not be recorded');
  }
}

/**
 * What became of a part that a crash of its controller cut off: its worker may have seen it to its end. Else a worker
 * looks at it again, by a name of its own, so that what is owed is put back once.
 */
async function recover(state: RemoteState, part: CutOffPart, limits: SiteLimits, signal: AbortSignal): Promise<Result> {
  const name: PartName = { site: limits.site, run: part.run, machine: part.machine.ID };
  const { sleep } = createAlarm(state.options.clock);
  const ended = await awaitEnd({ ...endOptions(state), sleep }, name, state.options.clock.now(), signal);
  if (ended.outcome !== 'Interrupted' && ended.outcome !== 'Unreachable') return ended;
  const again = await execute(state, { part: { ...part, run: `${part.run}~again` }, limits, signal, hooks: {} });
  const isSeen = again.entries.length > 0;
  return isSeen
    ? again
    : { ...again, outcome: 'Interrupted', entries: part.seen, error: `${again.error}; it was looked at in vain` };
}

function keyOf({ run, machine }: PartName): string {
  return `${run} ${machine}`;
}

interface Alarm {
  ring(): void;
  /** Until then, or until it rings, which is true; at once where it has rung since the last sleep. */
  sleep(until: Date): Promise<boolean>;
}

function createAlarm(clock: Clock): Alarm {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    async sleep(until) {
      await clock.sleep(until, rung.signal).catch(() => undefined);
      const { aborted } = rung.signal;
      if (aborted) rung = new AbortController();
      return aborted;
    },
  };
}
