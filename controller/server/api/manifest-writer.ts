import type { FleetFiles } from '../../../definitions/lifecycle/desired.ts';
import { type Fleet, readFleet } from '../../../definitions/manifest/fleet.ts';
import { readEntry } from '../../../definitions/manifest/read.ts';
import type { Problem } from '../../../definitions/problem.ts';
import type { Authored, Authorship, ManifestCommits } from '../../publish/manifest-commits.ts';
import { HttpError } from '../http.ts';

/** The fleet at the commit on which a change is built. */
export interface Base {
  readonly commit: string;
  readonly files: FleetFiles;
  /** A manifest's text at that commit; null when there is none. */
  text(path: string): Promise<string | null>;
}

/** A change of manifests: texts by path (null: the file goes), and the subject of its commit. */
export interface Edit {
  readonly files: ReadonlyMap<string, string | null>;
  readonly subject: string;
}

/** A manifest would be refused: every problem of R01. */
export class ProblemsFound extends HttpError {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(400, `the manifest is refused: ${problems.length} problem${problems.length === 1 ? '' : 's'}`);
    this.problems = problems;
  }
}

export interface ManifestWriterOptions {
  /** Null, or why nothing may be written at all, and what to do instead. */
  readonly forbidden: string | null;
  readonly authoring: ManifestCommits;
  /** Makes a reconcile pass. */
  readonly reconcile: () => Promise<void>;
  /** The manifests of the commit that is in force. */
  readonly latest: () => FleetFiles | null;
  /** The commit that is in force: a change is built on it, and only while it is the tip. */
  readonly commit: () => string | null;
  readonly read: (commit: string, path: string) => Promise<Uint8Array | null>;
  readonly pause: (ms: number) => Promise<void>;
}

/** Makes changes in Git, and waits until the controller has accepted them. */
export interface ManifestWriter {
  /**
   * @param plan what to change, given the fleet as it is; called again when the branch has moved. @throws HttpError
   * @returns the commit that holds it, which is in force; null when the files say so already
   */
  write(caller: string, plan: (base: Base) => Promise<Edit>): Promise<string | null>;
}

const ATTEMPTS = 6;
const PAUSE_MS = 250;
/** How often to look whether a commit is in force, a pause apart. */
const ACCEPTED_LOOKS = 40;
const MOST_WAITING = 50;

interface WriterState {
  /** The change that is made now: each is built on the one before. */
  writing: Promise<unknown>;
  waiting: number;
}

/** A writer that makes one change at a time. */
export function createManifestWriter(options: ManifestWriterOptions): ManifestWriter {
  const state: WriterState = { writing: Promise.resolve(), waiting: 0 };
  return {
    async write(caller, plan) {
      if (state.waiting >= MOST_WAITING) {
        throw new HttpError(503, 'too many changes wait already', { 'retry-after': '5' });
      }
      state.waiting += 1;
      const mine = state.writing.then(() => write(options, caller, plan));
      state.writing = mine.catch(() => undefined);
      try {
        return await mine;
      } finally {
        state.waiting -= 1;
      }
    },
  };
}

async function write(
  options: ManifestWriterOptions,
  caller: string,
  plan: (base: Base) => Promise<Edit>,
): Promise<string | null> {
  if (options.forbidden !== null) throw new HttpError(403, options.forbidden);
  const seen = new Map<string, string>();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const base = await baseOf(options);
    const edit = await plan(base);
    refuseConflict(edit, base.files, seen);
    refuseProblems(edit, base);
    const authored = await options.authoring.write(base.commit, authorship(caller, edit));
    if (authored.outcome === 'Pushed') return accepted(options, authored.commit);
    if (authored.outcome === 'Unchanged') return null;
    if (authored.outcome !== 'Moved') throw refusalOf(authored);
    await options.pause(PAUSE_MS * attempt);
  }
  throw new HttpError(409, 'others commit faster than this could be done: nothing was changed, try again');
}

/** The fleet as a pass that begins now finds it. */
async function baseOf({ reconcile, commit: inForce, latest, read }: ManifestWriterOptions): Promise<Base> {
  await reconcile();
  const commit = inForce();
  const files = latest();
  if (commit === null || files === null) throw new HttpError(503, 'the fleet has not been read yet');
  const text = async (path: string) => {
    if (!files.has(path)) return null;
    const bytes = await read(commit, path);
    return bytes && new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  };
  return { commit, files, text };
}

/** Waits until this very commit, or one that is built on it, is in force. */
async function accepted(options: ManifestWriterOptions, commit: string): Promise<string> {
  const { authoring, reconcile, pause } = options;
  for (let looks = 0; looks < ACCEPTED_LOOKS; looks += 1) {
    await reconcile();
    const inForce = options.commit();
    if (inForce !== null && (inForce === commit || (await authoring.contains(inForce, commit)))) return commit;
    await pause(PAUSE_MS);
  }
  throw new HttpError(504, `commit ${commit} is pushed, but the controller has not taken it up yet: look again soon`);
}

/** The name of a token is the author; one that is no address gets a domain that nobody has (RFC 2606). */
function authorship(caller: string, { files, subject }: Edit): Authorship {
  const email = caller.includes('@') ? caller : `${caller}@bmcron.invalid`;
  return { files, message: subject, author: { name: caller, email } };
}

/** A change is made again on a new tip unless that has changed the very files that the change is about. */
function refuseConflict({ files: changed }: Edit, files: FleetFiles, seen: Map<string, string>): void {
  for (const path of changed.keys()) {
    const file = files.get(path);
    const blob = file && 'blob' in file ? file.blob : '';
    const before = seen.get(path) ?? blob;
    if (before !== blob)
      throw new HttpError(409, `${path} was changed by somebody else meanwhile: nothing was changed`);
    seen.set(path, blob);
  }
}

/** What the controller would refuse does not become a commit: the same rules judge it before. */
function refuseProblems({ files: changed }: Edit, { commit, files }: Base): void {
  const next = new Map(files);
  for (const [path, text] of changed) {
    const entry = text === null ? null : readEntry(path, new TextEncoder().encode(text));
    if (entry) next.set(path, entry);
    else next.delete(path);
  }
  const before = new Set(errors(readFleet(files, commit)).map((problem) => JSON.stringify(problem)));
  const after = errors(readFleet(next, commit));
  const found = after.filter((problem) => changed.has(problem.file) || !before.has(JSON.stringify(problem)));
  if (found.length > 0) throw new ProblemsFound(found);
}

function errors({ problems }: Fleet): readonly Problem[] {
  return problems.filter(({ severity }) => severity === 'error');
}

function refusalOf(authored: Exclude<Authored, { outcome: 'Pushed' | 'Moved' | 'Unchanged' }>): HttpError {
  const { outcome, reason } = authored;
  if (outcome === 'InTheWay') return new HttpError(409, `nothing was changed: ${reason}`);
  if (outcome === 'Refused')
    return new HttpError(403, `the repository refuses the push, nothing was changed: ${reason}`);
  const advice = 'look at the job before you try again';
  return new HttpError(503, `the repository does not answer: ${reason}; ${advice}`, { 'retry-after': '30' });
}
