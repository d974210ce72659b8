import type { Claim } from '../run.ts';
import type { Status } from '../status.ts';
import { clip } from '../status.ts';
import { timestamp } from '../values/time.ts';
import { triggered } from './trigger.ts';

const FAILED_LINES = 20;

/** The facts once a run has begun: it counts from its start (R31). */
export function started(status: Status, claim: Claim, next: Date | null): Status {
  return {
    ...status,
    Status: 'Running',
    LastRunTime: claim.start,
    NextRunTime: next && timestamp(next),
    ExecutionCount: status.ExecutionCount + 1,
    LastTrigger: claim.token ? triggered(status, claim.token, claim.start, 'Accepted', claim.run) : status.LastTrigger,
    LastRun: {
      RunID: claim.run,
      Trigger: claim.trigger,
      NominalTime: claim.nominal,
      StartTime: claim.start,
      EndTime: null,
      Succeeded: 0,
      Failed: 0,
      FailedMachines: [],
    },
  };
}

/** How the parts of a run ended: machine → its error, null for success. */
export type PartErrors = ReadonlyMap<string, string | null>;

/** The facts once a run has ended (R31). */
export function finished(status: Status, claim: Claim, errors: PartErrors, end: Date, next: Date | null): Status {
  const failures = failuresOf(errors).length;
  return {
    ...status,
    Status: failures > 0 ? 'Failed' : 'Completed',
    NextRunTime: next && timestamp(next),
    LastRun: {
      RunID: claim.run,
      Trigger: claim.trigger,
      NominalTime: claim.nominal,
      StartTime: claim.start,
      EndTime: timestamp(end),
      Succeeded: errors.size - failures,
      Failed: failures,
      FailedMachines: failureLines(errors),
    },
  };
}

/** A line per failed machine, bounded, with an honest "and N more". */
export function failureLines(errors: PartErrors): string[] {
  const failed = failuresOf(errors);
  const lines = failed.slice(0, FAILED_LINES).map(([machine, error]) => clip(`${machine}: ${error}`));
  if (failed.length > FAILED_LINES) lines.push(`and ${failed.length - FAILED_LINES} more`);
  return lines;
}

function failuresOf(errors: PartErrors) {
  return [...errors].filter(([, error]) => error !== null);
}
