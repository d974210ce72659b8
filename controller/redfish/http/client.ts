import type { Response } from 'node-fetch';
import type { Json } from '../../../definitions/values/json.ts';
import { after, type Clock } from '../../clock.ts';
import { Failure } from '../failure.ts';
import { connectionFailure } from './connection-error.ts';
import { parseBody } from './json-body.ts';
import { createAgent, type Trust } from './tls.ts';

/** Headers within so long; bmcweb gives its own services up at 25 s (docs/redfish.md, Limits). */
export const ANSWER_MS = 40_000;
/** The body within so long after the headers. */
export const BODY_MS = 30_000;
/** A manager with 33 controllers has 20 kB. */
export const MAX_BODY_BYTES = 4_194_304;
const MAX_HOPS = 5;
const ROOT = '/redfish/v1/';

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
}

/** A client of one BMC. */
export function createClient({ endpoint, trust, clock }: ClientOptions): Client {
  const base = new URL(endpoint);
  const agent = createAgent(base.protocol === 'https:', trust, clock);
  let encoding = 'identity';
  const resolve = (reference: string, from = ROOT): string => {
    const url = safeUrl(reference, new URL(from, base));
    if (url?.origin === base.origin && !url.username && !url.password) return url.pathname + url.search;
    throw new Failure('Refused', 'permanent', `${base.origin} refers to another server (${url?.host ?? 'no address'})`);
  };
  const once = async (method: Method, path: string, { headers, body, signal }: Sent): Promise<Answer> => {
    const init = {
      method,
      agent,
      redirect: 'manual' as const,
      compress: encoding !== 'identity',
      size: MAX_BODY_BYTES,
      headers: {
        Accept: 'application/json',
        'Accept-Encoding': encoding,
        'OData-Version': '4.0',
        'User-Agent': 'bmcron',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const { default: fetch } = await import('node-fetch'); // a service is ready before it talks to the first BMC
    const response = await limited(clock, ANSWER_MS, signal, endpoint, 'no answer', (within) =>
      fetch(base.origin + path, { ...init, signal: within() }),
    );
    return limited(clock, BODY_MS, signal, endpoint, 'an unfinished answer', () => read(response, path), response);
  };
  const send = async (method: Method, path: string, sent: Sent): Promise<Answer> => {
    let at = path;
    for (let hop = 0; hop <= MAX_HOPS; hop += 1) {
      const answer = await once(method, at, sent);
      const location = answer.header('location');
      if (answer.status === 406 && encoding === 'identity') encoding = 'gzip';
      else if (!isRedirect(method, answer.status) || !location) return answer;
      else at = within(resolve(location, at), sent.onlyTo);
    }
    throw new Failure('Refused', 'permanent', `${endpoint} redirects in a circle`);
  };
  return { origin: base.origin, send, resolve, close: () => agent.destroy() };
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

/** Does something within a time limit of the given clock, and tells a limit from an abort from a broken line. */
async function limited<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  endpoint: string,
  what: string,
  work: (within: () => AbortSignal) => Promise<T>,
  response?: Response,
): Promise<T> {
  signal.throwIfAborted();
  const done = new AbortController();
  let isLate = false;
  let asked: AbortController | undefined;
  clock.sleep(after(clock, ms), done.signal).then(
    () => {
      isLate = true;
      asked?.abort();
      (response?.body as { destroy?: (error?: Error) => void } | null)?.destroy?.(new Error('cut'));
    },
    () => undefined,
  );
  try {
    return await work(() => {
      asked = new AbortController();
      return AbortSignal.any([signal, asked.signal]);
    });
  } catch (error) {
    signal.throwIfAborted();
    if (isLate) {
      throw new Failure('Unreachable', 'transient', `${endpoint}: ${what} within ${ms / 1000} s`, { unknown: true });
    }
    throw asLine(error, endpoint);
  } finally {
    done.abort('done');
  }
}

function asLine(error: unknown, endpoint: string): Failure {
  if (error instanceof Error && error.name === 'AbortError')
    return new Failure('Unreachable', 'transient', `${endpoint}: cut off`, {});
  if ((error as { type?: string }).type === 'max-size') {
    const limit = `${MAX_BODY_BYTES / 1_048_576} MiB`;
    return new Failure('Refused', 'permanent', `${endpoint} answered with more than ${limit}`, { unknown: true });
  }
  return connectionFailure(error, endpoint);
}
