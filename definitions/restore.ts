import { type Job, version } from './job.ts';
import type { Json } from './json.ts';
import { readStatus, type Status, statusPath } from './status.ts';

/** A job as its status file tells it: in force until the manifests at the tip say otherwise. */
export interface Restored {
  readonly job: Job;
  readonly status: Status;
}

/** What the status files tell: jobs, and the files that cannot be read (R41). */
export interface Restoration {
  readonly jobs: readonly Restored[];
  readonly unreadable: readonly string[];
}

/**
 * The jobs that were in force, from the documents of each status file (null: not readable as YAML). `manifests` are
 * the manifest paths at the tip: a status file belongs to the one it stands beside.
 */
export function restore(files: ReadonlyMap<string, readonly Json[] | null>, manifests: Iterable<string>): Restoration {
  const beside = new Map([...manifests].map((file) => [statusPath(file), file]));
  const jobs: Restored[] = [];
  const unreadable: string[] = [];
  for (const [path, documents] of files) {
    const statuses = documents?.map(readStatus) ?? [null];
    if (statuses.includes(null)) unreadable.push(path);
    const file = beside.get(path) ?? path.replace(/\.status\.yaml$/, '.yaml');
    for (const [document, status] of statuses.entries())
      if (status) jobs.push({ job: jobOf(status, file, document), status });
  }
  return { jobs, unreadable };
}

function jobOf(status: Status, file: string, document: number): Job {
  const { Name, Machines, Action, Payload, Schedule, Suspended } = status;
  const spec = { Name, Machines, Action, Payload, Schedule, ...(Suspended && { Suspend: true }) };
  return {
    id: status.Id,
    spec,
    version: version(spec),
    source: { file, document, blob: '' },
    commit: status.AppliedCommit,
  };
}
