import type { RunID } from '../../../definitions/run.ts';
import type { RecentRuns } from '../recent-runs.ts';

const PARTS_A_PAGE = 200;

/** One run: its failed parts first, at most 200 from a number on; null: it is not remembered. */
export function runView(id: RunID, from: number, recentRuns: Pick<RecentRuns, 'run'>) {
  const run = recentRuns.run(id);
  if (!run) return null;
  const { claim, parts, skips, finish } = run;
  const sorted = parts.toSorted((a, b) => Number(a.log.Error === null) - Number(b.log.Error === null));
  const shown = sorted.slice(from, from + PARTS_A_PAGE).map(({ outcome, path, log }) => ({ outcome, path, ...log }));
  const told = new Set([...parts.map(({ log }) => log.MachineID), ...skips.map(({ machine }) => machine)]);
  const waiting = claim.machines.filter((machine) => !told.has(machine)).slice(0, PARTS_A_PAGE);
  return {
    claim: { ...claim, machines: claim.machines.length, payloads: undefined, superseded: undefined },
    finish,
    total: parts.length,
    parts: shown,
    skips: skips.slice(0, PARTS_A_PAGE),
    waiting,
  };
}
