// The runs of all controllers, as the engine holds them: claimed once, taken over part by part, ended when public.
import { lostMemory, type StreamMarks } from '../../../definitions/engine/amnesia.ts';
import { type ClaimMessage, readClaim, writeClaim } from '../../../definitions/engine/claim-message.ts';
import {
  claimSubject,
  endSubject,
  ownResultSubject,
  type PartName,
  partSubject,
  resultSubject,
  runOfSubject,
  type Site,
  STREAMS,
  startSubject,
} from '../../../definitions/engine/names.ts';
import { takeOver } from '../../../definitions/engine/take-over.ts';
import { readPart, readResult, writeResult } from '../../../definitions/engine/wire.ts';
import type { MachineID } from '../../../definitions/machine.ts';
import { interrupted, type Result, type RunID } from '../../../definitions/run.ts';
import { timestamp } from '../../../definitions/values/time.ts';
import { after, type Clock } from '../../clock.ts';
import type { PartToResume, SharedClaim, SharedRuns, SharedState } from '../../runs/part/shared-runs.ts';
import type { Engine } from '../engine.ts';
import type { EngineLink } from '../link.ts';
import { storedResult } from '../part-end.ts';

export interface SharedRunsOptions {
  readonly link: EngineLink;
  readonly clock: Clock;
  /** This process, by a name that no other has. */
  readonly id: string;
  /** Whether another controller may lead: what it would need is stored before anything goes on. */
  readonly hasStandby: boolean;
  /** The site of a machine as it is now; null: this controller talks to it itself. */
  readonly siteOf: (machine: MachineID) => Site | null;
  /** What the engine was when it was seen last, by this controller's own disk. */
  readonly memory: EngineMemory;
}

/** What is remembered of the engine beyond the process. */
export interface EngineMemory {
  load(): Promise<StreamMarks>;
  save(marks: StreamMarks): Promise<void>;
}

/** How long a start without an engine waits for it where runs are open. */
const ENGINE_WAIT_MS = 45_000;
/** How long a claim waits for the engine where no other controller can lead. */
const CLAIM_WAIT_MS = 3_000;
const RETRY_MS = 500;
/** The streams by which it is told whether an engine has forgotten something. */
const REMEMBERED = [STREAMS.claims, STREAMS.starts, STREAMS.results] as const;

interface RunsState {
  readonly options: SharedRunsOptions;
  /** The sites of the runs that are claimed, as they were then. */
  readonly sites: Map<RunID, ClaimMessage['sites']>;
  /** Runs whose end is recorded, by the number up to which the journal has to be public. */
  readonly finished: Map<RunID, number>;
  lost: string | null;
  readonly closing: AbortController;
}

/** The runs of all controllers of an engine; `close` ends what is still tried. */
export function createSharedRuns(options: SharedRunsOptions): SharedRuns & { close(): void } {
  const state: RunsState = {
    options,
    sites: new Map(),
    finished: new Map(),
    lost: null,
    closing: new AbortController(),
  };
  return {
    close: () => state.closing.abort(),
    state: (open) => sharedState(state, open),
    claim: (claimed) => claim(state, claimed),
    resume: (part, signal) => resume(state, part, signal),
    handsOver: options.hasStandby,
    leaves: (machine) => options.hasStandby && options.siteOf(machine) !== null,
    finished(run, through) {
      state.finished.set(run, through);
    },
    published: (through) => void published(state, through),
  };
}

async function sharedState(state: RunsState, openHere: readonly RunID[]): Promise<SharedState> {
  const { link, memory } = state.options;
  const engine = await link.within(openHere.length > 0 || state.options.hasStandby ? ENGINE_WAIT_MS : CLAIM_WAIT_MS);
  if (!engine) return { open: [], ended: new Set(), lost: null };
  const found = await marksOf(engine);
  state.lost = lostMemory(await memory.load(), found);
  await memory.save(found);
  const known = (await engine.subjects(STREAMS.claims, '>')).map(runOfSubject).filter((each) => each !== null);
  const ended = new Set(known.filter(({ kind }) => kind === 'end').map(({ run }) => run));
  const open: SharedClaim[] = [];
  for (const { kind, run } of known) {
    if (kind === 'end' || ended.has(run)) continue;
    const message = await standing(engine, run);
    if (!message) continue;
    state.sites.set(run, message.sites);
    open.push(sharedClaim(message));
  }
  open.sort((a, b) => (a.claim.start < b.claim.start ? -1 : 1));
  return { open, ended: new Set(openHere.filter((run) => ended.has(run))), lost: state.lost };
}

function sharedClaim({ claim, job, kept }: ClaimMessage): SharedClaim {
  return { claim, job, ...(kept && { kept }) };
}

async function marksOf(engine: Engine): Promise<StreamMarks> {
  const marks: Record<string, StreamMarks[string]> = {};
  for (const stream of REMEMBERED) {
    const facts = await engine.facts(stream);
    if (facts) marks[stream] = { created: facts.created.toISOString(), last: facts.lastSeq };
  }
  return marks;
}

async function standing(engine: Engine, run: RunID): Promise<ClaimMessage | null> {
  const there = await engine.last(STREAMS.claims, claimSubject(run));
  return there && readClaim(there.text);
}

