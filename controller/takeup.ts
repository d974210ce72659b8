import type { Agenda } from '../definitions/agenda.ts';
import { parse } from '../definitions/document.ts';
import { type Job, type JobID, version } from '../definitions/job.ts';
import { onward } from '../definitions/lateness.ts';
import type { LogRecord } from '../definitions/log.ts';
import { type Fleet, readFile, readFleet } from '../definitions/manifest.ts';
import { abandoned, type Remembered, settle } from '../definitions/recovery.ts';
import { restore } from '../definitions/restore.ts';
import { DEFAULT_SETTINGS, type Settings } from '../definitions/settings.ts';
import { readStatus, type Status } from '../definitions/status.ts';
import type { Clock } from './clock.ts';
import type { ControllerEvent } from './event.ts';
import type { Foundation } from './foundation.ts';
import type { Journal } from './git/journal.ts';
import type { World } from './reconcile.ts';

/** What a start has to go by. */
export interface TakeUpOptions {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly world: World;
  readonly journal: Journal;
  readonly repository: Foundation['repository'];
  readonly remembered: Remembered;
  readonly pathOf: (log: LogRecord) => string;
  /** Makes the facts of manifest files durable. */
  readonly record: (files: Iterable<string>) => Promise<unknown>;
  readonly observe: (event: ControllerEvent) => void;
}

/**
 * Puts in force what was in force when the service stopped: from the journal, or with none from the status files in
 * Git. Runs that a crash cut off are recorded first (R24). Returns the status files that cannot be read (R41).
 */
export async function takeUp(
  options: TakeUpOptions,
  fleet: Fleet,
  commit: string,
  manifests: Iterable<string>,
): Promise<Set<string>> {
  const { agenda, journal, repository, world, observe } = options;
  const published = journal.last > 0 ? null : await fromGit(repository);
  const isFirst = published?.size === 0;
  world.settings = fleet.settings ?? (isFirst ? null : await lastGoodSettings(repository, commit));
  const timeZone = (world.settings ?? DEFAULT_SETTINGS).TimeZone;
  const documents = published ?? (await fromJournal(options, timeZone));
  const { jobs, unreadable } = restore(documents, manifests, fleet.jobs);
  for (const path of unreadable)
    observe({ event: 'unreadable', file: path, reason: 'not a status file that bmcron wrote' });
  const refused = new Set(
    jobs.filter(({ job }) => !fleet.jobs.has(job.id) && fleet.refused.has(job.source.file)).map(({ job }) => job),
  );
  const lastGood = await findLastGood(options, refused);
  const unrecorded = new Set<string>();
  for (const { job, status } of jobs) {
    const inForce = refused.has(job) ? lastGood.get(job.id) : job;
    if (!inForce) continue;
    const known = fleet.jobs.get(job.id) ?? lastGood.get(job.id);
    const told = published && known ? onward(status, known.spec.Schedule, timeZone) : status;
    const facts = abandoned(told);
    agenda.put(inForce, facts);
    if (published || facts !== status) unrecorded.add(inForce.source.file);
  }
  await options.record(unrecorded); // from now on the journal knows them, whether this pass changes them or not
  return new Set(unreadable);
}

/** The settings that were in force before `bmcron.yaml` was refused (R21); null when it never held. */
async function lastGoodSettings(repository: TakeUpOptions['repository'], tip: string): Promise<Settings | null> {
  const file = 'bmcron.yaml';
  for (const commit of await repository.changes(tip, file)) {
    const found = (await repository.read(commit, [file])).get(file);
    if (!found) return DEFAULT_SETTINGS;
    const reading = found.bytes && readFile('settings', found.bytes);
    if (!reading) continue;
    const { settings } = readFleet(new Map([[file, { blob: found.blob, reading }]]), commit);
    if (settings) return settings;
  }
  return null;
}

async function fromJournal(
  options: TakeUpOptions,
  timeZone: string,
): Promise<ReadonlyMap<string, readonly (Status | null)[]>> {
  const { remembered, journal, pathOf, clock, observe } = options;
  const settled = settle(remembered, pathOf, clock.now(), timeZone);
  if (settled.length > 0) {
    await journal.append(settled);
    observe({ event: 'recovered', runs: remembered.open.length });
  }
  const statuses = new Map(remembered.statuses);
  for (const record of settled) if (record.kind === 'status') statuses.set(record.path, record.documents);
  for (const [path, documents] of statuses) if (documents.length === 0) statuses.delete(path);
  return statuses;
}

async function fromGit(repository: Foundation['repository']): Promise<ReadonlyMap<string, readonly (Status | null)[]>> {
  const files = new Map<string, readonly (Status | null)[]>();
  for (const [path, { bytes }] of await repository.published()) {
    const parsed = bytes ? parse(bytes) : null;
    const readable = parsed?.every((document) => document.faults.length === 0);
    files.set(path, parsed && readable ? parsed.map((document) => readStatus(document.value)) : [null]);
  }
  return files;
}

/**
 * The last good manifests of jobs that the tip refuses, from the commits that the status files name (R21). What a
 * status file says the job does counts only where that commit says the same: anybody could have edited it.
 */
async function findLastGood(
  { repository, observe }: TakeUpOptions,
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
