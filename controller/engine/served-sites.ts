import type { Site } from '../../definitions/engine/names.ts';
import { noWorkerText } from '../../definitions/engine/verdict.ts';

/** What is known of a site. */
export interface SiteState {
  readonly site: Site;
  readonly workers: number;
  /** Machines of the inventory that only its workers reach. */
  readonly machines: number;
  /** Parts that have been handed out and have not ended. */
  readonly waiting: number;
  /** Nobody serves it, as far as can be known. */
  readonly isWithout: boolean;
}

/** What is known of the sites of a fleet. */
export interface ServedSites {
  readonly states: readonly SiteState[];
  /** Called when a site has lost its last worker, or has one again. */
  onChange(listener: () => void): void;
}

/** What STATUS.md says of sites that nobody serves. */
export function siteAlerts(states: readonly SiteState[]): readonly string[] {
  return states
    .filter(({ isWithout }) => isWithout)
    .map(({ site, machines }) => `NoWorker: ${noWorkerText(site, machines)}: start \`bmcron worker\` there.`);
}
