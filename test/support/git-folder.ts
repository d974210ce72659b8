import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GitEvent } from '../../controller/events/git-event.ts';
import { type Journal, openJournal } from '../../controller/state/journal.ts';
import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import type { Publication } from '../../definitions/publication.ts';
import type { Status } from '../../definitions/status.ts';

/** A temporary folder with Git repositories in it, gone with `remove`. */
export interface GitFolder {
  readonly root: string;
  path(...parts: string[]): string;
  remove(): void;
}

/** Git's own environment in tests: nobody's configuration. */
export const GIT_ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/** Who commits in tests, for git's environment. */
export const ADA: NodeJS.ProcessEnv = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

export function createGitFolder(): GitFolder {
  const root = mkdtempSync(join(tmpdir(), 'bmcron-git-'));
  return {
    root,
    path: (...parts) => join(root, ...parts),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Git as a human uses it, in a folder; its output without the last newline. */
export function git(folder: string, ...args: string[]): string {
  const env = { ...GIT_ENVIRONMENT, ...ADA };
  return execFileSync('git', args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd();
}

/** Whether this Git can keep refs in tables (reftable): from 2.45 on. */
export function keepsTables(): boolean {
  const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(git('.', '--version'))?.map(Number) ?? [];
  return major > 2 || minor >= 45;
}

/** A work tree with these files committed on main. */
export function workTree(folder: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '--quiet', '--initial-branch=main');
  commit(folder, files, 'begin');
  return folder;
}

/** A bare repository with a clone of it that has these files; both on main. */
export function remoteAndClone(
  at: GitFolder,
  files: Readonly<Record<string, string>>,
): { bare: string; human: string } {
  const [bare, human] = [at.path('remote.git'), at.path('human')];
  mkdirSync(bare);
  git(bare, 'init', '--quiet', '--bare', '--initial-branch=main');
  workTree(human, files);
  git(human, 'remote', 'add', 'origin', bare);
  git(human, 'push', '--quiet', '-u', 'origin', 'main');
  return { bare, human };
}

/** Writes files into a work tree (null removes) and commits them. */
export function commit(
  folder: string,
  files: Readonly<Record<string, string | Buffer | null>>,
  message = 'change',
): string {
  for (const [path, text] of Object.entries(files)) {
    if (text === null) rmSync(join(folder, path), { force: true });
    else {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }
  git(folder, 'add', '--all', '--', ...Object.keys(files));
  git(folder, 'commit', '--quiet', '--allow-empty', '-m', message);
  return git(folder, 'rev-parse', 'HEAD');
}

/** A manifest's path, as the controller judges it. */
export function isManifest(path: string): boolean {
  return /^(bmcron|(jobs|machines)\/.+)\.(ya?ml|json)$/.test(path) && !path.endsWith('.status.yaml');
}

/** A result as the runner records it. */
export function result(number: number, day = '2026/03/10'): JournalRecord {
  const run = `job@${number}`;
  const path = `logs/${day}/job_machine_PatchProfile_20260310_${String(number).padStart(6, '0')}_success.json`;
  const log = {
    JobID: 'job',
    MachineID: 'machine',
    Action: 'PatchProfile',
    Status: 'success' as const,
    Timestamp: '2026-03-10T22:00:00Z',
    ExecutionTime: '1.000s',
    Result: { Run: run },
    Error: null,
  };
  return { kind: 'result', run, outcome: 'Applied', path, log };
}

/** A status of a job file; `count` makes it differ. */
export function status(job: string, count: number | null): JournalRecord {
  const documents = count === null ? [] : [{ Id: job, ExecutionCount: count } as Status];
  return { kind: 'status', path: `jobs/${job}.status.yaml`, documents };
}

/** A projection as plain as can be: what the controller's own one does, without YAML. */
export function project(entries: readonly JournalEntry[]): Publication {
  const files = new Map<string, string | null>();
  for (const { record } of entries) {
    if (record.kind === 'result') files.set(record.path, `${JSON.stringify(record.log)}\n`);
    if (record.kind === 'status') {
      files.set(record.path, record.documents.length ? `${JSON.stringify(record.documents)}\n` : null);
    }
  }
  return { files, message: `bmcron: ${entries.length} entries` };
}

/** A journal, and its events. */
export async function journalIn(folder: string, events: GitEvent[] = []): Promise<Journal> {
  return openJournal(folder, { observe: (event) => events.push(event) });
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  for (const end = Date.now() + limitMs; !(await holds()); ) {
    if (Date.now() > end) throw new Error(`not so after ${limitMs} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
