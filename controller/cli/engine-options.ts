import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { EngineAddress } from '../engine/engine.ts';
import { isLoopback } from '../server/listen-address.ts';

/** Where the engine is, as the command line says it. */
export interface EngineOptions {
  /** URLs with commas between them. */
  readonly url: string;
  readonly credentials?: string | undefined;
}

/** Names this process among all that use the engine; another after each start. */
export function processID(): string {
  return randomUUID();
}

/** How a process asks for the engine. */
export function engineAddress({ url, credentials }: EngineOptions, role: string): EngineAddress {
  return { url, credentials, name: `bmcron ${role} on ${hostname()}` };
}

/** What is wrong with the options of the engine, and what to do; null where nothing is. */
export async function engineFault({ url, credentials }: EngineOptions): Promise<string | null> {
  return urlFault(url, credentials) ?? (credentials === undefined ? null : await credentialsFault(credentials));
}

function urlFault(urls: string, credentials: string | undefined): string | null {
  for (const text of urls.split(',').map((each) => each.trim())) {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !/^(tls|nats):$/.test(url.protocol) || url.hostname === '') {
      return `--engine ${withoutLogin(text)}: say tls://HOST:4222, several with commas between them`;
    }
    if (url.username !== '' || url.password !== '') {
      return `--engine ${withoutLogin(text)}: no login there, everybody on this host could read it: --engine-credentials FILE`;
    }
    if (isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) continue;
    if (url.protocol !== 'tls:') return `--engine ${text}: without TLS on this very host only: say tls://`;
    if (credentials === undefined)
      return `--engine ${text}: name a file by --engine-credentials: NATS credentials or an NKey`;
  }
  return null;
}

function withoutLogin(text: string): string {
  return text.replace(/\/\/[^@/]*@/, '//');
}

async function credentialsFault(path: string): Promise<string | null> {
  const option = `--engine-credentials ${path}`;
  try {
    const text = await readFile(path, 'utf8');
    if (/BEGIN NATS USER JWT/.test(text) || /^SU[A-Z2-7]{56}$/m.test(text)) return null;
    return `${option} holds neither NATS credentials (a JWT and its seed) nor the seed of an NKey, SU…`;
  } catch (error) {
    return `${option} cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
}
