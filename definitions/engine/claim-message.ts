import type { Job } from '../job.ts';
import type { MachineID } from '../machine.ts';
import type { Claim } from '../run.ts';
import { isObject, type Json, own } from '../values/json.ts';
import { isSite, type Site } from './names.ts';
import { WIRE_VERSION } from './wire.ts';

/** A run as a controller claimed it for all of them, with all that another one needs to see it to its end. */
export interface ClaimMessage {
  /** The process that claimed it. */
  readonly id: string;
  readonly claim: Claim;
  /** The version that runs. */
  readonly job: Job;
  /** The version that some of its machines keep. */
  readonly kept?: Job;
  /** The machines whose parts workers carry out, with their site; the others are the controller's own. */
  readonly sites: Readonly<Record<MachineID, Site>>;
}

/** Its text. Only controllers may write it: it is trusted as the journal is. */
export function writeClaim({ id, claim, job, kept, sites }: ClaimMessage): string {
  return JSON.stringify({ v: WIRE_VERSION, id, claim, job, kept, sites });
}

/** What it says; null where this program does not understand it: it is another version's. */
export function readClaim(text: string): ClaimMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const [claim, job, kept, sites, id] = ['claim', 'job', 'kept', 'sites', 'id'].map((key) => own(value, key));
  const isWhole = own(value, 'v') === WIRE_VERSION && typeof id === 'string' && isObject(job) && isObject(sites);
  const isClaim = typeof own(claim, 'run') === 'string' && Array.isArray(own(claim, 'machines'));
  if (!isWhole || !isClaim || !Object.values(sites as object).every((site: Json) => isSite(String(site)))) return null;
  return { id, claim, job, sites, ...(isObject(kept) && { kept }) } as unknown as ClaimMessage;
}

/** Who holds the lease; `holder` null: it was given up. */
export interface LeaderMessage {
  readonly id: string;
  /** For people: the host and the process. */
  readonly holder: string | null;
}

/** The text of the lease. */
export function writeLeader({ id, holder }: LeaderMessage): string {
  return JSON.stringify({ v: WIRE_VERSION, id, holder });
}

/** What it says. A text that is not understood is somebody's who leads. */
export function readLeader(text: string): LeaderMessage {
  try {
    const value: unknown = JSON.parse(text);
    const [id, holder] = [own(value, 'id'), own(value, 'holder')];
    if (typeof id === 'string' && (holder === null || typeof holder === 'string')) return { id, holder };
  } catch {
    // as below
  }
  return { id: '?', holder: '?' };
}
