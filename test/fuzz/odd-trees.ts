// Commits of odd names, messages and contents: from a seed.
import type { Git } from '../../controller/git/command.ts';
import type { Random } from '../simulate/random.ts';

/** A commit's files, by path. */
export interface OddTree {
  readonly files: ReadonlyMap<string, { readonly mode: string; readonly text: Buffer }>;
  readonly message: string;
}

const ID = 'a'.repeat(40);
/** Of what names are made: what git's output is made of too. */
const PIECES = [
  ...[
    'a',
    'b.yaml',
    'jobs',
    '.bmcron',
    ' ',
    '\t',
    '\n',
    '\r',
    '\u0001',
    '\u007f',
    '"',
    '\\',
    "'",
    ':',
    '*',
    '?',
    '[',
    ']',
  ],
  ...[
    '100644',
    '000000',
    'blob',
    'tree',
    'missing',
    ID,
    `:100644 100644 ${ID} ${ID} M`,
    `${ID} blob 5`,
    '\u00e4',
    '\u{1f600}',
  ],
  ...[
    '\u202e',
    '\ufeff',
    '{',
    '}',
    '%H',
    '%x00',
    '$(id)',
    '`id`',
    '-',
    '--',
    '-z',
    ':(exclude)',
    ':/',
    '..',
    '~',
    '^',
    '@{1}',
  ],
];
const MODES = ['100644', '100644', '100755', '120000'];

/** A tree of up to a dozen files, none of which is in another's way. */
export function oddTree(random: Random): OddTree {
  const files = new Map<string, { mode: string; text: Buffer }>();
  const taken = new Set<string>();
  for (let count = random.below(12); count > 0; count -= 1) {
    const names = Array.from({ length: 1 + random.below(3) }, () => nameFrom(random));
    const path = names.join('/');
    const folders = names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
    if (folders.some((folder) => files.has(folder)) || taken.has(path)) continue;
    for (const folder of folders) taken.add(folder);
    files.set(path, { mode: random.pick(MODES), text: Buffer.from(textFrom(random), 'latin1') });
  }
  return { files, message: textFrom(random) };
}

function nameFrom(random: Random): string {
  const name = Array.from({ length: 1 + random.below(4) }, () => random.pick(PIECES)).join('');
  return /^\.{1,2}$|^:\//.test(name) ? `x${name.replaceAll('/', '')}` : name.replaceAll('/', '');
}

function textFrom(random: Random): string {
  const pieces = Array.from({ length: random.below(8) }, () =>
    random.pick([...PIECES, '\u0000', '\u00ff', `${ID} blob 1\n`]),
  );
  return pieces.map((piece) => (Buffer.from(piece, 'latin1').toString('latin1') === piece ? piece : '')).join('');
}

/** Writes it as a commit; returns its ID. */
export async function writeTree(git: Git, { files, message }: OddTree, parent: string | null): Promise<string> {
  const tree = await writeFolder(git, files, '');
  const args = ['commit-tree', tree, ...(parent === null ? [] : ['-p', parent])];
  const text = `${message.replaceAll('\u0000', '')}\n`;
  const identity = ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'Ada'],
    [`GIT_${who}_EMAIL`, 'ada@example.com'],
    [`GIT_${who}_DATE`, '1773140400 +0000'],
  ]);
  return (await git.text(args, { input: text, environment: Object.fromEntries(identity) })).trim();
}

async function writeFolder(git: Git, files: OddTree['files'], prefix: string): Promise<string> {
  const here = new Map<string, string>();
  for (const [path, { mode, text }] of files) {
    if (!path.startsWith(prefix)) continue;
    const [name = '', ...more] = path.slice(prefix.length).split('/');
    if (here.has(name)) continue;
    if (more.length > 0) here.set(name, `040000 tree ${await writeFolder(git, files, `${prefix}${name}/`)}`);
    else here.set(name, `${mode} blob ${(await git.text(['hash-object', '-w', '--stdin'], { input: text })).trim()}`);
  }
  const input = [...here].map(([name, entry]) => `${entry}\t${name}\0`).join('');
  return (await git.text(['mktree', '-z'], { input })).trim();
}

/** A text with some of it changed, taken away, doubled; whole now and then. */
export function mutatedText(text: string, random: Random): string {
  let result = text;
  for (let times = random.below(4); times > 0; times -= 1) {
    const at = random.below(result.length + 1);
    const length = random.below(Math.min(80, result.length - at) + 1);
    const [before, part, after] = [result.slice(0, at), result.slice(at, at + length), result.slice(at + length)];
    const odd = random.pick(['\u0000', '\n', ' ', '\t', ':', '-1', '99999999999999999999', ...PIECES]);
    result = random.pick([
      before + odd + part + after,
      before + after,
      before + part + part + after,
      before + odd + after,
      before,
    ]);
  }
  return result;
}
