import type { Job } from '../../job.ts';
import type { Problem } from '../../problem.ts';
import { own } from '../../values/json.ts';

/** So many hosts may start by themselves at one moment without a word. */
const FEW = 20;

/** Hosts that will all start at once when power returns: no stagger of ours helps there. For more than 20 machines. */
export function powerReturnAdvice(jobs: Iterable<Job>): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { spec, machines, source } of jobs) {
    const isOn = spec.Payload.some(({ Payload }) => own(Payload, 'PowerRestorePolicy') === 'AlwaysOn');
    if (spec.Action !== 'PatchSystem' || !isOn || machines.length <= FEW) continue;
    const place = { file: source.file, line: 1, column: 1, path: 'Payload' };
    const message = `PowerRestorePolicy AlwaysOn: after the next outage ${machines.length} hosts start at one moment`;
    problems.push({ ...place, stage: 'platform', rule: 'R51', message, severity: 'warning' });
  }
  return problems;
}
