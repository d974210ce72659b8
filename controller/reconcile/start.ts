import { nextRun } from '../../definitions/calendar/next-run.ts';
import { siteOf } from '../../definitions/engine/site.ts';
import type { Job } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import type { MutableInForce } from '../../definitions/lifecycle/in-force.ts';
import { onward } from '../../definitions/lifecycle/missed.ts';
import { abandoned, closeOpenRuns, type OpenRun, type Remembered } from '../../definitions/lifecycle/recovery.ts';
import { manifestOf, restore, unknownState } from '../../definitions/lifecycle/restore.ts';
import type { Fleet } from '../../definitions/manifest/fleet.ts';
import { kindOf } from '../../definitions/manifest/reading.ts';
import type { LogRecord } from '../../definitions/run-log.ts';
import { type Status, statusPath } from '../../definitions/status.ts';
import type { GitBackend } from '../backend.ts';
import type { Clock } from '../clock.ts';
import type { Executor } from '../executors/executor.ts';
import type { SharedState } from '../runs/part/shared-runs.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { recoverParts } from './cut-off-parts.ts';
import { findLastGood, lastGoodSettings, lastGoodWindows, lastValid } from './last-good.ts';
import { type Documents, documentsOf, type MergeOptions, mergeOthers } from './merge.ts';
import {
  cutOffRuns,
  goesOn,
  type ResumeOptions,
  runsGoingOn,
  sharedState,
  takeOverRuns,
  withoutAwaited,
} from './resume.ts';

/** What a start reads, and what it restores. */
export interface StartOptions extends MergeOptions, ResumeOptions {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly journal: MergeOptions['journal'];
  readonly claimed: MergeOptions['claimed'];
  readonly inForce: MutableInForce;
  /** Looks at parts that a crash cut off. */
  readonly executor: Executor;
  readonly repository: GitBackend['repository'];
  /** Whether only what is signed counts (R45). */
  readonly isSigned: GitBackend['isSigned'];
  /** What the journal knows at the start; can be called once. */
  readonly recall: () => Remembered;
  /** Chooses the path of a log file, none twice. */
  readonly pathOf: (log: LogRecord) => string;
  /** Makes the facts of manifest files durable. */
  readonly record: (files: Iterable<string>) => Promise<unknown>;
}

/**
 * Puts in force what was in force when the service stopped: from the journal, or with none from the status files in
 * Git. Runs that a crash cut off are recorded first (R24). Returns the status files that cannot be read (R41).
 */
export async function restoreInForce(
  options: StartOptions,
  fleet: Fleet,
  { commit, manifests }: Snapshot,
  divergence: ReturnType<MergeOptions['others']['divergence']>,
): Promise<Set<string>> {
  const { agenda, journal, repository, inForce, observe } = options;
  const remembered = journal.last > 0 ? options.recall() : null;
  const shared = await sharedState(options, remembered);
  const { published, unknown } = remembered ? NO_FACTS : await fromGit(options, manifests.keys());
  const isFirst = published?.size === 0;
  const settings = fleet.settings ?? (isFirst ? null : await lastGoodSettings(repository, commit));
  if (settings) inForce.adopt({ settings });
  if (fleet.windows.refused.size > 0) inForce.adopt({ windows: await lastGoodWindows(repository, commit, fleet) });
  const timeZone = inForce.settings.TimeZone;
  const journaled = published ? null : await fromJournal(options, remembered, shared, fleet);
  const { documents, changed } = !journaled
    ? { documents: published ?? new Map(), changed: new Set<string>() }
    : await mergeOthers(options, journaled.documents, fleet.jobs, divergence);
  const { jobs, unreadable } = restore(documents, manifests.keys(), fleet.jobs);
  for (const path of [...unreadable, ...unknown])
    observe({ event: 'unreadable', file: path, reason: options.isSigned ? NOT_SIGNED : NOT_WRITTEN });
  const refused = new Set(
    jobs.filter(({ job }) => !fleet.jobs.has(job.id) && fleet.refused.has(job.source.file)).map(({ job }) => job),
  );
  const isTheirs = ({ source }: Job) => published !== null || changed.has(statusPath(source.file));
  const lastGood = await findLastGood(options, refused, (job) => (isTheirs(job) || options.isSigned ? commit : null));
  const unrecorded = new Set([...changed].filter((path) => !documents.has(path)).map(manifestOf));
  for (const { job, status } of jobs) {
    const jobInForce = refused.has(job) ? lastGood.get(job.id) : job;
    if (!jobInForce) continue;
    const known = fleet.jobs.get(job.id) ?? lastGood.get(job.id);
    const { file } = jobInForce.source;
    const lawfulStatus = isTheirs(jobInForce) && known ? lawful(options, status, known, timeZone) : status;
    const facts = goesOn(status, shared) ? lawfulStatus : abandoned(lawfulStatus);
    agenda.put(jobInForce, facts);
    if (isTheirs(jobInForce) || facts !== status) unrecorded.add(file);
  }
  const disbelieved = new Set([...unreadable, ...unknown]);
  if (options.isSigned && published)
    for (const file of await putLastValid(options, fleet, commit, disbelieved)) unrecorded.add(file);
  for (const file of await takeOverRuns(options, shared, journaled?.going ?? [], timeZone)) unrecorded.add(file);
  await options.record(unrecorded); // from now on the journal knows them, whether this pass changes them or not
  return disbelieved;
}

