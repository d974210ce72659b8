/** 0 done; 1 the answer is "no"; 2 wrong usage; 3 could not do it. */
export type Exit = 0 | 1 | 2 | 3;

/** Why a fleet's folder cannot be read, and what to do. */
export function unreadable(folder: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `cannot read the fleet: there is no folder ${folder}`;
  if (code === 'ENOTDIR')
    return `cannot read the fleet: ${folder} is no folder; name the one that holds jobs/ and machines/`;
  return `cannot read the fleet: ${message}`;
}

/** Arguments that make no sense: what is wrong and what is allowed. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
