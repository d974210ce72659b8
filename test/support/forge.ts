import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GIT_ENVIRONMENT } from './git-folder.ts';

/** How a forge behaves now; a test changes it as it goes on. */
export interface ForgeBehaviour {
  /** The chance that a push is carried out and its answer lost. */
  dropAnswers: number;
  /** Milliseconds before each request is looked at. */
  delayMs: number;
  /** Answers each push with this status. */
  refusePush: number | null;
  /** Answers everything with this status. */
  down: number | null;
  /** Takes requests and says nothing. */
  silent: boolean;
  /** Reads the beginning of a push's body and no more (`body`), or carries a push out and never says so (`answer`). */
  hang: 'body' | 'answer' | null;
  /** `user:password` that every request must bring. */
  login: string | null;
}

/** A Git server on loopback: `git http-backend` behind a server that can misbehave. */
export interface Forge {
  readonly url: string;
  readonly behaviour: ForgeBehaviour;
  /** What was asked: `POST /repo.git/git-receive-pack` and the like. */
  readonly requests: readonly string[];
  /** Pushes that were carried out and never heard so. */
  readonly dropped: number;
  /** Bytes of pushes that were read before it hung. */
  readonly swallowed: number;
  /** Nobody listens there any more: connections are refused. */
  away(): Promise<void>;
  /** Listens again where it did. */
  back(): Promise<void>;
  close(): Promise<void>;
}

const GOOD: ForgeBehaviour = {
  dropAnswers: 0,
  delayMs: 0,
  refusePush: null,
  down: null,
  silent: false,
  hang: null,
  login: null,
};

/** Serves the repositories below a folder. @param random decides which answers are dropped */
export async function startForge(root: string, random: () => number = () => 0): Promise<Forge> {
  const behaviour: ForgeBehaviour = { ...GOOD };
  const requests: string[] = [];
  const counts = { dropped: 0, swallowed: 0 };
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.pause();
    setTimeout(() => serve({ root, behaviour, random, counts }, request, response), behaviour.delayMs);
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    url: `http://127.0.0.1:${port}`,
    behaviour,
    requests,
    get dropped() {
      return counts.dropped;
    },
    get swallowed() {
      return counts.swallowed;
    },
    away: close,
    back: () => listen(port),
    close,
  };
}

interface ForgeState {
  readonly root: string;
  readonly behaviour: ForgeBehaviour;
  readonly random: () => number;
  readonly counts: { dropped: number; swallowed: number };
}

function serve({ root, behaviour, random, counts }: ForgeState, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', 'http://forge');
  const isPush = url.pathname.endsWith('/git-receive-pack') && request.method === 'POST';
  if (behaviour.silent) return;
  const given = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
  if (behaviour.login !== null && given !== behaviour.login) {
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="forge"' }).end('who are you?\n');
    return;
  }
  const status = behaviour.down ?? (isPush ? behaviour.refusePush : null);
  if (status !== null) {
    response.writeHead(status).end('not now\n');
    return;
  }
  const hang = isPush && !isProbe(request) ? behaviour.hang : null;
  if (hang === 'body') {
    request.once('data', (chunk: Buffer) => {
      counts.swallowed += chunk.length;
      request.pause();
    });
    request.resume();
    return;
  }
  const drop = isPush && random() < behaviour.dropAnswers;
  carryOut(root, url, request, (answer) => {
    if (hang === 'answer') return;
    if (!drop) return relay(answer, response);
    counts.dropped += 1;
    request.socket.destroy();
  });
}

/** Before a push that is larger than its buffer git asks with an empty one whether it may. */
function isProbe(request: IncomingMessage): boolean {
  return request.headers['content-length'] === '4';
}

/** Runs git's own CGI program on a request. */
function carryOut(root: string, url: URL, request: IncomingMessage, done: (answer: Buffer) => void): void {
  const env = {
    ...GIT_ENVIRONMENT,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: url.pathname,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method,
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: request.headers['git-protocol'] as string | undefined,
    REMOTE_USER: 'someone',
    REMOTE_ADDR: '127.0.0.1',
  };
  const backend = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.stdin.on('error', () => undefined); // it may answer before it has read all
  backend.on('close', () => done(Buffer.concat(chunks)));
  request.pipe(backend.stdin);
}

function relay(answer: Buffer, response: ServerResponse): void {
  const end = answer.indexOf('\r\n\r\n');
  const headers = answer.subarray(0, end).toString('latin1').split('\r\n');
  let status = 200;
  for (const header of headers) {
    const colon = header.indexOf(':');
    const [name, value] = [header.slice(0, colon), header.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else if (name) response.setHeader(name, value);
  }
  response.writeHead(status).end(answer.subarray(end + 4));
}
