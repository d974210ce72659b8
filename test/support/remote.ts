// The remote of a system under test: what a human pushes to it, and what the controller has published on its branch.
import type { Json } from '../../definitions/values/json.ts';
import { parse } from '../../definitions/yaml/document.ts';
import { commit, git } from './git-folder.ts';

/** Commits files in a human's clone (null removes) on top of the remote's tip and pushes them. Returns the commit. */
export function pushFiles(
  human: string,
  files: Readonly<Record<string, string | Buffer | null>>,
  message?: string,
): string {
  git(human, 'pull', '--quiet', '--rebase', 'origin', 'main');
  const id = commit(human, files, message);
  git(human, 'push', '--quiet', 'origin', 'main');
  return id;
}

/** The text of a file on the branch; null when it is not there. */
export function publishedText(bare: string, path: string): string | null {
  try {
    return git(bare, 'show', `main:${path}`);
  } catch {
    return null;
  }
}

/** The documents of a file on the branch, or its only one; null when it is not there. */
export function publishedValue(bare: string, path: string): Json | null {
  const text = publishedText(bare, path);
  if (text === null) return null;
  const documents = parse(Buffer.from(text)).map((each) => each.value);
  return documents.length === 1 ? (documents[0] ?? null) : documents;
}

/** The paths of the log files on the branch, oldest first. */
export function publishedLogs(bare: string): readonly string[] {
  const paths = git(bare, 'ls-tree', '-r', '--name-only', 'main', 'logs/').split('\n');
  return paths.filter((path) => path !== '');
}
