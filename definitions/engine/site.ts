import type { Machine, Machines } from '../machine.ts';
import type { Settings } from '../settings.ts';
import { SITE_LABEL, type Site } from './names.ts';

/** The site by whose workers a machine is reached; null: the controller talks to it itself. */
export function siteOf({ Labels }: Machine, sites: Settings['Sites']): Site | null {
  const site = Labels?.[SITE_LABEL];
  return site !== undefined && Object.hasOwn(sites, site) ? site : null;
}

/** How many machines each site has; a site without any has 0. */
export function machinesBySite(machines: Machines, sites: Settings['Sites']): ReadonlyMap<Site, number> {
  const counts = new Map(Object.keys(sites).map((site) => [site, 0]));
  if (counts.size === 0) return counts;
  for (const machine of machines.values()) {
    const site = siteOf(machine, sites);
    if (site !== null) counts.set(site, (counts.get(site) ?? 0) + 1);
  }
  return counts;
}
