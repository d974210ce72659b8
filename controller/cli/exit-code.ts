/** 0 done; 1 the answer is "no"; 2 wrong usage; 3 could not do it. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Arguments that make no sense: what is wrong and what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Ends this process now: another one has its place. The journal is true at every moment, so nothing is to be saved. */
export function endAtOnce(error: Error): never {
  process.stderr.write(`bmcron: ${error.message}\n`);
  process.exit(3);
}

/** By the names of errors, since the modules of most are loaded only by the commands that need them. */
const CODES: Readonly<Record<string, ExitCode>> = {
  UsageError: 2,
  ServingOptionsError: 2,
  BranchNameError: 2,
  SettingsRefused: 1,
};

/** The exit code of a command that an error has ended. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof Error && Object.hasOwn(CODES, error.name) ? (CODES[error.name] ?? 3) : 3;
}
