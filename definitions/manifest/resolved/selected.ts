import type { Action } from '../../actions/action.ts';
import { ACTIONS } from '../../actions/index.ts';
import { type JobSpec, MOST_MACHINES } from '../../job.ts';
import type { Machine, MachineID, Machines } from '../../machine.ts';
import { filled, hasPlaceholders, isTemplate } from '../../selection/placeholders.ts';
import type { Json } from '../../values/json.ts';
import { counted, either, some } from '../../values/text.ts';
import { pathText } from '../../yaml/tree.ts';
import { fitsPlainly, judgePlatform } from '../platform.ts';
import type { Finding, JobReading, Mention } from '../reading.ts';
import { mentionsIn, mentionsOf } from '../references.ts';
import type { RefusedMachines } from '../unique-ids.ts';
import { judgeTemplates } from './filled.ts';

/** How many machines a problem names. */
const MOST_NAMED = 10;

/** What judging goes by. */
export interface KnownMachines {
  readonly machines: Machines;
  /** Machines that are there and cannot be used. */
  readonly refused: RefusedMachines;
}

/**
 * Judges an accepted job against the inventory (R02, platform), on the machines that it reaches now: whether there are
 * any, and not too many, whether they can do it, and what each of them would get (S03, S04, S10–S12).
 */
export function judgeAccepted(
  document: JobReading,
  spec: JobSpec,
  ids: readonly MachineID[],
  known: KnownMachines,
): readonly Finding[] {
  if (isPlain(spec) && fitsPlainly(spec, ids, known.machines)) return [];
  return judgeReached(spec, ids, mentionsIn(document), known);
}

/** Why a run must not begin on these machines of the inventory in force (gate 4), in a sentence; null: it may. */
export function unresolved(spec: JobSpec, ids: readonly MachineID[], machines: Machines): string | null {
  if (isPlain(spec)) return null;
  const mentions = mentionsOf(spec as unknown as Json, () => [1, 1]);
  const known = { machines, refused: { byID: new Map(), unnamed: null } };
  const [first] = [...judgeCount(spec, ids, mentions), ...judgeTemplates(spec, machinesAmong(ids, known), mentions)];
  return first ? `${first.path}: ${first.message}` : null;
}

/** Whether it names its machines, and writes the same on each. */
function isPlain({ MachineSelector, Payload }: JobSpec): boolean {
  return MachineSelector === undefined && !hasPlaceholders(Payload);
}

function judgeReached(
  spec: JobSpec,
  ids: readonly MachineID[],
  mentions: readonly Mention[],
  known: KnownMachines,
): readonly Finding[] {
  const action = ACTIONS.get(spec.Action);
  const count = judgeCount(spec, ids, mentions);
  if (!action || count.length > 0) return count;
  const reached = machinesAmong(ids, known);
  const able = reached.filter(({ Type }) => action.supports.includes(Type));
  return [
    ...judgeTypes(spec, action, reached, mentions),
    ...judgePlatform({ action: action.name, mentions: named(able, spec, mentions) }, known.machines, known.refused),
    ...(action.inventory === 'Profiles' ? judgeProfiles(action, able, mentions, known) : []),
    ...judgeTemplates(spec, reached, mentions),
  ];
}

function machinesAmong(ids: readonly MachineID[], { machines }: Pick<KnownMachines, 'machines'>): readonly Machine[] {
  return ids.flatMap((id) => machines.get(id) ?? []);
}

/** A selector that fits nothing is a broken label, not a success (S03, G05); one that fits too much is a slip (S04). */
function judgeCount(
  { MachineSelector, AllowEmpty }: JobSpec,
  ids: readonly MachineID[],
  mentions: readonly Mention[],
): readonly Finding[] {
  const selector = mentions.find(({ what }) => what === 'selector');
  if (!MachineSelector || !selector) return [];
  if (ids.length > MOST_MACHINES)
    return [problem(selector, `it fits ${ids.length} machines, and a job reaches at most ${MOST_MACHINES}: narrow it`)];
  if (ids.length > 0 || AllowEmpty) return [];
  const advice = 'correct it or the labels, or say AllowEmpty: true where that is meant';
  return [problem(selector, `it fits no machine of the inventory: ${advice}`)];
}

/** A machine that fits and cannot do it is named, never dropped without a word (S10). */
function judgeTypes(
  { MachineSelector }: JobSpec,
  { name, supports }: Action,
  reached: readonly Machine[],
  mentions: readonly Mention[],
): readonly Finding[] {
  const selector = mentions.find(({ what }) => what === 'selector');
  const unable = reached.filter(({ Type }) => !supports.includes(Type));
  const [first] = unable;
  if (!MachineSelector || !selector || !first) return [];
  const ids = some(
    unable.map(({ ID }) => ID),
    MOST_NAMED,
  );
  const verb = unable.length === 1 ? 'is' : 'are';
  const are = `${counted(unable.length, 'machine')} that it fits ${verb}`;
  const advice = `${name} needs a machine of Type ${either(supports)}, so narrow the selector`;
  return [problem(selector, `${are} of Type ${first.Type} (${ids}): ${advice}`)];
}

/** What is judged as if the machines stood in a list; templates of profiles are judged by what they are on each. */
function named(able: readonly Machine[], spec: JobSpec, mentions: readonly Mention[]): readonly Mention[] {
  const rest = mentions.filter(({ what, name }) => !(what === 'profile' && isTemplate(name)));
  const selector = mentions.find(({ what }) => what === 'selector');
  if (!spec.MachineSelector || !selector) return rest;
  return [...able.map(({ ID }): Mention => ({ ...selector, what: 'machine', name: ID })), ...rest];
}

function judgeProfiles(
  { name: action }: Action,
  able: readonly Machine[],
  mentions: readonly Mention[],
  known: KnownMachines,
): readonly Finding[] {
  const templates = mentions.filter(({ what, name }) => what === 'profile' && isTemplate(name));
  const found = new Map<string, Finding>();
  for (const mention of templates) {
    for (const machine of able) {
      const result = filled(mention.name, machine);
      if (!('text' in result)) continue; // told as a missing label
      const its: Mention = { ...mention, what: 'machine', name: machine.ID };
      const profile: Mention = { ...mention, name: result.text };
      for (const finding of judgePlatform({ action, mentions: [its, profile] }, known.machines, known.refused)) {
        const message = `for ${machine.ID}: ${finding.message}`;
        found.set(message, { ...finding, message });
      }
    }
  }
  return [...found.values()].slice(0, MOST_NAMED);
}

function problem({ path, at }: Mention, message: string): Finding {
  const place = { line: at[0], column: at[1], path: pathText(path) };
  return { ...place, stage: 'platform', rule: 'R48', message, severity: 'error' };
}
