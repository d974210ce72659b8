import type { Backend } from '../../controller/backend.ts';
import type { ControllerEvent } from '../../controller/events/event.ts';
import { openServiceOn, type Service } from '../../controller/service.ts';
import { type Bmcs, createBmcs } from '../support/bmcs.ts';
import { type Busy, createBusy } from '../support/busy.ts';
import { type ClockView, createFakeClock, type FakeClock } from '../support/clock.ts';
import { add } from './edits.ts';
import { firstFiles, firstRacks, type Planned } from './fleet.ts';
import { check, checked, checkPublic, checkStart } from './invariants.ts';
import { createMemory, type Memory } from './memory.ts';
import { createRandom, type Random } from './random.ts';
import { step } from './steps.ts';

/** What outlives controllers, and the controller of the moment. */
export interface Simulation {
  readonly random: Random;
  readonly clock: FakeClock;
  readonly memory: Memory;
  readonly bmcs: Bmcs;
  readonly jobs: Map<string, Planned>;
  /** Old name → new name of renamed jobs. */
  readonly lineage: Map<string, string>;
  /** Every run that was ever claimed, also in journals that are gone. */
  readonly claimed: Set<string>;
  /** Every part that was ever carried out, as `run/machine`. */
  readonly parts: Set<string>;
  /** The runs that were claimed in journals that are gone. */
  readonly lostRuns: Set<string>;
  /** Runs of a job by its status file when the journal was last lost. */
  readonly countsBefore: Map<string, number>;
  /** Machines that have left the inventory. */
  readonly goneMachines: Set<string>;
  /** The rack of each machine that has a label. */
  readonly racks: Map<string, string>;
  /** How many of the parts that a guard counts have been looked at. */
  readonly limited: { seen: number };
  /** Job → when its suspension ended. */
  readonly resumed: Map<string, Date>;
  /** The latest that the clock has ever shown. */
  latest: Date;
  /** What was done, newest last; a failure is reported with the end of it. */
  readonly history: string[];
  service: Service<Backend> | null;
  lives: number;
  /** Whether the controller has had its time to notice. */
  settled: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** As `kill -9`. */
  kill(): Promise<void>;
  /** Lets time pass; ends early when the process died on the way. */
  advance(ms: number): Promise<void>;
}

/** What became of a simulation. */
export interface Outcome {
  readonly seed: number;
  readonly days: number;
  readonly runs: number;
  readonly lives: number;
  readonly steps: number;
}

/** A quiet time of the year, and those in which the clocks of zones change. */
const STARTS = [
  '2026-01-05T00:00:00Z',
  '2026-03-01T00:00:00Z',
  '2026-03-23T00:00:00Z',
  '2026-10-19T00:00:00Z',
] as const;
const HISTORY_SHOWN = 40;
const FIRST_JOBS = 8;

/** Simulates so many days from a seed. @throws Error that names the broken invariant, the seed and what led to it */
export async function simulate(seed: number, days: number): Promise<Outcome> {
  const simulation = createSimulation(seed);
  const end = new Date(simulation.clock.now().getTime() + days * 86_400_000);
  let steps = 0;
  try {
    await simulation.start();
    for (let job = 0; job < FIRST_JOBS; job += 1) await add(simulation);
    // the clock may be set back; when it never comes forward again the steps end it
    for (; simulation.clock.now() < end && steps < days * 200; steps += 1) {
      await step(simulation);
      check(simulation);
    }
    await endFaults(simulation);
    check(simulation);
    checkPublic(simulation);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const report = [why, ...simulation.history.slice(-HISTORY_SHOWN)].join('\n  ');
    const cause = { cause: error };
    throw new Error(`seed ${seed}, step ${steps}, ${simulation.clock.now().toISOString()}: ${report}`, cause);
  } finally {
    await simulation.kill();
  }
  return { seed, days, runs: simulation.claimed.size, lives: simulation.lives, steps };
}

/** All faults end, and everything has its time. */
async function endFaults(simulation: Simulation): Promise<void> {
  Object.assign(simulation.memory.faults, { diskFull: false, remoteDown: false });
  if (!simulation.service) await simulation.start();
  await simulation.advance(6 * 3_600_000);
  if (!simulation.service) await simulation.start();
  const open = () => (simulation.service?.runner.running ?? 0) + (simulation.service?.runner.waiting ?? 0);
  for (let tries = 0; tries < 48 && open() > 0; tries += 1) await simulation.advance(3_600_000);
  await simulation.advance(60_000);
}

