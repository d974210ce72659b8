import type { JobID } from '../../job.ts';
import type { MachineID } from '../../machine.ts';
import type { RunID } from '../../run.ts';
import type { Timestamp } from '../../values/time.ts';
import { type FailureReason, reasonOf } from './reason.ts';

/** A machine on which a job failed when it last came there. */
export interface MachineTrouble {
  readonly machine: MachineID;
  readonly job: JobID;
  readonly run: RunID;
  readonly error: string;
  /** When that part began. */
  readonly at: Timestamp;
  /** Since when it has failed there each time, as far as is known. */
  readonly since: Timestamp;
}

/** Troubles of one reason, the newest first. */
export interface TroubleGroup {
  readonly reason: FailureReason;
  readonly troubles: readonly MachineTrouble[];
}

/**
 * The troubles by what they have in common: the group with the newest of them first.
 * @param reasonFor by which reason one is grouped; `reasonOf`, or one that remembers what it answered
 */
export function groupTroubles(
  troubles: readonly MachineTrouble[],
  reasonFor: (error: string, machine: MachineID) => FailureReason = reasonOf,
): readonly TroubleGroup[] {
  const groups = new Map<string, { readonly reason: FailureReason; readonly troubles: MachineTrouble[] }>();
  for (const trouble of [...troubles].sort(newestFirst)) {
    const reason = reasonFor(trouble.error, trouble.machine);
    const known = groups.get(reason.text);
    if (known) known.troubles.push(trouble);
    else groups.set(reason.text, { reason, troubles: [trouble] });
  }
  return [...groups.values()];
}

function newestFirst(a: MachineTrouble, b: MachineTrouble): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  if (a.machine !== b.machine) return a.machine < b.machine ? -1 : 1;
  return a.job < b.job ? -1 : 1;
}
