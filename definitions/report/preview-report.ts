import type { FieldChange } from '../preview/field-diff.ts';
import type { MachineChange } from '../preview/impact.ts';
import type { ForeseenCollision, JobChange, LiveValue, Preview } from '../preview/preview.ts';
import type { ReachChange, ValueChange } from '../preview/reach.ts';
import type { Problem } from '../problem.ts';
import type { Json } from '../values/json.ts';
import { counted } from '../values/text.ts';
import { DONE, type Item, type Line, quoted, quotedSome, type Report, type Section } from './report.ts';
import { printWaves } from './rollout.ts';
import { runsOf, windowSections } from './window-sections.ts';

const MOST_UNFOLDED = 10;
/** Of an item. */
const MOST_FIELDS = 20;
const MOST_MACHINES = 5;
/** Machines that come or go, of a job. */
const MOST_REACHED = 20;
const LONGEST_VALUE = 80;

/** In the order in which their sections stand. */
const OPS = ['add', 'change', 'rename', 'rearm', 'select', 'remove'] as const;

/** A preview as a report, the bad news first. */
export function previewReport(preview: Preview): Report {
  const errors = preview.problems.filter((each) => each.severity === 'error' && each.new);
  const known = preview.problems.filter((each) => each.severity === 'error' && !each.new);
  const warnings = preview.problems.filter(({ severity }) => severity === 'warning');
  const fresh = preview.collisions.filter((each) => each.new);
  const old = preview.collisions.filter((each) => !each.new);
  const sections = [
    section(
      counted(errors.length, 'error'),
      'What is refused takes no effect; what is in force stays in force.',
      errors.map(problemItem),
      false,
    ),
    unconfirmedSection(preview),
    section(counted(fresh.length, 'collision'), collisionMeaning(preview), grouped(fresh)),
    section(counted(warnings.length, 'warning'), null, warnings.map(problemItem)),
    section(
      'Settings',
      null,
      preview.settings.map((each) => ({ line: [...fieldLine(each), `: ${each.follows}`], below: [] })),
    ),
    ...windowSections(preview, fieldLine),
    section('Machines', null, preview.inventory.map(machineItem)),
    ...OPS.map((op) =>
      jobSection(
        op,
        preview.changes.filter((change) => change.op === op),
      ),
    ),
    section(`${counted(preview.fixed.length, 'error')} fixed`, null, preview.fixed.map(problemItem)),
    olderSection(known.length, 'error', known.map(problemItem)),
    olderSection(old.length, 'collision', grouped(old)),
  ].filter(({ items }) => items.length > 0);
  return {
    title: `bmcron plan: ${summary(preview, { errors: errors.length, known: known.length, collisions: fresh.length })}`,
    sections,
    end: null,
  };
}

/** How many there are of what is bad news. */
interface Counts {
  readonly errors: number;
  /** Errors that the base has too. */
  readonly known: number;
  readonly collisions: number;
}

function summary(
  { changes, settings, windows, taken, inventory, fixed }: Preview,
  { errors, known, collisions }: Counts,
): string {
  const jobs = OPS.map((op) => [changes.filter((change) => change.op === op).length, op] as const)
    .filter(([n]) => n > 0)
    .map(([n, op]) => `${counted(n, 'job')} ${DONE[op]}`);
  const touched = new Set(changes.flatMap(({ machines }) => machines)).size;
  const counts = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(collisions > 0 ? [counted(collisions, 'collision')] : []),
    ...jobs,
    ...(touched > 0 ? [`${counted(touched, 'machine')} touched`] : []),
    ...(windows.length > 0 ? [`${counted(windows.length, 'window')} changed`] : []),
    ...(runsOf(taken) > 0 ? [`${counted(runsOf(taken), 'coming run')} taken out`] : []),
    ...(settings.length > 0 ? [`${counted(settings.length, 'setting')} changed`] : []),
    ...(inventory.length > 0 ? [`${counted(inventory.length, 'machine')} of the inventory changed`] : []),
    ...(fixed.length > 0 ? [`${counted(fixed.length, 'error')} fixed`] : []),
  ];
  const older = known === 0 ? [] : [olderTitle(known, 'error')];
  return [...(counts.length === 0 ? ['nothing changes'] : counts), ...older].join(', ');
}

