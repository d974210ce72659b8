import {
  leaseSubject,
  type PartName,
  partSubject,
  resultSubject,
  STREAMS,
  siteSubject,
  startSubject,
} from '../../definitions/engine/names.ts';
import {
  isSilent,
  neverTaken,
  nextPartSight,
  type PartSight,
  stoppedBefore,
  unreadableResult,
  workerLost,
} from '../../definitions/engine/verdict.ts';
import {
  readPart,
  readResult,
  readStart,
  writeCancel,
  writeResult,
  writeStart,
} from '../../definitions/engine/wire.ts';
import type { Result } from '../../definitions/run.ts';
import { timestamp } from '../../definitions/values/time.ts';
import { after, type Clock } from '../clock.ts';
import type { Engine } from './engine.ts';
import { PART_LEASE_MS } from './part-lease.ts';
import type { Stopwatch } from './stopwatch.ts';

export interface EndOptions {
  /** The engine, or null while it is away. */
  readonly engine: () => Engine | null;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  /** This controller's process. */
  readonly id: string;
  /** Until then, or until the part may have ended: then it resolves with true. */
  readonly sleep: (until: Date) => Promise<boolean>;
}

/** How often a part is looked at, whatever was heard of it. */
const LOOK_MS = 2_000;
/** A result is heard of a moment before it is stored: it is looked for so soon again, and then less and less often. */
const SOONEST_MS = 5;
/** A part that has no result by then is asked whether it has begun. */
const SOON_MS = 5_000;

interface EndState {
  readonly options: EndOptions;
  readonly name: PartName;
  readonly sinceMs: () => number;
  /** A worker has begun. */
  hasBegun: boolean;
  sight: PartSight | null;
  /** How long ago this controller saw that the worker was given up; null: it was not. */
  givenUp: (() => number) | null;
}

/**
 * Waits for the end of a published part, and says what it is where nobody else can any more. First it forbids the
 * start, by the very claim that a worker needs: where that is stored, no worker begins any more, and the part ends as
 * one that nobody took. Where a worker was first, its lease is watched; when that has stood still it is ended, so that
 * the worker changes nothing more, and only then the part counts as interrupted. So no change follows a verdict.
 */
export async function awaitEnd(
  options: EndOptions,
  name: PartName,
  startBy: Date,
  signal: AbortSignal,
): Promise<Result> {
  const state: EndState = {
    options,
    name,
    sinceMs: options.stopwatch.start(),
    hasBegun: false,
    sight: null,
    givenUp: null,
  };
  let pauseMs = LOOK_MS;
  for (;;) {
    const engine = options.engine();
    // What cannot be asked now is asked at the next look; nothing is decided without an answer.
    const result = engine ? await look(state, engine, startBy, signal).catch(() => null) : null;
    if (result) return result;
    if (!engine && signal.aborted) return workerLost(name.machine, name.site); // nobody waits for it any longer
    const isHeard = await options.sleep(after(options.clock, pauseMs));
    pauseMs = isHeard ? SOONEST_MS : Math.min(LOOK_MS, pauseMs * 3);
  }
}

async function look(state: EndState, engine: Engine, startBy: Date, signal: AbortSignal): Promise<Result | null> {
  const { name, options } = state;
  const known = await storedResult(engine, name);
  if (known) return known;
  const isOver = options.clock.now() > startBy;
  if (!state.hasBegun && (isOver || signal.aborted)) {
    const forbidden = await engine.put(startSubject(name), writeStart({ by: 'controller', id: options.id }));
    const last = forbidden === null ? await engine.last(STREAMS.starts, startSubject(name)) : null;
    if (forbidden !== null || isForbidden(last?.text)) {
      return conclude(
        state,
        engine,
        signal.aborted ? stoppedBefore(name.machine) : neverTaken(name.machine, name.site),
      );
    }
    state.hasBegun = true;
  }
  if (!state.hasBegun && state.sinceMs() > SOON_MS) {
    state.hasBegun = (await engine.last(STREAMS.starts, startSubject(name))) !== null;
  }
  if (!state.hasBegun) return null;
  if (signal.aborted) engine.tell(siteSubject('cancel', name.site), writeCancel(name));
  return (await isLost(state, engine)) ? conclude(state, engine, workerLost(name.machine, name.site)) : null;
}

/** Whether the worker of a part that has begun may change nothing any more, for sure. */
async function isLost(state: EndState, engine: Engine): Promise<boolean> {
  const { name, options } = state;
  if (state.givenUp) return state.givenUp() > PART_LEASE_MS;
  const last = await engine.last(STREAMS.leases, leaseSubject(name));
  if (isForbidden(last?.text)) {
    state.givenUp = options.stopwatch.start(); // by another process, or this one without an answer
    return false;
  }
  state.sight = nextPartSight(state.sight, last?.seq ?? 0, state.sinceMs());
  if (!isSilent(state.sight, state.sinceMs())) return false;
  const text = writeStart({ by: 'controller', id: options.id });
  const ended = await engine.putAfter(leaseSubject(name), text, state.sight.seq);
  if (ended !== null) state.givenUp = options.stopwatch.start();
  return false;
}

function isForbidden(text: string | undefined): boolean {
  const reading = text === undefined ? null : readStart(text);
  return reading !== null && 'message' in reading && reading.message.by === 'controller';
}

/** Stores how a part ended, and frees its machine; where a result was first, that one stands. */
async function conclude({ name, options }: EndState, engine: Engine, verdict: Result): Promise<Result> {
  const result = { ...verdict, carriedOut: { began: timestamp(options.clock.now()), elapsedMs: 0 } };
  const text = writeResult({ result, by: 'controller', id: options.id });
  const stored = await engine.put(resultSubject(name), text);
  const standing = stored === null ? ((await storedResult(engine, name)) ?? result) : result;
  const part = await engine.last(STREAMS.parts, partSubject(name));
  const reading = part && readPart(part.text);
  const run = reading && ('message' in reading ? reading.message.part.run : reading.run);
  if (part && run === name.run) await engine.remove(STREAMS.parts, part.seq);
  return standing;
}

/** The result of a part, where the engine has one. */
export async function storedResult(engine: Engine, name: PartName): Promise<Result | null> {
  const there = await engine.last(STREAMS.results, resultSubject(name));
  if (!there) return null;
  const reading = readResult(there.text, name.machine);
  return 'message' in reading ? reading.message.result : unreadableResult(name.machine, reading.fault);
}
