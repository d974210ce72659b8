import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commit, git, until } from '../support/git-folder.ts';
import { judge, readJournal } from '../torture/oracle.ts';
import { isPublic } from '../torture/run.ts';
import { createSurroundings, manifest, type Surroundings } from '../torture/surroundings.ts';

const LIMIT_MS = 90_000;

/** A test with the controller as a process, BMCs that remember, a forge; the end of what it said where it fails. */
function processTest(name: string, body: (system: Surroundings) => Promise<void>): void {
  test(name, async () => {
    const system = await createSurroundings(() => 0.5, '120s');
    try {
      await body(system);
    } catch (error) {
      console.error(said(system).slice(-4_000));
      throw error;
    } finally {
      system.behaviour.holds = false;
      for (const child of started.splice(0)) {
        if (child.exitCode === null && child.signalCode === null) {
          const ended = once(child, 'exit');
          process.kill(-(child.pid ?? 0), 'SIGKILL');
          await ended;
        }
      }
      await system.close();
    }
  });
}

const started: ReturnType<Surroundings['start']>[] = [];
function start(system: Surroundings, wrapping: readonly string[] = []): ReturnType<Surroundings['start']> {
  const child = system.start(wrapping);
  started.push(child);
  return child;
}

function said({ folder }: Surroundings): string {
  const log = folder.path('controller.log');
  return existsSync(log) ? readFileSync(log, 'utf8') : '';
}

function demand({ human }: Surroundings, job: string, token: string): void {
  git(human, 'pull', '--quiet', '--rebase', 'origin', 'main');
  commit(human, { [`jobs/${job}.yaml`]: manifest(job, token) });
  git(human, 'push', '--quiet', 'origin', 'main');
}

async function ended(child: ReturnType<typeof start>): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  assert.equal(await exit, [0, null]);
}

const NOBODY = { notes: new Set<string>() };

processTest(
  'F02: SIGKILL after BMCs took a change and before its result is recorded: interrupted, told, never done twice',
  async (system) => {
    system.behaviour.holds = true; // what BMCs take they do not confirm: this is the gap, and it stays open
    const first = start(system);
    await until(() => system.taken.length > 0, LIMIT_MS);
    const gone = once(first, 'exit');
    process.kill(-(first.pid ?? 0), 'SIGKILL');
    await gone;
    const before = [...system.taken];
    const records = readJournal(system.folder.path('state', 'journal')).map(({ record }) => record);
    for (const { value } of before) {
      const run = value.replace('-', '@');
      assert.ok(
        records.some((record) => record.kind === 'claim' && record.claim.run === run),
        'claimed before',
      );
    }
    assert.not.ok(records.some((record) => record.kind === 'result'));
    system.behaviour.holds = false;
    const second = start(system);
    await until(async () => said(system).split('"event":"ready"').length > 2, LIMIT_MS);
    await until(() => isPublic(system), LIMIT_MS);
    await ended(second);
    const outcomes = readJournal(system.folder.path('state', 'journal')).flatMap(({ record }) =>
      record.kind === 'result' ? [`${record.log.MachineID} ${record.run.replace('@', '-')} ${record.outcome}`] : [],
    );
    for (const { machine, value } of before) {
      assert.ok(outcomes.includes(`${machine} ${value} Interrupted`), `${machine} ${value}: ${outcomes.join(', ')}`);
      assert.is(system.taken.filter((each) => each.machine === machine && each.value === value).length, 1);
    }
    assert.equal(judge(system, NOBODY).faults, []);
  },
);

/** A way to take the room from a running controller, and to give it back. */
interface Shortage {
  readonly name: string;
  /** What stands before the controller's command line. */
  readonly wrapping: (state: string) => readonly string[];
  /** Where the process sees its state folder. */
  readonly folder: (pid: number, state: string) => string;
  /** Leaves less than a run needs, but room for Git to fetch; where the way knows no such thing, nothing. */
  readonly tighten: ((folder: string) => void) | null;
  readonly fill: (pid: number, folder: string) => void;
  readonly free: (pid: number, folder: string) => void;
}

