// Memory: what a start or a pass has put in force, besides the jobs, which are the agenda's.
import type { Job } from '../job.ts';
import type { MachineID, Machines } from '../machine.ts';
import type { Fleet } from '../manifest/fleet.ts';
import type { WindowReadings } from '../manifest/resolved/windows.ts';
import type { Problem } from '../problem.ts';
import { foreseenBlock, foreseenText } from '../safety/foreseen.ts';
import { DEFAULT_SETTINGS, type Settings } from '../settings.ts';
import type { Status } from '../status.ts';
import { equal, type Json } from '../values/json.ts';
import type { FleetWindow, Windows } from '../window.ts';
import { type Held, lastGood } from './last-good.ts';

/** The windows that hold, and the files of new ones that nobody can read. */
export interface WindowsInForce {
  readonly windows: Windows;
  /** While there is any, what could be frozen by it does not begin (F14). */
  readonly brokenWindows: ReadonlySet<string>;
}

/** What is in force besides the jobs; who reads it keeps the record and looks again, for it changes with each pass. */
export interface InForce extends WindowsInForce {
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
    windows: new Map(),
    brokenWindows: new Set<string>(),
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

/** What windows will do to the next run of a job, as things stand; null: nothing. */
export function nextBlock(inForce: NextBlockFacts, job: Job, { NextRunTime, Suspended }: Status): string | null {
  if (NextRunTime === null || Suspended) return null;
  const { windows, brokenWindows, machines: inventory, settings } = inForce;
  const context = { windows, brokenWindows, inventory, timeZone: settings.TimeZone };
  const block = foreseenBlock(job, job.machines, new Date(NextRunTime), context);
  return block && foreseenText(block);
}

/** What of the fleet in force says whether a run is blocked. */
export type NextBlockFacts = Pick<InForce, 'windows' | 'brokenWindows' | 'machines' | 'settings'>;

/**
 * The windows to have in force: of what is refused the last good version holds (R21). A refused document without one is
 * new: what it would forbid is not known.
 */
export function windowsInForce(current: WindowsInForce, read: WindowReadings): WindowsInForce {
  const isRefused = ({ window, file }: FleetWindow) => read.refused.has(file) || read.named.has(window.Name);
  const windows = lastGood(current.windows, read.accepted, isRefused);
  const kept = [...windows.values()].filter(({ window }) => !read.accepted.has(window.Name));
  const isNew = ([file, refused]: [string, number]) => refused > kept.filter((each) => each.file === file).length;
  return { windows, brokenWindows: new Set([...read.refused].filter(isNew).map(([file]) => file)) };
}

/** The windows with the moment since when each is in force as it is: a freeze that comes during a run stops it. */
export function windowsSince(before: Windows, windows: Windows, now: Date): Windows {
  if (before === windows) return before;
  const entries = [...windows].map(([name, each]): [string, FleetWindow] => {
    const was = before.get(name);
    const isSame = was && equal(was.window as unknown as Json, each.window as unknown as Json);
    return [name, { ...each, since: isSame ? was.since : now }];
  });
  return new Map(entries);
}
