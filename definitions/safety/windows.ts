import { classFor } from '../actions/action.ts';
import { ACTIONS } from '../actions/index.ts';
import type { Block } from '../block.ts';
import { type Stretch, stretchAfter, stretchAt } from '../calendar/window-times.ts';
import type { GuardClass } from '../guard-class.ts';
import type { Job } from '../job.ts';
import type { Machine } from '../machine.ts';
import type { MachineSelector } from '../machine-selector.ts';
import { matches } from '../selection/labels.ts';
import { timestamp } from '../values/time.ts';
import { type FleetWindow, fitsJob, type Window, type Windows } from '../window.ts';

/** What windows are judged by. */
export interface WindowContext {
  readonly windows: Windows;
  /** Files of new windows that are refused. */
  readonly brokenWindows: ReadonlySet<string>;
  /** The service's zone. */
  readonly timeZone: string;
}

/** Who asks. */
export interface WindowAsk {
  /** A trigger: it passes a window that says `Manual: Allow`. */
  readonly isManual: boolean;
  /** When the run was claimed of which a further part is to begin; null: a run is to begin. */
  readonly began: Date | null;
}

/** What keeps something from beginning, and when it may, as things stand; null: nobody knows. */
export interface WindowBlock {
  readonly block: Block;
  readonly until: Date | null;
}

/** Classes that do not run while a new window's file is refused: it may be the one that was to stop them. */
const CAREFUL: readonly GuardClass[] = ['Host', 'Manager', 'Access'];
/** Edges that are looked at to find when something may begin again. */
const MOST_EDGES = 1_000;

/** The guard class of a job's action; of one that this version does not know, the gravest. */
export function guardClassOf({ spec }: Job): GuardClass {
  const action = ACTIONS.get(spec.Action);
  return action ? classFor(action, spec.Payload) : 'Host';
}

/**
 * Whether a job may begin on machines as far as windows go, asked for each of them; null: it may. What windows say is
 * judged once for all machines that the same of them are about.
 */
export function createWindowJudge(
  job: Job,
  ask: WindowAsk,
  now: Date,
  { windows, brokenWindows, timeZone }: WindowContext,
): (machine: Machine | undefined) => WindowBlock | null {
  const [file] = brokenWindows;
  if (file !== undefined && CAREFUL.includes(guardClassOf(job))) {
    const message = `WindowBroken ${file}: classes ${CAREFUL.join(', ')} do not run until it is mended`;
    const broken: WindowBlock = { block: { reason: 'WindowBroken', message }, until: null };
    return () => broken;
  }
  const ofJob = [...windows.values()].filter((each) => isAbout(each, job));
  if (ofJob.length === 0) return () => null;
  const known = new Map<string, WindowBlock | null>();
  return (machine) => {
    const applying = ofJob.filter(({ window: { Applies } }) => fitsMachine(Applies?.MachineSelector, machine));
    const key = applying.map(({ window }) => window.Name).join('\n');
    const judged = known.get(key);
    if (judged !== undefined) return judged;
    const block = blockOf(applying, ask, now, timeZone);
    known.set(key, block);
    return block;
  };
}

function isAbout({ window: { Suspend, Applies = {} } }: FleetWindow, job: Job): boolean {
  if (Suspend || (Applies.Classes && !Applies.Classes.includes(guardClassOf(job)))) return false;
  return !Applies.Jobs || Applies.Jobs.some((pattern) => fitsJob(pattern, job.id));
}

/** A machine that the inventory does not have has no labels. */
function fitsMachine(selector: MachineSelector | undefined, machine: Machine | undefined): boolean {
  return selector === undefined || (machine !== undefined && matches(selector, machine.Labels));
}

/** The verdict of the windows that apply (F01–F08); null: it may begin. */
export function blockOf(
  windows: readonly FleetWindow[],
  ask: WindowAsk,
  now: Date,
  timeZone: string,
): WindowBlock | null {
  const first = closed(windows, ask, now, timeZone);
  if (first === null) return null;
  let next = first.next;
  for (let edges = 0; edges < MOST_EDGES && Number.isFinite(next); edges += 1) {
    const still = closed(windows, ask, new Date(next), timeZone);
    if (still === null) return { block: first.block, until: new Date(next) };
    next = still.next;
  }
  return { block: first.block, until: null };
}

interface Closed {
  readonly block: Block;
  /** When it is worth to ask again, in ms since the epoch; infinite: never. */
  readonly next: number;
}

function closed(windows: readonly FleetWindow[], ask: WindowAsk, now: Date, timeZone: string): Closed | null {
  const freezes = windows.flatMap((each) => {
    const active = each.window.Kind === 'Freeze' ? stretchAt(each.window, timeZone, now) : null;
    return active && !letsThrough(each, active, ask) ? [{ window: each.window, active }] : [];
  });
  const [longest] = freezes.sort((a, b) => b.active.to - a.active.to);
  if (longest) return { block: frozen(longest.window, longest.active), next: longest.active.to };
  const allows = windows.map(({ window }) => window).filter(({ Kind }) => Kind === 'Allow');
  return allows.length === 0 ? null : outside(allows, ask, now, timeZone);
}

/** Whether an active freeze stops neither this trigger nor this further part of a run (F05, F07, F08). */
function letsThrough({ window, since }: FleetWindow, active: Stretch, { isManual, began }: WindowAsk): boolean {
  if (isManual && window.Manual === 'Allow') return true;
  if (began === null || window.Overrun === 'Stop') return false;
  const isCommittedLater = since !== null && since > began; // somebody wants it to stop now
  return active.from > began.getTime() && !isCommittedLater;
}

function outside(
  allows: readonly Window[],
  { isManual, began }: WindowAsk,
  now: Date,
  timeZone: string,
): Closed | null {
  if (allows.some((window) => stretchAt(window, timeZone, now))) return null;
  if (isManual && allows.every(({ Manual }) => Manual === 'Allow')) return null;
  const beganInside = began !== null && allows.some((window) => stretchAt(window, timeZone, began));
  if (beganInside && allows.every(({ Overrun }) => Overrun === 'Finish')) return null;
  const openings = allows.map((window) => [window, stretchAfter(window, timeZone, now)?.from ?? NEVER] as const);
  const [[window, opens]] = openings.sort(([, a], [, b]) => a - b) as [(typeof openings)[number]];
  const when = opens === NEVER ? 'which opens no more' : `opens ${timestamp(new Date(opens))}`;
  return { block: { reason: 'OutsideWindow', message: `OutsideWindow ${window.Name}, ${when}` }, next: opens };
}

const NEVER = Number.POSITIVE_INFINITY;

function frozen({ Name }: Window, { to }: Stretch): Block {
  const until = to === NEVER ? 'until it is taken out' : `until ${timestamp(new Date(to))}`;
  return { reason: 'Frozen', message: `Frozen by ${Name} ${until}` };
}
