import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isIPv6, type Socket } from 'node:net';

/** How many connections a server holds. */
export interface ConnectionLimits {
  readonly inAll: number;
  /** From one address; of IPv6 from one /64, which is what a single host gets. */
  readonly perAddress: number;
}

/** However much the system allows: more are no people and no forge. */
const MOST = 1_024;
const FEWEST = 16;
/** Where the system does not say how many files a process may open. */
const FILES = 1_024;

interface Connection {
  readonly socket: Socket;
  readonly from: string;
  request?: IncomingMessage;
  response?: ServerResponse;
}

/** A quarter of the files that this process may open: runs, git and the journal need the others. */
export function connectionLimits(openFiles = openFilesLimit()): ConnectionLimits {
  const inAll = Math.max(FEWEST, Math.min(MOST, Math.floor(openFiles / 4)));
  return { inAll, perAddress: Math.ceil(inAll / 2) };
}

/**
 * Holds a server to its limits. Whoever waits gives way: where one connection too many comes, the one goes for which
 * nothing has been done for longest, of the same address if that has its share. So a client that asks at once, a health
 * check say, is answered however many only hold on to theirs.
 */
export function limitConnections(server: Server, { inAll, perAddress }: ConnectionLimits): void {
  const open = new Map<Socket, Connection>(); // those that asked last are last
  const shares = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const from = networkOf(socket.remoteAddress ?? '');
    const share = shares.get(from) ?? 0;
    const isCrowded = share >= perAddress || open.size >= inAll;
    const leaving = isCrowded ? givesWay(open.values(), share >= perAddress ? from : null) : undefined;
    if (isCrowded && !leaving) return void socket.destroy();
    const leave = (connection: Connection) => {
      if (!open.delete(connection.socket)) return;
      const rest = (shares.get(connection.from) ?? 1) - 1;
      if (rest > 0) shares.set(connection.from, rest);
      else shares.delete(connection.from);
    };
    if (leaving) leave(leaving);
    leaving?.socket.destroy();
    const connection: Connection = { socket, from };
    open.set(socket, connection);
    shares.set(from, (shares.get(from) ?? 0) + 1);
    socket.on('close', () => leave(connection));
  });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = open.get(request.socket);
    if (!connection) return;
    open.delete(request.socket);
    open.set(request.socket, Object.assign(connection, { request, response }));
  });
}

/** The connection that waits for its client longest; a stream of events, which comes back by itself, if none does. */
function givesWay(open: Iterable<Connection>, from: string | null): Connection | undefined {
  let stream: Connection | undefined;
  for (const connection of open) {
    if (from !== null && connection.from !== from) continue;
    if (waitsForClient(connection)) return connection;
    if (connection.response?.headersSent) stream ??= connection;
  }
  return stream;
}

/** It has asked for nothing, not for all yet, or has been answered: what is left is up to the client. */
function waitsForClient({ request, response }: Connection): boolean {
  return !request?.complete || response === undefined || response.writableEnded;
}

/** An address as it is counted: one host can have as many IPv6 addresses as it likes, of one network. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const behind = tail === undefined ? 0 : tail.split(':').length;
  while (groups.length + behind < 8 && groups.length < 4) groups.push('0');
  return [...groups, ...(tail?.split(':') ?? [])].slice(0, 4).join(':');
}

function openFilesLimit(): number {
  try {
    return Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? FILES);
  } catch {
    return FILES;
  }
}
