import type { Machine, MachineID, Machines } from '../machine.ts';
import type { Settings } from '../settings.ts';
import { SITE_LABEL, type Site } from './names.ts';

/** The site by whose workers a machine is reached; null: the controller talks to it itself. */
export function siteOf({ Labels }: Machine, sites: Settings['Sites']): Site | null {
  const site = Labels?.[SITE_LABEL];
  return site !== undefined && Object.hasOwn(sites, site) ? site : null;
}

/** The site of a machine of the inventory, and how many of it are talked to at once; null: it is at none. */
export function siteLimit(
  { machines, settings }: { readonly machines: Machines; readonly settings: Pick<Settings, 'Sites'> },
  id: MachineID,
): { readonly site: Site; readonly limit: number } | null {
  const machine = machines.get(id);
  const site = machine ? siteOf(machine, settings.Sites) : null;
  return site === null ? null : { site, limit: settings.Sites[site]?.MaxConnections ?? 1 };
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
