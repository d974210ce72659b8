import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { Job, JobID } from '../../../definitions/job.ts';
import { version } from '../../../definitions/job-version.ts';
import { specOf } from '../../../definitions/lifecycle/restore.ts';
import type { Fleet } from '../../../definitions/manifest/fleet.ts';
import { readStatus, type Status, statusPath } from '../../../definitions/status.ts';
import type { Json } from '../../../definitions/values/json.ts';
import { printable } from '../../../definitions/values/text.ts';
import { parse } from '../../../definitions/yaml/document.ts';
import type { Output } from '../report.ts';
import { fleetOf, folderErrorText, readFolder } from './fleet-folder.ts';
import { type RepositoryView, RepositoryViewError } from './repository-view.ts';

export interface PublishedTipOptions {
  /** The branch that the service writes status to, when it is not the one that is checked out. */
  readonly branch?: string;
  /** Asks the remote first. */
  readonly fetch: boolean;
  /** Ends the asking. */
  readonly signal?: AbortSignal;
  readonly err: Output;
}

/** Where status files are read: at a commit, or in a folder on disk. */
export type StatusPlace = { readonly repository: RepositoryView; readonly tip: string } | { readonly folder: string };

const NETWORK_MS = 60_000;

/** A status file as it was read. */
export interface StatusFile {
  readonly document: Json;
  readonly status: Status;
}

/** The status files of a commit, or on disk. What is none is told and left out. */
export async function readStatusFiles(from: StatusPlace, err: Output): Promise<readonly StatusFile[]> {
  const isStatus = (path: string) => path.startsWith('jobs/') && path.endsWith('.status.yaml');
  const texts = 'tip' in from ? await from.repository.texts(from.tip, isStatus) : await onDisk(from.folder);
  const files: StatusFile[] = [];
  for (const [path, bytes] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const { value, faults } of parse(bytes)) {
      const facts = faults.length === 0 ? readStatus(value) : null;
      if (facts) files.push({ document: value, status: facts });
      else err.write(`${printable(path)} is no status file that bmcron wrote: left out\n`);
    }
  }
  return files;
}

/**
 * The Once jobs that do not run again, by the status files beside them: they say the same as the manifest, and name no
 * next run. An edited job is armed again (R19).
 * @param textsOf the texts of the status files at these paths, as far as there are any
 */
export async function finishedOnce(
  jobs: Iterable<Job>,
  textsOf: (paths: ReadonlySet<string>) => Promise<Iterable<Uint8Array>>,
): Promise<ReadonlySet<JobID>> {
  const once = new Map([...jobs].filter(({ spec }) => spec.Schedule.Type === 'Once').map((job) => [job.id, job]));
  const finished = new Set<JobID>();
  if (once.size === 0) return finished;
  for (const bytes of await textsOf(new Set([...once.values()].map(({ source }) => statusPath(source.file))))) {
    for (const { value, faults } of parse(bytes)) {
      const status = faults.length === 0 ? readStatus(value) : null;
      if (status?.NextRunTime !== null) continue;
      if (once.get(status.Id)?.version === version(specOf(status))) finished.add(status.Id);
    }
  }
  return finished;
}

/** The texts of status files on disk; those that are not there are left out. */
export async function statusTexts(folder: string, paths: Iterable<string>): Promise<readonly Uint8Array[]> {
  const texts = await Promise.all([...paths].map((path) => fs.readFile(join(folder, path)).catch(() => null)));
  return texts.filter((bytes) => bytes !== null);
}

/** The commit whose status and logs are to be read, asking the remote first where that is wanted. */
export async function publishedTip(
  repository: RepositoryView,
  { branch, fetch, signal, err }: PublishedTipOptions,
): Promise<string> {
  if (fetch) {
    await repository.git.network(['fetch', '--quiet', '--no-tags'], NETWORK_MS, signal).catch((error: Error) => {
      err.write(`the remote does not answer (${error.message.split('\n')[0]}): this is what was here\n`);
    });
  }
  const local = branch === undefined ? ['HEAD'] : [`refs/heads/${branch}`, `refs/remotes/origin/${branch}`];
  const upstream = branch === undefined ? ['@{upstream}'] : [`refs/remotes/origin/${branch}`];
  for (const ref of fetch ? [...upstream, ...local] : local) {
    const commit = await repository.find(ref).catch(() => null);
    if (commit !== null) return commit;
  }
  throw new RepositoryViewError(
    branch === undefined ? 'there is no commit here yet' : `there is no branch ${branch} here: fetch it first`,
  );
}

/** What the manifests beside status files say: of the same commit, or of another one where that has none. */
export async function manifestsBeside(from: StatusPlace): Promise<Fleet> {
  if (!('tip' in from)) return fleetOf(readFolder(from.folder));
  const { repository, tip } = from;
  const here = await repository.at(tip);
  const head = here.files.size > 0 ? null : await repository.find('HEAD'); // a branch for status alone
  return head === null ? here.fleet : (await repository.at(head)).fleet;
}

async function onDisk(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  try {
    readFolder(folder); // what is none says so in words of its own
  } catch (error) {
    throw new RepositoryViewError(folderErrorText(folder, error));
  }
  const names = await fs.readdir(join(folder, 'jobs'), { recursive: true, withFileTypes: true }).catch((error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // a fleet of machines alone
    throw new RepositoryViewError(folderErrorText(folder, error));
  });
  const files = new Map<string, Uint8Array>();
  for (const entry of names) {
    if (!entry.isFile() || !entry.name.endsWith('.status.yaml')) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await fs.readFile(path).catch(() => null); // gone since it was listed, or of a name that is no UTF-8
    if (bytes) files.set(path, bytes);
  }
  return files;
}