/** Claims a run for all. Where another controller may lead nothing begins before that is stored. */
async function claim(state: RunsState, claimed: SharedClaim): Promise<SharedClaim> {
  const { link, clock, id, hasStandby, siteOf } = state.options;
  const places = claimed.claim.machines.map((machine) => [machine, siteOf(machine)] as const);
  const sites = Object.fromEntries(places.flatMap(([machine, site]) => (site === null ? [] : [[machine, site]])));
  const text = writeClaim({ id, ...claimed, sites });
  state.sites.set(claimed.claim.run, sites);
  const attempt = async () => {
    while (!state.closing.signal.aborted) {
      const counts = link.engine ? await put(state, link.engine, claimed, text).catch(() => null) : null;
      if (counts) return counts;
      await clock.sleep(after(clock, RETRY_MS), state.closing.signal).catch(() => undefined);
    }
    return claimed;
  };
  if (hasStandby) return attempt();
  // Alone, a controller goes by its journal; the engine hears of it as soon as it can.
  const late = clock.sleep(after(clock, CLAIM_WAIT_MS)).then(() => claimed);
  return Promise.race([attempt(), late]);
}

async function put(state: RunsState, engine: Engine, own: SharedClaim, text: string): Promise<SharedClaim> {
  const { run } = own.claim;
  if ((await engine.put(claimSubject(run), text)) !== null) return own;
  const there = await standing(engine, run);
  if (!there || there.id === state.options.id) return own;
  state.sites.set(run, there.sites);
  return sharedClaim(there);
}

/** Sees a part to its end that another process began, asking the engine until it answers. */
async function resume(state: RunsState, part: PartToResume, signal: AbortSignal): Promise<Result | null> {
  const { link, clock } = state.options;
  for (;;) {
    const { engine } = link;
    const decided = engine ? await decide(state, engine, part).catch(() => undefined) : undefined;
    if (decided === 'wait') return part.carryOn();
    if (decided !== undefined) return decided;
    if (signal.aborted) return interrupted(part.machine);
    await clock.sleep(after(clock, RETRY_MS), signal).catch(() => undefined);
  }
}

async function decide(state: RunsState, engine: Engine, part: PartToResume): Promise<Result | null | 'wait'> {
  const { run, machine, mayBegin } = part;
  const site = state.sites.get(run)?.[machine] ?? null;
  const result =
    site === null ? await ownResult(engine, run, machine) : await storedResult(engine, { site, run, machine });
  const name = site === null ? null : { site, run, machine };
  const decided = takeOver({
    site,
    hasResult: result !== null,
    hasStart: name !== null && (await engine.last(STREAMS.starts, startSubject(name))) !== null,
    isPublished: name !== null && (await isPublished(engine, name)),
    // What an engine that has forgotten something does not know of may have begun all the same.
    mayBegin: mayBegin && state.lost === null,
  });
  if (decided === 'import') return result;
  if (decided === 'publish') return null;
  if (decided === 'wait' && state.lost === null) return 'wait';
  return conclude(state, engine, name ?? { site: null, run, machine });
}

async function isPublished(engine: Engine, name: PartName): Promise<boolean> {
  const there = await engine.last(STREAMS.parts, partSubject(name));
  const reading = there && readPart(there.text);
  if (!reading) return false;
  return ('message' in reading ? reading.message.part.run : reading.run) === name.run;
}

/** Says that a part was interrupted, to all controllers; where a result came first, that one stands. */
async function conclude(
  { options: { clock, id } }: RunsState,
  engine: Engine,
  name: Pick<PartName, 'run' | 'machine'> & { readonly site: Site | null },
): Promise<Result> {
  const { site, run, machine } = name;
  const result = { ...interrupted(machine), carriedOut: { began: timestamp(clock.now()), elapsedMs: 0 } };
  const subject = site === null ? ownResultSubject(run, machine) : resultSubject({ site, run, machine });
  const seq = await engine.put(subject, writeResult({ result, by: 'controller', id }));
  if (seq !== null) return result;
  const there =
    site === null ? await ownResult(engine, run, machine) : await storedResult(engine, { site, run, machine });
  return there ?? result;
}

/** The result of a part that a controller carried out itself, where the engine has one. @throws EngineError */
export async function ownResult(engine: Engine, run: RunID, machine: MachineID): Promise<Result | null> {
  const there = await engine.last(STREAMS.results, ownResultSubject(run, machine));
  const reading = there && readResult(there.text, machine);
  return reading && 'message' in reading ? reading.message.result : null;
}

/** What is public by now needs nobody to take it over; what cannot be stored now is stored with the next. */
async function published({ options, finished }: RunsState, through: number): Promise<void> {
  const { link, memory } = options;
  const { engine } = link;
  if (!engine) return;
  const ended = [...finished].filter(([, number]) => number <= through).map(([run]) => run);
  try {
    for (const run of ended) {
      await engine.put(endSubject(run), '{"v":1}');
      finished.delete(run);
    }
    if (ended.length > 0) await memory.save(await marksOf(engine));
  } catch {
    // the engine is away
  }
}
