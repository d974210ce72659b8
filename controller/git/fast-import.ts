import type { Git } from './command.ts';

/** A commit for `git fast-import`: built on a tip, it names only what differs there. */
export interface CommitDraft {
  /** The tip that it is built on; null for the first one of a branch. */
  readonly parent: string | null;
  readonly message: string;
  readonly author: Identity;
  /** By default the author. */
  readonly committer?: Identity;
  readonly time: Date;
  readonly changes: readonly PathChange[];
}

/** Who commits. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** One path of a commit: new text, an object that is there already, or gone (neither). */
export interface PathChange {
  readonly path: string;
  readonly text?: string;
  readonly id?: string;
}

/** The ref under which a commit is built; nobody's branch. */
const PENDING_REF = 'refs/bmcron/pending';

/** Makes a commit, without an index or a work tree; returns its ID. Only `ref` names it. @throws GitError */
export async function fastImport(git: Git, draft: CommitDraft, ref = PENDING_REF): Promise<string> {
  const output = await git.text(['fast-import', '--quiet', '--done', '--force'], { input: printStream(draft, ref) });
  return output.trim().split('\n').at(-1) ?? '';
}

/** The input of `git fast-import` that makes the commit and prints its ID. */
function printStream(draft: CommitDraft, ref: string): Buffer {
  const parts: string[] = [];
  const data = (text: string) => parts.push(`data ${Buffer.byteLength(text)}\n${text}\n`);
  const when = `${Math.floor(draft.time.getTime() / 1000)} +0000`;
  const author = printIdentity(draft.author);
  const committer = printIdentity(draft.committer ?? draft.author);
  parts.push(`commit ${ref}\nmark :1\nauthor ${author} ${when}\ncommitter ${committer} ${when}\n`);
  data(draft.message.endsWith('\n') ? draft.message : `${draft.message}\n`);
  if (draft.parent) parts.push(`from ${draft.parent}\n`);
  for (const change of draft.changes) {
    if (change.text !== undefined) {
      parts.push(`M 100644 inline ${change.path}\n`);
      data(change.text);
    } else if (change.id !== undefined) parts.push(`M 100644 ${change.id} ${change.path}\n`);
    else parts.push(`D ${change.path}\n`);
  }
  parts.push('\nget-mark :1\ndone\n');
  return Buffer.from(parts.join(''));
}

function printIdentity({ name, email }: Identity): string {
  return `${name.replace(/[<>\p{Cc}]/gu, '')} <${email.replace(/[<>\p{Cc}]/gu, '')}>`;
}

/** A message with trailers at its end, in one block with those that it has. */
export function withTrailers(message: string, trailers: readonly string[]): string {
  const body = message.trimEnd();
  const last = body.split('\n\n').slice(1).at(-1) ?? '';
  const block = last !== '' && last.split('\n').every((line) => /^[A-Za-z][A-Za-z-]*: \S/.test(line));
  return `${body}${block ? '\n' : '\n\n'}${trailers.join('\n')}\n`;
}
