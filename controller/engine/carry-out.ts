import {
  machineOfPart,
  type PartName,
  partSubject,
  resultSubject,
  type Site,
  STREAMS,
  siteSubject,
  startSubject,
} from '../../definitions/engine/names.ts';
import {
  type PartMessage,
  readPart,
  readStart,
  writeRest,
  writeResult,
  writeSeen,
  writeStart,
} from '../../definitions/engine/wire.ts';
import { type Result, refused } from '../../definitions/run.ts';
import { timestamp } from '../../definitions/values/time.ts';
import { after, type Clock } from '../clock.ts';
import type { EngineEvent } from '../events/engine-event.ts';
import type { BeforeSending, Executor, Wait } from '../executors/executor.ts';
import type { Place } from '../runs/concurrency.ts';
import type { Delivery, Engine } from './engine.ts';
import type { Outgoing, ResultOutbox } from './outbox.ts';
import { holdPart } from './part-lease.ts';
import type { Stopwatch } from './stopwatch.ts';

export interface CarryOutOptions {
  readonly engine: Engine;
  readonly site: Site;
  /** This process, and no other: another after each start. */
  readonly id: string;
  readonly executor: Executor;
  readonly outbox: ResultOutbox;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly observe: (event: EngineEvent) => void;
}

/** What ends each part that runs, by `run machine`. */
export type RunningParts = Map<string, AbortController>;

interface Taken {
  readonly delivery: Delivery;
  readonly place: Place;
  readonly running: RunningParts;
  /** Names a start claim: no two have one, or a second delivery would find its own. */
  readonly claimID: string;
  /** Takes what goes on when the machine's place is free again. */
  readonly passing: (work: Promise<void>) => void;
}

/** How long a start claim without an answer is looked for. */
const CLAIM_LOOKS = 5;
const RETRY_MS = 1_000;
/** A controller may take so much longer than a wait to say that it goes on. */
const REST_GRACE_MS = 10_000;
/** How long a controller may take to put on record what was read. */
const RECORD_MS = 10_000;
/** In characters: a message has 1 MiB at most, and a character up to three bytes. */
const LONGEST_RESULT = 300_000;

/**
 * Carries out a part that was delivered here, at most once for its name over all workers and for ever. Resolves when
 * the BMC is let go; the result may still be on its way.
 */
export async function carryOut(options: CarryOutOptions, taken: Taken): Promise<void> {
  const { site, clock, stopwatch, observe, outbox } = options;
  const { delivery } = taken;
  const reading = readPart(delivery.text);
  if (!('message' in reading)) return refuse(options, taken, reading.fault, reading.run);
  const { message } = reading;
  const { run, machine } = message.part;
  const name: PartName = { site, run, machine: machine.ID };
  if (partSubject(name) !== delivery.subject || message.site !== site) {
    return refuse(options, taken, 'it names another machine than its subject', run);
  }
  const leave = (reason: string) => observe({ kind: 'PartLeft', run, machine: machine.ID, reason });
  const lateMs = clock.now().getTime() - message.startBy.getTime();
  if (lateMs > 0) return leave(`it was to begin ${Math.ceil(lateMs / 1000)} s ago, by this host's clock`);
  if (!(await outbox.hasRoom())) {
    return decline(options, taken, name, 'no room on the disk of the worker to record it (transient)');
  }
  const sinceClaim = stopwatch.start();
  // DANGER: no BMC may hear of a part above this line. The claim of its start is durable at the engine first: were it
  // later, a part that is delivered twice, or a worker that dies in between, would carry it out twice (R23).
  const claim = await claimStart(options, name, taken.claimID);
  if (claim === 'taken' && (await isOver(options, name))) return void (await delivery.done());
  if (claim === 'taken') return leave("its start is another one's, or forbidden");
  if (claim === 'unknown') return leave('the engine did not say whose its start is');
  const result = await execute(options, taken, { name, message, sinceClaim });
  await passOn(options, taken, { name, delivery, result });
}

/** Who may begin a part: the first to say so. A claim without an answer is looked for: it may have been stored. */
async function claimStart(
  { engine, clock }: CarryOutOptions,
  name: PartName,
  id: string,
): Promise<'mine' | 'taken' | 'unknown'> {
  const subject = startSubject(name);
  for (let look = 0; look < CLAIM_LOOKS; look += 1) {
    try {
      const seq = await engine.put(subject, writeStart({ by: 'worker', id }));
      if (seq !== null) return 'mine';
      const there = await engine.lastNearby(STREAMS.starts, subject);
      const reading = there && readStart(there.text);
      if (reading && 'message' in reading) return reading.message.id === id ? 'mine' : 'taken';
    } catch {
      // not sent, or without an answer: again, the first of them stands
    }
    await clock.sleep(after(clock, RETRY_MS));
  }
  return 'unknown';
}

/** Whether a part has its result: then its message is left over from before a server's crash, say. */
async function isOver({ engine }: CarryOutOptions, name: PartName): Promise<boolean> {
  return (await engine.lastNearby(STREAMS.results, resultSubject(name)).catch(() => null)) !== null;
}

interface Claimed {
  readonly name: PartName;
  readonly message: PartMessage;
  readonly sinceClaim: () => number;
}