/** What was there before: told, and not what the change is judged by. */
function olderSection(count: number, what: string, items: readonly Item[]): Section {
  return { ...section(olderTitle(count, what), null, items), folds: true };
}

function olderTitle(count: number, what: string): string {
  return `${counted(count, what)} that ${count === 1 ? 'was' : 'were'} there before`;
}

function unconfirmedSection({ unconfirmed }: Preview): Section {
  const text = `if that is meant, end the message of the commit with "Bmcron-Accept-Removals: ${unconfirmed}"`;
  const title = `${counted(unconfirmed, 'job')} stay in force until somebody confirms it`;
  return section(title, 'Too many vanish at once.', unconfirmed === 0 ? [] : [{ line: [text], below: [] }]);
}

function section(title: string, meaning: string | null, items: readonly Item[], mayFold = true): Section {
  return { title, meaning, items, folds: mayFold && items.length > MOST_UNFOLDED };
}

function jobSection(op: JobChange['op'], changes: readonly JobChange[]): Section {
  return section(`${counted(changes.length, 'job')} ${DONE[op]}`, null, changes.map(jobItem));
}

function jobItem({
  op,
  job,
  from,
  fields = [],
  machines,
  reach,
  values = [],
  waves,
  next,
  note,
  live,
}: JobChange): Item {
  const shown = fields.slice(0, MOST_FIELDS).map(fieldLine);
  const more = fields.length > MOST_FIELDS ? [[`and ${counted(fields.length - MOST_FIELDS, 'more field')}`]] : [];
  const was: Line = from === undefined ? [] : [' (was ', quoted(from), ')'];
  const on: Line = [' on ', counted(machines.length, 'machine'), ': ', ...quotedSome(machines, MOST_MACHINES)];
  const runs = next.map((run, index): Line => {
    const zone = run.timeZone === 'UTC' ? ' UTC' : ` ${run.timeZone}, ${run.time}`;
    return [
      index === 0 ? 'next run ' : 'then ',
      `${run.local.slice(0, 10)} ${run.local.slice(11)}${zone}`,
      run.note ? ` (${run.note})` : '',
    ];
  });
  const isOfInventory = op === 'select' && reach !== undefined;
  return {
    line: isOfInventory ? [quoted(job), ': ', ...reachLine(reach)] : [quoted(job), ...was, ...on],
    below: [
      ...(reach && !isOfInventory ? [reachLine(reach)] : []),
      ...shown,
      ...more,
      ...valueLines(values),
      ...(waves ? [noteLine(`in waves: ${printWaves(waves)}`)] : []),
      ...(note === null ? [] : [noteLine(note)]),
      ...runs,
      ...liveLines(live ?? []),
    ],
  };
}

/** `38 → 41 machines (+m39 +m40 +m41)` */
function reachLine({ before, after, joined, left }: ReachChange): Line {
  const all = [...joined.map((id) => ['+', id] as const), ...left.map((id) => ['-', id] as const)];
  const shown = all.slice(0, MOST_REACHED).flatMap(([sign, id], index): Line => {
    return [`${index === 0 ? '' : ' '}${sign}`, quoted(id)];
  });
  const more = all.length > MOST_REACHED ? ` and ${all.length - MOST_REACHED} more` : '';
  return [`${before} → ${counted(after, 'machine')} (`, ...shown, `${more})`];
}

function valueLines(values: readonly ValueChange[]): readonly Line[] {
  const lines = values.slice(0, MOST_FIELDS).map(({ machine, field, old, new: is }): Line => {
    return ['on ', quoted(machine), ' ', quoted(field), ': ', ...shownValue(old), ' → ', ...shownValue(is)];
  });
  const more = values.length - MOST_FIELDS;
  return more > 0 ? [...lines, [`and ${counted(more, 'more value')}, by labels and names`]] : lines;
}

function noteLine(note: string): Line {
  return [note];
}

