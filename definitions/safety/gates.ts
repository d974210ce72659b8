import { BEGIN, type PartGate, type RunGate } from './gate.ts';
import { partGuards, runGuards } from './guard-gates.ts';
import { partSuperseded } from './superseded.ts';
import { holdOfPart, holdOfRun, windowsOfPart, windowsOfRun } from './window-gate.ts';

/** The gates of a run, in their order: the first that does not let it begin is the one that is told. */
const RUN_GATES: readonly RunGate[] = [holdOfRun, windowsOfRun, runGuards];

/** The gates of a part, in their order. */
const PART_GATES: readonly PartGate[] = [partSuperseded, holdOfPart, windowsOfPart, partGuards];

/**
 * Whether a run that is due, or asked for, may be claimed. A trigger to which the answer is not `begin` is refused with
 * the sentence of the block.
 */
export const runVerdict: RunGate = (asked, now, context) => {
  for (const gate of RUN_GATES) {
    const verdict = gate(asked, now, context);
    if (verdict.verdict !== 'begin') return verdict;
  }
  return BEGIN;
};

/** Whether a part of a claimed run may begin. What puts back is never stopped (F15). */
export const partVerdict: PartGate = (asked, now, context) => {
  if (asked.isRestore) return BEGIN;
  for (const gate of PART_GATES) {
    const verdict = gate(asked, now, context);
    if (verdict.verdict !== 'begin') return verdict;
  }
  return BEGIN;
};
