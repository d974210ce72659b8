import type { Response } from 'node-fetch';
import type { Json } from '../../../definitions/values/json.ts';
import type { Clock } from '../../clock.ts';
import { Failure } from '../failure.ts';
import { type AnswerLimit, createAnswerLimit } from './answer-limit.ts';
import { connectionFailure } from './connection-error.ts';
import { parseBody } from './json-body.ts';
import { type BmcLine, createLine } from './line.ts';
import type { ConnectionPool } from './pool.ts';
import type { Trust } from './tls.ts';

/** Headers within so long; bmcweb gives its own services up at 25 s (docs/redfish.md, Limits). */
export const ANSWER_MS = 40_000;
/** The body within so long after the headers. */
export const BODY_MS = 30_000;
/** A manager with 33 controllers has 20 kB. */
export const MAX_BODY_BYTES = 4_194_304;
const MAX_HOPS = 5;
const ROOT = '/redfish/v1/';
/** A request of these may be sent twice and is done once. */
const REPEATABLE: readonly Method[] = ['GET', 'DELETE'];
const LOST = ['ECONNRESET', 'EPIPE'];

/** The methods that this client ever uses. HEAD breaks parsers on bmcweb; PUT creates. */
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** An answer. Its status and headers count whatever becomes of the body. */
export interface Answer {
  readonly status: number;
  /** The header, undefined when absent. */
  header(name: string): string | undefined;
  /** The body as JSON; undefined when it is empty or no JSON. */
  readonly body: Json | undefined;
  readonly text: string;
  /** Why the body is not there, when it broke off, took too long or was too large; `text` is empty then. */
  readonly cut?: Failure;
  /** The path that answered, after redirects. */
  readonly path: string;
  /** Takes the secrets out of what is quoted of it, before it is cut. */
  readonly scrub: (text: string) => string;
}

/** What goes with a request. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
  readonly signal: AbortSignal;
  /** Sent once, whatever is answered: not followed elsewhere, not repeated in another encoding. */
  readonly once?: boolean;
  /** A redirect is followed to such a path alone. */
  readonly onlyTo?: RegExp;
}

/** Talks HTTP to one BMC and to nobody else. */
export interface Client {
  /** `https://10.0.0.11` */
  readonly origin: string;
  /**
   * Rejects with a Failure when no answer comes; any status is an answer. Redirects are followed inside the origin
   * (R46); one of a PATCH is the caller's to judge.
   */
  send(method: Method, path: string, sent: Sent): Promise<Answer>;
  /** A path of this BMC for a reference as received: relative or absolute, without fragment; a foreign one fails. */
  resolve(reference: string, base?: string): string;
  close(): void;
}

/** How a client is set up. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly trust: Trust;
  readonly clock: Clock;
  readonly pool: ConnectionPool;
  /** Takes the secrets out of a text. */
  readonly scrub: (text: string) => string;
}

/** A client of one BMC; it sends one request after the other. */
export function createClient({ endpoint, trust, clock, pool, scrub }: ClientOptions): Client {
  const base = new URL(endpoint);
  const line = createLine({ secure: base.protocol === 'https:', trust, clock, pool });
  const limit = createAnswerLimit(clock, Math.min(ANSWER_MS, BODY_MS), line.cut);
  const state: ClientState = { endpoint, origin: base.origin, line, limit, scrub, encoding: 'identity' };
  return {
    origin: base.origin,
    send: (method, path, sent) => sendAndFollow(state, method, path, sent),
    resolve: (reference, from) => resolve(base, reference, from),
    close() {
      limit.close();
      line.close();
    },
  };
}

interface ClientState {
  readonly endpoint: string;
  readonly origin: string;
  readonly line: BmcLine;
  readonly limit: AnswerLimit;
  readonly scrub: (text: string) => string;
  /** Compression weakens ETags, so none is asked for, unless the BMC insists. */
  encoding: 'identity' | 'gzip';
}

async function sendAndFollow(client: ClientState, method: Method, path: string, sent: Sent): Promise<Answer> {
  let at = path;
  for (let hop = 0; hop <= MAX_HOPS; hop += 1) {
    const answer = await sendOnce(client, method, at, sent);
    const location = answer.header('location');
    if (sent.once) return answer;
    if (answer.status === 406 && client.encoding === 'identity') client.encoding = 'gzip';
    else if (!isRedirect(method, answer.status) || !location) return answer;
    else at = within(resolve(new URL(client.origin), location, at), sent.onlyTo);
  }
  throw new Failure('Refused', 'permanent', `${client.endpoint} redirects in a circle`);
}