function liveLines(live: readonly LiveValue[]): readonly Line[] {
  const lines = live.slice(0, MOST_FIELDS).map(({ machine, field, now, wanted, error }): Line => {
    if (error !== null) return ['now on ', quoted(machine), ': not known, ', quoted(error)];
    const same = JSON.stringify(now) === JSON.stringify(wanted) ? ', as wanted already' : '';
    return ['now on ', quoted(machine), ' ', quoted(field), ': ', ...shownValue(now), same];
  });
  return live.length > MOST_FIELDS ? [...lines, [`and ${live.length - MOST_FIELDS} more values on the BMCs`]] : lines;
}

function fieldLine({ path, old, new: is }: FieldChange): Line {
  if (Array.isArray(old) && Array.isArray(is) && path === 'Machines') return listLine(path, old, is);
  return [quoted(path), ': ', ...shownValue(old), ' → ', ...shownValue(is)];
}

function listLine(path: string, old: readonly Json[], is: readonly Json[]): Line {
  const [was, now] = [new Set(old), new Set(is)];
  const come = is.filter((each) => !was.has(each)).map(String);
  const gone = old.filter((each) => !now.has(each)).map(String);
  return [
    quoted(path),
    ': ',
    ...(come.length > 0 ? ['with ', ...quotedSome(come, MOST_MACHINES)] : []),
    come.length > 0 && gone.length > 0 ? ', ' : '',
    ...(gone.length > 0 ? ['without ', ...quotedSome(gone, MOST_MACHINES)] : []),
  ];
}

function shownValue(value: Json): Line {
  if (value === null) return ['(none)'];
  const plain =
    typeof value === 'string' && /^[^\s"'](.*[^\s"'])?$/.test(value) && !/^(null|true|false|-?[0-9.]+)$/.test(value);
  const text = plain ? String(value) : JSON.stringify(value);
  return [quoted(text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text)];
}

function problemItem({ file, line, column, path, message }: Problem): Item {
  return { line: [quoted(`${file}:${line}:${column}`), ' ', quoted(path), ': ', quoted(message)], below: [] };
}

function machineItem({ op, machine, fields, jobs }: MachineChange): Item {
  const used = jobs === 0 ? 'no job writes to it' : `${counted(jobs, 'job')} ${jobs === 1 ? 'writes' : 'write'} to it`;
  return { line: [quoted(machine), ` ${DONE[op]}: ${used}`], below: fields.slice(0, MOST_FIELDS).map(fieldLine) };
}

function collisionMeaning({ aheadDays, moreCollisions }: Preview): string {
  const more = moreCollisions > 0 ? ` ${moreCollisions} more are not listed.` : '';
  return `Jobs write different values to the same field so close to each other that order decides (looked ${counted(aheadDays, 'day')} ahead).${more}`;
}

/** Collisions as items: one item for what the same jobs do at the same time, on however many machines. */
function grouped(collisions: readonly ForeseenCollision[]): readonly Item[] {
  const groups = new Map<string, ForeseenCollision[]>();
  for (const each of collisions) {
    const key = JSON.stringify([each.time, each.field, each.jobs, each.values, each.file !== undefined]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const machines = group.map(({ machine }) => machine).sort();
    const when = first.kind === 'same moment' ? ' at the same moment' : ' too close to each other';
    const place: Line = [quoted(first.field), ' of ', ...quotedSome(machines, MOST_MACHINES)];
    const writers = first.jobs.slice(0, MOST_FIELDS).map((job, index): Line => {
      return [quoted(job), ' writes ', ...shownValue(first.values[index] ?? null)];
    });
    const more =
      first.jobs.length > MOST_FIELDS ? [[`and ${counted(first.jobs.length - MOST_FIELDS, 'more job')}`]] : [];
    const isNow = first.kind === 'at once';
    const line = isNow ? ['at once, by new Triggers: ', ...place] : [`${first.time} `, ...place, when];
    const files = [...new Set(group.flatMap(({ file }) => file ?? []))].sort();
    const made: Line[] = files.length === 0 ? [] : [['made by the labels in ', ...quotedSome(files, MOST_MACHINES)]];
    return [{ line, below: [...writers, ...more, ...made] }];
  });
}
