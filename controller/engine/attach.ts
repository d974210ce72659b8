import type { SiteExecutor } from '../executors/router.ts';
import type { EngineAddress } from './engine.ts';
import { type EngineLink, openLink } from './link.ts';
import { connectEngine } from './nats.ts';
import { createRemoteExecutor, type RemoteOptions } from './remote.ts';
import { createSites, type Sites, type SitesOptions } from './sites.ts';
import type { Stopwatch } from './stopwatch.ts';

export interface AttachOptions extends Pick<RemoteOptions, 'clock' | 'id'>, Pick<SitesOptions, 'inForce' | 'observe'> {
  readonly address: EngineAddress;
  readonly stopwatch: Stopwatch;
}

/** A controller's side of the engine. */
export interface AttachedEngine {
  readonly remote: SiteExecutor;
  readonly link: EngineLink;
  readonly sites: Sites;
  close(): Promise<void>;
}

/** Attaches a controller to the engine, which need not be there yet. */
export function attachEngine(options: AttachOptions): AttachedEngine {
  const { address, clock, observe } = options;
  const sites = createSites({ ...options, link: () => link, waiting: (site) => remote.waiting(site) });
  const link = openLink({ connect: () => connectEngine(address), prepare: sites.prepare, clock, observe });
  const remote = createRemoteExecutor({ ...options, link });
  return {
    remote,
    link,
    sites,
    async close() {
      sites.close();
      await link.close();
    },
  };
}
