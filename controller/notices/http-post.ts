import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Attempt } from '../../definitions/notices/delivery.ts';
import { after, type Clock } from '../clock.ts';
import { VERSION } from '../version.ts';
import type { ReceiverSecret } from './receiver-secret.ts';

/** Connecting, sending and the head of the answer, all together. */
const ANSWER_MS = 30_000;
/** Statuses that pass by themselves, beside all of 500 and above. */
const PASSING = [408, 425, 429];

/** One request to a receiver. */
export interface Call {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Sends one request; redirects are not followed, since they would take the secret elsewhere. It never rejects. */
export async function callReceiver(
  secret: Pick<ReceiverSecret, 'url' | 'token' | 'ca'>,
  call: Call,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Attempt> {
  const ended = new AbortController();
  const limit = clock.sleep(after(clock, ANSWER_MS), ended.signal).then(
    () => ended.abort(new Error('too late')),
    () => undefined,
  );
  try {
    const answer = await answered(secret, call, AbortSignal.any([signal, ended.signal]));
    answer.resume().on('error', () => undefined); // whatever it says
    answer.destroy();
    return judged(answer, clock.now());
  } catch (error) {
    const reason = ended.signal.aborted ? `no answer within ${ANSWER_MS / 1000} s` : codeOf(error);
    return { outcome: 'Failed', reason, isPermanent: false, waitMs: null };
  } finally {
    ended.abort();
    await limit;
  }
}

function answered(
  { url, token, ca }: Pick<ReceiverSecret, 'url' | 'token' | 'ca'>,
  { method, headers, body }: Call,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const known = {
      'User-Agent': `bmcron/${VERSION}`,
      ...(token !== null && { Authorization: `Bearer ${token}` }),
      ...(body !== null && { 'Content-Length': String(Buffer.byteLength(body)) }),
    };
    const options = { method, headers: { ...headers, ...known }, agent: false, signal } as const;
    const request: ClientRequest =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ...(ca !== null && { ca }) })
        : httpRequest(url, options);
    request.on('response', resolve).on('error', reject);
    request.end(body ?? undefined);
  });
}

function judged({ statusCode = 0, headers }: IncomingMessage, now: Date): Attempt {
  if (statusCode >= 200 && statusCode < 300) return { outcome: 'Delivered' };
  const isPermanent = statusCode < 500 && !PASSING.includes(statusCode);
  return { outcome: 'Failed', reason: `HTTP ${statusCode}`, isPermanent, waitMs: waitOf(headers['retry-after'], now) };
}

/** `Retry-After`: seconds, or a date. */
function waitOf(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}

/** The code of an error alone: its message may name the address. */
function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'no answer';
}
