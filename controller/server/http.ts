import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Json } from '../../definitions/values/json.ts';

/** A request as a route sees it: nothing in it has been trusted yet. */
export interface HttpRequest {
  readonly method: string;
  /** Decoded, without the query; below it nothing is a file name. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** What stands for each `{name}` of the route's path. */
  readonly params: Readonly<Record<string, string>>;
  /** The IP address that it comes from. */
  readonly address: string;
  /** The name of the token that it carries; null without a good one. */
  readonly caller: string | null;
  /** Reads the body. @throws HttpError past the limit, or when it does not come in time */
  body(): Promise<Buffer>;
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
  const bytes = await request.body();
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json;
  } catch (error) {
    throw new HttpError(400, `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
