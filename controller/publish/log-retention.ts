import { isLog } from '../../definitions/own-paths.ts';
import type { Git } from '../git/command.ts';
import { isFile, listFiles } from '../git/tree.ts';

const DAY_MS = 86_400_000;

/** The first day whose logs are kept, as `2026/03/10` (`Logs.KeepDays`, UTC). */
export function firstKeptDay(now: Date, keepDays: number): string {
  return new Date(now.getTime() - keepDays * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '/');
}

/** Whether a path is a log of a day before this one. */
export function isOldLog(path: string, firstKept: string): boolean {
  return isLog(path) && path.slice('logs/'.length, 'logs/YYYY/MM/DD'.length) < firstKept;
}

/** The logs of a tip that are to go, and the folders that they are in; paths below the fleet's root. */
export async function oldLogs(git: Git, tip: string, prefix: string, firstKept: string) {
  const paths: string[] = [];
  const folders = new Set<string>();
  for (const folder of await oldFolders(git, tip, prefix, firstKept)) {
    for (const [full, entry] of await listFiles(git, tip, [folder])) {
      const path = full.slice(prefix.length);
      if (!isFile(entry) || !isOldLog(path, firstKept)) continue;
      paths.push(path);
      folders.add(path.slice(0, path.lastIndexOf('/')));
    }
  }
  return { paths, folders: [...folders] };
}

/** Folders of years, months and days that end before a day: looked at from the top, so that young logs cost nothing. */
async function oldFolders(git: Git, tip: string, prefix: string, firstKept: string): Promise<string[]> {
  const old: string[] = [];
  let level = [`${prefix}logs`];
  for (const digits of [4, 7, 10]) {
    if (level.length === 0) break;
    const asked = level.map((folder) => `${folder}/`);
    const names = await git.text(['ls-tree', '-d', '-z', '--name-only', '--full-tree', tip, '--', ...asked]);
    level = [];
    for (const name of names.split('\0').filter((each) => each !== '')) {
      const date = name.slice(`${prefix}logs/`.length);
      if (date < firstKept.slice(0, digits)) old.push(name);
      else if (date === firstKept.slice(0, digits)) level.push(name);
    }
  }
  return old;
}
