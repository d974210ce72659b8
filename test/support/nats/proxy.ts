// A TCP proxy between a client and its server, for what networks do: cut, refuse, swallow without a word.
import { createServer, connect as open, type Socket } from 'node:net';

export interface CuttingProxy {
  /** As the target's URL, with the proxy's own port. */
  readonly url: string;
  /** Ends all connections, and refuses new ones until `heal`. */
  cut(): void;
  /** Keeps connections open and takes new ones, and passes nothing on in either direction until `heal`. */
  swallow(): void;
  /** Passes everything on again: what was swallowed stays lost, so its connections end. */
  heal(): void;
  /** How many connections are open. */
  readonly connections: number;
  close(): Promise<void>;
}

/** Starts one before `nats://HOST:PORT`. */
export async function startProxy(target: string): Promise<CuttingProxy> {
  const { protocol, username, password, hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  const state = { isCut: false, swallows: false };
  const end = () => {
    for (const pair of pairs) for (const each of pair) each.destroy();
  };
  const server = createServer((client) => {
    if (state.isCut) {
      client.destroy();
      return;
    }
    const upstream = open(Number(port), hostname);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on('data', (chunk) => {
        if (!state.swallows) to.write(chunk);
      });
      from.on('error', () => from.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        // A connection that ends while everything is swallowed is not heard of at the other end either.
        if (!state.swallows) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = (server.address() as { port: number }).port;
  const login = username ? `${username}${password ? `:${password}` : ''}@` : '';
  return {
    url: `${protocol}//${login}127.0.0.1:${own}`,
    cut() {
      state.isCut = true;
      end();
    },
    swallow() {
      state.swallows = true;
    },
    heal() {
      const lost = state.swallows;
      state.isCut = false;
      state.swallows = false;
      if (lost) end();
    },
    get connections() {
      return pairs.size;
    },
    async close() {
      state.swallows = false;
      const closed = new Promise((resolve) => server.close(resolve));
      end();
      await closed;
    },
  };
}
