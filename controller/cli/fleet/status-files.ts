import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { readStatus, type Status } from '../../../definitions/status.ts';
import type { Json } from '../../../definitions/values/json.ts';
import { printable } from '../../../definitions/values/text.ts';
import { parse } from '../../../definitions/yaml/document.ts';
import type { Output } from '../report.ts';
import { folderErrorText } from './fleet-folder.ts';
import { type RepositoryView, RepositoryViewError } from './repository-view.ts';

export interface PublishedTipOptions {
  /** The branch that the service writes status to, when it is not the one that is checked out. */
  readonly branch?: string;
  /** Asks the remote first. */
  readonly fetch: boolean;
  readonly err: Output;
}

export interface StatusFilesOptions extends PublishedTipOptions {
  /** The fleet's folder. */
  readonly folder: string;
}

const NETWORK_MS = 60_000;

/** A status file as it was read. */
export interface StatusFile {
  readonly document: Json;
  readonly status: Status;
}

/** The status files at the branch's tip; without a repository those on disk. What is none is told and left out. */
export async function readStatusFiles(
  repository: RepositoryView | null,
  options: StatusFilesOptions,
): Promise<readonly StatusFile[]> {
  const isStatus = (path: string) => path.startsWith('jobs/') && path.endsWith('.status.yaml');
  const texts = repository
    ? await repository.texts(await publishedTip(repository, options), isStatus)
    : await onDisk(options.folder);
  const files: StatusFile[] = [];
  for (const [path, bytes] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const { value, faults } of parse(bytes)) {
      const facts = faults.length === 0 ? readStatus(value) : null;
      if (facts) files.push({ document: value, status: facts });
      else options.err.write(`${printable(path)} is no status file that bmcron wrote: left out\n`);
    }
  }
  return files;
}

/** The commit whose status and logs are to be read, asking the remote first where that is wanted. */
export async function publishedTip(
  repository: RepositoryView,
  { branch, fetch, err }: PublishedTipOptions,
): Promise<string> {
  if (fetch) {
    await repository.git.network(['fetch', '--quiet', '--no-tags'], NETWORK_MS).catch((error: Error) => {
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

async function onDisk(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const names = await fs
    .readdir(join(folder, 'jobs'), { recursive: true, withFileTypes: true })
    .catch((error: Error) => {
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
