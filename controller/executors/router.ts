import type { Site } from '../../definitions/engine/names.ts';
import { siteOf } from '../../definitions/engine/site.ts';
import { noEngine } from '../../definitions/engine/verdict.ts';
import type { Part, Result } from '../../definitions/run.ts';
import { type Settings, SITE_DEFAULTS } from '../../definitions/settings.ts';
import { durationMs } from '../../definitions/values/duration.ts';
import type { Executor, Wait } from './executor.ts';

/** How a site's parts are handed out. */
export interface SiteLimits {
  readonly site: Site;
  /** So long a part waits for a worker at most. */
  readonly startWithinMs: number;
}

/** Has parts carried out by the workers of sites. */
export interface SiteExecutor {
  execute(part: Part, limits: SiteLimits, signal: AbortSignal, wait?: Wait): Promise<Result>;
}

export interface RouterOptions {
  /** For the machines that are at no site. */
  readonly local: Executor;
  /** Null where the controller has no engine. */
  readonly remote: SiteExecutor | null;
  /** `Sites` as they are now. */
  readonly sites: () => Settings['Sites'];
}

/** An executor that leaves the machines of a site to the workers there, by the label `site`. */
export function createRouter({ local, remote, sites }: RouterOptions): Executor {
  return {
    async execute(part, signal, wait, fence) {
      const known = sites();
      const site = siteOf(part.machine, known);
      if (site === null) return local.execute(part, signal, wait, fence);
      if (remote === null) return noEngine(part.machine.ID, site);
      const { StartWithin } = known[site] ?? SITE_DEFAULTS;
      return remote.execute(part, { site, startWithinMs: durationMs(StartWithin) ?? 0 }, signal, wait);
    },
  };
}
