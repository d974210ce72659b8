import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { GIT_ENVIRONMENT, until } from '../support/git-folder.ts';
import { JOBS, manifest, type Surroundings } from './surroundings.ts';

/** What was done to the controller. */
export interface Tally {
  kills: number;
  commits: number;
  forced: number;
  outages: number;
  edits: number;
  /** Push answers that were lost. */
  lost: number;
}

/** What must have happened in each twenty seconds, or the rest proves little. */
const FLOOR: Tally = { kills: 1, commits: 3, forced: 1, outages: 1, edits: 1, lost: 1 };

/** What has happened too seldom so far. */
export function tooSeldom(tally: Tally, seconds: number): (keyof Tally)[] {
  const times = Math.max(1, Math.floor(seconds / 20));
  return (Object.keys(FLOOR) as (keyof Tally)[]).filter((kind) => tally[kind] < FLOOR[kind] * times);
}

/** What a human believes to have pushed. */
export interface Believed {
  readonly notes: Set<string>;
}

/** Numbers from 0 up to 1; a seed repeats them. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** So often somebody who wants to drop the service's commits looks whether there are any. */
const LOOKS = 20;
const PAUSE_MS = 250;
/** A life too short for a start tries nothing but starts. */
const SHORTEST_LIFE_MS = 7_000;
const LONGEST_LIFE_MS = 10_000;

/** How much longer it may take until enough of each kind has happened. */
const EXTRA_MS = 40_000;

/**
 * Torments the controller until the time is up and enough of each kind has happened; it
 * is running when this resolves.
 */
export async function torment(surroundings: Surroundings, seconds: number, random: () => number) {
  const tally: Tally = { kills: 0, commits: 0, forced: 0, outages: 0, edits: 0, lost: 0 };
  const believed: Believed = { notes: new Set() };
  let child = surroundings.start();
  let turn = 0;
  let alive = Date.now() + SHORTEST_LIFE_MS;
  const log = surroundings.folder.path('controller.log');
  await until(() => existsSync(log) && readFileSync(log, 'utf8').includes('"event":"ready"')); // a fleet was seen once
  const begin = Date.now();
  const [half, end] = [begin + seconds * 500, begin + seconds * 1_000];
  for (let wanting = tooSeldom(tally, seconds); ; turn += 1) {
    const now = Date.now();
    if (now > end && (wanting.length === 0 || now > end + EXTRA_MS)) break;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    // By chance at first; in the second half what has not happened often enough comes before.
    const kind = (now > half && random() < 0.5 ? pick(wanting, random) : undefined) ?? byChance(random());
    if (kind === 'commits') await humanCommits(surroundings, `t${turn + 1}`, random, believed, tally);
    if (kind === 'forced') await humanForces(surroundings, turn, believed, tally);
    if (kind === 'edits') await humanEdits(surroundings, tally);
    if (kind === 'outages') outage(surroundings, random, tally);
    if (kind === 'kills' && Date.now() > alive) {
      alive = Date.now() + SHORTEST_LIFE_MS + random() * LONGEST_LIFE_MS;
      child = await killed(child, surroundings);
      tally.kills += 1;
    }
    tally.lost = surroundings.forge.dropped;
    wanting = tooSeldom(tally, seconds);
    surroundings.forge.behaviour.dropAnswers = now > half && wanting.includes('lost') ? 1 : 0.25;
  }
  Object.assign(surroundings.forge.behaviour, { dropAnswers: 0, down: null, silent: false });
  await humanEdits(surroundings, tally); // the last word of what the service writes is the service's
  return { tally, believed, child };
}

function byChance(chance: number): keyof Tally | undefined {
  if (chance < 0.18) return 'commits';
  if (chance < 0.27) return 'forced';
  if (chance < 0.36) return 'edits';
  if (chance < 0.4) return 'outages';
  return chance < 0.6 ? 'kills' : undefined;
}

