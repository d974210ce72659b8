import type { Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { ConnectionPool } from './pool.ts';

/** How a BMC's certificate is judged; when nothing is given, by the system's authorities. */
export interface Trust {
  /** PEM certificates of the authority. */
  readonly ca?: string | undefined;
  /** `sha256:` and 64 hex digits. */
  readonly fingerprint?: string | undefined;
  readonly insecure?: boolean | undefined;
}

/** Opens a connection over TLS on which nothing is sent before its certificate has been judged. */
export function connectTls(options: ConnectionOptions, trust: Trust, pool: ConnectionPool): Socket {
  const socket = connect({ ...options, ...judging(trust), secureContext: pool.contextOf(trust.ca || undefined) });
  if (trust.fingerprint && !trust.ca) pin(socket, trust.fingerprint);
  return socket;
}

function judging({ ca, fingerprint, insecure }: Trust): ConnectionOptions {
  if (!ca) return fingerprint || insecure ? { rejectUnauthorized: false } : {};
  const pinned = (_host: string, seen: PeerCertificate) => mismatch(fingerprint ?? '', digestOf(seen));
  return { checkServerIdentity: fingerprint ? pinned : checkServerIdentity };
}

/** A certificate's SHA-256 as `TLS.Fingerprint` has it. */
export function digestOf(certificate: PeerCertificate | undefined): string {
  return `sha256:${certificate?.fingerprint256?.replaceAll(':', '').toLowerCase() ?? 'none'}`;
}

function mismatch(wanted: string, seen: string): Error | undefined {
  if (seen === wanted.toLowerCase()) return undefined;
  return Object.assign(new Error(`its certificate is ${seen}, not the pinned ${wanted}`), { code: 'ERR_TLS_PIN' });
}

/** With the chain unchecked Node calls no checkServerIdentity, so the pin is compared before a byte is sent. */
function pin(socket: TLSSocket, wanted: string): void {
  socket.prependOnceListener('secureConnect', () => {
    const wrong = mismatch(wanted, digestOf(socket.getPeerCertificate()));
    if (wrong) socket.destroy(wrong);
  });
}
