import type { CommandOptions, Git } from './command.ts';
import { asWritten } from './environment.ts';
import { GitError } from './error.ts';

/** One entry of a tree. */
export interface TreeEntry {
  /** `100644` a file, `100755` one that runs, `120000` a symbolic link, `160000` a submodule, `040000` a folder. */
  readonly mode: string;
  /** Object ID, hex. */
  readonly id: string;
}

/** Whether an entry is a file with bytes of its own. */
export function isFile(entry: TreeEntry | undefined): boolean {
  return entry?.mode === '100644' || entry?.mode === '100755';
}

/** Entries below these paths of a commit, folders opened, by path. @throws GitError */
export async function listFiles(git: Git, commit: string, paths: readonly string[]): Promise<Map<string, TreeEntry>> {
  const output = await git.text(['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...paths.map(unslashed)]);
  return parseTree(output);
}

/** The folders below a path of a commit, at every depth. @throws GitError */
export async function listFolders(git: Git, commit: string, path: string): Promise<string[]> {
  const output = await git.text(['ls-tree', '-r', '-d', '-z', '--full-tree', commit, '--', `${unslashed(path)}/`]);
  return [...parseTree(output).keys()];
}

/** `100644 blob <id>`, then a tab and the path. */
const ENTRY = /^([0-7]{6}) (?:blob|tree|commit) ([0-9a-f]{40}|[0-9a-f]{64})\t(.+)$/s;

/** Entries of `ls-tree -z`, by path. @throws GitError */
export function parseTree(output: string): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (const line of fieldsOf(output)) {
    const [, mode = '', id = '', path] = ENTRY.exec(line) ?? [];
    if (path === undefined) throw notUnderstood(line);
    entries.set(path, { mode, id });
  }
  return entries;
}

/** What `-z` keeps apart: each field has its end, or some is missing. @throws GitError */
function fieldsOf(output: string): string[] {
  const fields = output.split('\0');
  const rest = fields.pop() ?? '';
  if (rest !== '') throw notUnderstood(rest);
  return fields;
}

/** What git printed is none of what it prints: nothing is made of it. */
function notUnderstood(text: string): GitError {
  return new GitError(`git printed what is not understood: ${JSON.stringify(text.slice(0, 80))}`, null);
}

/** How one path differs between two commits; null where it is absent. */
export interface Difference {
  readonly before: TreeEntry | null;
  readonly after: TreeEntry | null;
}

/** What differs between two commits below these paths, by path. @throws GitError */
export async function differences(
  git: Git,
  from: string,
  to: string,
  paths: readonly string[],
): Promise<Map<string, Difference>> {
  return parseDifferences(
    await git.text(['diff-tree', '-r', '-z', '--no-renames', from, to, '--', ...paths.map(unslashed)]),
  );
}

/** What `diff-tree -z` or `diff-index -z` print, by path. */
export function parseDifferences(output: string): Map<string, Difference> {
  const fields = fieldsOf(output);
  const found = new Map<string, Difference>();
  for (let index = 0; index < fields.length; index += 2) {
    found.set(pathAfter(fields, index), differenceIn(fields[index] ?? ''));
  }
  return found;
}

function pathAfter(fields: readonly string[], index: number): string {
  const path = fields[index + 1] ?? '';
  if (path === '') throw notUnderstood(fields[index] ?? '');
  return path;
}

/** `:<mode> <mode> <id> <id> <letter>` */
const DIFFERENCE = /^:([0-7]{6}) ([0-7]{6}) ([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) [A-Z]\d*$/;

/** What a field says; the path stands after it. */
function differenceIn(field: string): Difference {
  const [, was = '', now = '', wasID = '', nowID = ''] = DIFFERENCE.exec(field) ?? [];
  if (was === '') throw notUnderstood(field);
  const entry = (mode: string, id: string) => (mode === '000000' ? null : { mode, id });
  return { before: entry(was, wasID), after: entry(now, nowID) };
}

/** A commit, and what it changed among some paths. */
export interface CommitChanges {
  readonly id: string;
  readonly parents: readonly string[];
  /** By path: once for each parent that has it otherwise. A root's are against nothing. */
  readonly changes: readonly (readonly [path: string, difference: Difference])[];
}

/**
 * The commits of a range (revisions of `rev-list`), from old to new, with what they changed below these paths. No name
 * or message can pass for an ID: IDs and parents come from a command that prints nothing else, each path has a field to
 * itself after one that begins with a colon, and an ID that comes twice or that nobody asked for fails.
 * @throws GitError
 */
export async function commitsIn(
  git: Git,
  range: readonly string[],
  { paths = [], environment = {} }: { readonly paths?: readonly string[] } & CommandOptions = {},
): Promise<CommitChanges[]> {
  const listed = await git.text(['rev-list', '--topo-order', '--reverse', '--parents', ...range, '--'], {
    environment,
  });
  const commits = new Map<string, CommitChanges & { readonly changes: [string, Difference][] }>();
  for (const line of listed.split('\n').filter((each) => each !== '')) {
    const [id = '', ...parents] = line.split(' ');
    if (![id, ...parents].every(isID) || commits.has(id))
      throw new GitError(`git named a commit twice, or none: ${id}`, null);
    commits.set(id, { id, parents, changes: [] });
  }
  if (commits.size === 0) return [];
  const output = await git.text(
    ['diff-tree', '--stdin', '-m', '-r', '-z', '--root', '--raw', '--no-renames', '--', ...paths.map(unslashed)],
    { input: `${[...commits.keys()].join('\n')}\n`, environment },
  );
  const fields = fieldsOf(output);
  let changes: [string, Difference][] | undefined;
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] ?? '';
    if (field.startsWith(':') && changes) {
      changes.push([pathAfter(fields, index), differenceIn(field)]);
      index += 1;
      continue;
    }
    changes = commits.get(field)?.changes;
    if (!changes) throw new GitError(`git told of a commit that was not asked for: ${field.slice(0, 80)}`, null);
  }
  return [...commits.values()];
}

