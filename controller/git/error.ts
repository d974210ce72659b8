/** What the system says, and what git says of it, when it has no file, process or memory to spare. */
const SCARCITY =
  /\b(EMFILE|ENFILE|EAGAIN|ENOMEM)\b|Too many open files|Resource temporarily unavailable|Cannot allocate/i;

/** git said no: its own words, without secrets, and its exit code (null: it was killed or did not start). */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly exitCode: number | null;
  /** Whether git did not get to its end, by a signal or a limit: it says nothing about the repository. */
  readonly isCutOff: boolean;
  constructor(message: string, exitCode: number | null, isCutOff = false) {
    super(message);
    this.exitCode = exitCode;
    this.isCutOff = isCutOff;
  }

  /** Whether the system was short of something for a moment: it says nothing about the repository or its remote. */
  get isScarcity(): boolean {
    return SCARCITY.test(this.message);
  }
}
