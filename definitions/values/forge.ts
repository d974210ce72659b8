/** The pages of a repository at a forge. */
export interface Forge {
  /** What stands before the hash of a commit. */
  readonly commits: string;
  /** The page of a file on a branch. */
  file(branch: string, path: string): string;
  /** The page of a file at a commit, given by its hash. */
  fileAt(commit: string, path: string): string;
}

/** Where a forge shows a repository; null when its address, without a login, does not say which forge it is. */
export function forgeOf(url: string | null): Forge | null {
  const match =
    /^(?:https?:\/\/|ssh:\/\/|git:\/\/)?(?:[^@/]+@)?([A-Za-z0-9.-]+)(?::\d+(?=\/))?[:/]\/?(.+?)(?:\.git)?\/?$/.exec(
      url ?? '',
    );
  const [, host = '', path = ''] = match ?? [];
  if (!/^[\w.~/-]+$/.test(path) || !path.includes('/')) return null;
  const base = `https://${host}/${path}`;
  if (/(^|\.)gitlab\./.test(host)) return pages(`${base}/-/commit/`, `${base}/-/blob/`);
  if (/(^|\.)bitbucket\.org$/.test(host)) return pages(`${base}/commits/`, `${base}/src/`);
  if (/(^|\.)github\./.test(host)) return pages(`${base}/commit/`, `${base}/blob/`);
  if (/(^|\.)git\.sr\.ht$/.test(host)) return pages(`${base}/commit/`, `${base}/tree/`, { between: '/item/' });
  if (/(^|\.)(gitea\.|forgejo\.|codeberg\.org$)/.test(host)) {
    return pages(`${base}/commit/`, `${base}/src/branch/`, { trees: `${base}/src/commit/` });
  }
  return null;
}

/** @param trees what stands before a commit whose files are shown, where it is not what stands before a branch */
function pages(commits: string, branches: string, { between = '/', trees = branches } = {}): Forge {
  const encoded = (name: string) => name.split('/').map(encodeURIComponent).join('/');
  return {
    commits,
    file: (branch, path) => branches + encoded(branch) + between + encoded(path),
    fileAt: (commit, path) => trees + encoded(commit) + between + encoded(path),
  };
}
