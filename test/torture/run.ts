import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { git, until } from '../support/git-folder.ts';
import { createRandom, type Tally, tooSeldom, torment } from './chaos.ts';
import { judge, readJournal, type Verdict } from './oracle.ts';
import { createSurroundings, type Surroundings } from './surroundings.ts';

const CALM_MS = 60_000;

/** A torture and how it ended. */
export interface Torture extends Verdict, Tally {
  readonly seed: number;
  /** How often the controller was ready. */
  readonly starts: number;
  /** The end of what the controller said, for whoever looks into a fault. */
  readonly said: string;
}

/** Torments the whole controller for some seconds, lets it come to rest, and judges. The seed repeats the torments. */
export async function torture(seconds: number, seed: number): Promise<Torture> {
  const random = createRandom(seed);
  const surroundings = await createSurroundings(random);
  try {
    const { tally, believed, child } = await torment(surroundings, seconds, random);
    let code: number | null = child.exitCode;
    const whole = () => readFileSync(surroundings.folder.path('controller.log'), 'utf8');
    const said = () => whole().slice(-20_000);
    await until(async () => child.exitCode !== null || (await isPublic(surroundings)), CALM_MS).catch(() => undefined);
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      [code] = (await ended) as [number | null];
    }
    const verdict = judge(surroundings, believed);
    const faults = [
      ...verdict.faults,
      ...(code === 0 ? [] : [`the controller ended with ${code}`]),
      ...tooSeldom(tally, seconds).map((kind) => `too little to mean something: ${tally[kind]} ${kind}`),
    ];
    const starts = whole().split('"event":"ready"').length - 1;
    if (starts < 2) faults.push('no start after a SIGKILL got as far as being ready');
    return { ...verdict, ...tally, starts, faults, seed, said: said() };
  } finally {
    await surroundings.close();
  }
}

/**
 * Whether the controller has come to rest: the branch holds all that the journal does, no run is going on, and nobody
 * has changed since what it wrote.
 */
export async function isPublic(
  { bare, folder }: Surroundings,
  journal = folder.path('state', 'journal'),
): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 500));
  let open = 0;
  let lastFile = 0;
  for (const { seq, record } of readJournal(journal)) {
    if (record.kind === 'claim') open += 1;
    if (record.kind === 'finish') open -= 1;
    if (record.kind === 'result' || record.kind === 'status') lastFile = seq;
  }
  const id = readFileSync(join(journal, 'id'), 'utf8').trim();
  const mark = git(bare, 'ls-tree', '--name-only', 'main', `.bmcron/${id}.json`);
  const { hi } = mark === '' ? { hi: -1 } : (JSON.parse(git(bare, 'show', `main:${mark}`)) as { hi: number });
  const writer = git(bare, 'log', '-1', '--format=%an', 'main', '--', 'logs', '*.status.yaml');
  return open === 0 && hi >= lastFile && writer.trim() === 'bmcron';
}
