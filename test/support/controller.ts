// Longer than 200 lines because a stage is one object whose parts share its life: clock, repository, controller.
import { cp, rm } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { type GitBackend, type GitBackendOptions, openGitBackend } from '../../controller/backend.ts';
import type { Clock } from '../../controller/clock.ts';
import type { ControllerEvent } from '../../controller/events/event.ts';
import type { Executor } from '../../controller/executors/executor.ts';
import type { Service } from '../../controller/service.ts';
import { openServiceOn } from '../../controller/service.ts';
import type { LogRecord } from '../../definitions/run-log.ts';
import type { Status } from '../../definitions/status.ts';
import type { Json, JsonObject } from '../../definitions/values/json.ts';
import { parse } from '../../definitions/yaml/document.ts';
import { type Bmcs, createBmcs } from './bmcs.ts';
import { type Busy, createBusy } from './busy.ts';
import { type ClockView, createFakeClock, type FakeClock } from './clock.ts';
import { commit, GIT_ENVIRONMENT, git, ground, remoteAndClone } from './git-folder.ts';
import { machines } from './manifests.ts';
import { assertNoSecret, TEST_SECRETS } from './secrets.ts';

/** How a scenario begins. */
export interface StageOptions {
  /** The time; 2026-03-10T10:00:00Z by default. */
  readonly now?: string;
  /** In place of one of its own that shows `now`. */
  readonly clock?: FakeClock;
  /** The fleet's texts; with no inventory among them it is machine-1 to machine-3. */
  readonly files?: Readonly<Record<string, string>>;
  /** True: the controller fetches and pushes; otherwise the bare repository is its own. */
  readonly remote?: boolean;
  readonly pullIntervalMs?: number;
  /** In place of scripted BMCs. */
  readonly executor?: (clock: Clock) => Executor;
  /** What else it stands on: another way to the bare repository, say. */
  readonly standing?: (bare: string) => Partial<GitBackendOptions>;
  /** Puts something in between a controller and what it stands on. */
  readonly backend?: (real: GitBackend) => GitBackend;
}

type Events<Name> = Extract<ControllerEvent, { event: Name }>;

