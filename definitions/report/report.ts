import type { Change } from '../lifecycle/plan.ts';

/** Text that comes from manifests or BMCs: whoever prints it must make sure that it stays text (R44). */
export interface Quoted {
  readonly quoted: string;
}

/** A line of our own words and quoted ones. */
export type Line = readonly (string | Quoted)[];

/** One thing that is reported, with details below it. */
export interface Item {
  readonly line: Line;
  readonly below: readonly Line[];
}

/** Items of one kind; the title is our own words. */
export interface Section {
  readonly title: string;
  /** A sentence on what the items mean. */
  readonly meaning: string | null;
  readonly items: readonly Item[];
  /** Whether it is shown folded: a reader in a hurry can do without. */
  readonly folds: boolean;
}

/** A report before it is printed as Markdown or as plain text. */
export interface Report {
  readonly title: string;
  readonly sections: readonly Section[];
  readonly end: string | null;
}

/** Marks a text as not ours. */
export function quoted(text: string): Quoted {
  return { quoted: text };
}

/** `a, b and 7 more`, each quoted. */
export function quotedSome(texts: readonly string[], most = 3): Line {
  const shown = texts.slice(0, most).flatMap((text, index) => (index === 0 ? [quoted(text)] : [', ', quoted(text)]));
  return texts.length > most ? [...shown, ` and ${texts.length - most} more`] : shown;
}

/** What has been done to a job, by the change's `op`. */
export const DONE: Readonly<Record<Change['op'], string>> = {
  add: 'added',
  change: 'changed',
  edit: 'edited',
  rename: 'renamed',
  rearm: 're-armed',
  select: 'changed by the inventory',
  remove: 'removed',
};