async function sendOnce(client: ClientState, method: Method, path: string, sent: Sent): Promise<Answer> {
  const { endpoint, line, limit } = client;
  const { signal } = sent;
  signal.throwIfAborted();
  signal.addEventListener('abort', line.cut);
  try {
    limit.begin(ANSWER_MS);
    return await read(client, signal, await ask(client, method, path, sent), path);
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.over) throw asLineFailure(error, endpoint);
    throw tooLate(endpoint, 'no answer', ANSWER_MS);
  } finally {
    signal.removeEventListener('abort', line.cut);
    limit.end();
  }
}

/** The status and the headers; a request that was lost with a kept connection is sent once more where that is safe. */
async function ask({ origin, line, limit, encoding }: ClientState, method: Method, path: string, sent: Sent) {
  const { headers, body, signal } = sent;
  const { default: fetch } = await import('node-fetch'); // a service is ready before it talks to the first BMC
  signal.throwIfAborted();
  const once = () =>
    fetch(origin + path, {
      method,
      agent: line.agent,
      redirect: 'manual',
      compress: true, // decodes what comes, asked for or not: a proxy may compress on its own
      size: MAX_BODY_BYTES,
      headers: {
        Accept: 'application/json',
        'Accept-Encoding': encoding,
        'OData-Version': '4.0',
        'User-Agent': 'bmcron',
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const repeatable = REPEATABLE.includes(method);
  if (!repeatable) line.freshen();
  try {
    return await once();
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (!repeatable || !line.kept || !LOST.includes(code) || signal.aborted || limit.over) throw error;
    return await once(); // the BMC had closed it: nobody failed
  }
}

function resolve(base: URL, reference: string, from = ROOT): string {
  const url = safeUrl(reference, new URL(from, base));
  if (url?.origin === base.origin && !url.username && !url.password) return url.pathname + url.search;
  throw new Failure('Refused', 'permanent', `${base.origin} refers to another server (${url?.host ?? 'no address'})`);
}

function safeUrl(reference: string, base: URL): URL | undefined {
  try {
    return new URL(reference, base);
  } catch {
    return undefined;
  }
}

function within(path: string, onlyTo: RegExp | undefined): string {
  if (!onlyTo || onlyTo.test(path)) return path;
  throw new Failure('Refused', 'permanent', `the BMC redirects to ${path}, where this does not belong`);
}

function isRedirect(method: Method, status: number): boolean {
  if (method === 'PATCH') return false;
  return [301, 302, 307, 308].includes(status) || (status === 303 && method === 'GET');
}

/** The answer that has begun: no end of its body, and no abort, can take back the status that was read. */
async function read(client: ClientState, signal: AbortSignal, response: Response, path: string): Promise<Answer> {
  const { endpoint, limit, scrub } = client;
  const header = (name: string) => response.headers.get(name) ?? undefined;
  const head = { status: response.status, header, path, scrub };
  try {
    limit.begin(BODY_MS);
    const text = await response.text();
    if (signal.aborted || limit.over) throw new Error('cut'); // where the end of the line is the end of the answer
    return { ...head, text, body: parseBody(text) };
  } catch (error) {
    (response.body as { destroy?: () => void } | null)?.destroy?.();
    const late = limit.over ? tooLate(endpoint, 'an unfinished answer', BODY_MS) : asLineFailure(error, endpoint);
    return { ...head, text: '', body: undefined, cut: signal.aborted ? cutOff(endpoint) : late };
  }
}

function tooLate(endpoint: string, what: string, ms: number): Failure {
  return new Failure('Unreachable', 'transient', `${endpoint}: ${what} within ${ms / 1000} s`, { unknown: true });
}

function cutOff(endpoint: string): Failure {
  return new Failure('Unreachable', 'transient', `${endpoint}: cut off`, {});
}

function asLineFailure(error: unknown, endpoint: string): Failure {
  if ((error as { type?: string }).type === 'max-size') {
    const limit = `${MAX_BODY_BYTES / 1_048_576} MiB`;
    return new Failure('Refused', 'permanent', `${endpoint} answered with more than ${limit}`, { unknown: true });
  }
  return connectionFailure(error, endpoint);
}
