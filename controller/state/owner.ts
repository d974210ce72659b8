import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.ts';

/** Whose state a folder holds: what has run there says nothing about another fleet. */
export interface Owner {
  /** Where the remote is, or the repository of a work tree. */
  readonly repository: string;
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly path: string;
  /** The followed branch. */
  readonly branch: string;
}

/** The state folder is another fleet's. */
export class StateOfAnother extends Error {
  override readonly name = 'StateOfAnother';
  constructor(stateDir: string, owner: Owner, asked: Partial<Owner>) {
    const other = (Object.keys(asked) as (keyof Owner)[]).filter((key) => asked[key] !== owner[key]);
    const differences = other.map((key) => `${key} ${shown(owner[key])}, and not ${shown(asked[key] ?? '')}`);
    super(
      `the state folder ${stateDir} belongs to the fleet of ${differences.join('; of ')}: name that one, or give this fleet a folder of its own with --state-dir (if it is the same fleet, which has moved: remove ${fileIn(stateDir)})`,
    );
  }
}

/** Whose a state folder is; null while it is nobody's. */
export async function readOwner(stateDir: string): Promise<Owner | null> {
  try {
    const { repository, path, branch } = JSON.parse(await readFile(fileIn(stateDir), 'utf8')) as Partial<Owner>;
    const isWhole = [repository, path, branch].every((each) => typeof each === 'string');
    return isWhole ? ({ repository, path, branch } as Owner) : null;
  } catch {
    return null; // none yet, or one of which nothing can be known
  }
}

/** Refuses a fleet whose state it is not. @throws StateOfAnother */
export function refuseOthers(stateDir: string, owner: Owner | null, asked: Partial<Owner>): void {
  const keys = Object.keys(asked) as (keyof Owner)[];
  if (owner !== null && keys.some((key) => asked[key] !== owner[key])) throw new StateOfAnother(stateDir, owner, asked);
}

/** Makes a state folder that is nobody's this fleet's. */
export async function claimState(stateDir: string, owner: Owner): Promise<void> {
  if ((await readOwner(stateDir)) === null) await writeAtomically(fileIn(stateDir), `${JSON.stringify(owner)}\n`);
}

function fileIn(stateDir: string): string {
  return join(stateDir, 'fleet.json');
}

/** An empty path is that of a fleet which is the whole repository; `.` the repository that the state folder is in. */
function shown(text: string): string {
  if (text === '.') return '(its own, without a remote)';
  return text === '' ? '(the whole repository)' : text;
}