/** A controller on a stage: commit a manifest, turn the clock, read what it did. All waiting is for facts. */
export interface Stage {
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
  /** A human's commit, and the pass that takes it up. */
  push(files: Readonly<Record<string, string | null>>): Promise<string>;
  /** A human's Git command in their clone. */
  git(...args: string[]): string;
  pass(): Promise<void>;
  /** Lets time pass up to a moment, or for so many milliseconds; everything on the way happens at its own time. */
  turn(to: string | number): Promise<void>;
  /** Moves the wall's clock at once, and lets the service notice. */
  jump(to: string): Promise<void>;
  settled(): Promise<void>;
  trigger(job: string, token: string): Promise<void>;
  start(): Promise<void>;
  /** SIGTERM: resolves when it has ended; meanwhile the clock must be turned by `turn` if it has to pass. */
  stop(): Promise<void>;
  /** As `kill -9`: what is durable stays, nothing else happens any more. */
  crash(): Promise<void>;
  /** Throws the state folder away, as a move to another host does. */
  forget(): Promise<void>;
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

/** Sets a stage and starts its controller. */
export async function createStage(options: StageOptions = {}): Promise<Stage> {
  const { now = '2026-03-10T10:00:00Z', files = {}, pullIntervalMs = 86_400_000 } = options;
  const place = ground();
  const hasInventory = Object.keys(files).some((path) => path.startsWith('machines/'));
  const { bare, human } = remoteAndClone(place, { ...(hasInventory ? {} : machines(3)), ...files });
  const clock = options.clock ?? createFakeClock(now);
  const bmcs = createBmcs();
  const events: ControllerEvent[] = [];
  let lives = 0;
  let stateDir = place.path('state-0');
  let life: { service: Service; view: ClockView; busy: Busy; running: Promise<void> } | null = null;

  const alive = () => {
    if (!life) throw new Error('no controller runs on this stage now');
    return life;
  };

  async function start(): Promise<void> {
    lives += 1;
    const busy = createBusy();
    const view = clock.view(`life-${lives}`);
    const gitClock = clock.view(`life-${lives}`, (change) => busy.asleep(change));
    const real = await openGitBackend({
      clock: gitClock,
      push: true,
      stateDir,
      environment: GIT_ENVIRONMENT,
      ...(options.remote ? { fleet: `file://${bare}`, branch: 'main' } : { fleet: bare, branch: 'main' }),
      ...options.standing?.(bare),
      observe: (detail) => void events.push({ event: 'git', detail }),
    });
    const backend = options.backend?.(real) ?? real;
    const executor = options.executor?.(view) ?? bmcs.executor(view);
    const service = await openServiceOn(
      {
        ...backend,
        journal: busy.watch(backend.journal),
        repository: busy.watch(backend.repository),
        publisher: (settings, statusPage) => busy.watch({ publish: backend.publisher(settings, statusPage) }).publish,
      },
      { clock: view, executor, pullIntervalMs, observe: (event) => void events.push(event) },
    );
    try {
      await service.controller.start();
    } catch (error) {
      await service.close();
      throw error;
    }
    life = { service, view, busy, running: service.controller.run() };
    await settled();
  }

  async function settled(): Promise<void> {
    if (life) await life.busy.settled();
  }

  async function turn(to: string | number): Promise<void> {
    const end = typeof to === 'number' ? new Date(clock.now().getTime() + to) : new Date(to);
    await settled();
    for (let next = clock.next(); next && next <= end; next = clock.next()) {
      clock.pass(next);
      await settled();
    }
    clock.pass(end);
    await settled();
  }

  async function leave(): Promise<void> {
    const { service, view } = alive();
    view.end();
    life = null;
    await service.close();
  }

  const read = (path: string): string | null => {
    try {
      return git(bare, 'show', `main:${path}`);
    } catch {
      return null;
    }
  };
  const publish = (paths: Readonly<Record<string, string | Buffer | null>>, message?: string) => {
    git(human, 'pull', '--quiet', '--rebase', 'origin', 'main');
    const made = commit(human, paths, message);
    git(human, 'push', '--quiet', 'origin', 'main');
    return made;
  };

  const stage: Stage = {
    clock,
    bmcs,
    bare,
    human,
    events,
    settled,
    turn,
    start,
    get stateDir() {
      return stateDir;
    },
    get service() {
      return alive().service;
    },
    of: <Name extends ControllerEvent['event']>(name: Name) =>
      events.filter((each): each is Events<Name> => each.event === name),
    commit: publish,
    async push(paths) {
      const made = publish(paths);
      await stage.pass();
      return made;
    },
    git: (...args) => git(human, ...args),
    async pass() {
      await alive().service.controller.reconcile();
      await settled();
    },
    async jump(to) {
      clock.jump(new Date(to));
      await turn(60_000);
    },
    async trigger(job, token) {
      alive().service.runner.trigger([{ job, token }]);
      await settled();
    },
    async stop() {
      const { service, running } = alive();
      const stopped = service.controller.stop();
      await Promise.all([stopped, running]);
      await leave();
    },
    async crash() {
      await settled();
      const copy = place.path(`state-${lives}`);
      await cp(stateDir, copy, { recursive: true, filter: (path) => !path.endsWith('.tmp') });
      await rm(`${copy}/lock`, { force: true });
      stateDir = copy;
      await leave();
    },
    move(folder) {
      stateDir = isAbsolute(folder) ? folder : place.path(folder);
    },
    async forget() {
      await rm(stateDir, { recursive: true, force: true });
    },
    status(job) {
      const status = alive().service.agenda.status(job);
      if (!status) throw new Error(`no job ${job}`);
      return status;
    },
    published(path) {
      const text = read(path);
      if (text === null) return null;
      const documents = parse(Buffer.from(text)).map((each) => each.value);
      return documents.length === 1 ? (documents[0] ?? null) : documents;
    },
    logs: () =>
      git(bare, 'ls-tree', '-r', '--name-only', 'main', 'logs/')
        .split('\n')
        .filter((path) => path !== ''),
    log: (path) => JSON.parse(read(path) ?? 'null') as LogRecord,
    subjects: () => git(bare, 'log', '--format=%s', 'main').split('\n'),
    runs: (job) =>
      stage
        .of('started')
        .filter((each) => job === undefined || each.job === job)
        .map((each) => `${each.job} ${each.trigger} ${each.nominal}@${each.start}`),
    async close() {
      await settled();
      if (life) await leave(); // whatever runs is left where it is: nothing of it will ever go on
      assertNoSecret(place.path('.'), TEST_SECRETS);
      place.remove();
    },
  };
  try {
    await start();
    return stage;
  } catch (error) {
    place.remove();
    throw error;
  }
}

/** A file of the branch as an object; null when it is not there. */
export function facts(stage: Stage, job: string): JsonObject | null {
  return stage.published(`jobs/${job.replaceAll('.', '/')}.status.yaml`) as JsonObject | null;
}