/** The process that the controller of the moment runs in. */
interface Process {
  clock: ClockView | null;
  busy: Busy;
  /** Resolves when the controller has ended. */
  running: Promise<void>;
  /** The first invariant that broke at a start: thrown to a controller it would be the controller's. */
  broken: unknown;
}

function createSimulation(seed: number): Simulation {
  const clock = createFakeClock(STARTS[seed % STARTS.length] ?? STARTS[0]);
  const process: Process = { clock: null, busy: createBusy(false), running: Promise.resolve(), broken: null };
  const simulation: Simulation = {
    random: createRandom(seed),
    clock,
    bmcs: createBmcs(),
    memory: createMemory(firstFiles()),
    jobs: new Map(),
    lineage: new Map(),
    claimed: new Set(),
    parts: new Set(),
    lostRuns: new Set(),
    countsBefore: new Map(),
    goneMachines: new Set(),
    racks: firstRacks(),
    limited: { seen: 0 },
    resumed: new Map(),
    latest: clock.now(),
    history: [],
    service: null,
    lives: 0,
    settled: false,
    start: () => start(simulation, process),
    stop: () => stop(simulation, process),
    async kill() {
      process.clock?.end();
      simulation.memory.killAt(null);
      simulation.service = null;
    },
    async advance(ms) {
      await pass(simulation, process, ms);
      if (!simulation.memory.died) return;
      simulation.history.push(`${clock.now().toISOString()} died`);
      await simulation.kill();
    },
  };
  return simulation;
}

async function start(simulation: Simulation, process: Process): Promise<void> {
  const { memory, bmcs, history } = simulation;
  simulation.lives += 1;
  const clock = simulation.clock.view(`life-${simulation.lives}`);
  const busy = createBusy(false);
  Object.assign(process, { clock, busy });
  memory.killAt(null);
  bmcs.life = simulation.lives;
  const fail = (error: unknown): void => {
    process.broken ??= error;
  };
  const observe = (event: ControllerEvent) => {
    if (event.event !== 'started') return;
    history.push(`${event.start} ${event.run} ${event.trigger}`);
    try {
      checkStart(simulation, event);
    } catch (error) {
      fail(error);
    }
  };
  const real = memory.backend(clock);
  const service = await openServiceOn(
    { ...real, journal: busy.watch(real.journal), repository: busy.watch(real.repository) },
    { clock, executor: checked(simulation, bmcs.executor(clock), fail), observe, pullIntervalMs: 3_600_000 },
  );
  simulation.service = service;
  await service.controller.start();
  process.running = service.controller.run();
  await busy.settled();
}

async function stop(simulation: Simulation, process: Process): Promise<void> {
  const { service, memory } = simulation;
  if (!service) return;
  let ended = false;
  const stopped = Promise.all([service.controller.stop(), process.running]).then(() => {
    ended = true;
  });
  for (let second = 0; second < 120 && !ended && !memory.died; second += 1) await pass(simulation, process, 1000);
  if (!ended && !memory.died) throw new Error('R30 does not end within 120 s of a stop');
  if (ended) await stopped;
  process.clock?.end();
  simulation.service = null;
}

/** Time passes, timer by timer. */
async function pass(simulation: Simulation, process: Process, ms: number): Promise<void> {
  const { clock, memory } = simulation;
  const end = new Date(clock.now().getTime() + ms);
  await settle(simulation, process);
  for (let next = clock.next(); next && next <= end && !memory.died; next = clock.next()) {
    clock.advance(next);
    await settle(simulation, process);
  }
  if (!memory.died) clock.advance(end);
  await settle(simulation, process);
  simulation.settled = ms > 61_000; // as long as the longest look away, or the wait of a full disk
}

/** A process that died at a write never settles: what it waits for never comes. */
async function settle({ service, memory }: Simulation, process: Process): Promise<void> {
  if (!service || memory.died) await new Promise(setImmediate);
  else await Promise.race([process.busy.settled(), memory.death]);
  if (process.broken) throw process.broken;
}
