import type { Git } from './command.ts';

/** A command that talks to the remote; what it prints. */
export type Network = (args: readonly string[]) => Promise<string>;

/** The ref under which the clone keeps a branch of the remote. */
export function trackingRef(branch: string): string {
  return `refs/bmcron/remote/${branch}`;
}

/** How a repository names its objects. */
export type ObjectFormat = 'sha1' | 'sha256';

/** The remote names its objects otherwise than the clone: nothing can be fetched into it. */
export class OtherFormat extends Error {
  readonly format: ObjectFormat;
  constructor(format: ObjectFormat) {
    super(`the remote names its objects by ${format}`);
    this.format = format;
  }
}

/**
 * Fetches into a private namespace: `+` there overwrites nobody's branch.
 * @throws OtherFormat, GitError
 */
export async function fetchBranches(git: Git, network: Network, branches: readonly string[]): Promise<void> {
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];
  const fetch = (some: readonly string[]) =>
    network(['fetch', ...quiet, 'origin', ...some.map((name) => `+refs/heads/${name}:${trackingRef(name)}`)]);
  try {
    await fetch(branches);
  } catch (error) {
    const listed = await network(['ls-remote', '--heads', 'origin', ...branches.map((name) => `refs/heads/${name}`)]);
    const there = branches.filter((name) => listed.includes(`\trefs/heads/${name}\n`));
    const format: ObjectFormat = /^[0-9a-f]{64}\t/.test(listed) ? 'sha256' : 'sha1';
    if (there.length > 0 && format !== (await formatOf(git))) throw new OtherFormat(format);
    if (there.length === branches.length) throw error;
    if (there.length > 0) await fetch(there);
    for (const name of branches.filter((each) => !there.includes(each))) {
      await git.text(['update-ref', '-d', trackingRef(name)]);
    }
  }
}

async function formatOf(git: Git): Promise<string> {
  return (await git.text(['rev-parse', '--show-object-format'])).trim();
}
