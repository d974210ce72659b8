import type { Job, JobID } from '../../definitions/job.ts';
import { version } from '../../definitions/job-version.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import type { MutableInForce } from '../../definitions/lifecycle/in-force.ts';
import { onward } from '../../definitions/lifecycle/missed.ts';
import { abandoned, closeOpenRuns, type Remembered } from '../../definitions/lifecycle/recovery.ts';
import { manifestOf, restore } from '../../definitions/lifecycle/restore.ts';
import { type Fleet, readFleet } from '../../definitions/manifest/fleet.ts';
import { readEntry, readFile } from '../../definitions/manifest/read.ts';
import type { LogRecord } from '../../definitions/run-log.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../definitions/settings.ts';
import { type Status, statusPath } from '../../definitions/status.ts';
import type { GitBackend } from '../backend.ts';
import type { Clock } from '../clock.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { type Documents, documentsOf, type MergeOptions, mergeOthers } from './merge.ts';

/** What a start reads, and what it restores. */
export interface StartOptions extends MergeOptions {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly inForce: MutableInForce;
  readonly repository: GitBackend['repository'];
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
  const published = journal.last > 0 ? null : await fromGit(options);
  const isFirst = published?.size === 0;
  const settings = fleet.settings ?? (isFirst ? null : await lastGoodSettings(repository, commit));
  if (settings) inForce.adopt({ settings });
  const timeZone = inForce.settings.TimeZone;
  const { documents, changed } = published
    ? { documents: published, changed: new Set<string>() }
    : await mergeOthers(options, await fromJournal(options, timeZone), fleet.jobs, divergence);
  const { jobs, unreadable } = restore(documents, manifests.keys(), fleet.jobs);
  for (const path of unreadable)
    observe({ event: 'unreadable', file: path, reason: 'not a status file that bmcron wrote' });
  const refused = new Set(
    jobs.filter(({ job }) => !fleet.jobs.has(job.id) && fleet.refused.has(job.source.file)).map(({ job }) => job),
  );
  const lastGood = await findLastGood(options, refused);
  const unrecorded = new Set([...changed].filter((path) => !documents.has(path)).map(manifestOf));
  for (const { job, status } of jobs) {
    const jobInForce = refused.has(job) ? lastGood.get(job.id) : job;
    if (!jobInForce) continue;
    const known = fleet.jobs.get(job.id) ?? lastGood.get(job.id);
    const facts = abandoned(published && known ? onward(status, known.spec.Schedule, timeZone) : status);
    agenda.put(jobInForce, facts);
    const { file } = jobInForce.source;
    if (published || facts !== status || changed.has(statusPath(file))) unrecorded.add(file);
  }
  await options.record(unrecorded); // from now on the journal knows them, whether this pass changes them or not
  return new Set(unreadable);
}

/**
 * A start while the remote does not answer goes by what is here. Once it answers, what other controllers did until then
 * is merged, before a manifest of theirs takes effect whose token they may have used (R28). The facts of a job that
 * runs here now are left alone.
 */
export async function mergeLate(options: StartOptions, fleet: Fleet, manifests: Iterable<string>): Promise<void> {
  const { agenda, others } = options;
  if (others.isSure) return;
  const files = new Set([...agenda.jobs.values()].map(({ source }) => source.file));
  const ours = new Map([...files].map((file) => [statusPath(file), agenda.documents(file)]));
  const { documents, changed } = await mergeOthers(options, ours, fleet.jobs);
  const merged = new Map([...changed].map((path) => [path, documents.get(path) ?? []]));
  const unrecorded = new Set<string>();
  for (const { job, status } of restore(merged, manifests, fleet.jobs).jobs) {
    const jobInForce = fleet.refused.has(job.source.file) ? agenda.jobs.get(job.id) : job;
    if (!jobInForce || agenda.isHeld(job.id)) continue;
    agenda.put(jobInForce, abandoned(status));
    unrecorded.add(jobInForce.source.file);
  }
  await options.record(unrecorded);
}

/** The settings that were in force before `bmcron.yaml` was refused (R21); null when it never held. */
async function lastGoodSettings(repository: StartOptions['repository'], tip: string): Promise<Settings | null> {
  const file = 'bmcron.yaml';
  for (const commit of await repository.changes(tip, file)) {
    const found = (await repository.read(commit, [file])).get(file);
    if (!found) return DEFAULT_SETTINGS;
    const entry = found.bytes && readEntry(file, found.bytes, found.blob);
    if (!entry) continue;
    const { settings } = readFleet(new Map([[file, entry]]), commit);
    if (settings) return settings;
  }
  return null;
}

async function fromJournal(options: StartOptions, timeZone: string): Promise<ReadonlyMap<string, readonly Status[]>> {
  const { journal, pathOf, clock, observe } = options;
  const remembered = options.recall();
  const closing = closeOpenRuns(remembered, pathOf, clock.now(), timeZone);
  if (closing.length > 0) {
    await journal.append(closing);
    observe({ event: 'recovered', runs: remembered.open.length });
  }
  const statuses = new Map(remembered.statuses);
  for (const record of closing) if (record.kind === 'status') statuses.set(record.path, record.documents);
  for (const [path, documents] of statuses) if (documents.length === 0) statuses.delete(path);
  return statuses;
}

async function fromGit({ repository, others }: StartOptions): Promise<Documents> {
  await others.divergence(); // what others did until now is what is read here
  return new Map([...(await repository.published())].map(([path, file]) => [path, documentsOf(file)]));
}

/**
 * The last good manifests of jobs that the tip refuses, from the commits that the status files name (R21). What a
 * status file says the job does counts only where that commit says the same: anybody could have edited it.
 */
async function findLastGood(
  { repository, observe }: StartOptions,
  refused: ReadonlySet<Job>,
): Promise<ReadonlyMap<JobID, Job>> {
  const found = new Map<JobID, Job>();
  for (const job of refused) {
    const { file } = job.source;
    const files = await repository.read(job.commit, [file]).catch(() => null);
    const bytes = files?.get(file)?.bytes;
    const reading = bytes ? readFile('job', bytes) : null;
    const specs = reading?.kind === 'job' ? reading.documents.map((document) => document.spec) : [];
    const spec = specs.find((each) => each && version(each) === job.version);
    if (spec) found.set(job.id, { ...job, spec });
    else {
      const reason = `the last good version of ${job.id} is not in commit ${job.commit || '(none)'}: fix the manifest`;
      observe({ event: 'unreadable', file, reason });
    }
  }
  return found;
}
