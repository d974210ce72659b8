import { Failure, oneLine } from '../failure.ts';

const TLS_CODES = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

const NO_FILES = 'not asked: this host lets the service open no more files; raise its limit';
/** Nothing was sent: what was to be carried out has not been. */
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ERR_CONNECT_TIMEOUT', 'EMFILE', 'ENFILE'];

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  EPIPE: 'connection lost',
  ERR_STREAM_PREMATURE_CLOSE: 'connection lost in the middle of the answer',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name could not be looked up',
  EMFILE: NO_FILES,
  ENFILE: NO_FILES,
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'connection timed out',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; give the machine TLS.Fingerprint or TLS.CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an unknown authority; give the machine TLS.CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an unknown authority; give the machine TLS.CA',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name; give the machine TLS.Fingerprint',
  EPROTO: 'it does not speak TLS that this client accepts',
};

/** An error of the line as a failure: what went wrong with the connection, and whether it may pass. */
export function connectionFailure(error: unknown, endpoint: string): Failure {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (code.startsWith('HPE_')) {
    return new Failure('Unreachable', 'permanent', `${endpoint} did not answer in HTTP (${code})`);
  }
  const words = WORDS[code] ?? (code === 'ERR_TLS_PIN' ? pinText(message) : message);
  const tls = TLS_CODES.test(code);
  const text = tls ? `TLS to ${endpoint} refused: ${oneLine(words, 200)}` : `${endpoint}: ${oneLine(words, 200)}`;
  const lost = !tls && !NOT_SENT.includes(code);
  return new Failure('Unreachable', tls ? 'permanent' : 'transient', text, { unknown: lost, untrusted: tls });
}

/** node-fetch puts the address in front of what the socket said. */
function pinText(message: string): string {
  return message.slice(message.indexOf('its certificate'));
}
