import type { MachineID } from '../machine.ts';
import type { RunID } from '../run.ts';

/** The name of a place with workers of its own; it stands in subjects and permissions as it is. */
export type Site = string;

/** What a site's name looks like. */
export const SITE_PATTERN = '^[A-Za-z0-9_-]{1,63}$';

/** The label of a machine whose parts a worker at that site carries out. */
export const SITE_LABEL = 'site';

const SITE = new RegExp(SITE_PATTERN);

/** Whether a text may name a site. */
export function isSite(text: string): boolean {
  return SITE.test(text);
}

/** One machine's part of a run, by the name under which everything about it is stored. */
export interface PartName {
  readonly site: Site;
  readonly run: RunID;
  readonly machine: MachineID;
}

/** The streams that hold what must outlive every process. */
export const STREAMS = {
  parts: 'BMCRON_PARTS',
  starts: 'BMCRON_STARTS',
  leases: 'BMCRON_LEASES',
  results: 'BMCRON_RESULTS',
  claims: 'BMCRON_CLAIMS',
  leader: 'BMCRON_LEADER',
} as const;

/** Where it stands who leads. */
export const LEADER_SUBJECT = 'bmcron.leader';

/** Where a run is claimed for all controllers. */
export function claimSubject(run: RunID): string {
  return `bmcron.claim.${encode(run)}`;
}

/** Where it is stored that a run needs nobody any more: all of it is public. */
export function endSubject(run: RunID): string {
  return `bmcron.end.${encode(run)}`;
}

/** The run that a subject of `claim` or `end` names, and which of them; null where it names none. */
export function runOfSubject(subject: string): { readonly kind: 'claim' | 'end'; readonly run: RunID } | null {
  const [prefix, kind, token = '', ...rest] = subject.split('.');
  const run = decode(token);
  const isKnown = prefix === 'bmcron' && (kind === 'claim' || kind === 'end') && rest.length === 0;
  return isKnown && run !== null ? { kind, run } : null;
}

/** Where a controller stores the result of a part that it carried out itself; no site is called `%`. */
export function ownResultSubject(run: RunID, machine: MachineID): string {
  return `bmcron.result.%.${encode(run)}.${encode(machine)}`;
}

/** Where a machine's part waits: the machine's, not the run's, so that there is one at a time. */
export function partSubject({ site, machine }: Pick<PartName, 'site' | 'machine'>): string {
  return `bmcron.part.${site}.${encode(machine)}`;
}

/** Where it is stored that a part has begun, or that it never may. */
export function startSubject(name: PartName): string {
  return `bmcron.start.${tail(name)}`;
}

/** Where a worker says again and again that it still has a part. */
export function leaseSubject(name: PartName): string {
  return `bmcron.lease.${tail(name)}`;
}

/** Where the result of a part is stored; the first one stands. */
export function resultSubject(name: PartName): string {
  return `bmcron.result.${tail(name)}`;
}

/** Messages that are not stored: who is there, what is to end, what waits. */
export function siteSubject(kind: 'here' | 'cancel' | 'rest' | 'before', site: Site | '*'): string {
  return `bmcron.${kind}.${site}`;
}

/** The part that a subject of `start`, `lease` or `result` names; null where it names none. */
export function partNameOf(subject: string): PartName | null {
  const [prefix, kind, site = '', run = '', machine = '', ...rest] = subject.split('.');
  if (prefix !== 'bmcron' || !/^(start|lease|result)$/.test(kind ?? '') || rest.length > 0) return null;
  const [readRun, readMachine] = [decode(run), decode(machine)];
  return isSite(site) && readRun && readMachine ? { site, run: readRun, machine: readMachine } : null;
}

/** The site and the machine of a `part` subject; null where it is none. */
export function machineOfPart(subject: string): Pick<PartName, 'site' | 'machine'> | null {
  const [prefix, kind, site = '', machine = '', ...rest] = subject.split('.');
  if (prefix !== 'bmcron' || kind !== 'part' || rest.length > 0) return null;
  const read = decode(machine);
  return isSite(site) && read ? { site, machine: read } : null;
}

function tail({ site, run, machine }: PartName): string {
  return `${site}.${encode(run)}.${encode(machine)}`;
}

/**
 * A token of a subject: letters, digits, `_` and `-` stay, everything else is percent-encoded byte by byte. IDs hold
 * dots, which would part tokens; blanks, `*` and `>` have meanings of their own there.
 */
export function encode(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return [...bytes].map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : percent(byte))).join('');
}

function isPlain(byte: number): boolean {
  return /[A-Za-z0-9_-]/.test(String.fromCharCode(byte));
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** What `encode` made a token of; null where it made none of this. */
export function decode(token: string): string | null {
  try {
    const text = decodeURIComponent(token);
    return encode(text) === token && text !== '' ? text : null;
  } catch {
    return null;
  }
}
