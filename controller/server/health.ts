import { text } from './http.ts';
import type { Instruments } from './metrics/instruments.ts';
import type { Route } from './router.ts';

export interface HealthOptions {
  /** Whether the first pass has been made. */
  readonly reconciled: () => boolean;
  /** Whether what happens can be recorded. */
  readonly recordable: () => Promise<boolean>;
  readonly instruments: Instruments;
}

/** `/healthz` is about the process, `/readyz` about its work, `/metrics` for Prometheus; none holds a secret. */
export function healthRoutes({ reconciled, recordable, instruments }: HealthOptions): readonly Route[] {
  return [
    { method: 'GET', path: '/healthz', audience: 'anyone', handle: () => text('ok') },
    {
      method: 'GET',
      path: '/readyz',
      audience: 'anyone',
      async handle() {
        if (!reconciled()) return text('not ready: the first reconcile pass has not ended', 503);
        if (!(await recordable())) return text('not ready: the journal cannot be written', 503);
        return text('ready');
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      audience: 'anyone',
      async handle() {
        const { type, body } = await instruments.print();
        return { status: 200, headers: { 'content-type': type }, body };
      },
    },
  ];
}
