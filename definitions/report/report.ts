/** Text that comes from manifests or BMCs: whoever prints it must see to it that it stays text. */
export interface Quoted {
  readonly quoted: string;
}

/** A line: our own words and quoted ones. */
export type Line = readonly (string | Quoted)[];

/** One thing that is told, with what belongs to it below. */
export interface Item {
  readonly line: Line;
  readonly below: readonly Line[];
}

/** Things of one kind under a title of our own words. */
export interface Section {
  readonly title: string;
  /** A sentence on what they mean. */
  readonly meaning: string | null;
  readonly items: readonly Item[];
  /** Whether a reader in a hurry can do without. */
  readonly folds: boolean;
}

/** What a report tells, for whatever page. */
export interface Report {
  readonly title: string;
  readonly sections: readonly Section[];
  readonly end: string | null;
}

/** Marks a text as not our own. */
export function quoted(text: string): Quoted {
  return { quoted: text };
}

/** `a, b and 7 more`, each quoted. */
export function quotedSome(texts: readonly string[], most = 3): Line {
  const shown = texts.slice(0, most).flatMap((text, index) => (index === 0 ? [quoted(text)] : [', ', quoted(text)]));
  return texts.length > most ? [...shown, ` and ${texts.length - most} more`] : shown;
}

/** `1 job`, `2 jobs`. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
