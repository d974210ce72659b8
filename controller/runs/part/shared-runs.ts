import type { Job } from '../../../definitions/job.ts';
import type { MachineID } from '../../../definitions/machine.ts';
import type { Claim, Result, RunID } from '../../../definitions/run.ts';
import type { ControllerEvent } from '../../events/event.ts';

/** A run as one controller claimed it for all of them. */
export interface SharedClaim {
  readonly claim: Claim;
  /** The version that runs. */
  readonly job: Job;
  /** The version that some of its machines keep. */
  readonly kept?: Job;
}

/** What a start learns of the others' runs. */
export interface SharedState {
  /** Runs that were claimed, by whatever controller, and whose end is not public yet. */
  readonly open: readonly SharedClaim[];
  /** Of the runs that the journal has open: those that another controller has seen to their end. */
  readonly ended: ReadonlySet<RunID>;
  /** Why what is open cannot be relied on: the engine has forgotten what it had acknowledged; null: it has not. */
  readonly lost: string | null;
}

/** A part of a run that another process began. */
export interface PartToResume {
  readonly run: RunID;
  readonly machine: MachineID;
  /** The job's StartingDeadline lets it begin now. */
  readonly mayBegin: boolean;
  /** Executes it; it is under way by its name, so that this waits for its end. */
  readonly carryOn: () => Promise<Result>;
}

/** The runs of all controllers that share an engine. The journal stays the truth of what is public. */
export interface SharedRuns {
  /** Asked once, when the journal is taken up. @param open the runs that the journal has without an end */
  state(open: readonly RunID[]): Promise<SharedState>;
  /** Claims a run for all; the claim that counts: the same object, or another's where that one was first. */
  claim(claimed: SharedClaim): Promise<SharedClaim>;
  /**
   * What became of a part that another process claimed: its result, when it is there. Null: it has not begun and may
   * begin now, and is to be executed. Does not reject.
   */
  resume(part: PartToResume, signal: AbortSignal): Promise<Result | null>;
  /** Whether another controller takes over where this one ends as planned. */
  readonly handsOver: boolean;
  /** Whether a part on this machine goes on by itself, for another controller, when this one hands over. */
  leaves(machine: MachineID): boolean;
  /** All of it is recorded in the journal, up to this number, or is public already. */
  finished(run: RunID, through: number): void;
  /** The journal is public up to this number: what is finished by then, nobody needs to take over. */
  published(through: number): void;
}

/** Events, of which those that tell how far the journal is public are heard by who shares the runs, too. */
export function withPublished(
  observe: (event: ControllerEvent) => void,
  shared: SharedRuns | undefined,
): (event: ControllerEvent) => void {
  if (!shared) return observe;
  return (event) => {
    if (event.event === 'published' && event.outcome === 'Pushed') shared.published(event.seq);
    observe(event);
  };
}
