import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { createBoundedMap } from '../../../definitions/values/bounded-map.ts';
import { createTurns } from '../../time-slice.ts';

/** What the connections of one service share. */
export interface ConnectionPool {
  /** The TLS settings of all who trust this authority (PEM), or the system's; made once. @throws Error for no PEM */
  contextOf(ca: string | undefined): SecureContext;
  /** To be awaited before a conversation begins: a crowd begins no faster than what has begun is served. */
  turn(): Promise<void> | undefined;
  /** A connection waits for its next request; where too many do, the one that has waited longest is closed. */
  idles(socket: Socket): void;
  /** It is used again, or closed. */
  busy(socket: Socket): void;
}

/** So many connections wait at most; one that is closed for it costs a handshake, and no request. */
const MOST_IDLE = 1_000;
const MOST_CONTEXTS = 100;
/**
 * So many conversations begin in one turn of the event loop. A thousand that begin at once each wait for the others at
 * every step, and all that they hold meanwhile outlives the garbage collector's young generation.
 */
const PER_TURN = 1;

/** A pool of which so many connections wait at most for their next request. */
export function createConnectionPool(mostIdle = MOST_IDLE): ConnectionPool {
  const contexts = createBoundedMap<string | undefined, SecureContext>(MOST_CONTEXTS, 'oldest');
  const idle = new Set<Socket>(); // the longest idle first
  return {
    turn: createTurns(PER_TURN),
    contextOf(ca) {
      const context = contexts.get(ca) ?? createSecureContext(ca === undefined ? {} : { ca });
      contexts.set(ca, context);
      return context;
    },
    idles(socket) {
      idle.add(socket);
      if (idle.size <= mostIdle) return;
      const [longest] = idle;
      if (longest) idle.delete(longest);
      longest?.destroy();
    },
    busy: (socket) => void idle.delete(socket),
  };
}
