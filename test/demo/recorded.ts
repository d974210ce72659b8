// The recorded exchanges of real servers (test/fixtures/redfish): how they are read, sent again and compared.
import { readFileSync } from 'node:fs';
import { type Agent, request as requestPlain } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Json } from '../../definitions/values/json.ts';

export interface Exchange {
  readonly id: string;
  readonly sequence: string;
  readonly step: number;
  readonly about: string;
  readonly setup: string;
  readonly covers: readonly string[];
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: readonly (readonly [string, string])[];
    readonly bodyKind: 'json' | 'text' | 'base64' | 'empty' | 'generated';
    readonly body: Json;
    readonly bodyNote?: string;
    readonly derived?: readonly { header: string; from: string; form: string }[];
    readonly connection: 'new' | 'reused';
    readonly base?: string;
  };
  readonly response: {
    readonly status: number;
    readonly headers: readonly (readonly [string, string])[];
    readonly bodyKind: string;
    readonly body: Json;
  } | null;
}

export interface Recording {
  readonly exchanges: readonly Exchange[];
}

export function recording(name: string): Recording {
  const path = join(import.meta.dirname, '..', 'fixtures', 'redfish', `${name}.json.gz`);
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Recording;
}

/** Exchanges by sequence, in the order recorded. */
export function sequences({ exchanges }: Recording): ReadonlyMap<string, readonly Exchange[]> {
  const found = new Map<string, Exchange[]>();
  for (const each of exchanges) found.set(each.sequence, [...(found.get(each.sequence) ?? []), each]);
  return found;
}

/** The bytes of a recorded request's body; large ones are made anew from their description. */
export function bodyOf({ request: sent }: Exchange, fill: (text: string) => string): Buffer | undefined {
  switch (sent.bodyKind) {
    case 'empty':
      return undefined;
    case 'base64':
      return Buffer.from(String(sent.body), 'base64');
    case 'text':
      return Buffer.from(fill(String(sent.body)));
    case 'json':
      return Buffer.from(fill(JSON.stringify(sent.body)));
    default:
      return Buffer.from(generated(sent.bodyNote ?? ''));
  }
}

function generated(note: string): string {
  const letters = /"ServiceIdentification":"aaa\.\.\. \((\d+) times a\)"/.exec(note)?.[1];
  if (letters) return `{"ServiceIdentification":"${'a'.repeat(Number(letters))}"}`;
  return note.replace(/\[0,0,\.\.\. (\d+) zeros\]/, (_, count) => `[${Array(Number(count)).fill(0).join(',')}]`);
}

export interface Received {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
}

/** Sends a request as it stands; undefined when the connection ends without an answer. */
export function sendRaw(
  endpoint: string,
  agent: Agent | undefined,
  sent: { method: string; path: string; headers: readonly (readonly [string, string])[]; body: Buffer | undefined },
): Promise<Received | undefined> {
  const { hostname, port, protocol } = new URL(endpoint);
  const headers: string[] = ['Host', `${hostname}:${port}`, ...sent.headers.flat()];
  const names = sent.headers.map(([name]) => name.toLowerCase());
  if (sent.body && !names.includes('content-length') && !names.includes('transfer-encoding')) {
    headers.push('Content-Length', String(sent.body.length));
  }
  return new Promise((resolve) => {
    const options = {
      hostname,
      port,
      method: sent.method,
      path: sent.path,
      headers,
      ...(agent ? { agent } : { agent: false as const }),
      rejectUnauthorized: false,
    };
    const open = protocol === 'https:' ? request : requestPlain;
    const asking = open(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve(undefined));
      response.on('end', () => {
        const raw = response.rawHeaders;
        const pairs = raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []));
        resolve({ status: response.statusCode ?? 0, headers: pairs, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    asking.on('error', () => resolve(undefined));
    asking.end(sent.body);
  });
}