function isID(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** What git is to understand by a trailer, whatever the repository's configuration says. */
const TRAILERS = [
  ['trailer.separators', ':'],
  ['core.commentChar', '#'],
  ['grep.patternType', 'basic'],
] as const;

/**
 * The commits of a range (options and revisions of `log`), in its order, that have a trailer in the last paragraph of
 * their messages, and what it says there. Words in running text are none.
 * @param key as `Bmcron-Seal`
 * @param paths only commits that change something there, on every side of every merge
 * @throws GitError
 */
export async function trailersIn(
  git: Git,
  key: string,
  range: readonly string[],
  { paths = [], input }: { readonly paths?: readonly string[]; readonly input?: string } = {},
): Promise<{ readonly id: string; readonly values: readonly string[] }[]> {
  const format = `--format=%H%x20%(trailers:key=${key},valueonly,unfold,separator=%x09)`;
  const plain = ['-z', '--no-show-signature', '--no-color', '--no-patch', '--no-mailmap', '--full-history'];
  const some = ['--regexp-ignore-case', `--grep=^${key}[[:space:]]*:`];
  const printed = await git.text(['log', ...plain, ...some, format, ...range, '--', ...paths], {
    environment: asWritten(TRAILERS),
    ...(input !== undefined && { input }),
  });
  return printed.split('\0').flatMap((line) => {
    const [, id, said = ''] = /^([0-9a-f]{40}|[0-9a-f]{64}) (.*)$/s.exec(line) ?? [];
    if (id === undefined && line.trim() !== '') throw notUnderstood(line);
    const values = said.split('\t').filter((value) => value !== '');
    return id === undefined || values.length === 0 ? [] : [{ id, values }];
  });
}

/** The bytes of blobs, all through one process. @throws GitError, also when they are more than `mostBytes` */
export async function readBlobs(git: Git, ids: readonly string[], mostBytes?: number): Promise<Map<string, Buffer>> {
  const blobs = new Map<string, Buffer>();
  if (ids.length === 0) return blobs;
  const input = `${ids.join('\n')}\n`;
  const output = await git.bytes(['cat-file', '--batch', '--buffer'], { input, ...(mostBytes && { mostBytes }) });
  let at = 0;
  for (const wanted of ids) {
    const newline = output.indexOf(0x0a, at);
    const header = newline < 0 ? '' : output.toString('latin1', at, newline);
    if (header === `${wanted} missing`) throw new GitError(`object ${wanted} is missing from ${git.folder}`, null);
    const [id, type, size = ''] = header.split(' ');
    const end = newline + 1 + Number(size);
    const isWhole = id === wanted && type === 'blob' && /^\d{1,15}$/.test(size) && output[end] === 0x0a;
    if (!isWhole) throw notUnderstood(header);
    blobs.set(wanted, output.subarray(newline + 1, end));
    at = end + 1;
  }
  if (at !== output.length) throw notUnderstood(output.toString('latin1', at, at + 80));
  return blobs;
}

/** Sizes of blobs in bytes. @throws GitError, also when one is missing */
export async function blobSizes(git: Git, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const format = '--batch-check=%(objectname) %(objectsize)';
  const output = await git.text(['cat-file', format, '--buffer'], { input: `${ids.join('\n')}\n` });
  const lines = output.split('\n');
  if (lines.pop() !== '' || lines.length !== ids.length) throw notUnderstood(output);
  return new Map(
    ids.map((id, index) => {
      const [, size] = lines[index]?.startsWith(`${id} `) ? (/ (\d{1,15})$/.exec(lines[index] ?? '') ?? []) : [];
      if (size === undefined) throw notUnderstood(lines[index] ?? '');
      return [id, Number(size)];
    }),
  );
}

function unslashed(path: string): string {
  return path.replace(/\/$/, '') || '.';
}
