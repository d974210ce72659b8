import { Agent as PlainAgent } from 'node:http';
import { Agent } from 'node:https';
import type { Socket } from 'node:net';
import { checkServerIdentity, type PeerCertificate, TLSSocket } from 'node:tls';
import { after, type Clock } from '../../clock.ts';

/** How a BMC's certificate is judged; when nothing is given, by the system's authorities. */
export interface Trust {
  /** PEM certificates of the authority. */
  readonly ca?: string | undefined;
  /** `sha256:` and 64 hex digits. */
  readonly fingerprint?: string | undefined;
  readonly insecure?: boolean | undefined;
}

/** How long a connection may take to open, TLS included, in milliseconds. */
export const CONNECT_MS = 10_000;
/** Idle connections end before any BMC would end them: a request on a dying one is lost. */
const IDLE_MS = 400;

/** A pool of one kept connection to one BMC. */
export type BmcAgent = Agent | PlainAgent;

/** Makes the connections to one BMC: one at a time, kept open, each judged anew. */
export function createAgent(secure: boolean, trust: Trust, clock: Clock): BmcAgent {
  const pool = { keepAlive: true, maxSockets: 1, timeout: IDLE_MS };
  const agent = secure ? new Agent({ ...pool, ...judging(trust), maxCachedSessions: 0 }) : new PlainAgent(pool);
  const open = connector(agent);
  const connect = (options: object, done?: () => void): Socket => {
    const socket = open.call(agent, options, done);
    if (secure && trust.fingerprint && !trust.ca) pin(socket, trust.fingerprint);
    limit(socket, secure ? 'secureConnect' : 'connect', clock);
    return socket;
  };
  Object.assign(agent, { createConnection: connect });
  return agent;
}

type Connector = (options: object, done?: () => void) => Socket;

/** Node documents createConnection on agents; its types leave it out. */
function connector(agent: BmcAgent): Connector {
  return (agent as unknown as { createConnection: Connector }).createConnection;
}

function judging(trust: Trust): object {
  if (trust.insecure && !trust.ca && !trust.fingerprint) return { rejectUnauthorized: false };
  if (!trust.ca) return trust.fingerprint ? { rejectUnauthorized: false } : {};
  const { fingerprint } = trust;
  return {
    ca: trust.ca,
    checkServerIdentity: (host: string, seen: PeerCertificate): Error | undefined =>
      fingerprint ? mismatch(fingerprint, digest(seen)) : checkServerIdentity(host, seen),
  };
}

function digest(certificate: PeerCertificate | undefined): string {
  return `sha256:${certificate?.fingerprint256?.replaceAll(':', '').toLowerCase() ?? 'none'}`;
}

function mismatch(wanted: string, seen: string): Error | undefined {
  if (seen === wanted.toLowerCase()) return undefined;
  return Object.assign(new Error(`its certificate is ${seen}, not the pinned ${wanted}`), { code: 'ERR_TLS_PIN' });
}

/** With the chain unchecked Node calls no checkServerIdentity, so the pin is compared before a byte is sent. */
function pin(socket: Socket, wanted: string): void {
  socket.prependOnceListener('secureConnect', () => {
    const seen = socket instanceof TLSSocket ? digest(socket.getPeerCertificate()) : 'none';
    const wrong = mismatch(wanted, seen);
    if (wrong) socket.destroy(wrong);
  });
}

function limit(socket: Socket, event: string, clock: Clock): void {
  const opened = new AbortController();
  const done = () => opened.abort('opened');
  socket.once(event, done);
  socket.once('close', done);
  clock.sleep(after(clock, CONNECT_MS), opened.signal).then(
    () => {
      const late = new Error(`no connection within ${CONNECT_MS / 1000} s`);
      socket.destroy(Object.assign(late, { code: 'ERR_CONNECT_TIMEOUT' }));
    },
    () => undefined,
  );
}
