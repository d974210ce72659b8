import type { Action } from '../actions/action.ts';
import { ACTIONS } from '../actions/index.ts';
import { PROFILES } from '../actions/patch-profile.ts';
import { ROOTS } from '../actions/root.ts';
import type { JobSpec } from '../job.ts';
import type { Machine, MachineID, Machines, ManagerInventory } from '../machine.ts';
import { type Json, own } from '../values/json.ts';
import { didYouMean, either, printable, show, some } from '../values/text.ts';
import { pathText } from '../yaml/tree.ts';
import type { Finding, Mention } from './reading.ts';
import { mentionsOf } from './references.ts';
import { placeOf } from './resolved/consequences.ts';
import type { RefusedAt, RefusedMachines } from './unique-ids.ts';

/** What judging needs of a job, whether it is otherwise accepted or not. */
interface Judged {
  readonly action: string | null;
  readonly mentions: readonly Mention[];
}

/**
 * Judges what a job refers to against the inventory (R02, platform); one problem a place.
 * @param refused machines that are there and cannot be used
 */
export function judgePlatform(
  { action: name, mentions }: Judged,
  machines: Machines,
  refused: RefusedMachines = NONE_REFUSED,
): readonly Finding[] {
  const action = name === null ? undefined : ACTIONS.get(name);
  const known: Machine[] = [];
  const found: Finding[] = [];
  const named = mentions.filter(({ what }) => what === 'machine');
  for (const mention of named) {
    const machine = machines.get(mention.name);
    if (!machine) {
      found.push(unknown(mention, machines, refused));
    } else if (action && !action.supports.includes(machine.Type)) {
      const allowed = `${action.name} needs a machine of Type ${either(action.supports)}`;
      found.push(problem(mention, `${show(machine.ID)} is of Type ${machine.Type}: ${allowed}`));
    } else {
      known.push(machine);
    }
  }
  if (!action) return found;
  for (const mention of mentions) {
    const message = mentionFault(mention, action, known, named);
    if (message) found.push(problem(mention, message.text, message.stage));
  }
  return found;
}

/**
 * Whether nothing of an accepted job can be wrong with the platform, seen at a glance: its machines are known, can do
 * it, and have no inventory of their own, and its profiles are those that all have. False says nothing: then each word
 * that it mentions is judged.
 */
export function fitsPlainly(
  { Action: name, Payload }: JobSpec,
  ids: readonly MachineID[],
  machines: Machines,
): boolean {
  const action = ACTIONS.get(name);
  if (!action) return false;
  for (const id of ids) {
    const machine = machines.get(id);
    if (!machine || membersOf(action, machine) || !action.supports.includes(machine.Type)) return false;
  }
  if (action.inventory !== 'Profiles') return true;
  return Payload.every((entry) => PROFILES.some((profile) => profile === own(entry.Payload, 'Profile')));
}

/** Judges an accepted job again, against the inventory of this moment (R29). The places are those of no text. */
export function judgeJob(job: JobSpec, machines: Machines): readonly Finding[] {
  return judgePlatform({ action: job.Action, mentions: mentionsOf(job as unknown as Json, () => [1, 1]) }, machines);
}

function mentionFault(
  mention: Mention,
  action: Action,
  known: readonly Machine[],
  named: readonly Mention[],
): Message | null {
  switch (mention.what) {
    case 'machine':
    case 'selector':
    case 'template':
      return null;
    case 'profile':
      return badProfile(mention, known, named);
    case 'manager':
    case 'target':
      return notThere(mention, action, known);
  }
}

const NONE_REFUSED: RefusedMachines = { byID: new Map(), unnamed: null };

/** A machine that is none: what follows from the refusal of another document says so. */
function unknown(mention: Mention, machines: Machines, { byID, unnamed }: RefusedMachines): Finding {
  const id = mention.name;
  const its = byID.get(id);
  if (its) {
    const message = `the machine ${show(id)} cannot be used: ${printable(its.file)} is refused`;
    return { ...problem(mention, message), because: becauseOf(its) };
  }
  const message = `no machine ${show(id)} in machines/`;
  if (unnamed === null) return problem(mention, message + didYouMean(id, machines.keys()));
  const perhaps = `${message}; perhaps it is what is refused in ${printable(unnamed.file)}:${unnamed.at[0]}`;
  return { ...problem(mention, perhaps), because: becauseOf(unnamed) };
}

function becauseOf({ file, at: [line, column] }: RefusedAt): string {
  return placeOf({ file, line, column });
}

interface Message {
  readonly text: string;
  readonly stage: Finding['stage'];
}

/** A profile outside the whitelist must be one that the inventory lists for every machine of the job. */
function badProfile(mention: Mention, known: readonly Machine[], named: readonly Mention[]): Message | null {
  const listed = (machine: Machine) => inventory(machine, mention.manager)?.Profiles;
  if (PROFILES.some((profile) => profile === mention.name)) {
    const without = known.filter((machine) => listed(machine)?.includes(mention.name) === false);
    const [first] = without;
    return first ? { text: lacks(without, 'profile', mention, listed(first)), stage: 'platform' } : null;
  }
  const everywhere = known.length > 0 && known.length === named.length;
  if (everywhere && known.every((machine) => listed(machine)?.includes(mention.name))) return null;
  const text = `${show(mention.name)} is not a profile: ${either(PROFILES)}${didYouMean(mention.name, PROFILES)}`;
  return { text, stage: 'payload' };
}

/**
 * A manager, controller or zone that the inventory of a machine does not list; machines without `Managers` may have
 * it.
 */
function notThere(mention: Mention, action: Action, known: readonly Machine[]): Message | null {
  const list = (machine: Machine) =>
    mention.what === 'manager' ? membersOf(action, machine) : listFor(action, machine, mention);
  const without = known.filter((machine) => list(machine)?.includes(mention.name) === false);
  const [first] = without;
  if (!first) return null;
  const what = mention.what === 'manager' ? ROOTS[action.root].noun : (action.target ?? '').replace(/ID$/, '');
  return { text: lacks(without, what, mention, list(first)), stage: 'platform' };
}

/** The IDs of the managers, systems or chassis that the inventory lists; undefined where it lists none. */
function membersOf({ root }: Action, { Managers, Systems, Chassis }: Machine): readonly string[] | undefined {
  if (root === 'Managers') return Managers && Object.keys(Managers);
  return root === 'Systems' ? Systems : Chassis;
}

function listFor(action: Action, machine: Machine, mention: Mention): readonly string[] | undefined {
  return action.inventory === null ? undefined : inventory(machine, mention.manager)?.[action.inventory];
}

function inventory(machine: Machine, manager: string): ManagerInventory | undefined {
  return own(machine.Managers, manager) as ManagerInventory | undefined;
}

function lacks(machines: readonly Machine[], what: string, { name }: Mention, has: readonly string[] = []): string {
  const ids = some(machines.map(({ ID }) => ID));
  const instead = has.length > 0 ? `its inventory lists ${some(has.map(show), 8)}` : 'its inventory lists none';
  return `${ids} has no ${what} ${show(name)}: ${instead}`;
}

function problem({ path, at }: Mention, message: string, stage: Finding['stage'] = 'platform'): Finding {
  return { line: at[0], column: at[1], path: pathText(path), stage, rule: 'R02', message, severity: 'error' };
}
