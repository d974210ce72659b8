// What git prints, as hostile as names, messages and a broken git can make it: npm run fuzz -- git [seed] [seconds].
// From what was changed nothing is made but errors, or what is there; from what git says of odd names, just these.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Git, openGit } from '../../controller/git/command.ts';
import { GitError } from '../../controller/git/error.ts';
import { signaturesOf } from '../../controller/git/signature.ts';
import {
  blobSizes,
  commitsIn,
  differences,
  listFiles,
  parseDifferences,
  parseTree,
  readBlobs,
} from '../../controller/git/tree.ts';
import { createRandom, type Random } from '../simulate/random.ts';
import { GIT_ENVIRONMENT, git } from '../support/git-folder.ts';
import type { FuzzOptions } from './fuzz.ts';
import { mutatedText, type OddTree, oddTree, writeTree } from './odd-trees.ts';

/** Outputs that are changed for each repository that is made: a process costs as much as a thousand of them. */
const CHANGED = 300;
const ID = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const MODE = /^[0-7]{6}$/;

/** Runs it; false when it has found something. */
export async function fuzzGitOutput({ seed, seconds }: FuzzOptions): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'bmcron-git-output-'));
  git(folder, 'init', '--quiet', '--bare', '.');
  const repository = openGit(folder, GIT_ENVIRONMENT);
  const ends = Date.now() + seconds * 1_000;
  let round = 0;
  try {
    for (; Date.now() < ends; round += 1) {
      const now = seed + round;
      const wrong = await tryOne(repository, createRandom(now)).catch((error: unknown) => String(error));
      if (wrong === null) continue;
      console.log(`${wrong}\nnpm run fuzz -- git ${now}`);
      return false;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log(`${round} repositories of odd names, ${round * CHANGED} outputs changed`);
  return true;
}

/** What is wrong; null when nothing is. */
async function tryOne(repository: Git, random: Random): Promise<string | null> {
  const [before, after] = [oddTree(random), oddTree(random)];
  const texts = [...before.files.values(), ...after.files.values()].map(({ text }) => text);
  const from = await writeTree(repository, before, null);
  const to = await writeTree(repository, after, from);
  const said: Said = { texts: new Map(), bytes: new Map(), asked: [] };
  const real = recording(repository, said);
  const wrong = await asItIs(real, { before, after, from, to }, texts);
  if (wrong !== null) return wrong;
  for (let count = 0; count < CHANGED; count += 1) {
    const broken = await changed(repository, said, random);
    if (broken !== null) return broken;
  }
  return null;
}

interface Pair {
  readonly before: OddTree;
  readonly after: OddTree;
  readonly from: string;
  readonly to: string;
}

/** Whether what is read of two commits is what was written. */
async function asItIs(repository: Git, { before, after, from, to }: Pair, texts: Buffer[]): Promise<string | null> {
  const [first, second] = [await listFiles(repository, from, ['.']), await listFiles(repository, to, ['.'])];
  if (!same(first, before) || !same(second, after)) return 'ls-tree is read otherwise than it was written';
  const between = await differences(repository, from, to, ['.']);
  const wanted = [...new Set([...first.keys(), ...second.keys()])].filter((path) => {
    const [was, is] = [first.get(path), second.get(path)];
    return was?.id !== is?.id || was?.mode !== is?.mode;
  });
  if (!sameNames(between.keys(), wanted)) return 'diff-tree is read otherwise than it was written';
  const [commit, ...others] = await commitsIn(repository, [to, `^${from}`]);
  const isRight = commit?.id === to && commit.parents.join() === from && others.length === 0;
  if (!isRight || !sameNames(commit?.changes.map(([path]) => path) ?? [], wanted)) return 'rev-list is read otherwise';
  const ids = [...new Set([...first.values(), ...second.values()].map(({ id }) => id))];
  const blobs = await readBlobs(repository, ids);
  const sizes = await blobSizes(repository, ids);
  if (ids.some((id) => blobs.get(id)?.length !== sizes.get(id))) return 'a size is another than its blob has';
  const read = new Set([...blobs.values()].map((bytes) => bytes.toString('base64')));
  if (texts.some((text) => !read.has(text.toString('base64')))) return 'a blob is read otherwise than it was written';
  await signaturesOf(repository, [from, to], '/dev/null');
  return null;
}

function same(entries: ReadonlyMap<string, { mode: string; id: string }>, { files }: OddTree): boolean {
  return (
    sameNames(entries.keys(), files.keys()) && [...files].every(([path, { mode }]) => entries.get(path)?.mode === mode)
  );
}

function sameNames(one: Iterable<string>, other: Iterable<string>): boolean {
  const [first, second] = [[...one].sort(), [...other].sort()];
  return first.length === second.length && first.every((name, index) => name === second[index]);
}

/** What git said to each command. */
interface Said {
  readonly texts: Map<string, string>;
  readonly bytes: Map<string, Buffer>;
  /** The blobs that were read. */
  asked: readonly string[];
}

/** A command; one that gets its commits from its input prints them, too. */
function keyOf([name = '', ...args]: readonly string[]): string {
  return args.includes('--stdin') ? `${name} --stdin` : name;
}

function recording(repository: Git, said: Said): Git {
  return {
    ...repository,
    async text(args, options) {
      const output = await repository.text(args, options);
      said.texts.set(keyOf(args), output);
      return output;
    },
    async bytes(args, options) {
      const output = await repository.bytes(args, options);
      said.bytes.set(keyOf(args), output);
      said.asked = String(options?.input ?? '')
        .trim()
        .split('\n');
      return output;
    },
  };
}

/** Changes what git said, and looks what is made of it: what is well formed, or an error that says so. */
async function changed(repository: Git, said: Said, random: Random): Promise<string | null> {
  const outputs = new Map([...said.texts].map(([name, output]) => [name, mutatedText(output, random)]));
  const bytes = Buffer.from(mutatedText(said.bytes.get('cat-file')?.toString('latin1') ?? '', random), 'latin1');
  const fake: Git = {
    ...repository,
    text: (args) => Promise.resolve(outputs.get(keyOf(args)) ?? ''),
    bytes: () => Promise.resolve(bytes),
  };
  const ids = said.asked;
  const commits = [...(said.texts.get('rev-list')?.matchAll(/[0-9a-f]{40}/g) ?? [])].map(([id]) => id);
  const looks: readonly [string, () => Promise<string | null>][] = [
    ['ls-tree', async () => judgeEntries([...parseTree(outputs.get('ls-tree') ?? '')])],
    ['diff-tree', async () => judgeDifferences([...parseDifferences(outputs.get('diff-tree') ?? '')])],
    ['rev-list', async () => judgeCommits(await commitsIn(fake, []))],
    ['cat-file --batch', async () => judgeKeys(await readBlobs(fake, ids), ids)],
    ['cat-file --batch-check', async () => judgeSizes(await blobSizes(fake, ids), ids)],
    ['log', async () => judgeKeys(await signaturesOf(fake, commits, '/dev/null'), commits, false)],
  ];
  for (const [name, look] of looks) {
    const wrong = await look().catch((error: unknown) =>
      error instanceof GitError ? null : `fails: ${String(error)}`,
    );
    if (wrong !== null) return `${name}: ${wrong}`;
  }
  return null;
}

type Entry = { readonly mode: string; readonly id: string };

function judgeEntries(entries: readonly (readonly [string, Entry])[]): string | null {
  const odd = entries.find(([path, { mode, id }]) => path === '' || !MODE.test(mode) || !ID.test(id));
  return odd ? `made of it: ${JSON.stringify(odd)}` : null;
}

type Changes = readonly (readonly [string, { readonly before: Entry | null; readonly after: Entry | null }])[];

function judgeDifferences(found: Changes): string | null {
  return judgeEntries(
    found.flatMap(([path, { before, after }]) =>
      [before, after].flatMap((each) => (each ? [[path, each] as const] : [])),
    ),
  );
}

function judgeCommits(found: Awaited<ReturnType<typeof commitsIn>>): string | null {
  for (const { id, parents, changes } of found) {
    if (![id, ...parents].every((each) => ID.test(each))) return `made of it: ${id} ${parents}`;
    const wrong = judgeDifferences(changes);
    if (wrong !== null) return wrong;
  }
  return new Set(found.map(({ id }) => id)).size === found.length ? null : 'a commit twice';
}

function judgeKeys(found: ReadonlyMap<string, unknown>, asked: readonly string[], all = true): string | null {
  if ([...found.keys()].some((id) => !asked.includes(id))) return 'something that nobody asked for';
  return !all || asked.every((id) => found.has(id)) ? null : 'less than was asked for';
}

function judgeSizes(found: ReadonlyMap<string, number>, asked: readonly string[]): string | null {
  if ([...found.values()].some((size) => !Number.isSafeInteger(size) || size < 0)) return 'a size that is none';
  return judgeKeys(found, asked);
}
