import { hostname } from 'node:os';
import type { Lease } from '../engine/shared/lease.ts';
import type { ServingOptions } from '../server/serve.ts';
import type { takeSignals } from '../signals.ts';

/** This process, as people are told of it: the host and the number of the process. */
export function processName(): string {
  return `${hostname()} (${process.pid})`;
}

/**
 * Waits for the lease. Meanwhile health is served where the page will be: the process is well, and not ready.
 * @returns false where a signal came first
 */
export async function waitForLease(
  lease: Lease,
  serving: ServingOptions | undefined,
  signals: ReturnType<typeof takeSignals>,
): Promise<boolean> {
  const waiting = serving && (await serveWaiting(serving.listen));
  try {
    return await lease.take(signals.early);
  } finally {
    await waiting?.close();
  }
}

async function serveWaiting(listen: string): Promise<{ close(): Promise<void> }> {
  const { startServer } = await import('../server/http-server.ts');
  const { text } = await import('../server/http.ts');
  const { readListenAddress } = await import('../server/listen-address.ts');
  const { NO_TOKENS } = await import('../server/tokens.ts');
  const waiting = () => ({ ...text('standing by: another controller leads\n'), status: 503 });
  return startServer({
    listen: readListenAddress(listen) ?? { host: '127.0.0.1', port: 0 },
    tokens: NO_TOKENS,
    failed: () => undefined,
    routes: [
      { method: 'GET', path: '/healthz', audience: 'anyone', handle: () => text('ok') },
      { method: 'GET', path: '/readyz', audience: 'anyone', handle: waiting },
    ],
  });
}