/**
 * A start while the remote does not answer goes by what is here. Once it answers, what other controllers did until then
 * is merged, before a manifest of theirs takes effect whose token they may have used (R28). The facts of a job that
 * runs here now are left alone. Returns whether any have changed.
 */
export async function mergeLate(options: StartOptions, fleet: Fleet, manifests: Iterable<string>): Promise<boolean> {
  const { agenda, others, inForce } = options;
  if (others.isSure) return false;
  const files = new Set([...agenda.jobs.values()].map(({ source }) => source.file));
  const ours = new Map([...files].map((file) => [statusPath(file), agenda.documents(file)]));
  const { documents, changed } = await mergeOthers(options, ours, fleet.jobs);
  const merged = new Map([...changed].map((path) => [path, documents.get(path) ?? []]));
  const unrecorded = new Set<string>();
  for (const { job, status } of restore(merged, manifests, fleet.jobs).jobs) {
    const jobInForce = fleet.refused.has(job.source.file) ? agenda.jobs.get(job.id) : job;
    if (!jobInForce || agenda.isHeld(job.id)) continue;
    agenda.put(jobInForce, abandoned(lawful(options, status, jobInForce, inForce.settings.TimeZone)));
    unrecorded.add(jobInForce.source.file);
  }
  await options.record(unrecorded);
  return unrecorded.size > 0;
}

/**
 * Puts in force, of the jobs that the tip refuses and whose facts are not believed, what their manifests said when they
 * last were valid: all of it is signed (R45). What such a job did is not known (R41). Returns their files.
 */
async function putLastValid(
  { repository, agenda, inForce, clock }: StartOptions,
  fleet: Fleet,
  commit: string,
  disbelieved: ReadonlySet<string>,
): Promise<readonly string[]> {
  const files = [...fleet.refused].filter((file) => kindOf(file) === 'job' && disbelieved.has(statusPath(file)));
  const now = clock.now();
  for (const file of files) {
    for (const job of await lastValid(repository, commit, file, fleet)) {
      if (agenda.jobs.has(job.id) || fleet.jobs.has(job.id)) continue;
      const next = nextRun(job.spec.Schedule, inForce.settings.TimeZone, now);
      agenda.put(job, unknownState(accepted(job, now, next), job, now));
    }
  }
  return files;
}

/** Facts that stood in Git, with a next run that the schedule yields (R37). */
function lawful({ clock, observe }: StartOptions, status: Status, { spec, source }: Job, timeZone: string): Status {
  const facts = onward(status, spec.Schedule, timeZone, clock.now());
  if (facts.NextRunTime !== status.NextRunTime) {
    const reason = `the NextRunTime of ${status.Id} is none that its schedule yields: calculated anew`;
    observe({ event: 'unreadable', file: statusPath(source.file), reason });
  }
  return facts;
}

/** What a start has from its journal: the facts, and the runs that go on. */
interface JournaledState {
  readonly documents: ReadonlyMap<string, readonly Status[]>;
  readonly going: readonly OpenRun[];
}

async function fromJournal(
  options: StartOptions,
  remembered: Remembered | null,
  shared: SharedState,
  fleet: Fleet,
): Promise<JournaledState> {
  if (remembered === null) return { documents: new Map(), going: [] };
  const { journal, pathOf, clock, inForce, observe } = options;
  const { TimeZone, MaxConnections, Sites } = inForce.settings;
  const machines = new Map([...inForce.machines, ...fleet.machines]);
  const unknown = withoutAwaited(remembered, shared, (id) => {
    if (options.shared?.handsOver) return true;
    const machine = machines.get(id);
    return machine !== undefined && siteOf(machine, Sites) !== null;
  });
  const found = await recoverParts(options, unknown, machines, MaxConnections);
  const open = cutOffRuns(remembered, shared);
  const { runs: going, records } = runsGoingOn(remembered, shared, found, pathOf);
  const closing = [...records, ...closeOpenRuns({ ...remembered, open }, pathOf, clock.now(), TimeZone, found)];
  if (closing.length > 0) {
    await journal.append(closing);
    if (open.length > 0) observe({ event: 'recovered', runs: open.length });
  }
  const statuses = new Map(remembered.statuses);
  for (const record of closing) if (record.kind === 'status') statuses.set(record.path, record.documents);
  for (const [path, documents] of statuses) if (documents.length === 0) statuses.delete(path);
  return { documents: statuses, going };
}

/** What a start without a journal goes by. */
interface FactsInGit {
  readonly published: Documents | null;
  /** Where a status file should be that somebody may have taken away. */
  readonly unknown: readonly string[];
}

const NO_FACTS: FactsInGit = { published: null, unknown: [] };
const NOT_WRITTEN = 'not a status file that bmcron wrote';
const NOT_SIGNED =
  'not as a key of the service signed it: jobs go on from now, Once jobs and tokens wait for an edit or a trigger';

async function fromGit({ repository, others }: StartOptions, manifests: Iterable<string>): Promise<FactsInGit> {
  await others.divergence(); // what others did until now is what is read here
  const { files, isComplete } = await others.vouched(await repository.published());
  const published = new Map([...files].map(([path, file]) => [path, documentsOf(file)]));
  if (isComplete) return { published, unknown: [] };
  const jobs = [...manifests].filter((file) => kindOf(file) === 'job').map(statusPath);
  return { published, unknown: jobs.filter((path) => !files.has(path)) };
}
