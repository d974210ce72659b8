import type { JobID } from '../job.ts';
import type { MachineID } from '../machine.ts';
import type { RunID, RunTrigger } from '../run.ts';
import type { NoticeEvent } from '../settings.ts';
import type { Timestamp } from '../values/time.ts';

/** What a notice says of a run: no payload, no endpoint, no word of a BMC (N14). */
export interface ToldRun {
  readonly run: RunID;
  readonly trigger: RunTrigger | null;
  /** The token of a manual run, and who committed it where that is known (N12). */
  readonly token: string | null;
  readonly who: string | null;
  readonly action: string | null;
  readonly commit: string | null;
  readonly machines: number;
  readonly failed: number;
  /** How many parts ended so: an outcome, or the reason of a part that was skipped. */
  readonly causes: Readonly<Record<string, number>>;
  /** The first of the machines in trouble. */
  readonly names: readonly MachineID[];
}

/** Something to be told. */
export interface Fact {
  /** One fact has one key, whatever its text says (N01). */
  readonly key: string;
  readonly event: NoticeEvent | 'RunRecovered';
  /** `Lasts`: it has been told before and is told again (N04). */
  readonly state: 'Began' | 'Lasts' | 'Ended';
  /** What it is about: what has begun there may last and end. Null: it is over as soon as it is told. */
  readonly subject: string | null;
  /** The class of its cause, in a word: what has the same one is grouped (N03). */
  readonly cause: string;
  /** Whether it is told although its subject was told with the same cause, and has not ended. */
  readonly again: 'Always' | 'AfterRepeat' | 'Never';
  readonly at: Timestamp;
  /** It holds until it ends, and nobody needs to hear of it where it ended before anybody did. */
  readonly isCondition: boolean;
  readonly job: JobID | null;
  readonly run: ToldRun | null;
  /** A sentence of our own. */
  readonly detail: string | null;
}

/** What is the case now, of one source of conditions. */
export interface Holding {
  readonly event: NoticeEvent;
  readonly subject: string;
  readonly cause: string;
  /** The job that it is about; null: none. */
  readonly job: JobID | null;
  readonly detail: string;
  /** Since when, where that is known. */
  readonly since?: Timestamp;
}

/** A condition, from when it was first seen until it ends. */
export interface KnownCondition extends Holding {
  readonly since: Timestamp;
  /** It held when nobody was told of anything yet: neither it nor its end is told (N07). */
  readonly isOld: boolean;
}
