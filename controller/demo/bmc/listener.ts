import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { after } from '../../clock.ts';
import { print, type Reply } from './answer.ts';
import type { Certificate } from './certificate.ts';
import { handle } from './routes.ts';
import type { Asked, BmcState } from './state.ts';

const MAX_BODY_BYTES = 31_457_280;
const SECURITY = {
  'Strict-Transport-Security': 'max-age=31536000; includeSubdomains',
  Pragma: 'no-cache',
  'Cache-Control': 'no-store, max-age=0',
  'X-Content-Type-Options': 'nosniff',
};

/** A server on 127.0.0.1 and its open connections. */
export interface Listener {
  readonly server: Server;
  readonly port: number;
  /** Drops every connection and stops listening. */
  close(): Promise<void>;
}

/** Where a BMC listens on the loopback. */
export interface ListenOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** Plain HTTP without one. */
  readonly certificate: Certificate | undefined;
  readonly onRequest: (request: IncomingMessage) => void;
  /** Aborted when the BMC is switched off. */
  readonly off: AbortSignal;
}

/** Puts a BMC on a port of the loopback. */
export async function listen(state: BmcState, options: ListenOptions): Promise<Listener> {
  const { port, certificate, onRequest, off } = options;
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    onRequest(request);
    answerRequest(state, request, response, off).catch(() => request.socket.destroy());
  };
  const limits = {
    maxHeaderSize: 8192,
    keepAliveTimeout: 900_000,
    requestTimeout: 15_000,
    connectionsCheckingInterval: 3_000,
  };
  const server = certificate
    ? createServer({ ...limits, key: certificate.key, cert: certificate.certificate }, serve)
    : createPlain(limits, serve);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // a client that went away is its own affair
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const tooLong = error.code === 'HPE_HEADER_OVERFLOW';
    if (tooLong) socket.end('HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy(); // bmcweb closes without a word
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function answerRequest(
  state: BmcState,
  request: IncomingMessage,
  response: ServerResponse,
  off: AbortSignal,
): Promise<void> {
  const body = await readAll(request);
  const [path = '/', query = ''] = (request.url ?? '/').split('#', 1)[0]?.split('?') ?? [];
  const asked: Asked = {
    method: request.method ?? 'GET',
    path,
    query,
    headers: request.headers as Record<string, string | undefined>,
    body: body ?? Buffer.alloc(0),
    origin: `${'encrypted' in request.socket ? 'https' : 'http'}://${request.headers.host}`,
  };
  if (!body) return send(response, asked, { status: 413 });
  const answer = await misbehave(state, asked, response, off);
  if (!answer) return;
  const cut = state.faults.strike('cut', asked.method, asked.path);
  send(response, asked, withFaultyETag(state, asked, answer), cut?.at);
}

/** Undefined when there is more than a BMC takes. */
async function readAll(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}

/** The answer, unless a fault of the line strikes or puts another in its place; undefined when none is to be sent. */
async function misbehave(
  state: BmcState,
  asked: Asked,
  response: ServerResponse,
  off: AbortSignal,
): Promise<Reply | undefined> {
  const { method, path } = asked;
  if (state.faults.strike('expire', method, path)) state.accounts.forget();
  const drop = state.faults.strike('drop', method, path);
  if (drop) {
    if (drop.applied) handle(state, asked);
    response.socket?.destroy();
    return undefined;
  }
  const hang = state.faults.strike('hang', method, path);
  if (hang) {
    if (hang.headers) beginOnly(response);
    return undefined;
  }
  const slow = state.faults.strike('slow', method, path);
  if (slow) {
    if (slow.headers) beginOnly(response);
    await state.clock.sleep(after(state.clock, slow.ms), off);
    if (slow.headers) {
      response.end();
      return undefined;
    }
  }
  const instead = state.faults.strike('answer', method, path);
  if (!instead) return handle(state, asked);
  if (instead.applied) handle(state, asked);
  return { status: instead.status, headers: instead.headers ?? {}, body: instead.body };
}

/** Sends the body in chunks up to a point and hangs up: the last chunk, which ends it, never comes. */
function breakOff(response: ServerResponse, text: string, at: 'before' | 'in' | 'end'): void {
  const part = { before: '', in: text.slice(0, text.length / 2), end: text }[at];
  response.flushHeaders();
  const hangUp = () => void response.socket?.end();
  if (part === '') hangUp();
  else response.write(part, hangUp);
}

function beginOnly(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' });
  response.flushHeaders();
}

let etags = 0;

/** The answer with the ETag that a BMC with such a fault shows. */
function withFaultyETag(state: BmcState, { method, path }: Asked, answer: Reply): Reply {
  const fault = answer.etag && state.faults.strike('etag', method, path);
  if (!fault) return answer;
  const tag = answer.etag ?? '';
  etags += 1;
  const shown = {
    weak: `W/${tag}`,
    twice: `${tag}, ${tag}`,
    gzip: tag.replace(/"$/, '-gzip"'),
    changing: tag.replace(/"$/, `${etags}"`),
    absent: undefined,
  }[fault.form];
  return { ...answer, etag: shown };
}

function send(response: ServerResponse, asked: Asked, answer: Reply, cut?: 'before' | 'in' | 'end'): void {
  const { status, allow, odata, etag, headers, body } = answer;
  const text = body === undefined ? '' : typeof body === 'string' ? body : print(body);
  const all: Record<string, string | readonly string[] | undefined> = {
    ...(allow === undefined ? {} : { Allow: allow }),
    ...(odata ? { 'OData-Version': '4.0' } : {}),
    ...headers,
    ...(status === 413 ? {} : SECURITY),
    ETag: etag,
    'Content-Type': typeof body === 'object' ? 'application/json' : undefined,
    'Content-Length': cut ? undefined : String(Buffer.byteLength(text)),
  };
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && !response.hasHeader(name)) response.setHeader(name, value);
  }
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  response.writeHead(status);
  if (cut) breakOff(response, text, cut);
  else response.end(asked.method === 'HEAD' ? '' : text);
}
