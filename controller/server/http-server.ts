import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { type BodyLimits, chunksOf, createBodies } from './bodies.ts';
import { type ConnectionLimits, connectionLimits, limitConnections, networkOf } from './connections.ts';
import { HttpError, type HttpRequest, type HttpResponse, text, tooMany } from './http.ts';
import { isLoopback, type ListenAddress, namesLoopback, printOrigin } from './listen-address.ts';
import { createRate, type RateLimit } from './rate.ts';
import { createRouter, type Route } from './router.ts';
import type { Tokens } from './tokens.ts';

export interface ServerOptions {
  readonly listen: ListenAddress;
  readonly routes: readonly Route[];
  readonly tokens: Tokens;
  /** The answer to a request of a path that is refused; by default a line of text. */
  readonly refuse?: (error: HttpError, path: string) => HttpResponse;
  /** Takes the errors that no route has foreseen. */
  readonly failed: (error: unknown) => void;
  /** Called for each answer. */
  readonly answered?: (method: string, status: number) => void;
  /** What clients may take; by default what is right for the files that this process may open. */
  readonly limits?: Partial<ServerLimits>;
}

/** What clients may take of a server. */
export interface ServerLimits {
  readonly connections: ConnectionLimits;
  readonly bodies: BodyLimits;
  /** How long an answer may take to be read. */
  readonly readingMs: number;
  /** How often each caller may write. */
  readonly writes: RateLimit;
}

/** A server that listens. */
export interface Listening {
  /** `http://127.0.0.1:8080` */
  readonly origin: string;
  /** Stops; streams end, what is being answered is answered. */
  close(): Promise<void>;
}

const BODIES: BodyLimits = { each: 1 << 20, together: 16 << 20 };
const READING_MS = 30_000;
const WRITES: RateLimit = { burst: 60, perSecond: 5 };
/** For the head of a request, all of it, and the next one; and how often the first two are looked at. */
const TIMES = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const SLICE_MS = 2;
const GZIP_FROM_BYTES = 4_096;
const compress = promisify(gzip);

/** For every answer: nothing here is for other pages, frames or caches. */
const HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cache-control': 'no-store',
};

/** Listens. @throws the system's error, when the address is taken for instance */
export async function startServer(options: ServerOptions): Promise<Listening> {
  const { connections = connectionLimits(), bodies: most = BODIES, readingMs = READING_MS } = options.limits ?? {};
  const bodies = createBodies(most);
  const guard = createGuard(options);
  const route = createRouter(options.routes);
  const refuse = options.refuse ?? (({ message, status, headers }) => text(message, status, headers));

  function refused(error: unknown, path: string): HttpResponse {
    if (error instanceof HttpError) return refuse(error, path);
    options.failed(error);
    return refuse(new HttpError(500, 'this failed; the log of the service tells why'), path);
  }

  /** At once where a route answers at once: what is done in one go can be counted. */
  function answer(incoming: IncomingMessage, response: ServerResponse): HttpResponse | Promise<HttpResponse> {
    const [path = '/', query = ''] = (incoming.url ?? '/').split('?', 2);
    try {
      if (!path.startsWith('/') || path.includes('#')) throw new HttpError(400, 'ask for a path of this server');
      const request = guard.admit(incoming);
      const { route: found, params } = route(incoming.method ?? '', path);
      guard.authorize(found.audience, request);
      let read: Promise<Buffer> | null = null;
      const body = () => {
        read ??= bodies.read(incoming, response);
        return read;
      };
      const chunks = (bytes: number) => chunksOf(incoming, bytes);
      const answered = found.handle({ ...request, path, params, query: new URLSearchParams(query), body, chunks });
      return answered instanceof Promise ? answered.catch((error) => refused(error, path)) : answered;
    } catch (error) {
      return refused(error, path);
    }
  }

  function serve(incoming: IncomingMessage, response: ServerResponse): void {
    const finish = (answered: HttpResponse) => {
      options.answered?.(incoming.method ?? '', answered.status);
      return send(incoming, response, answered, readingMs);
    };
    const answered = answer(incoming, response);
    const sent = answered instanceof Promise ? answered.then(finish) : finish(answered);
    sent.catch(() => response.destroy());
  }

  const inSlices = createSlices();
  const server = createServer(TIMES, (incoming, response) => inSlices(() => serve(incoming, response)));
  limitConnections(server, connections);
  await listen(server, options.listen);
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : options.listen.port;
  return {
    origin: printOrigin({ ...options.listen, port }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 500).unref();
      }),
  };
}

