import { isIP } from 'node:net';
import { connect, type PeerCertificate } from 'node:tls';
import { oneLine } from '../failure.ts';
import { digestOf } from './tls.ts';

/** What a BMC shows of itself before anything is said to it. Its texts are whatever somebody wrote into it. */
export interface SeenCertificate {
  /** `sha256:` and 64 hex digits, as `TLS.Fingerprint` takes it. */
  readonly fingerprint: string;
  /** `CN=bmc-7, O=Example`; one bounded line each. */
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601; null where it does not say it so. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
}

const LONGEST_NAME = 200;
const LONGEST_WAIT_MS = 10_000;

/** The certificate of an endpoint, trusted or not, by a handshake alone; null where there is none to see. */
export function seenCertificate(endpoint: string, signal: AbortSignal): Promise<SeenCertificate | null> {
  const { hostname, port } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$/g, '');
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false, ...servername });
    const end = (seen: SeenCertificate | null) => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(seen);
    };
    const abort = () => end(null);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    socket.setTimeout(LONGEST_WAIT_MS, abort);
    socket.once('error', abort);
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerCertificate();
      end(certificate.fingerprint256 ? shown(certificate) : null);
    });
  });
}

function shown(certificate: PeerCertificate): SeenCertificate {
  return {
    fingerprint: digestOf(certificate),
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validFrom: timeOf(certificate.valid_from),
    validTo: timeOf(certificate.valid_to),
  };
}

function nameOf(name: PeerCertificate['subject'] | undefined): string {
  const parts = Object.entries(name ?? {}).map(([key, value]) => `${key}=${[value].flat().join('+')}`);
  return oneLine(parts.join(', '), LONGEST_NAME);
}

function timeOf(text: string): string | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
