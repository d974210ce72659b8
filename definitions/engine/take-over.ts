/** What the engine holds of one machine's part of a run that was claimed and has no end. */
export interface PartTraces {
  /** The site whose workers carry it out; null: the controller that claimed it does, by itself. */
  readonly site: string | null;
  readonly hasResult: boolean;
  /** A worker claimed its start, or the start was forbidden. */
  readonly hasStart: boolean;
  /** It is published, and nobody has ended it. */
  readonly isPublished: boolean;
  /** It may still begin now, by the job's StartingDeadline. */
  readonly mayBegin: boolean;
}

/**
 * What who takes over does with a part: takes the result that is there; waits for its end, as who published it would;
 * publishes it, since its leader died between the claim and this; or says that it was interrupted.
 */
export type TakeOver = 'import' | 'wait' | 'publish' | 'interrupt';

/** Decides it. A part that is published anew by mistake is harmless: its name has one start. */
export function takeOver({ site, hasResult, hasStart, isPublished, mayBegin }: PartTraces): TakeOver {
  if (hasResult) return 'import';
  if (site === null) return 'interrupt'; // it ran in a process that is gone
  if (hasStart || isPublished) return 'wait';
  return mayBegin ? 'publish' : 'interrupt';
}
