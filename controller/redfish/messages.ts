import { isObject, type Json, own } from '../../definitions/values/json.ts';
import { Failure, type FailureClass, oneLine } from './failure.ts';
import type { Answer, Method } from './http/client.ts';

/** One message of an answer. */
export interface RedfishMessage {
  /** What follows the last dot of the MessageId, `PropertyUnknown`: registries and their versions differ. */
  readonly id: string;
  readonly text: string;
  readonly args: readonly string[];
  /** Undefined where the BMC gives none. */
  readonly severity: string | undefined;
}

const MAX_MESSAGES = 100;
const MAX_DESCRIBED = 5;
/** An `error.message` that gives no reason of its own. */
const REFERS_TO_MESSAGES = /ExtendedInfo/i;
const NO_COMPLAINT = /^(Success|Created|NoOperation|ResetRequired|SystemResetRequired|ResetInProgress)$/;
/** Conditions that pass, whatever status they come with. */
const PASSING = new Set(
  (
    'ServiceTemporarilyUnavailable ServiceInUnknownState ServiceShuttingDown ResourceInStandby ResourceInUse ' +
    'ResourceExhaustion OperationTimeout InvalidOperationForSystemState SessionLimitExceeded ' +
    'CreateLimitReachedForResource SYS518 SYS428 RAC0218 IDRAC_NOT_READY ' +
    'UnableToModifyDuringSystemPOST ResourceNotReadyRetry'
  ).split(' '),
);
const PASSING_STATUS = new Set([408, 425, 429, 500, 502, 503, 504, 507]);

/** Every message of an answer, wherever it stands: in `error` first, then in any `…@Message.ExtendedInfo`. */
export function messagesOf({ body, scrub }: Pick<Answer, 'body' | 'scrub'>): readonly RedfishMessage[] {
  const error = own(body, 'error');
  const found: RedfishMessage[] = [];
  collect(own(error, '@Message.ExtendedInfo'), found, scrub);
  walk(body, found, scrub);
  const text = own(error, 'message');
  if (typeof text !== 'string' || !found.every((message) => message.text === '')) return found;
  const [first = { id: lastPart(own(error, 'code'), scrub), args: [], severity: undefined }, ...others] = found;
  if (found.length > 0 && REFERS_TO_MESSAGES.test(text)) return found;
  return [{ ...first, text: oneLine(scrub(text)) }, ...others];
}

function walk(value: Json | undefined, found: RedfishMessage[], scrub: Answer['scrub']): void {
  if (Array.isArray(value)) for (const each of value) walk(each, found, scrub);
  if (!isObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key.endsWith('@Message.ExtendedInfo')) collect(inner, found, scrub);
    else if (key !== 'error' || !own(inner, '@Message.ExtendedInfo')) walk(inner, found, scrub);
  }
}

function collect(value: Json | undefined, found: RedfishMessage[], scrub: Answer['scrub']): void {
  for (const each of Array.isArray(value) ? value : [value]) {
    if (!isObject(each) || found.length >= MAX_MESSAGES) continue;
    const id = lastPart(own(each, 'MessageId'), scrub);
    const text = own(each, 'Message');
    const severity = own(each, 'MessageSeverity') ?? own(each, 'Severity');
    const args = own(each, 'MessageArgs');
    if (!id && typeof text !== 'string') continue;
    found.push({
      id,
      text: typeof text === 'string' ? oneLine(scrub(text)) : '',
      args: Array.isArray(args)
        ? args.map((arg) => oneLine(scrub(typeof arg === 'string' ? arg : JSON.stringify(arg)), 100))
        : [],
      severity: typeof severity === 'string' ? severity : undefined,
    });
  }
}

function lastPart(id: Json | undefined, scrub: Answer['scrub']): string {
  if (typeof id !== 'string') return '';
  const clear = scrub(id);
  return oneLine(clear.slice(clear.lastIndexOf('.') + 1), 100);
}

