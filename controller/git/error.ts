/** git said no: its own words, without secrets, and its exit code (null: it was killed or did not start). */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly exitCode: number | null;
  constructor(message: string, exitCode: number | null) {
    super(message);
    this.exitCode = exitCode;
  }
}
