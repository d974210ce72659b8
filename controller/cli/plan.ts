import type { JobID } from '../../definitions/job.ts';
import { type Preview, preview, type View } from '../../definitions/preview/preview.ts';
import { markdown, plainText } from '../../definitions/report/markdown.ts';
import { previewReport } from '../../definitions/report/preview-report.ts';
import { readStatus, statusPath } from '../../definitions/status.ts';
import { parse } from '../../definitions/yaml/document.ts';
import { type LiveReader, withLive } from './fleet/live-values.ts';
import { openRepositoryView, type RepositoryView, RepositoryViewError } from './fleet/repository-view.ts';
import type { Output } from './report.ts';

/** How `plan` prints. */
export const PLAN_FORMATS = ['text', 'json', 'markdown'] as const;

/** What fits into a comment of GitHub (65 536 characters), with room for what CI puts around it. */
const LONGEST_COMMENT = 60_000;
/** Where the branch that the service follows may be found, the likeliest first. */
const FOLLOWED = [
  'refs/remotes/origin/HEAD',
  'refs/remotes/origin/main',
  'refs/remotes/origin/master',
  'refs/heads/main',
  'refs/heads/master',
];

/** What `plan` is asked. */
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
  /** Asks the BMCs what they hold now; absent: nobody is asked. */
  readonly live?: LiveReader;
  readonly environment: NodeJS.ProcessEnv;
  readonly now: Date;
  readonly out: Output;
  readonly err: Output;
}

/**
 * Tells what merging would change.
 * @returns the exit code: 0 told, 1 something is refused (what is told is the rest), 3 no such repository or commit
 */
export async function plan(options: PlanOptions): Promise<number> {
  const { format, now, out, err, count } = options;
  let told: Preview;
  try {
    const history = await openRepositoryView(options.folder, options.environment);
    const from = await baseOf(history, options);
    const base = await history.at(from);
    const head =
      options.head === undefined ? await history.onDisk() : await history.at(await history.commit(options.head));
    const finished = await finishedIn(history, from, base);
    told = preview({ base, head, now, count, finished });
    if (options.live) told = await withLive(told, head.fleet, options.live);
  } catch (error) {
    if (!(error instanceof RepositoryViewError)) throw error;
    err.write(`bmcron plan: ${error.message}\n`);
    return 3;
  }
  if (format === 'json') out.write(`${JSON.stringify(told, null, 2)}\n`);
  if (format === 'markdown') out.write(markdown(previewReport(told), LONGEST_COMMENT));
  if (format === 'text') out.write(plainText(previewReport(told)));
  return told.problems.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/** The commit to compare with: where the work left the base, so that what others merged since is not counted. */
async function baseOf(history: RepositoryView, { base, head, err }: PlanOptions): Promise<string> {
  const found = base === undefined ? await followed(history) : { ref: base, commit: await history.commit(base) };
  if (base !== undefined && head !== undefined) return found.commit; // two commits, exactly these
  const own = head === undefined ? await history.find('HEAD') : await history.commit(head);
  const fork = own === null ? null : await history.fork(found.commit, own);
  if (fork === null || fork === found.commit) return found.commit;
  err.write(`${found.ref} has moved on: comparing with ${fork.slice(0, 10)}, where this work left it\n`);
  return fork;
}

async function followed(history: RepositoryView): Promise<{ ref: string; commit: string }> {
  for (const ref of FOLLOWED) {
    const commit = await history.find(ref);
    if (commit !== null) return { ref: ref.replace(/^refs\/(heads|remotes)\//, ''), commit };
  }
  const commit = await history.find('HEAD');
  if (commit !== null) return { ref: 'HEAD', commit };
  throw new RepositoryViewError('there is no commit to compare with: commit something, or name one with --base');
}

/** The Once jobs of a commit that have had their run, by the status files beside them. */
async function finishedIn(history: RepositoryView, commit: string, { fleet }: View): Promise<ReadonlySet<JobID>> {
  const once = [...fleet.jobs.values()].filter(({ spec }) => spec.Schedule.Type === 'Once');
  const paths = new Set(once.map(({ source }) => statusPath(source.file)));
  if (paths.size === 0) return paths;
  const finished = new Set<JobID>();
  for (const bytes of (await history.texts(commit, (path) => paths.has(path))).values()) {
    for (const { value, faults } of parse(bytes)) {
      const status = faults.length === 0 ? readStatus(value) : null;
      if (status && status.NextRunTime === null) finished.add(status.Id);
    }
  }
  return finished;
}
