import { promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { printableJson } from '../../definitions/values/text.ts';
import { makeFolders } from '../git/worktree.ts';
import { makeFolder } from '../state/atomic-file.ts';
import { continuousIntegration } from './init/ci.ts';
import { fleetFiles } from './init/fleet.ts';
import type { ProgramSource } from './init/program-source.ts';
import type { Output } from './report.ts';

export interface InitOptions {
  /** The repository's root; made when it is not there. */
  readonly root: string;
  /** Where the fleet is in it: `` or `a/b/`. */
  readonly prefix: string;
  readonly format: 'text' | 'json';
  /** Where CI gets this program from; null: no workflow is written. */
  readonly ciFrom: ProgramSource | null;
  readonly out: Output;
  readonly err: Output;
}

/**
 * Writes a fleet repository to begin with; a file that is there already is left as it is.
 * @returns the exit code: 0 done, 3 the folder cannot be written
 */
export async function init({ root, prefix, format, ciFrom, out, err }: InitOptions): Promise<number> {
  const files = { ...fleetFiles(prefix), ...(ciFrom && continuousIntegration(prefix, ciFrom)) };
  const written: string[] = [];
  const kept: string[] = [];
  try {
    await makeFolder(root);
    for (const [path, text] of Object.entries(files)) {
      const target = join(root, path);
      if (!(await makeFolders(root, dirname(path)))) {
        throw new Error(`${path} is not written: a folder on the way to it is a link or a file`);
      }
      const isNew = await fs.writeFile(target, text, { flag: 'wx' }).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false;
          throw error;
        },
      );
      (isNew ? written : kept).push(path);
    }
  } catch (error) {
    err.write(`bmcron init: ${(error as Error).message}\n`);
    return 3;
  }
  const inGit = await fs.stat(join(root, '.git')).then(
    () => true,
    () => false,
  );
  if (format === 'json') out.write(`${printableJson({ written, kept }, 2)}\n`);
  else out.write(report(written, kept, { root, prefix, ciFrom }, inGit));
  return 0;
}

function report(
  written: readonly string[],
  kept: readonly string[],
  { root, prefix, ciFrom }: Pick<InitOptions, 'root' | 'prefix' | 'ciFrom'>,
  inGit: boolean,
): string {
  const list = (title: string, paths: readonly string[]) =>
    paths.length === 0 ? [] : [title, ...paths.map((path) => `  ${path}`)];
  const advice = [
    ...(root === '.' ? [] : [`cd ${root}`]),
    ...(inGit ? [] : ['git init']),
    `put your BMCs into ${prefix}machines/, then: bmcron validate${prefix ? ` --path ${prefix.slice(0, -1)}` : ''}`,
    `take "Suspend: true" out of a job in ${prefix}jobs/ when it should run`,
    ...(ciFrom === null
      ? ['let CI judge each pull request: bmcron init --ci-from says where it gets bmcron from']
      : []),
    'git add --all, git commit, git push; from then on change it by pull request',
    `where the BMCs can be reached: bmcron run --remote origin --credentials-dir /etc/bmcron${prefix ? ` --path ${prefix.slice(0, -1)}` : ''}`,
  ];
  const lines = [
    ...list('Written:', written),
    ...list('Left as they were:', kept),
    'What to do next:',
    ...advice.map((line, index) => `  ${index + 1}. ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}
