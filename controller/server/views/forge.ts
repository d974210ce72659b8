/** Where a forge shows a repository: addresses in which `{commit}` and `{path}` stand for what is asked for. */
export interface Forge {
  /** `https://github.com/o/r/commit/{commit}` */
  readonly commit: string;
  /** A file at a commit; the path is from the repository's root. */
  readonly manifest: string;
  /** A file at the tip of the branch on which logs are published. */
  readonly log: string;
}

/** What of the repository says where its files are. */
export interface ForgeOptions {
  /** The remote's; null without one. */
  readonly url: string | null;
  /** The branch on which the service publishes. */
  readonly branch: string;
  /** The fleet's folder: `` or `a/b/`. */
  readonly prefix: string;
}

/** How each forge names a commit, a file at a commit, and a file at a branch. */
const FORGES: readonly (readonly [hosts: RegExp, commit: string, manifest: string, log: string])[] = [
  [/(^|\.)gitlab\./, '-/commit/{commit}', '-/blob/{commit}/', '-/blob/{branch}/'],
  [/(^|\.)bitbucket\.org$/, 'commits/{commit}', 'src/{commit}/', 'src/{branch}/'],
  [/(^|\.)github\./, 'commit/{commit}', 'blob/{commit}/', 'blob/{branch}/'],
  [/(^|\.)git\.sr\.ht$/, 'commit/{commit}', 'tree/{commit}/item/', 'tree/{branch}/item/'],
  [/(^|\.)(gitea\.|forgejo\.|codeberg\.org$)/, 'commit/{commit}', 'src/commit/{commit}/', 'src/branch/{branch}/'],
];

/** Where a forge shows this repository; null when the remote's address does not say which forge it is. */
export function forgeOf({ url, branch, prefix }: ForgeOptions): Forge | null {
  const match =
    /^(?:https?:\/\/|ssh:\/\/|git:\/\/)?(?:[^@/]+@)?([A-Za-z0-9.-]+)(?::\d+(?=\/))?[:/]\/?(.+?)(?:\.git)?\/?$/.exec(
      url ?? '',
    );
  const [, host = '', path = ''] = match ?? [];
  if (!/^[\w.~/-]+$/.test(path) || !path.includes('/')) return null;
  const found = FORGES.find(([hosts]) => hosts.test(host));
  if (!found) return null;
  const [, commit, manifest, log] = found;
  const at = `https://${host}/${path}/`;
  const encoded = (text: string) => text.split('/').map(encodeURIComponent).join('/');
  return {
    commit: at + commit,
    manifest: `${at}${manifest}${encoded(prefix)}{path}`,
    log: `${at}${log.replace('{branch}', () => encoded(branch))}${encoded(prefix)}{path}`,
  };
}
