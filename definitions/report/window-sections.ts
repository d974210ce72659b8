import type { Preview } from '../preview/preview.ts';
import type { RunsTaken, WindowChange } from '../preview/windows.ts';
import { counted } from '../values/text.ts';
import { type Item, type Line, quoted, type Section } from './report.ts';

const MOST_UNFOLDED = 10;
const VERBS = { add: 'added', change: 'changed', remove: 'removed' } as const;

/** How many runs are taken out, all jobs together. */
export function runsOf(taken: readonly RunsTaken[]): number {
  return taken.reduce((sum, { isTaken, runs }) => sum + (isTaken ? runs : 0), 0);
}

/** What happens to windows, and to coming runs because of it. @param fieldLine prints a field as other changes do */
export function windowSections(
  { windows, taken }: Preview,
  fieldLine: (field: WindowChange['fields'][number]) => Line,
): readonly Section[] {
  const [out, back] = [taken.filter(({ isTaken }) => isTaken), taken.filter(({ isTaken }) => !isTaken)];
  const meaning = 'Of the next 90 days. They are missed, or wait: OnBlocked of the job says which.';
  return [
    section(
      'Windows',
      null,
      windows.map((each) => windowItem(each, fieldLine)),
    ),
    section(`${counted(runsOf(taken), 'coming run')} taken out by windows`, meaning, out.map(takenItem)),
    section('Coming runs given back by windows', null, back.map(takenItem)),
  ];
}

function section(title: string, meaning: string | null, items: readonly Item[]): Section {
  return { title, meaning, items, folds: items.length > MOST_UNFOLDED };
}

function windowItem(
  { op, window, file, fields }: WindowChange,
  fieldLine: (field: WindowChange['fields'][number]) => Line,
): Item {
  return { line: [quoted(window), ` ${VERBS[op]} (`, quoted(file), ')'], below: fields.map(fieldLine) };
}

function takenItem({ job, runs, first, last, message }: RunsTaken): Item {
  const when = runs === 1 ? first : `${first} to ${last}`;
  return { line: [quoted(job), `: ${counted(runs, 'run')}, ${when}: `, quoted(message)], below: [] };
}
