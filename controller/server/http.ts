import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { isNestedDeeper, type Json } from '../../definitions/values/json.ts';

/** As deep as a manifest may be. */
const DEEPEST = 100;

/** A request as a route sees it: nothing in it has been trusted yet. */
export interface HttpRequest {
  readonly method: string;
  /** Decoded, without the query; below it nothing is a file name. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** What stands for each `{name}` of the route's path. */
  readonly params: Readonly<Record<string, string>>;
  /** The IP address that it comes from; of IPv6, its network. */
  readonly address: string;
  /** The name of the token that it carries; null without a good one. */
  readonly caller: string | null;
  /** Reads the body. @throws HttpError past the limit, or when it does not come in time */
  body(): Promise<Buffer>;
  /** The body bit by bit, of which nothing is kept. @throws HttpError past so many bytes */
  chunks(mostBytes: number): AsyncIterable<Buffer>;
}

/** A whole body, or a stream that the route writes itself. */
export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Takes the response over once its head is sent. */
  readonly stream?: (response: ServerResponse) => void;
}

/** A request that is refused: the status, what is wrong and what to do. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** A request that comes too soon after others. */
export function tooMany(seconds: number): HttpError {
  return new HttpError(429, `too many requests: again in ${seconds} s`, { 'retry-after': String(seconds) });
}

/** A value as JSON. */
export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers: { ...type, ...headers }, body: `${JSON.stringify(value)}\n` };
}

/** A line of text. */
export function text(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: `${body}\n` };
}

/** The body as a JSON value. @throws HttpError when it is none, or nested deeper than any manifest */
export async function jsonBody(request: HttpRequest): Promise<Json> {
  const type = (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!/^application\/([a-z0-9.+-]+\+)?json$|^application\/x-www-form-urlencoded$/.test(type)) {
    throw new HttpError(415, `the body is ${type}: send application/json`);
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity') {
    throw new HttpError(415, `the body is encoded (${encoding.slice(0, 40)}): send it as it is`, {
      'accept-encoding': 'identity',
    });
  }
  const bytes = await request.body();
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (isNestedDeeper(text, DEEPEST)) throw new Error(`it is nested deeper than ${DEEPEST} levels`);
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new HttpError(400, `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
