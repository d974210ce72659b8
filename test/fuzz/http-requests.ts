// What clients may say that mean no good, or no sense: from a seed.
import type { Random } from '../simulate/random.ts';
import { JOBS, job } from '../support/service.ts';

/** Bytes in the pieces in which they are sent, and how the client leaves. */
export interface Conversation {
  readonly pieces: readonly Buffer[];
  readonly end: 'close' | 'reset' | 'wait';
}

const METHODS = [
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PATCH',
  'DELETE',
  'PUT',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PRI',
  'get',
  '',
];
const PATHS = [
  ...[
    '/',
    '/healthz',
    '/readyz',
    '/metrics',
    '/openapi.json',
    '/page/events',
    '/hooks/git',
    '/page/state',
    '/page/runs/x',
  ],
  ...['/MultiFish/v1', '/MultiFish/v1/JobService', JOBS, `${JOBS}/first-run`, `${JOBS}/first-run/Actions/Trigger`],
  ...['/MultiFish/v1/Machines', '/MultiFish/v1/Machines/machine-1', '/MultiFish/v1/Runs', '/MultiFish/v1/Runs/x/Parts'],
  ...['/MultiFish/v1/Runs?$expand=.&$top=2', '/MultiFish/v1/Machines?$skip=2'],
  ...[`${JOBS}?$top=1&$skip=99999999`, `${JOBS}?$expand=.`, `${JOBS}/__proto__`, `${JOBS}/constructor`, `${JOBS}/%00`],
  ...['/page/../../package.json', '/page/%2e%2e%2f%2e%2e/etc/passwd', '//etc/passwd', '/page/..\\..\\package.json'],
  ...['*', 'http://localhost/healthz', 'localhost:80', '/a#b', '/%', '/%zz', '/\u00e4', `/${'a/'.repeat(2_000)}`, ''],
];
/** So many of them are what a client says that knows the service. */
const METHODS_KNOWN = 6;
const PATHS_KNOWN = 27;
const VERSIONS = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/9.9', 'http/1.1', ''];
const TAME = [
  ...[
    'Accept-Encoding: gzip',
    'Connection: keep-alive',
    'Expect: 100-continue',
    'If-Match: *',
    'If-Match: "x"',
    'Range: bytes=0-',
  ],
  ...[
    'Content-Type: application/json',
    'Content-Type: application/merge-patch+json',
    'Content-Type: text/plain',
    'Cookie: a=b',
  ],
  ...['X-Hub-Signature-256: sha256=00', 'Last-Event-ID: 5', 'Origin: null', 'If-None-Match: "', 'TE: trailers'],
];
const HEADERS = [
  ...[
    'Host: localhost',
    'Host: localhost',
    'Host: 127.0.0.1:1',
    'Host: evil.example',
    'Host:',
    'Host: [::1',
    'host: a b',
  ],
  ...['Connection: close', 'Connection: keep-alive', 'Connection: upgrade', 'Upgrade: websocket', 'Upgrade: h2c'],
  ...['Expect: 100-continue', 'Expect: nonsense', 'Accept-Encoding: gzip', 'Accept-Encoding: gzip;q=0, *;q=x'],
  ...['Authorization: Bearer sesame', 'Authorization: Bearer wrong', 'Authorization: Basic Og==', 'Authorization:'],
  ...['Content-Type: application/json', 'Content-Type: text/plain', 'Content-Type: ;;;', 'Content-Encoding: gzip'],
  ...[
    'If-Match: *',
    'If-Match: "x"',
    'If-Match: W/"',
    'If-None-Match: "',
    'Range: bytes=0-',
    'Origin: http://evil.example',
  ],
  ...['Origin: null', 'X-Hub-Signature-256: sha256=00', 'X-Gitlab-Token: wrong', 'X-Hub-Signature-256:', 'Cookie: a=b'],
  ...['Last-Event-ID: -1', 'Last-Event-ID: 99999999999999999999', 'X-Forwarded-For: 127.0.0.1', 'TE: trailers'],
  ...['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked, chunked', 'Transfer-Encoding: gzip, chunked'],
  ...[
    'Transfer-Encoding : chunked',
    'Transfer-Encoding: \u000bchunked',
    ' folded: yes',
    'No colon',
    ': no name',
    'A\u0000: b',
  ],
  ...['Content-Length: 5', 'Content-Length: -1', 'Content-Length: +5', 'Content-Length: 0x5', 'Content-Length: 5, 5'],
  ...[
    'Content-Length: 99999999999999999999',
    'Content-Length: 1048577',
    'Content-Length: 0',
    `X: ${'x'.repeat(17_000)}`,
  ],
];
const BODIES = [
  ...['', 'hello', '{}', '[]', 'null', '{"a":', '{"Name":"\\ud800"}', '{"__proto__":{"x":1}}', '\ufeff{}', '"\u0000"'],
  ...['[[[[[[[[[[', '['.repeat(101) + ']'.repeat(101), '{"Token":"a"}', '{"Token":{"a":1}}', '{"Suspend":true}'],
  ...[
    '{"WorkerPoolSize":1e400}',
    '{"WorkerPoolSize":5}',
    '1'.repeat(400),
    '{"Name":"a","Name":"b"}',
    '{"Payload":null}',
  ],
  ...[
    JSON.stringify(job()),
    JSON.stringify(job({ Machines: ['__proto__'] })),
    JSON.stringify(job({ Name: '../../x' })),
  ],
];
const CHUNKS = [
  '5\r\nhello\r\n0\r\n\r\n',
  'ffffffffffffffffff\r\n',
  '-1\r\n',
  '5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n',
  '0\r\n',
];
const BREAKS = ['\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n', '\n\n'];

