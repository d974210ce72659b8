import type { Job, JobID } from '../../definitions/job.ts';
import { version } from '../../definitions/job-version.ts';
import type { Machine, MachineID } from '../../definitions/machine.ts';
import type { FleetEntry } from '../../definitions/manifest/file.ts';
import { type Fleet, readFleet } from '../../definitions/manifest/fleet.ts';
import { readEntry, readFile } from '../../definitions/manifest/read.ts';
import { kindOf } from '../../definitions/manifest/reading.ts';
import { folderOf } from '../../definitions/manifest/resolved/defaults.ts';
import type { MachinesInForce } from '../../definitions/manifest/resolved/standing.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../definitions/settings.ts';
import type { FleetWindow, Windows } from '../../definitions/window.ts';
import type { GitBackend } from '../backend.ts';
import type { ControllerEvent } from '../events/event.ts';

type Repository = GitBackend['repository'];

interface LastGoodOptions {
  readonly repository: Repository;
  readonly observe: (event: ControllerEvent) => void;
}

/** The settings that were in force before `bmcron.yaml` was refused (R21); null when it never held. */
export async function lastGoodSettings(repository: Repository, tip: string): Promise<Settings | null> {
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

/** The windows that held before their files were refused (R21); a file that never held has none. */
export async function lastGoodWindows(repository: Repository, tip: string, { windows }: Fleet): Promise<Windows> {
  const found = new Map<string, FleetWindow>();
  for (const file of windows.refused.keys()) {
    for (const commit of await repository.changes(tip, file)) {
      const content = (await repository.read(commit, [file])).get(file);
      if (!content) break; // it was not there: what is refused now came after
      const entry = content.bytes && readEntry(file, content.bytes, content.blob);
      if (!entry) continue;
      const { accepted, refused } = readFleet(new Map([[file, entry]]), commit).windows;
      if (refused.size > 0) continue;
      for (const [name, window] of accepted) found.set(name, window);
      break;
    }
  }
  return found;
}

/**
 * The machines that were in force before their file was refused (R21), by the newest commit that says each, back to the
 * one that was accepted whole; and their files. The defaults of the folder are read at the same commit.
 */
export async function lastGoodMachines(repository: Repository, tip: string, fleet: Fleet): Promise<MachinesInForce> {
  const machines = new Map<MachineID, Machine>();
  const sources = new Map<MachineID, string>();
  const paths = [...fleet.readings.files.keys()];
  for (const file of fleet.refused) {
    if (kindOf(file) !== 'machine') continue;
    const beside = paths.filter((path) => kindOf(path) === 'defaults' && folderOf(path) === folderOf(file));
    for (const commit of await repository.changes(tip, file)) {
      const found = await repository.read(commit, [file, ...beside]);
      if (!found.has(file)) break; // before it was made anew
      const then = readFleet(entriesOf(found), commit);
      for (const [id, machine] of then.machines) {
        if (fleet.machines.has(id) || machines.has(id)) continue;
        machines.set(id, machine);
        sources.set(id, file);
      }
      if (!then.refused.has(file)) break;
    }
  }
  return { machines, sources };
}

function entriesOf(files: Awaited<ReturnType<Repository['read']>>): ReadonlyMap<string, FleetEntry> {
  const entries = new Map<string, FleetEntry>();
  for (const [path, { bytes, blob, refused }] of files) {
    const entry = readEntry(path, bytes ?? { refused: refused ?? 'not readable' }, blob);
    if (entry) entries.set(path, entry);
  }
  return entries;
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * The last good manifests of jobs that the tip refuses, from the commits that the status files name (R21). What a
 * status file says the job does counts only where that commit says the same: anybody could have edited it.
 * @param below the commit that must contain the named one, since anybody could have named it; null: any will do
 */
export async function findLastGood(
  { repository, observe }: LastGoodOptions,
  refused: ReadonlySet<Job>,
  below: (job: Job) => string | null,
): Promise<ReadonlyMap<JobID, Job>> {
  const found = new Map<JobID, Job>();
  for (const job of refused) {
    const { file } = job.source;
    const tip = below(job);
    const isKnown = COMMIT.test(job.commit) && (tip === null || (await repository.contains(tip, job.commit)));
    const files = isKnown ? await repository.read(job.commit, [file]).catch(() => null) : null;
    const bytes = files?.get(file)?.bytes;
    const reading = bytes ? readFile('job', bytes) : null;
    const specs = reading?.kind === 'job' ? reading.documents.map((document) => document.spec) : [];
    const spec = specs.find((each) => each && version(each) === job.version);
    if (spec) found.set(job.id, { ...job, spec, machines: spec.Machines ?? job.machines });
    else {
      const reason = `the last good version of ${job.id} is not in commit ${job.commit || '(none)'}: fix the manifest`;
      observe({ event: 'unreadable', file, reason });
    }
  }
  return found;
}

/** The jobs of a file that the tip refuses, by the newest commit below it that the inventory of the tip accepts. */
export async function lastValid(
  repository: Repository,
  tip: string,
  file: string,
  { readings }: Fleet,
): Promise<readonly Job[]> {
  const machines = [...readings.files].filter(([path]) => ['machine', 'defaults'].includes(kindOf(path) ?? ''));
  const inventory = machines.map(([path, { entry }]) => [path, entry] as const);
  for (const commit of await repository.changes(tip, file)) {
    const found = (await repository.read(commit, [file])).get(file);
    const entry = found?.bytes && readEntry(file, found.bytes, found.blob);
    if (!found || !entry) continue;
    const fleet = readFleet(new Map([...inventory, [file, entry]]), commit);
    if (!fleet.refused.has(file)) return [...fleet.jobs.values()];
  }
  return [];
}
