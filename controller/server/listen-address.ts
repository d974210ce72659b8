import { isIP } from 'node:net';

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Reads `HOST:PORT`, `[::1]:8080` or `:8080` (every interface); null when it is none of them. */
export function readListenAddress(text: string): ListenAddress | null {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]*)):(\d{1,5})$/.exec(text);
  if (!match) return null;
  const [, six, name = '', digits = ''] = match;
  const port = Number(digits);
  if (port > 65_535 || (six !== undefined && isIP(six) !== 6)) return null;
  return { host: six ?? (name === '' ? '0.0.0.0' : name), port };
}

/** Whether only this very host can reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** An address as people write it in a URL. */
export function printOrigin({ host, port }: ListenAddress): string {
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/**
 * Whether a Host header names this very host. On loopback any other name is somebody's web page whose DNS name has been
 * pointed here, to read with a visitor's browser what only this host may read.
 */
export function namesLoopback(header: string | undefined): boolean {
  const name = /^(\[[^\]]*\]|[^:]*)(:\d+)?$/.exec(header ?? '')?.[1] ?? '';
  return isLoopback(name.replace(/^\[|\]$/g, '').toLowerCase());
}
