import type { Course, SentValue } from '../../../definitions/actions/course/course.ts';
import { own } from '../../../definitions/values/json.ts';
import { asFailure, type Failure } from '../failure.ts';
import type { Answer } from '../http/client.ts';
import { answerFailure, complaintsOf, describe, isPassing } from '../messages.ts';
import type { Session } from '../session.ts';

/** It says that it is so already; whether that is true, the state tells. */
const ALREADY = /^(PSU501|InvalidOperationForSystemState)$/;
/** What failed on the way, or inside, may have been carried out. */
const UNCLEAR = [408, 500, 502, 504];

/** A value that was sent, and the task that it became. */
export interface Posted {
  readonly sent: SentValue;
  readonly task?: Answer;
}

/**
 * Sends one value of an action, once, whatever is answered; what became of it. Without If-Match, which some refuse on
 * actions (iDRAC10), and never with `@Redfish.OperationApplyTime`: our schedule is the schedule (case B38).
 */
export async function postValue(
  session: Session,
  { parameter }: Course,
  path: string,
  value: string,
  atMs: () => number,
): Promise<Posted> {
  const { connection } = session;
  const sent = { atMs: atMs(), value };
  try {
    const answer = await session.send('POST', path, { body: { [parameter]: value } });
    const said = { ...sent, ...verdict(answer, path, connection.clock.now()) };
    return answer.status === 202 ? { sent: said, task: answer } : { sent: said };
  } catch (error) {
    connection.stop.throwIfAborted();
    const { details, message } = asFailure(error);
    const isLost = details.unknown === true || connection.signal.aborted;
    // what was not even connected was not carried out
    return {
      sent: { ...sent, reason: message, ...(isLost ? { answer: 'Lost' } : { answer: 'Refused', isPassing: true }) },
    };
  }
}

function verdict(
  answer: Answer,
  path: string,
  now: Date,
): Pick<SentValue, 'answer' | 'reason' | 'isPassing' | 'waitMs'> {
  const { status } = answer;
  const complaints = complaintsOf(answer);
  if (status < 300) {
    // a complaint beside what was accepted is no refusal: the state tells
    const isRefused = own(answer.body, 'error') !== undefined && complaints.length > 0;
    return isRefused ? { answer: 'Refused', reason: `POST ${path}: ${describe(answer)}` } : { answer: 'Accepted' };
  }
  const failure: Failure = answerFailure(answer, 'POST', path, now);
  if (UNCLEAR.includes(status)) return { answer: 'Lost', reason: failure.message };
  const passes =
    failure.class === 'transient' || status === 409 || complaints.some(({ id }) => ALREADY.test(id) || isPassing(id));
  const { waitMs } = failure.details;
  return {
    answer: 'Refused',
    reason: failure.message,
    ...(passes && { isPassing: true }),
    ...(waitMs !== undefined && { waitMs }),
  };
}