/** A conversation of one to four requests, some of them cut, changed or left unfinished. */
export function conversation(random: Random): Conversation {
  const count = random.chance(0.7) ? 1 : 1 + random.below(4);
  const whole = Buffer.concat(Array.from({ length: count }, () => request(random)));
  const bytes = random.chance(0.2) ? mutated(whole, random) : whole;
  return { pieces: cut(bytes, random), end: random.pick(['close', 'close', 'close', 'wait', 'reset']) };
}

/** What the parser takes, so that what is behind it is tried; else what it should not. */
function request(random: Random): Buffer {
  return random.chance(0.7) ? wellFormed(random) : odd(random);
}

function wellFormed(random: Random): Buffer {
  const body = random.pick(BODIES);
  const line = `${random.pick(METHODS.slice(0, METHODS_KNOWN))} ${random.pick(PATHS.slice(0, PATHS_KNOWN))} HTTP/1.1`;
  const isChunked = random.chance(0.2);
  const headers = new Set(['Host: localhost', isChunked ? 'Transfer-Encoding: chunked' : lengthOf(body)]);
  if (random.chance(0.7)) headers.add('Authorization: Bearer sesame');
  for (let count = random.below(3); count > 0; count -= 1) headers.add(random.pick(TAME));
  const size = Buffer.byteLength(body).toString(16);
  const sent = isChunked ? `${body === '' ? '' : `${size}\r\n${body}\r\n`}0\r\n\r\n` : body;
  return Buffer.from(`${[line, ...headers].join('\r\n')}\r\n\r\n${sent}`, 'utf8');
}

function lengthOf(body: string): string {
  return `Content-Length: ${Buffer.byteLength(body)}`;
}

function odd(random: Random): Buffer {
  const line = `${random.pick(METHODS)} ${random.pick(PATHS)} ${random.pick(VERSIONS)}`;
  const headers = Array.from({ length: random.below(4) }, () => random.pick([...HEADERS, ...TAME]));
  const body = random.pick(BODIES);
  const isChunked = random.chance(0.2);
  if (random.chance(0.8)) headers.unshift('Host: localhost');
  if (random.chance(0.5)) headers.push('Authorization: Bearer sesame');
  if (isChunked) headers.push('Transfer-Encoding: chunked');
  else if (random.chance(0.8)) headers.push(lengthOf(body));
  const end = random.chance(0.9) ? '\r\n' : random.pick(BREAKS);
  const head = [line, ...headers].join(random.chance(0.9) ? '\r\n' : random.pick(BREAKS));
  return Buffer.from(`${head}${end}${end}${isChunked ? chunked(body, random) : body}`, 'utf8');
}

function chunked(body: string, random: Random): string {
  if (random.chance(0.3)) return random.pick(CHUNKS);
  return body === '' ? '0\r\n\r\n' : `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

/** Some bytes changed, taken away, doubled. */
function mutated(bytes: Buffer, random: Random): Buffer {
  let result = bytes;
  for (let times = 1 + random.below(4); times > 0 && result.length > 0; times -= 1) {
    const at = random.below(result.length);
    const [before, after] = [result.subarray(0, at), result.subarray(at)];
    const odd = Buffer.from([random.pick([0, 9, 10, 11, 13, 32, 58, 127, 128, 255, random.below(256)])]);
    const length = random.below(Math.min(64, after.length) + 1);
    result = random.pick([
      () => Buffer.concat([before, odd, after.subarray(1)]),
      () => Buffer.concat([before, odd, after]),
      () => Buffer.concat([before, after.subarray(length)]),
      () => Buffer.concat([before, after.subarray(0, length), after]),
      () => before,
    ])();
  }
  return result;
}

function cut(bytes: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  const most = random.chance(0.6) ? bytes.length + 1 : 1 + random.below(400);
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random.below(most);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