/** The messages that are complaints. Without a severity only an answer that failed makes them one. */
export function complaintsOf(answer: Answer): readonly RedfishMessage[] {
  return messagesOf(answer).filter(({ id, severity }) => {
    if (NO_COMPLAINT.test(id)) return false;
    return severity === undefined ? answer.status >= 400 : severity.toUpperCase() !== 'OK';
  });
}

/** What the BMC answered, in one clause: status, then its messages, or its text, or nothing. */
export function describe(answer: Answer): string {
  const complaints = complaintsOf(answer);
  const sentences = [...new Set(complaints.map(sentence))].slice(0, MAX_DESCRIBED);
  if (sentences.length > 0) return `${answer.status} ${sentences.join('; ')}`;
  const allow = answer.status === 405 ? answer.header('allow') : undefined;
  if (allow !== undefined) return `405, it allows ${oneLine(answer.scrub(allow), 100) || 'nothing'}`;
  const plain = oneLine(
    answer
      .scrub(answer.text)
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' '),
    200,
  );
  return plain ? `${answer.status} ${plain}` : `${answer.status}`;
}

function sentence({ id, text, args }: RedfishMessage): string {
  const plain = text.replace(/\.$/, '');
  if (id && plain) return `${id}: ${plain}`;
  return plain || `${id}${args.length > 0 ? ` (${args.join(', ')})` : ''}`;
}

/** Whether a message says that what it complains of passes by itself. */
export function isPassing(id: string): boolean {
  return PASSING.has(id);
}

/** Whether what a failing answer complains of may pass by itself (docs/redfish.md, Errors and retries). */
export function classOf(answer: Answer): FailureClass {
  if (PASSING_STATUS.has(answer.status)) return 'transient';
  return complaintsOf(answer).some(({ id }) => PASSING.has(id)) ? 'transient' : 'permanent';
}

/** How long the BMC asks to wait, in milliseconds: Retry-After in seconds or as a date, else a message's argument. */
export function waitAsked(answer: Answer, now: Date): number | undefined {
  const header = answer.header('retry-after')?.trim();
  if (header && /^\d{1,9}(\.\d+)?$/.test(header)) return Number(header) * 1000;
  const date = header && /^[A-Z][a-z]{2}/.test(header) ? Date.parse(header) : Number.NaN;
  if (!Number.isNaN(date)) return Math.max(0, date - sentAt(answer, now));
  const asking = messagesOf(answer).find(({ id, args }) => PASSING.has(id) && /^\d{1,6}$/.test(args[0] ?? ''));
  return asking ? Number(asking.args[0]) * 1000 : undefined;
}

/** A BMC's date counts from its own clock, which is often wrong; where it sends no time, from ours. */
function sentAt(answer: Answer, now: Date): number {
  const date = Date.parse(answer.header('date') ?? '');
  return Number.isNaN(date) ? now.getTime() : date;
}

/** An answer that is a refusal, as a failure in one sentence. */
export function answerFailure(answer: Answer, method: Method, path: string, now: Date): Failure {
  const { status } = answer;
  const details = { status, waitMs: waitAsked(answer, now) };
  const what = `${method} ${oneLine(answer.scrub(path), 200)}`;
  if (status === 403) {
    const expired = complaintsOf(answer).some(({ id }) => id === 'PasswordChangeRequired');
    const why = expired ? 'the password has expired and must be changed' : 'insufficient privilege';
    return new Failure('Refused', 'permanent', `${what}: ${why}: ${describe(answer)}`, details);
  }
  if (status >= 200 && status < 300) {
    if (answer.cut) return answer.cut;
    return new Failure('Unreachable', 'transient', `${what}: ${status} without a JSON object`, details);
  }
  const outcome = status >= 500 || status === 429 ? 'NotApplied' : 'Refused';
  return new Failure(outcome, classOf(answer), `${what}: ${describe(answer)}`, details);
}
