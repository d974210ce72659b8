import { rm } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { ControllerEvent } from '../../controller/events/event.ts';
import type { Service } from '../../controller/service.ts';
import type { LogRecord } from '../../definitions/run-log.ts';
import type { Status } from '../../definitions/status.ts';
import type { Json, JsonObject } from '../../definitions/values/json.ts';
import { type Bmcs, createBmcs } from './bmcs.ts';
import { createFakeClock, type FakeClock } from './clock.ts';
import { createGitFolder, git, remoteAndClone } from './git-folder.ts';
import {
  abandon,
  advance,
  crash,
  reconcile,
  running,
  type SystemState,
  settled,
  start,
  stop,
  type TestSystemOptions,
} from './lifecycle.ts';
import { machines } from './manifests.ts';
import { publishedLogs, publishedText, publishedValue, pushFiles } from './remote.ts';
import { assertNoSecret, TEST_SECRETS } from './secrets.ts';

type Events<Name> = Extract<ControllerEvent, { event: Name }>;

/**
 * A controller, its repository, its BMCs and its clock: commit a manifest, let time pass, read what it did. All waiting
 * is for facts.
 */
export interface TestSystem {
  readonly clock: FakeClock;
  readonly bmcs: Bmcs;
  readonly bare: string;
  readonly human: string;
  /** Where the controller keeps what is not in Git. */
  readonly stateDir: string;
  /** The controller as it is now. */
  readonly service: Service;
  readonly events: readonly ControllerEvent[];
  of<Name extends ControllerEvent['event']>(name: Name): readonly Events<Name>[];
  /** A human's commit (null removes), pushed but not yet noticed. */
  commit(files: Readonly<Record<string, string | Buffer | null>>, message?: string): string;
  /** A human's commit, and the pass that reads it. */
  push(files: Readonly<Record<string, string | null>>): Promise<string>;
  /** A human's Git command in their clone. */
  git(...args: string[]): string;
  /** A pass, to its end. */
  reconcile(): Promise<void>;
  /** Lets time pass up to a moment, or for so many milliseconds; everything on the way happens at its own time. */
  advance(to: string | number): Promise<void>;
  /** Moves the wall's clock at once, and lets the service notice. */
  jump(to: string): Promise<void>;
  settled(): Promise<void>;
  trigger(job: string, token: string): Promise<void>;
  start(): Promise<void>;
  /** Starts the next controller for a single pass. */
  once(): Promise<void>;
  /** SIGTERM: resolves when it has ended; meanwhile `advance` lets time pass if it has to. */
  stop(): Promise<void>;
  /** As `kill -9`: what is durable stays, nothing else happens any more. */
  crash(): Promise<void>;
  /** Throws the state folder away, as a move to another host does. */
  removeState(): Promise<void>;
  /** The next controller starts on another host: with this state folder, as it was left, or without one. */
  move(folder: string): void;
  /** The facts in memory. @throws Error when there is no such job */
  status(job: string): Status;
  /** The documents of a file on the published branch; null when it is not there. */
  published(path: string): Json | null;
  /** The log files on the published branch, oldest first. */
  logs(): readonly string[];
  log(path: string): LogRecord;
  /** The subjects on the published branch, newest first. */
  subjects(): readonly string[];
  /** Starts of runs, as `job trigger nominal@start`. */
  runs(job?: string): readonly string[];
  close(): Promise<void>;
}

/** Creates a system for a test; it is closed when the test has ended. */
export type CreateSystem = (options?: TestSystemOptions) => Promise<TestSystem>;

/** Creates a system and starts its controller. */
export async function createTestSystem(options: TestSystemOptions = {}): Promise<TestSystem> {
  const { now = '2026-03-10T10:00:00Z', files = {} } = options;
  const folder = createGitFolder();
  const hasInventory = Object.keys(files).some((path) => path.startsWith('machines/'));
  const { bare, human } = remoteAndClone(folder, { ...(hasInventory ? {} : machines(3)), ...files });
  const state: SystemState = {
    options,
    folder,
    bare,
    human,
    clock: options.clock ?? createFakeClock(now),
    bmcs: createBmcs(),
    events: [],
    starts: 0,
    stateDir: folder.path('state-0'),
    running: null,
  };
  try {
    await start(state);
    return systemOf(state);
  } catch (error) {
    folder.remove();
    throw error;
  }
}

function systemOf(state: SystemState): TestSystem {
  const { clock, bmcs, bare, human, events } = state;
  return {
    clock,
    bmcs,
    bare,
    human,
    events,
    get stateDir() {
      return state.stateDir;
    },
    get service() {
      return running(state).service;
    },
    of: (name) => eventsOf(state, name),
    commit: (files, message) => pushFiles(human, files, message),
    async push(files) {
      const id = pushFiles(human, files);
      await reconcile(state);
      return id;
    },
    git: (...args) => git(human, ...args),
    reconcile: () => reconcile(state),
    advance: (to) => advance(state, to),
    async jump(to) {
      clock.jump(new Date(to));
      await advance(state, 60_000);
    },
    settled: () => settled(state),
    async trigger(job, token) {
      running(state).service.runner.trigger([{ job, token }]);
      await settled(state);
    },
    start: () => start(state),
    once: () => start(state, 'once'),
    stop: () => stop(state),
    crash: () => crash(state),
    removeState: () => rm(state.stateDir, { recursive: true, force: true }),
    move(host) {
      state.stateDir = isAbsolute(host) ? host : state.folder.path(host);
    },
    status: (job) => statusOf(state, job),
    published: (path) => publishedValue(bare, path),
    logs: () => publishedLogs(bare),
    log: (path) => JSON.parse(publishedText(bare, path) ?? 'null') as LogRecord,
    subjects: () => git(bare, 'log', '--format=%s', 'main').split('\n'),
    runs: (job) => runs(state, job),
    close: () => close(state),
  };
}

async function close(state: SystemState): Promise<void> {
  await settled(state);
  if (state.running) await abandon(state);
  assertNoSecret(state.folder.path('.'), TEST_SECRETS);
  state.folder.remove();
}

function eventsOf<Name extends ControllerEvent['event']>({ events }: SystemState, name: Name): readonly Events<Name>[] {
  return events.filter((each): each is Events<Name> => each.event === name);
}

function runs(state: SystemState, job: string | undefined): readonly string[] {
  return eventsOf(state, 'started')
    .filter((each) => job === undefined || each.job === job)
    .map((each) => `${each.job} ${each.trigger} ${each.nominal}@${each.start}`);
}

function statusOf(state: SystemState, job: string): Status {
  const status = running(state).service.agenda.status(job);
  if (!status) throw new Error(`no job ${job}`);
  return status;
}

/** The status of a job on the published branch; null when it is not there. */
export function facts(system: TestSystem, job: string): JsonObject | null {
  return system.published(`jobs/${job.replaceAll('.', '/')}.status.yaml`) as JsonObject | null;
}
