// The controllers of a system under test, one after the other: started, run through time, stopped or killed.
import { cp, rm } from 'node:fs/promises';
import { type GitBackend, type GitBackendOptions, openGitBackend } from '../../controller/backend.ts';
import type { Clock } from '../../controller/clock.ts';
import type { ControllerEvent } from '../../controller/events/event.ts';
import type { Executor } from '../../controller/executors/executor.ts';
import type { SharedRuns } from '../../controller/runs/part/shared-runs.ts';
import { openServiceOn, type Service } from '../../controller/service.ts';
import type { Bmcs } from './bmcs.ts';
import { type Busy, createBusy } from './busy.ts';
import type { ClockView, FakeClock } from './clock.ts';
import { GIT_ENVIRONMENT, type GitFolder } from './git-folder.ts';

/** How a scenario begins. */
export interface TestSystemOptions {
  /** The time; 2026-03-10T10:00:00Z by default. */
  readonly now?: string;
  /** In place of one of its own that shows `now`. */
  readonly clock?: FakeClock;
  /** The fleet's texts; with no inventory among them it is machine-1 to machine-3. */
  readonly files?: Readonly<Record<string, string>>;
  /** True: the controller fetches and pushes; otherwise the bare repository is its own. */
  readonly remote?: boolean;
  readonly pullIntervalMs?: number;
  /** The name of its hold file, in the folder of the test; absent: none. */
  readonly hold?: string;
  /** In place of scripted BMCs. */
  readonly executor?: (clock: Clock) => Executor;
  /** Further options of its backend: another way to the bare repository, say. */
  readonly gitOptions?: (bare: string) => Partial<GitBackendOptions>;
  /** The runs of all controllers; absent: each is alone. */
  readonly shared?: SharedRuns;
  /** Puts something in between a controller and its backend. */
  readonly backend?: (real: GitBackend) => GitBackend;
}

/** The controller that runs now. */
interface RunningController {
  readonly service: Service;
  readonly clock: ClockView;
  readonly busy: Busy;
  /** Resolves when it has ended. */
  readonly run: Promise<void>;
}

/** What a system under test is made of, from its first controller to its last. */
export interface SystemState {
  readonly options: TestSystemOptions;
  readonly folder: GitFolder;
  readonly bare: string;
  readonly human: string;
  readonly clock: FakeClock;
  readonly bmcs: Bmcs;
  readonly events: ControllerEvent[];
  /** How many controllers were started. */
  starts: number;
  stateDir: string;
  running: RunningController | null;
}

export function running({ running: controller }: SystemState): RunningController {
  if (!controller) throw new Error('no controller runs in this system now');
  return controller;
}

export async function start(state: SystemState, mode: 'run' | 'once' = 'run'): Promise<void> {
  const { options, bmcs, events } = state;
  state.starts += 1;
  const busy = createBusy();
  const clock = state.clock.view(`life-${state.starts}`);
  const gitClock = state.clock.view(`life-${state.starts}`, (change) => busy.asleep(change));
  const real = await openBackend(state, gitClock);
  const backend = options.backend?.(real) ?? real;
  const service = await openServiceOn(
    {
      ...backend,
      journal: busy.watch(backend.journal),
      repository: busy.watch(backend.repository),
      publisher: (settings, statusPage) => busy.watch({ publish: backend.publisher(settings, statusPage) }).publish,
    },
    {
      clock,
      executor: options.executor?.(clock) ?? bmcs.executor(clock),
      pullIntervalMs: options.pullIntervalMs ?? 86_400_000,
      shared: options.shared,
      ...(options.hold !== undefined && { hold: state.folder.path(options.hold) }),
      observe: (event) => void events.push(event),
    },
  );
  try {
    await service.controller.start();
  } catch (error) {
    await service.close();
    throw error;
  }
  const { controller } = service;
  const run = mode === 'run' ? controller.run() : controller.once().then(() => undefined);
  state.running = { service, clock, busy, run };
  await settled(state);
}

function openBackend({ options, bare, stateDir, events }: SystemState, clock: Clock): Promise<GitBackend> {
  return openGitBackend({
    location: { fleet: options.remote ? `file://${bare}` : bare, branch: 'main' },
    push: true,
    skipCI: false,
    stateDir,
    environment: GIT_ENVIRONMENT,
    random: Math.random,
    clock,
    ...options.gitOptions?.(bare),
    observe: (detail) => void events.push({ event: 'git', detail }),
  });
}

export async function settled({ running: controller }: SystemState): Promise<void> {
  if (controller) await controller.busy.settled();
}

export async function reconcile(state: SystemState): Promise<void> {
  await running(state).service.controller.reconcile();
  await settled(state);
}

export async function advance(state: SystemState, to: string | number): Promise<void> {
  const { clock } = state;
  const end = typeof to === 'number' ? new Date(clock.now().getTime() + to) : new Date(to);
  await settled(state);
  for (let next = clock.next(); next && next <= end; next = clock.next()) {
    clock.advance(next);
    await settled(state);
  }
  clock.advance(end);
  await settled(state);
}

export async function stop(state: SystemState): Promise<void> {
  const { service, run } = running(state);
  await Promise.all([service.controller.stop(), run]);
  await abandon(state);
}

export async function crash(state: SystemState): Promise<void> {
  await settled(state);
  const copy = state.folder.path(`state-${state.starts}`);
  await cp(state.stateDir, copy, { recursive: true, filter: (path) => !path.endsWith('.tmp') });
  await rm(`${copy}/lock`, { force: true });
  state.stateDir = copy;
  await abandon(state);
}

/** Leaves the controller where it is: nothing of it will ever go on. */
export async function abandon(state: SystemState): Promise<void> {
  const { service, clock } = running(state);
  clock.end();
  state.running = null;
  await service.close();
}
