import type { Job } from '../../definitions/job.ts';
import type { InForce } from '../../definitions/lifecycle/in-force.ts';
import type { Machine } from '../../definitions/machine.ts';
import { judgeJob } from '../../definitions/manifest/platform.ts';
import type { Part } from '../../definitions/run.ts';

/**
 * What keeps a job from running on a machine of the inventory of this moment (R29); nothing: it may run. What the last
 * pass has found good, and has not changed since, is not judged again.
 */
export function unfitReasons(
  { fleet }: InForce,
  job: Job,
  machine: Machine,
  payload: Part['payload'],
): readonly string[] {
  const known = fleet?.jobs.get(job.id);
  const isJudged = known?.spec === job.spec && fleet?.machines.get(machine.ID) === machine;
  // A selector may fit it no more, and then nobody has judged it as it is now.
  if (isJudged && (!job.spec.MachineSelector || known.machines.includes(machine.ID))) return [];
  const findings = judgeJob(
    { ...job.spec, Machines: [machine.ID], Payload: payload },
    new Map([[machine.ID, machine]]),
  );
  return findings.filter((finding) => finding.severity === 'error').map((finding) => finding.message);
}
