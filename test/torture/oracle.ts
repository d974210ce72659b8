import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linesIn } from '../../controller/state/journal-lines.ts';
import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import { printLog } from '../../definitions/run-log.ts';
import { git } from '../support/git-folder.ts';
import { assertSound, pathsIn } from '../support/publisher.ts';
import type { Believed } from './chaos.ts';
import type { Surroundings, Taken } from './surroundings.ts';

/** What the end looks like, in numbers; everything that must be 0 is. */
export interface Verdict {
  readonly claims: number;
  readonly results: number;
  readonly logs: number;
  readonly taken: number;
  readonly published: number;
  /** What does not hold, in words. */
  readonly faults: readonly string[];
}

/** Compares what BMCs, journal, humans and the remote branch know of the same past. */
export function judge(surroundings: Surroundings, believed: Believed): Verdict {
  const faults: string[] = [];
  const records = readJournal(surroundings.folder.path('state', 'journal')).map(({ record }) => record);
  const claims = records.flatMap((record) => (record.kind === 'claim' ? [record.claim] : []));
  const results = records.flatMap((record) => (record.kind === 'result' ? [record] : []));
  const logs = pathsIn(surroundings.bare, 'main', /^logs\//);
  const parts = claims.flatMap((claim) => claim.machines.map((machine) => `${claim.run} ${machine}`));
  faults.push(...repeated(claims.map(({ run }) => run)).map((run) => `run ${run} was claimed twice`));
  faults.push(
    ...repeated(results.map(({ run, log }) => `${run} ${log.MachineID}`)).map((part) => `${part} ended twice`),
  );
  const ended = new Set(results.map(({ run, log }) => `${run} ${log.MachineID}`));
  faults.push(...parts.filter((part) => !ended.has(part)).map((part) => `${part} has no result`));
  const paths = new Set(results.map(({ path }) => path));
  faults.push(...results.filter(({ path }) => !logs.includes(path)).map(({ path }) => `lost: ${path}`));
  faults.push(...logs.filter((path) => !paths.has(path)).map((path) => `from nowhere: ${path}`));
  const texts = new Map(results.map(({ path, log }) => [path, printLog(log)]));
  for (const path of logs) {
    if (`${git(surroundings.bare, 'show', `main:${path}`)}\n` !== texts.get(path))
      faults.push(`not what was recorded: ${path}`);
  }
  faults.push(...changedTwice(surroundings.taken), ...withoutRun(surroundings.taken, claims));
  const files = new Set(pathsIn(surroundings.bare, 'main', /^notes\//));
  faults.push(...[...believed.notes].filter((note) => !files.has(note)).map((note) => `a human's ${note} is gone`));
  faults.push(...statusFaults(surroundings, claims));
  try {
    assertSound(surroundings.bare);
  } catch (error) {
    faults.push(String(error));
  }
  const published = Number(git(surroundings.bare, 'rev-list', '--count', '--author=bmcron', 'main'));
  const { taken } = surroundings;
  return { claims: claims.length, results: results.length, logs: logs.length, taken: taken.length, published, faults };
}

/** What a journal holds; read only, since its controller may be at work. */
export function readJournal(folder: string): JournalEntry[] {
  const names = readdirSync(folder).filter((name) => /^\d+\.ndjson$/.test(name));
  const lines = names.sort().flatMap((name) => linesIn(readFileSync(join(folder, name))));
  return lines.flatMap((line) => (line ? [line.entry()] : []));
}

function repeated(keys: readonly string[]): string[] {
  const seen = new Set<string>();
  return keys.filter((key) => seen.size === seen.add(key).size);
}

/** A BMC that took the same run's change twice was asked twice: each run's text is its own. */
function changedTwice(taken: readonly Taken[]): string[] {
  return repeated(taken.map(({ machine, value }) => `${machine} ${value}`)).map((each) => `done twice: ${each}`);
}

/** A BMC that took a change of which no claim speaks heard of it before it was durable. */
function withoutRun(taken: readonly Taken[], claims: readonly { readonly run: string }[]): string[] {
  const runs = new Set(claims.map(({ run }) => run));
  return taken
    .filter(({ value }) => !runs.has(value.replace('-', '@')))
    .map(({ machine, value }) => `${machine} took ${value}, which nobody claimed`);
}

/** A status counts each run once. */
function statusFaults(surroundings: Surroundings, claims: readonly { readonly job: string }[]): string[] {
  return pathsIn(surroundings.bare, 'main', /\.status\.yaml$/).flatMap((path) => {
    const text = git(surroundings.bare, 'show', `main:${path}`);
    const count = Number(/^ExecutionCount: (\d+)$/m.exec(text)?.[1]);
    const job = /^jobs\/(.+)\.status\.yaml$/.exec(path)?.[1];
    const expected = claims.filter((claim) => claim.job === job).length;
    return count === expected ? [] : [`${path} counts ${count} runs of ${expected}`];
  });
}
