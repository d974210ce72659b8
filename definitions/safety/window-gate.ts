import type { Block } from '../block.ts';
import type { Job } from '../job.ts';
import { BEGIN, type PartGate, type RunGate, type RunVerdict } from './gate.ts';
import { createWindowJudge, type WindowBlock } from './windows.ts';

/**
 * A run begins where at least one of its machines may (F09): the others are judged when their turn comes. Where none
 * may, its job says whether it waits.
 */
export const windowsOfRun: RunGate = ({ job, claim }, now, context) => {
  const ask = { isManual: claim.trigger === 'Manual', began: null };
  const judge = createWindowJudge(job, ask, now, context);
  let first: WindowBlock | null = null;
  for (const id of claim.machines) {
    const block = judge(context.machines.get(id));
    if (block === null) return BEGIN;
    if (first === null || opensBefore(block, first)) first = block;
  }
  if (first === null) return BEGIN;
  return waitsOr<RunVerdict>(job, first, (block) => ({ verdict: 'missed', block }));
};

/** A part begins while its machine's windows are open; of a run that began before, as `Overrun` says. */
export const windowsOfPart: PartGate = ({ job, claim, machine }, now, context) => {
  const ask = { isManual: claim.trigger === 'Manual', began: new Date(claim.start) };
  const judged = createWindowJudge(job, ask, now, context)(machine);
  if (judged === null) return BEGIN;
  return waitsOr(job, judged, (block) => ({ verdict: 'skip', block }));
};

/** The hold file stops all that has not begun, and waits for nobody to say so in Git; what is due waits for its end. */
export const holdOfRun: RunGate = (_asked, _now, { isHeld }) => (isHeld ? HELD : BEGIN);
export const holdOfPart: PartGate = (_asked, _now, { isHeld }) => (isHeld ? HELD : BEGIN);

const HELD = {
  verdict: 'wait',
  block: { reason: 'Hold', message: "Hold, the service's hold file is there" },
  until: null,
} as const;

function waitsOr<Verdict>(job: Job, { block, until }: WindowBlock, otherwise: (block: Block) => Verdict) {
  return job.spec.OnBlocked === 'Wait' ? ({ verdict: 'wait', block, until } as const) : otherwise(block);
}

function opensBefore(a: WindowBlock, b: WindowBlock): boolean {
  return (a.until?.getTime() ?? Number.POSITIVE_INFINITY) < (b.until?.getTime() ?? Number.POSITIVE_INFINITY);
}
