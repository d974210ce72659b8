import type { Response } from 'node-fetch';
import type { Json } from '../../../definitions/values/json.ts';
import type { Clock } from '../../clock.ts';
import { Failure } from '../failure.ts';
import { connectionFailure } from './connection-error.ts';
import { parseBody } from './json-body.ts';
import { type BmcLine, createLine } from './line.ts';
import type { ConnectionPool } from './pool.ts';
import { createTimeLimit, type TimeLimit } from './time-limit.ts';
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

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  /** The header, undefined when absent. */
  header(name: string): string | undefined;
  /** The body as JSON; undefined when it is empty or no JSON. */
  readonly body: Json | undefined;
  readonly text: string;
  /** The path that answered, after redirects. */
  readonly path: string;
}

/** What goes with a request. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
  readonly signal: AbortSignal;
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
}

/** A client of one BMC; it sends one request after the other. */
export function createClient({ endpoint, trust, clock, pool }: ClientOptions): Client {
  const base = new URL(endpoint);
  const line = createLine({ secure: base.protocol === 'https:', trust, clock, pool });
  const limit = createTimeLimit(clock, Math.min(ANSWER_MS, BODY_MS), line.cut);
  const state: ClientState = { endpoint, origin: base.origin, line, limit, encoding: 'identity' };
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
  readonly limit: TimeLimit;
  /** Compression weakens ETags, so none is asked for, unless the BMC insists. */
  encoding: 'identity' | 'gzip';
}

async function sendAndFollow(client: ClientState, method: Method, path: string, sent: Sent): Promise<Answer> {
  let at = path;
  for (let hop = 0; hop <= MAX_HOPS; hop += 1) {
    const answer = await sendOnce(client, method, at, sent);
    const location = answer.header('location');
    if (answer.status === 406 && client.encoding === 'identity') client.encoding = 'gzip';
    else if (!isRedirect(method, answer.status) || !location) return answer;
    else at = within(resolve(new URL(client.origin), location, at), sent.onlyTo);
  }
  throw new Failure('Refused', 'permanent', `${client.endpoint} redirects in a circle`);
}

async function sendOnce(client: ClientState, method: Method, path: string, sent: Sent): Promise<Answer> {
  const { endpoint, line, limit } = client;
  const { signal } = sent;
  let what = 'no answer';
  signal.throwIfAborted();
  signal.addEventListener('abort', line.cut);
  try {
    limit.begin(ANSWER_MS);
    const response = await ask(client, method, path, sent);
    what = 'an unfinished answer';
    limit.begin(BODY_MS);
    const answer = await read(response, path);
    if (signal.aborted || limit.over) throw new Error('cut'); // where the end of the line is the end of the answer
    return answer;
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.over) throw asLineFailure(error, endpoint);
    const seconds = (what === 'no answer' ? ANSWER_MS : BODY_MS) / 1000;
    throw new Failure('Unreachable', 'transient', `${endpoint}: ${what} within ${seconds} s`, { unknown: true });
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

async function read(response: Response, path: string): Promise<Answer> {
  const text = await response.text();
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    body: parseBody(text),
    text,
    path,
  };
}

function asLineFailure(error: unknown, endpoint: string): Failure {
  if ((error as { type?: string }).type === 'max-size') {
    const limit = `${MAX_BODY_BYTES / 1_048_576} MiB`;
    return new Failure('Refused', 'permanent', `${endpoint} answered with more than ${limit}`, { unknown: true });
  }
  return connectionFailure(error, endpoint);
}