async function execute(
  options: CarryOutOptions,
  taken: Taken,
  { name, message, sinceClaim }: Claimed,
): Promise<Result> {
  const { engine, id, executor, clock, stopwatch, observe } = options;
  const { delivery, running } = taken;
  const { part } = message;
  const key = `${name.run} ${name.machine}`;
  const stop = new AbortController();
  running.set(key, stop);
  const lease = holdPart({
    engine,
    name,
    id,
    stopwatch,
    sinceClaim,
    working: delivery.working,
    lost: (reason) => stop.abort(new Error(reason)),
  });
  const began = clock.now().getTime();
  try {
    const wait = waitOf(options, { name, place: taken.place, stop });
    const result = await ('seen' in part
      ? executor.recover(part, stop.signal, lease.fence)
      : executor.execute(part, stop.signal, wait, beforeOf(options, name), lease.fence));
    const { outcome, error } = result;
    const elapsedMs = clock.now().getTime() - began;
    observe({ kind: 'PartEnded', run: name.run, machine: name.machine, outcome, elapsedMs, error });
    return { ...result, carriedOut: { began: timestamp(new Date(began)), elapsedMs } };
  } finally {
    lease.end();
    running.delete(key);
  }
}

interface Waiting {
  readonly name: PartName;
  readonly place: Place;
  readonly stop: AbortController;
}

/**
 * Who waits gives way, and says what it has seen so far: the controller puts that on record, and lets it go on when its
 * turn has come. Without a controller it goes on by itself when its time has come.
 */
function waitOf({ engine, clock }: CarryOutOptions, { name: { site, run, machine }, place, stop }: Waiting): Wait {
  return async (until, seen) => {
    place.leave();
    try {
      const ms = Math.max(0, until.getTime() - clock.now().getTime()) + REST_GRACE_MS;
      const asked = engine.ask(siteSubject('rest', site), writeRest({ run, machine, until, seen }), ms);
      const answer = await Promise.race([asked.catch(() => 'nobody'), untilAborted(stop.signal)]);
      if (answer === 'stop') stop.abort(new Error('its run was told to stop'));
      if (answer === 'nobody') await clock.sleep(until, stop.signal);
      stop.signal.throwIfAborted();
    } finally {
      await place.retake(until);
    }
  };
}

/** What was read is on record at the controller before anything is sent (R61); without its answer nothing is. */
function beforeOf({ engine }: CarryOutOptions, { site, run, machine }: PartName): BeforeSending {
  return async (seen) => {
    const answer = await engine.ask(siteSubject('before', site), writeSeen({ run, machine, seen }), RECORD_MS);
    if (answer !== 'go') throw new Error(answer);
  };
}

function untilAborted(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('stop');
    signal.addEventListener('abort', () => resolve('stop'), { once: true });
  });
}

/** A part that this program does not understand is refused with a word, where its run can be told. */
async function refuse(options: CarryOutOptions, taken: Taken, fault: string, run: string | undefined): Promise<void> {
  const { subject } = taken.delivery;
  options.observe({ kind: 'Unreadable', subject, reason: fault });
  const place = machineOfPart(subject);
  if (run === undefined || place === null) return;
  const advice = '(permanent: bring both to one version)';
  const why = `a worker of site ${options.site} does not understand it: ${fault} ${advice}`;
  await decline(options, taken, { ...place, run }, why);
}

/** Says that a part is not carried out; its start is claimed before, so that nobody begins it meanwhile. */
async function decline(options: CarryOutOptions, taken: Taken, name: PartName, why: string): Promise<void> {
  options.observe({ kind: 'PartLeft', run: name.run, machine: name.machine, reason: why });
  if ((await claimStart(options, name, taken.claimID)) !== 'mine') return;
  await passOn(options, taken, { name, delivery: taken.delivery, result: refused(name.machine, why) });
}

interface Done {
  readonly name: PartName;
  readonly delivery: Delivery;
  readonly result: Result;
}

/** From here on no crash loses the result: it is on this disk before the place is free. */
async function passOn(options: CarryOutOptions, { passing }: Taken, done: Done): Promise<void> {
  const { id, outbox, observe } = options;
  const { name, result } = done;
  const whole = writeResult({ result, by: 'worker', id });
  const text = whole.length > LONGEST_RESULT ? writeResult({ result: shortened(result), by: 'worker', id }) : whole;
  const out: Outgoing = { subject: resultSubject(name), text };
  await outbox.add(out).catch((error) => observe({ kind: 'OutboxFailed', reason: String(error) }));
  passing(sendOut(options, out, done));
}

/** What the engine takes of a result that is longer than its messages may be. */
function shortened(result: Result): Result {
  const note = 'what was read is longer than the engine takes, and left out';
  return { ...result, entries: [], error: result.error === null ? null : `${result.error.slice(0, 10_000)}; ${note}` };
}

/** Passes a result on for as long as it takes: the first of a name stands, so that to try again is harmless. */
export async function sendOut(options: CarryOutOptions, out: Outgoing, done?: Done): Promise<void> {
  const { engine, outbox, clock, observe } = options;
  for (;;) {
    try {
      const seq = await engine.put(out.subject, out.text);
      const isLate = seq === null && (await engine.lastNearby(STREAMS.results, out.subject))?.text !== out.text;
      if (isLate && done) {
        const { name, result } = done;
        observe({ kind: 'ResultLate', run: name.run, machine: name.machine, outcome: result.outcome });
      }
      break;
    } catch {
      await clock.sleep(after(clock, RETRY_MS));
    }
  }
  await done?.delivery.done(); // the machine is free; without an answer the controller sees to it
  await outbox.remove(out).catch(() => undefined);
}
