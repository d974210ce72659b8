// Memory: what a start or a pass has put in force, besides the jobs, which are the agenda's.
import type { MachineID, Machines } from '../machine.ts';
import type { Fleet } from '../manifest/fleet.ts';
import type { Problem } from '../problem.ts';
import { DEFAULT_SETTINGS, type Settings } from '../settings.ts';
import type { Held } from './last-good.ts';

/** What is in force besides the jobs; who reads it keeps the record and looks again, for it changes with each pass. */
export interface InForce {
  /** Those of the newest acceptable `bmcron.yaml`; the defaults as long as `hasSettings` is false. */
  readonly settings: Settings;
  /** Whether settings have ever been accepted; nothing may run before (R21). */
  readonly hasSettings: boolean;
  readonly machines: Machines;
  /** The file of each machine, also of one that is refused now and in force from before. */
  readonly sources: ReadonlyMap<MachineID, string>;
  readonly problems: readonly Problem[];
  /** Removals that nobody has confirmed (R47). */
  readonly held: Held;
  /** The commit that was judged last; null before the first pass. */
  readonly commit: string | null;
  /** What that commit's files said: what has not changed need not be judged again. */
  readonly fleet: Fleet | null;
}

/** The record for the one who changes it. */
export interface MutableInForce extends InForce {
  /** Puts other values in force, all at one moment; what is not named stays. */
  adopt(next: Partial<Omit<InForce, 'hasSettings'>>): void;
}

/** A record in which nothing is in force. */
export function createInForce(): MutableInForce {
  const inForce = {
    settings: DEFAULT_SETTINGS,
    hasSettings: false,
    machines: new Map(),
    sources: new Map(),
    problems: [],
    held: new Map(),
    commit: null,
    fleet: null,
    adopt(next: Partial<InForce>) {
      Object.assign(inForce, next, next.settings && { hasSettings: true });
    },
  };
  return inForce;
}
