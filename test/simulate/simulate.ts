import type { Backend } from '../../controller/backend.ts';
import type { ControllerEvent } from '../../controller/events/event.ts';
import { openServiceOn, type Service } from '../../controller/service.ts';
import { type Bmcs, createBmcs } from '../support/bmcs.ts';
import { createBusy } from '../support/busy.ts';
import { type ClockView, createFakeClock, type FakeClock } from '../support/clock.ts';
import { add } from './edits.ts';
import { firstFiles, type Planned } from './fleet.ts';
import { check, checked, checkPublic, checkStart } from './invariants.ts';
import { createMemory, type Memory } from './memory.ts';
import { createRandom, type Random } from './random.ts';
import { step } from './steps.ts';

/** A simulated world: what outlives controllers, and the controller of the moment. */
export interface Simulated {
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
  /** The runs that journals tell which are gone. */
  readonly buried: Set<string>;
  /** Runs of a job that its status file told when the journal was last lost. */
  readonly told: Map<string, number>;
  /** Machines that have left the inventory. */
  readonly left: Set<string>;
  /** Job → when its suspension ended. */
  readonly resumed: Map<string, Date>;
  /** The latest that the clock has ever shown. */
  latest: Date;
  /** What was done, newest last: what a failure is told with. */
  readonly story: string[];
  service: Service<Backend> | null;
  lives: number;
  /** Whether the controller has had its time to notice. */
  settled: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** As `kill -9`. */
  kill(): Promise<void>;
  /** Lets time pass; ends early when the process died on the way. */
  turn(ms: number): Promise<void>;
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
const STORY_KEPT = 40;
const FIRST_JOBS = 8;

/** Simulates so many days from a seed. @throws Error that names the broken invariant, the seed and what led to it */
export async function simulate(seed: number, days: number): Promise<Outcome> {
  const world = createWorld(seed);
  const end = new Date(world.clock.now().getTime() + days * 86_400_000);
  let steps = 0;
  try {
    await world.start();
    for (let job = 0; job < FIRST_JOBS; job += 1) await add(world);
    // the clock may be set back; a world in which it never comes forward again ends by its steps
    for (; world.clock.now() < end && steps < days * 200; steps += 1) {
      await step(world);
      check(world);
    }
    await calm(world);
    check(world);
    checkPublic(world);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const told = [why, ...world.story.slice(-STORY_KEPT)].join('\n  ');
    const cause = { cause: error };
    throw new Error(`seed ${seed}, step ${steps}, ${world.clock.now().toISOString()}: ${told}`, cause);
  } finally {
    await world.kill();
  }
  return { seed, days, runs: world.claimed.size, lives: world.lives, steps };
}

/** All faults end, and everything has its time. */
async function calm(world: Simulated): Promise<void> {
  Object.assign(world.memory.faults, { diskFull: false, remoteDown: false });
  if (!world.service) await world.start();
  await world.turn(6 * 3_600_000);
  if (!world.service) await world.start();
  for (let tries = 0; tries < 48 && world.service?.runner.running; tries += 1) await world.turn(3_600_000);
  await world.turn(60_000);
}

function createWorld(seed: number): Simulated {
  const random = createRandom(seed);
  const clock = createFakeClock(STARTS[seed % STARTS.length] ?? STARTS[0]);
  let view: ClockView | null = null;
  let busy = createBusy(false);
  let running: Promise<void> = Promise.resolve();
  let broken: unknown = null;
  const fail = (error: unknown): void => {
    broken ??= error; // thrown to a controller it would be the controller's
  };
  const world: Simulated = {
    random,
    clock,
    bmcs: createBmcs(),
    memory: createMemory(firstFiles()),
    jobs: new Map(),
    lineage: new Map(),
    claimed: new Set(),
    story: [],
    parts: new Set(),
    buried: new Set(),
    told: new Map(),
    left: new Set(),
    resumed: new Map(),
    latest: clock.now(),
    service: null,
    lives: 0,
    settled: false,
    async start() {
      world.lives += 1;
      view = clock.view(`life-${world.lives}`);
      busy = createBusy(false);
      world.memory.killAt(null);
      world.bmcs.life = world.lives;
      const real = world.memory.backend(view);
      const backend = { ...real, journal: busy.watch(real.journal), repository: busy.watch(real.repository) };
      const observe = (event: ControllerEvent) => {
        if (event.event !== 'started') return;
        world.story.push(`${event.start} ${event.run} ${event.trigger}`);
        try {
          checkStart(world, event);
        } catch (error) {
          fail(error);
        }
      };
      const executor = checked(world, world.bmcs.executor(view), fail);
      const surroundings = { clock: view, executor, observe, pullIntervalMs: 3_600_000 };
      const service = await openServiceOn(backend, surroundings);
      world.service = service;
      await service.controller.start();
      running = service.controller.run();
      await busy.settled();
    },
    async stop() {
      if (!world.service) return;
      let ended = false;
      const stopped = Promise.all([world.service.controller.stop(), running]).then(() => {
        ended = true;
      });
      for (let second = 0; second < 120 && !ended && !world.memory.died; second += 1) await pass(1000);
      if (!ended && !world.memory.died) throw new Error('R30 does not end within 120 s of a stop');
      if (ended) await stopped;
      view?.end();
      world.service = null;
    },
    async kill() {
      view?.end();
      world.memory.killAt(null);
      world.service = null;
    },
    async turn(ms) {
      await pass(ms);
      if (!world.memory.died) return;
      world.story.push(`${clock.now().toISOString()} died`);
      await world.kill();
    },
  };

  /** Time passes, event by event. */
  async function pass(ms: number): Promise<void> {
    const end = new Date(clock.now().getTime() + ms);
    await settle();
    for (let next = clock.next(); next && next <= end && !world.memory.died; next = clock.next()) {
      clock.pass(next);
      await settle();
    }
    if (!world.memory.died) clock.pass(end);
    await settle();
    world.settled = ms > 61_000; // as long as the longest look away, or the patience with a full disk
  }

  /** A process that died at a write never settles: what it waits for never comes. */
  async function settle(): Promise<void> {
    if (!world.service || world.memory.died) await new Promise(setImmediate);
    if (world.service && !world.memory.died) await Promise.race([busy.settled(), world.memory.death]);
    if (broken) throw broken;
  }

  return world;
}
