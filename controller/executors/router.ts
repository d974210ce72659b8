import type { Site } from '../../definitions/engine/names.ts';
import { siteOf } from '../../definitions/engine/site.ts';
import { noEngine } from '../../definitions/engine/verdict.ts';
import type { CutOffPart, Part, Result } from '../../definitions/run.ts';
import { type Settings, SITE_DEFAULTS } from '../../definitions/settings.ts';
import { durationMs } from '../../definitions/values/duration.ts';
import type { BeforeSending, Executor, Wait } from './executor.ts';

/** How a site's parts are handed out. */
export interface SiteLimits {
  readonly site: Site;
  /** So long a part waits for a worker at most. */
  readonly startWithinMs: number;
}

/** Has parts carried out by the workers of sites. */
export interface SiteExecutor {
  execute(part: Part, limits: SiteLimits, signal: AbortSignal, hooks?: SiteHooks): Promise<Result>;
  recover(part: CutOffPart, limits: SiteLimits, signal: AbortSignal): Promise<Result>;
}

/** What the executor of a part hears of, wherever it is carried out. */
export interface SiteHooks {
  readonly wait?: Wait | undefined;
  readonly before?: BeforeSending | undefined;
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
  const limitsOf = (site: Site): SiteLimits => {
    const { StartWithin } = sites()[site] ?? SITE_DEFAULTS;
    return { site, startWithinMs: durationMs(StartWithin) ?? 0 };
  };
  return {
    async execute(part, signal, wait, before, fence) {
      const site = siteOf(part.machine, sites());
      if (site === null) return local.execute(part, signal, wait, before, fence);
      if (remote === null) return noEngine(part.machine.ID, site);
      return remote.execute(part, limitsOf(site), signal, { wait, before });
    },
    async recover(part, signal, fence) {
      const site = siteOf(part.machine, sites());
      if (site === null) return local.recover(part, signal, fence);
      if (remote === null) return { ...noEngine(part.machine.ID, site), outcome: 'Interrupted', entries: part.seen };
      return remote.recover(part, limitsOf(site), signal);
    },
  };
}
