import { Agent as PlainAgent } from 'node:http';
import { Agent } from 'node:https';
import { connect, type Socket } from 'node:net';
import { after, type Clock } from '../../clock.ts';
import type { ConnectionPool } from './pool.ts';
import { connectTls, type Trust } from './tls.ts';

/** How long a connection may take to open, TLS included, in milliseconds. */
const CONNECT_MS = 10_000;
/** Longer than a change takes to settle, so that the second look needs no second handshake. */
const IDLE_MS = 10_000;
/** What must not be sent twice goes over no connection that has been idle for longer: it may be a dying one. */
const FRESH_MS = 400;

/** The connections to one BMC: one at a time, kept between requests, each judged anew. */
export interface BmcLine {
  readonly agent: Agent | PlainAgent;
  /** The request in hand goes over a kept connection, which the BMC had perhaps closed already. */
  readonly kept: boolean;
  /** The next request gets a connection that has just been used, or a new one. */
  freshen(): void;
  /** Ends the request in hand, connected or not. */
  cut(): void;
  close(): void;
}

/** What a line is made of. */
export interface BmcLineOptions {
  readonly secure: boolean;
  readonly trust: Trust;
  readonly clock: Clock;
  readonly pool: ConnectionPool;
}

/** A line to one BMC; it opens with the first request. */
export function createLine({ secure, trust, clock, pool }: BmcLineOptions): BmcLine {
  const options = { keepAlive: true, maxSockets: 1, timeout: IDLE_MS };
  const agent: BmcLine['agent'] = secure ? new Agent(options) : new PlainAgent(options);
  const now = () => clock.now().getTime();
  let kept = false;
  let idleSinceMs = 0;
  const open = (to: { host: string; port: number }): Socket => {
    const socket = secure ? connectTls(to, trust, pool) : connect(to);
    kept = false;
    socket.once('close', () => pool.busy(socket));
    limit(socket, secure ? 'secureConnect' : 'connect', clock);
    return socket;
  };
  const { keepSocketAlive, reuseSocket } = agent;
  Object.assign(agent, {
    getName: () => 'bmc', // else each request makes a text of all TLS options; and there is one BMC
    createConnection: open,
    keepSocketAlive(socket: Socket) {
      idleSinceMs = now();
      const fit: unknown = keepSocketAlive.call(agent, socket); // false: the BMC would close it at once
      if (fit) pool.idles(socket);
      return fit;
    },
    reuseSocket(...[socket, request]: Parameters<typeof reuseSocket>) {
      kept = true;
      pool.busy(socket as Socket);
      reuseSocket.call(agent, socket, request);
    },
  });
  return {
    agent,
    get kept() {
      return kept;
    },
    freshen() {
      if (now() - idleSinceMs > FRESH_MS) for (const socket of all(agent.freeSockets)) socket.destroy();
    },
    cut() {
      for (const request of all(agent.requests)) request.destroy();
      for (const socket of all(agent.sockets)) socket.destroy();
    },
    close: () => agent.destroy(),
  };
}

function all<T>(lists: { readonly [name: string]: T[] | undefined }): T[] {
  return Object.values(lists).flatMap((list) => list ?? []);
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
