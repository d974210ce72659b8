import type { Outcome } from '../../definitions/run.ts';

/** How a machine's part of a run can end when it does not succeed. */
export type FailedOutcome = Exclude<Outcome, 'Unchanged' | 'Applied' | 'Staged'>;

/** What happens next: a person must change something (permanent), or it is worth trying again (transient). */
export type FailureClass = 'permanent' | 'transient';

/** What else is known of a failure. */
export interface FailureDetails {
  /** The HTTP status that was answered. */
  readonly status?: number;
  /** How long the BMC asks to wait, in milliseconds. */
  readonly waitMs?: number | undefined;
  /** A request was sent and no answer seen: whether it was carried out is unknown. */
  readonly unknown?: boolean;
  /** Accepted with a warning: it may yet be applied. */
  readonly accepted?: boolean;
  /** The manager has no fan data at all: perhaps another one has. */
  readonly noFan?: boolean;
  /** The BMC is still at it: nothing is sent again. */
  readonly running?: boolean;
  /** Its certificate was not accepted, or there was no TLS at all; nothing was sent. */
  readonly untrusted?: boolean;
}

/** Why something could not be done, in one clear sentence; whole until it is told, so that no secret in it is cut. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly outcome: FailedOutcome;
  readonly class: FailureClass;
  readonly details: FailureDetails;

  constructor(outcome: FailedOutcome, kind: FailureClass, message: string, details: FailureDetails = {}) {
    super(oneLine(message, Number.POSITIVE_INFINITY));
    this.outcome = outcome;
    this.class = kind;
    this.details = details;
  }
}

/** Any error as a failure; what nobody foresaw is permanent and says so. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/^E[MN]FILE\b/.test(text)) return new Failure('NotApplied', 'transient', `no more files may be opened: ${text}`);
  return new Failure('NotApplied', 'permanent', `unexpected: ${text}`);
}

/** A failure as it may be told: the secrets are taken out first, then it is cut. */
export function told(failure: Failure, scrub: (text: string) => string): Failure {
  return new Failure(failure.outcome, failure.class, oneLine(scrub(failure.message)), failure.details);
}

/** A failure that may be told, as people read it: its class, then the sentence. */
export function failureText(failure: Failure): string {
  return `${failure.class}: ${oneLine(failure.message)}`;
}

const LONGEST_TEXT = 500;
const MAX_NAMES = 20;

/** A text as one bounded line without control characters, whatever a BMC put into it (R44). */
export function oneLine(text: string, longest = LONGEST_TEXT): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** Names as one list for people; bounded when it is told. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES);
  return shown.join(', ') + (names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '');
}
