// Fills a recorded exchange with the values of this run, and judges the answer: volatile values masked, the rest alike.
import { canonical, type Json } from '../../definitions/values/json.ts';
import type { Exchange, Received } from './recorded.ts';

export const USERS = [
  { username: 'operator', password: 'pass-operator', role: 'Operator' as const },
  { username: 'viewer', password: 'pass-viewer', role: 'ReadOnly' as const },
];
export const ROOT_PASSWORD = 'pass-root';

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

const FIXED: Readonly<Record<string, string>> = {
  '<basic root>': basic(`root:${ROOT_PASSWORD}`),
  '<basic root wrong password>': basic('root:wrong'),
  '<basic unknown user>': basic('nobody-here:wrong'),
  '<basic root without colon>': basic('root'),
  '<basic root, scheme in lower case>': basic(`root:${ROOT_PASSWORD}`).replace('Basic', 'basic'),
  '<basic operator>': basic('operator:pass-operator'),
  '<basic viewer>': basic('viewer:pass-viewer'),
  '<bearer unknown>': 'Bearer abcdef',
  '<unknown token>': 'abcdefghij',
  '<wrong password>': 'wrong',
  '<4096 times a>': 'a'.repeat(4096),
  '<9216 times a>': 'a'.repeat(9216),
};

/**
 * What one sequence has come by: tokens and sessions by their placeholders, ETags by step, ETags seen by those
 * recorded.
 */
export interface Gathered {
  readonly values: Map<string, string>;
  readonly etags: Map<number, string>;
  readonly same: Map<string, string>;
}

/** A recorded text with its placeholders filled in. */
export function fill(text: string, { values }: Gathered, username = 'root'): string {
  const password = USERS.find((each) => each.username === username)?.password ?? ROOT_PASSWORD;
  return text.replace(/<[^<>]+>/g, (found) => {
    if (found === '<password>') return password;
    return values.get(found) ?? FIXED[found] ?? found;
  });
}

function derive(etag: string, form: string): string {
  const bare = etag.replaceAll('"', '');
  const forms: Record<string, string> = {
    'as is': etag,
    'W/ prefixed': `W/${etag}`,
    'quotes removed': bare,
    'lower case': etag.toLowerCase(),
    'second of a list': `"x", ${etag}`,
    'twice in a list': `${etag}, ${etag}`,
    '-gzip suffix': `"${bare}-gzip"`,
    'second of two headers': etag,
  };
  return forms[form] ?? etag;
}

/** The headers to send, values of earlier answers in place. */
export function headersOf(exchange: Exchange, gathered: Gathered): (readonly [string, string])[] {
  const left = [...(exchange.request.derived ?? [])];
  return exchange.request.headers.map(([name, value]) => {
    const last = exchange.request.headers.filter(([other]) => other === name).at(-1)?.[1] === value;
    const index = last ? left.findIndex((each) => each.header.toLowerCase() === name.toLowerCase()) : -1;
    const [derived] = index < 0 ? [] : left.splice(index, 1);
    if (!derived) return [name, fill(value, gathered)];
    const step = Number(/step (\d+)/.exec(derived.from)?.[1]);
    return [name, derive(gathered.etags.get(step) ?? '', derived.form)];
  });
}

/** Keeps what later steps need. */
export function gather(exchange: Exchange, received: Received, gathered: Gathered): void {
  const header = (pairs: readonly (readonly [string, string])[], name: string) =>
    pairs.find(([each]) => each.toLowerCase() === name)?.[1];
  const etag = header(received.headers, 'etag');
  if (etag) gathered.etags.set(exchange.step, etag);
  const recorded = exchange.response?.headers ?? [];
  for (const name of ['x-auth-token', 'location']) {
    const placeholder = /<[^<>]+>/.exec(header(recorded, name) ?? '')?.[0];
    const value = header(received.headers, name)?.split('/').at(-1);
    if (placeholder && value) gathered.values.set(placeholder, value);
  }
}

const IGNORED = new Set(['date', 'content-length', 'keep-alive']);

function headerLines(pairs: readonly (readonly [string, string])[], gathered: Gathered): string[] {
  return pairs
    .filter(([name, value]) => !IGNORED.has(name.toLowerCase()) && value !== 'keep-alive')
    .map(([name, value]) => `${name.toLowerCase()}: ${maskHeader(name.toLowerCase(), value, gathered)}`)
    .sort();
}

function maskHeader(name: string, value: string, gathered: Gathered): string {
  if (name === 'etag') return /^"[0-9A-F]{1,16}"$/.test(value) ? 'strong' : value;
  if (name === 'x-auth-token') return 'token';
  if (name === 'set-cookie') return value.replace(/=[^;]+;/, '=cookie;');
  return mask(name === 'allow' ? value.split(', ').sort().join(', ') : value, gathered);
}

function mask(text: string, { values }: Gathered): string {
  let masked = text.replace(/<session id[^>]*>/g, '<session id>');
  for (const [placeholder, value] of values) {
    if (placeholder.startsWith('<session id')) masked = masked.replaceAll(value, '<session id>');
  }
  return masked
    .replace(/\/Sessions\/[A-Za-z0-9]{10}(?=")/g, '/Sessions/<session id>')
    .replace(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"/g, '"<time>"');
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** What differs between an exchange and what came back, in a line; undefined when nothing does. */
export function judge(exchange: Exchange, received: Received | undefined, gathered: Gathered): string | undefined {
  const { response } = exchange;
  if (exchange.sequence === 'http2') return 'sent over HTTP/1.1';
  if (!response || !received) return Boolean(response) === Boolean(received) ? undefined : 'one answered, one did not';
  if (response.status !== received.status) return `status ${received.status}, not ${response.status}`;
  const [wanted, seen] = [response.headers, received.headers].map((each) => headerLines(each, gathered).join('\n'));
  if (wanted !== seen) return `headers\n${seen}\nnot\n${wanted}`;
  const body = response.bodyKind === 'empty' ? '' : response.body;
  const [should, is] = [body, parsed(received.text)].map((each) => mask(canonical(each), gathered));
  if (should !== is) return `body ${is?.slice(0, 1500)}\nnot ${should?.slice(0, 1500)}`;
  return etagsAgree(exchange, received, gathered);
}

function etagsAgree(exchange: Exchange, received: Received, { same }: Gathered): string | undefined {
  const etag = (pairs: readonly (readonly [string, string])[]) => pairs.find(([name]) => /^etag$/i.test(name))?.[1];
  const [recorded, seen] = [etag(exchange.response?.headers ?? []), etag(received.headers)];
  if (!recorded || !seen || exchange.request.path.includes('Session')) return undefined;
  const before = same.get(recorded);
  same.set(recorded, seen);
  return before === undefined || before === seen ? undefined : `ETag ${seen} where ${before} was before`;
}
