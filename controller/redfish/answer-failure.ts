import { Failure, oneLine } from './failure.ts';
import type { Answer, Method } from './http/client.ts';
import { classOf, complaintsOf, tell, waitAsked } from './messages.ts';

/** An answer that is a refusal, as a failure in one sentence. */
export function answerFailure(answer: Answer, method: Method, path: string, now: Date): Failure {
  const { status } = answer;
  const details = { status, waitMs: waitAsked(answer, now) };
  const what = `${method} ${oneLine(path, 200)}`;
  if (status === 403) {
    const expired = complaintsOf(answer).some(({ id }) => id === 'PasswordChangeRequired');
    const why = expired ? 'the password has expired and must be changed' : 'insufficient privilege';
    return new Failure('Refused', 'permanent', `${what}: ${why}: ${tell(answer)}`, details);
  }
  if (status >= 200 && status < 300) {
    return new Failure('Unreachable', 'transient', `${what}: ${status} without a JSON object`, details);
  }
  const outcome = status >= 500 || status === 429 ? 'NotApplied' : 'Refused';
  return new Failure(outcome, classOf(answer), `${what}: ${tell(answer)}`, details);
}