function pick(kinds: readonly (keyof Tally)[], random: () => number): keyof Tally | undefined {
  return kinds[Math.floor(random() * kinds.length)];
}

/** SIGKILL for the process and what it started, then a new one. */
async function killed(child: ChildProcess, surroundings: Surroundings): Promise<ChildProcess> {
  const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  } catch {
    // it had ended by itself, which the end will show
  }
  await gone;
  return surroundings.start();
}

type Files = Readonly<Record<string, string | null>>;

async function humanCommits(
  surroundings: Surroundings,
  token: string,
  random: () => number,
  believed: Believed,
  tally: Tally,
) {
  const { human } = surroundings;
  const note = `notes/${token}.txt`;
  const job = `j${1 + Math.floor(random() * JOBS)}`;
  await pull(human);
  await commit(human, { [note]: token, [`jobs/${job}.yaml`]: manifest(job, token) });
  if (!(await push(human))) return;
  believed.notes.add(note);
  tally.commits += 1;
}

/** Drops the service's newest commits from the branch, by force; the human's own stay. */
async function humanForces({ human }: Surroundings, turn: number, believed: Believed, tally: Tally): Promise<void> {
  const own = await newestOwn(human);
  if (own < 1) return;
  const tip = (await git(human, 'rev-parse', 'origin/main')).trim();
  await git(human, 'reset', '--quiet', '--hard', `HEAD~${own}`);
  const note = `notes/forced-${turn}.txt`;
  await commit(human, { [note]: 'mine' });
  if (!(await tried(human, 'push', '--quiet', `--force-with-lease=main:${tip}`, 'origin', 'main'))) return;
  believed.notes.add(note);
  tally.forced += 1;
}

/** How many commits at the tip are the service's; it is given a while to have the last word. */
async function newestOwn(human: string): Promise<number> {
  for (let looks = 1; ; looks += 1) {
    await pull(human);
    const authors = (await git(human, 'log', '-20', '--format=%an')).split('\n');
    const own = authors.findIndex((author) => author !== 'bmcron');
    if (own >= 1 || looks === LOOKS) return own;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Writes nonsense into a status file, and removes a log. */
async function humanEdits({ human }: Surroundings, tally: Tally): Promise<void> {
  await pull(human);
  if (!existsSync(`${human}/jobs/j1.status.yaml`)) return;
  const log = (await git(human, 'ls-files', 'logs')).split('\n')[0];
  await commit(human, { 'jobs/j1.status.yaml': 'ExecutionCount: 99\n', ...(log ? { [log]: null } : {}) });
  if (await push(human)) tally.edits += 1;
}

function outage({ forge }: Surroundings, random: () => number, tally: Tally): void {
  forge.behaviour.down = 503;
  tally.outages += 1;
  setTimeout(() => Object.assign(forge.behaviour, { down: null }), 300 + random() * 2_000);
}

/** Brings the human's clone to the remote's tip, whatever was left of a push that did not go through. */
async function pull(human: string): Promise<void> {
  await git(human, 'fetch', '--quiet');
  await git(human, 'reset', '--quiet', '--hard', 'origin/main');
}

async function commit(human: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    if (text === null) rmSync(join(human, path), { force: true });
    else {
      mkdirSync(dirname(join(human, path)), { recursive: true });
      writeFileSync(join(human, path), text);
    }
  }
  await git(human, 'add', '--all');
  await git(human, 'commit', '--quiet', '--allow-empty', '-m', 'change');
}

function push(human: string): Promise<boolean> {
  return tried(human, 'push', '--quiet', 'origin', 'main');
}

function tried(human: string, ...args: string[]): Promise<boolean> {
  return git(human, ...args).then(
    () => true,
    () => false, // somebody was faster: the next commit begins anew
  );
}

/** Git without blocking: the forge and the BMCs live in this process. */
async function git(human: string, ...args: string[]): Promise<string> {
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  const { stdout } = await promisify(execFile)('git', [...who, ...args], { cwd: human, env: GIT_ENVIRONMENT });
  return stdout;
}
