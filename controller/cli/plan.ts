import { type Preview, preview } from '../../definitions/preview/preview.ts';
import { markdown, plainText } from '../../definitions/report/markdown.ts';
import { previewReport } from '../../definitions/report/preview-report.ts';
import { printableJson } from '../../definitions/values/text.ts';
import { NoFleet } from './fleet/fleet-folder.ts';
import { type LiveReader, withLive } from './fleet/live-values.ts';
import { openRepositoryView, type RepositoryView, RepositoryViewError } from './fleet/repository-view.ts';
import { finishedOnce } from './fleet/status-files.ts';
import type { Output } from './report.ts';

/** What `--format` of `plan` takes. */
export const PLAN_FORMATS = ['text', 'json', 'markdown'] as const;

/** What fits into a comment of GitHub (65 536 characters), less what CI puts around it. */
const LONGEST_COMMENT = 60_000;
/** Refs that may be the branch that the service follows, the likeliest first. */
const FOLLOWED = [
  'refs/remotes/origin/HEAD',
  'refs/remotes/origin/main',
  'refs/remotes/origin/master',
  'refs/heads/main',
  'refs/heads/master',
];

export interface PlanOptions {
  /** The fleet's folder, in a repository. */
  readonly folder: string;
  readonly format: (typeof PLAN_FORMATS)[number];
  /** Absent: the branch that the service follows. */
  readonly base?: string;
  /** Absent: the files as they are on disk. */
  readonly head?: string;
  /** Next runs of each job. */
  readonly count: number;
  /** Asks the BMCs what values they have now; absent: no BMC is asked. */
  readonly live?: LiveReader;
  /** Ends the asking of BMCs; they are logged out from. */
  readonly signal: AbortSignal;
  readonly environment: NodeJS.ProcessEnv;
  readonly now: Date;
  readonly out: Output;
  readonly err: Output;
}

/**
 * Prints what merging would change.
 * @returns the exit code: 0 printed, 1 something is refused that was not before (printed is the rest), 3 no such
 *   repository, fleet or commit
 */
export async function plan(options: PlanOptions): Promise<number> {
  const { format, now, out, err, count } = options;
  let result: Preview;
  try {
    const repository = await openRepositoryView(options.folder, options.environment);
    const from = await baseOf(repository, options);
    const base = await repository.at(from);
    const head =
      options.head === undefined
        ? await repository.onDisk(base)
        : await repository.at(await repository.commit(options.head), base);
    const finished = await finishedOnce(base.fleet.jobs.values(), async (paths) => {
      return (await repository.texts(from, (path) => paths.has(path))).values();
    });
    result = preview({ base, head, now, count, finished });
    if (options.live) result = await withLive(result, head.fleet, options.live);
  } catch (error) {
    if (!(error instanceof RepositoryViewError || error instanceof NoFleet)) throw error;
    err.write(`bmcron plan: ${error.message}\n`);
    return 3;
  }
  if (options.signal.aborted) {
    err.write('bmcron plan: ended by a signal before all BMCs had answered; nothing was changed on them\n');
    return 3;
  }
  if (format === 'json') out.write(`${printableJson(result, 2)}\n`);
  if (format === 'markdown') out.write(markdown(previewReport(result), LONGEST_COMMENT));
  if (format === 'text') out.write(plainText(previewReport(result)));
  return result.problems.some((each) => each.severity === 'error' && each.new) ? 1 : 0;
}

/** The commit to compare with: where the work left the base, so that what others merged since is not counted. */
async function baseOf(repository: RepositoryView, { base, head, err }: PlanOptions): Promise<string> {
  const found = base === undefined ? await followed(repository) : { ref: base, commit: await repository.commit(base) };
  if (base !== undefined && head !== undefined) return found.commit; // two commits, exactly these
  const own = head === undefined ? await repository.find('HEAD') : await repository.commit(head);
  const fork = own === null ? null : await repository.fork(found.commit, own);
  if (fork === null || fork === found.commit) return found.commit;
  err.write(`${found.ref} has moved on: comparing with ${fork.slice(0, 10)}, where this work left it\n`);
  return fork;
}

async function followed(repository: RepositoryView): Promise<{ ref: string; commit: string }> {
  for (const ref of FOLLOWED) {
    const commit = await repository.find(ref);
    if (commit !== null) return { ref: ref.replace(/^refs\/(heads|remotes)\//, ''), commit };
  }
  const commit = await repository.find('HEAD');
  if (commit !== null) return { ref: 'HEAD', commit };
  throw new RepositoryViewError('there is no commit to compare with: commit something, or name one with --base');
}