/** A limit that the kernel sets for one process and that any user may set: each write that would grow a file fails. */
const FILE_SIZE: Shortage = {
  name: 'RLIMIT_FSIZE',
  wrapping: () => [],
  folder: (_pid, state) => state,
  tighten: null,
  fill: (pid) => void execFileSync('prlimit', [`--pid=${pid}`, '--fsize=1:']),
  free: (pid) => void execFileSync('prlimit', [`--pid=${pid}`, '--fsize=unlimited:']),
};

/** A file system of 64 MiB in a namespace of the process's own, gone with it. */
function tmpfs(unshare: string): Shortage {
  const ballast = (folder: string) => join(folder, 'ballast');
  return {
    name: 'ENOSPC',
    wrapping: (state) => [
      ...['unshare', unshare, 'sh', '-c', `mount -t tmpfs -o size=64m none ${state} && exec "$@"`, 'sh'],
    ],
    folder: (pid, state) => `/proc/${pid}/root${state}`,
    tighten(folder) {
      const { bavail, bsize } = statfsSync(folder);
      appendFileSync(ballast(folder), Buffer.alloc(bavail * bsize - (6 << 20)));
    },
    fill(_pid, folder) {
      for (let bytes = 1 << 20; bytes >= 1; ) {
        try {
          appendFileSync(ballast(folder), Buffer.alloc(bytes));
        } catch {
          bytes >>= 1;
        }
      }
    },
    free: (_pid, folder) => rmSync(ballast(folder)),
  };
}

/** How this user may mount a tmpfs, if at all: as root, or in a user namespace. */
const unshare = ['-m', '-rm'].find((option) => {
  return spawnSync('unshare', [option, 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;
});

for (const way of [FILE_SIZE, ...(unshare === undefined ? [] : [tmpfs(unshare)])]) {
  processTest(
    `F15: a full disk under load (${way.name}): nothing begins, running results are kept, all goes on afterwards`,
    async (system) => {
      const state = system.folder.path('state');
      mkdirSync(state);
      const child = start(system, way.wrapping(state));
      const pid = child.pid ?? 0;
      await until(() => said(system).includes('"event":"published"'), LIMIT_MS);
      const folder = way.folder(pid, state);
      system.behaviour.holds = true;
      demand(system, 'j1', 'during');
      await until(() => system.taken.filter(({ value }) => value === 'j1-during').length === 3, LIMIT_MS);
      way.tighten?.(folder);
      demand(system, 'j2', 'full');
      if (way.tighten) await until(() => said(system).includes('"event":"diskFull"'), LIMIT_MS);
      way.fill(pid, folder);
      system.behaviour.holds = false;
      await until(() => said(system).includes('"event":"unrecorded"'), LIMIT_MS);
      assert.not.ok(
        system.taken.some(({ value }) => value === 'j2-full'),
        'a run began that could not be recorded',
      );
      way.free(pid, folder);
      await until(() => system.taken.some(({ value }) => value === 'j2-full'), LIMIT_MS);
      await until(() => isPublic(system, join(folder, 'journal')), LIMIT_MS);
      assert.is(child.exitCode, null, 'it has lived through it');
      if (folder !== state) cpSync(join(folder, 'journal'), join(state, 'journal'), { recursive: true });
      await ended(child);
      const verdict = judge(system, NOBODY);
      assert.equal(verdict.faults, []);
      const results = readJournal(join(state, 'journal')).flatMap(({ record }) =>
        record.kind === 'result' && record.run === 'j1@during' ? [record.outcome] : [],
      );
      assert.equal(results, ['Applied', 'Applied', 'Applied'], 'what BMCs did while the disk was full is told');
    },
  );
}

test.run();
