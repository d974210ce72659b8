import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from './http.ts';

/** Reads the bodies of requests; what it holds of all of them together is bounded. */
export interface Bodies {
  /** The whole of one; held until it is answered. @throws HttpError when it, or all together, are too large */
  read(incoming: IncomingMessage, response: ServerResponse): Promise<Buffer>;
}

export interface BodyLimits {
  /** Bytes of one body. */
  readonly each: number;
  /** Bytes of all bodies that are held. */
  readonly together: number;
}

export function createBodies({ each, together }: BodyLimits): Bodies {
  let held = 0;
  return {
    async read(incoming, response) {
      const chunks: Buffer[] = [];
      let size = 0;
      response.once('close', () => {
        held -= size;
      });
      for await (const chunk of chunksOf(incoming, each)) {
        if (response.closed) break; // nobody waits any more
        if (held + chunk.length > together) {
          throw new HttpError(503, 'too many bodies come at once: again in 1 s', {
            'retry-after': '1',
            connection: 'close',
          });
        }
        held += chunk.length;
        size += chunk.length;
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
  };
}

/** A body bit by bit: none of it is kept. @throws HttpError when there is more than `most` */
export async function* chunksOf(incoming: IncomingMessage, most: number): AsyncGenerator<Buffer> {
  const large = new HttpError(413, `the body is larger than ${most} bytes`, { connection: 'close' });
  if (Number(incoming.headers['content-length'] ?? 0) > most) throw large;
  let size = 0;
  try {
    // destroyed, it could not be answered any more
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > most) throw large;
      yield chunk;
    }
  } catch (error) {
    if (error instanceof HttpError) throw error;
    // who has gone, be it after the last of it, is no failure of the service
    throw new HttpError(400, 'the body ended before it was all there', { connection: 'close' });
  }
}