/** Answers in slices of time, so that a run that falls due never waits behind a crowd of requests. */
function createSlices(): (work: () => void) => void {
  const waiting: (() => void)[] = [];
  function drain(): void {
    const endsMs = performance.now() + SLICE_MS;
    do waiting.shift()?.();
    while (waiting.length > 0 && performance.now() < endsMs);
    if (waiting.length > 0) setImmediate(drain);
  }
  return (work) => {
    waiting.push(work);
    if (waiting.length === 1) setImmediate(drain);
  };
}

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

type Admitted = Pick<HttpRequest, 'method' | 'headers' | 'address' | 'caller'>;

/** Decides who may ask: the name that was called, how often, with which token. */
function createGuard({ listen: { host }, tokens, limits }: ServerOptions) {
  const open = isLoopback(host);
  const now = () => performance.now();
  const asked = createRate({ burst: 20_000, perSecond: 5_000, now });
  const written = createRate({ ...(limits?.writes ?? WRITES), now });
  const guessed = createRate({ burst: 20, perSecond: 0.2, now });

  return {
    admit(incoming: IncomingMessage): Admitted {
      const { headers, method = '' } = incoming;
      const address = networkOf(incoming.socket.remoteAddress ?? '');
      refuseAmbiguous(incoming);
      const wait = asked.take(address);
      if (wait > 0) throw tooMany(wait);
      if (open && !namesLoopback(headers.host)) {
        throw new HttpError(421, 'this server listens on loopback: call it localhost, 127.0.0.1 or [::1]');
      }
      if (headers.authorization === undefined) return { method, headers, address, caller: null };
      const token = /^Bearer +([A-Za-z0-9._~+/=-]{1,1024})$/i.exec(headers.authorization)?.[1] ?? '';
      const caller = tokens.nameOf(token);
      if (caller !== null) return { method, headers, address, caller };
      const pause = guessed.take(address);
      if (pause > 0) throw tooMany(pause);
      throw new HttpError(401, 'no such token: ask for one that --api-tokens lists', { 'www-authenticate': 'Bearer' });
    },
    authorize(audience: Route['audience'], { caller, address }: Admitted): void {
      if (audience === 'anyone' || (audience === 'reader' && (open || caller !== null))) return;
      if (tokens.size === 0) throw new HttpError(403, 'this is off: the service was started without --api-tokens');
      if (caller === null) {
        throw new HttpError(401, 'say who you are: Authorization: Bearer TOKEN', { 'www-authenticate': 'Bearer' });
      }
      const wait = audience === 'writer' ? written.take(`${caller} ${address}`) : 0;
      if (wait > 0) throw tooMany(wait);
    },
  };
}

/** Who takes one of two names for the other is led astray: RFC 9112, section 3.2. @throws HttpError */
function refuseAmbiguous({ rawHeaders, headers: { host } }: IncomingMessage): void {
  let hosts = 0;
  for (let name = 0; name < rawHeaders.length; name += 2) {
    if (rawHeaders[name]?.length === 4 && rawHeaders[name]?.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) throw new HttpError(400, 'say Host once', { connection: 'close' });
  if (host !== undefined && /[^\w.:[\]%~!$&'()*+,;=-]/.test(host)) {
    throw new HttpError(400, 'Host is no name of a host', { connection: 'close' });
  }
}

async function send(
  incoming: IncomingMessage,
  response: ServerResponse,
  answer: HttpResponse,
  readingMs: number,
): Promise<void> {
  const bare = incoming.method === 'HEAD';
  const headers: Record<string, string> = { ...HEADERS, ...answer.headers };
  if (answer.stream && !bare) {
    response.writeHead(answer.status, headers);
    answer.stream(response);
    return;
  }
  let body = typeof answer.body === 'object' ? answer.body : Buffer.from(answer.body ?? '');
  if (body.length >= GZIP_FROM_BYTES && /\bgzip\b/.test(String(incoming.headers['accept-encoding'] ?? ''))) {
    body = await compress(body, { level: constants.Z_BEST_SPEED });
    headers['content-encoding'] = 'gzip';
    headers['vary'] = 'accept-encoding';
  }
  if (answer.status !== 204) headers['content-length'] = String(body.length);
  const unread = setTimeout(() => response.destroy(), readingMs).unref(); // a client that does not read
  response.once('close', () => clearTimeout(unread));
  response.writeHead(answer.status, headers).end(bare ? undefined : body);
}
