// Memory: what each job last did on each machine, a bounded number. It can be read from the journal and Git again.
import type { JobID } from '../../../definitions/job.ts';
import type { MachineID } from '../../../definitions/machine.ts';
import type { Outcome, RunID } from '../../../definitions/run.ts';
import type { LogRecord } from '../../../definitions/run-log.ts';
import type { Timestamp } from '../../../definitions/values/time.ts';

/** What a job did on a machine. */
export interface LastPart {
  readonly machine: MachineID;
  readonly job: JobID;
  readonly run: RunID;
  readonly at: Timestamp;
  /** Logs in Git tell of success or failure alone; what a guard skipped has no log. */
  readonly outcome: Outcome | LogRecord['Status'] | 'Skipped';
  /** Null: it went well. */
  readonly error: string | null;
  /** Null for a part that was skipped. */
  readonly record: { readonly path: string; readonly log: LogRecord } | null;
}

/** The last of them, and since when they have failed. */
export interface LastPartKnown extends LastPart {
  /** The first failure after which none went well, as far as is known; null: it does not fail. */
  readonly since: Timestamp | null;
}

/** What each job last did on each machine. */
export interface LastParts {
  /** Takes the next part. */
  note(part: LastPart): void;
  /** Takes parts that came before all that were noted; those of one job and machine in their order. */
  recall(part: LastPart): void;
  /** Of one machine, the latest first. */
  of(machine: MachineID): readonly LastPartKnown[];
  /** The latest one of a machine that was begun; null: none is known. As cheap as it is asked often. */
  latest(machine: MachineID): LastPart | null;
  /** All that failed. */
  failing(): Iterable<LastPartKnown>;
  /** Rises when what `failing` gives has changed, or something else has happened on a machine of it. */
  readonly changes: number;
}

const MACHINES_KEPT = 20_000;
/** Of one machine. */
const JOBS_KEPT = 50;

interface Known {
  readonly last: LastPart;
  readonly since: Timestamp | null;
  /** None that is known went well: one before may have failed, too. */
  readonly isAllFailed: boolean;
}

/** What is known of one job on one machine: by the journal, and by Git of what came before. */
interface Place {
  noted: Known | null;
  recalled: Known | null;
}

/** Nothing is known. */
export function createLastParts(): LastParts {
  const machines = new Map<MachineID, Map<JobID, Place>>();
  const failing = new Map<Place, LastPartKnown>();
  const state = { changes: 0 };

  /** Makes a key the newest, and forgets the oldest where there are too many. */
  function renew<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): Value | undefined {
    map.delete(key);
    map.set(key, value);
    const [oldest] = map;
    if (map.size <= most || !oldest) return undefined;
    map.delete(oldest[0]);
    return oldest[1];
  }

  function take(part: LastPart, by: keyof Place): void {
    const jobs = machines.get(part.machine) ?? new Map<JobID, Place>();
    const place = jobs.get(part.job) ?? { noted: null, recalled: null };
    place[by] = after(place[by], part);
    const forgotten = renew(jobs, part.job, place, JOBS_KEPT);
    const others = renew(machines, part.machine, jobs, MACHINES_KEPT);
    for (const each of [forgotten, ...(others?.values() ?? [])]) if (each) failing.delete(each);
    const known = joined(place);
    const isFailing = known?.since !== null;
    if (isFailing || [...jobs.values()].some((each) => failing.has(each))) state.changes += 1;
    if (known && isFailing) failing.set(place, known);
    else failing.delete(place);
  }

  return {
    note: (part) => take(part, 'noted'),
    recall: (part) => take(part, 'recalled'),
    of(machine) {
      const places = [...(machines.get(machine)?.values() ?? [])];
      const known = places.map(joined).filter((each) => each !== null);
      return known.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
    },
    latest(machine) {
      let latest: LastPart | null = null;
      for (const { noted, recalled } of machines.get(machine)?.values() ?? []) {
        const part = (noted ?? recalled)?.last;
        if (part?.record && (latest === null || part.at > latest.at)) latest = part;
      }
      return latest;
    },
    failing: () => failing.values(),
    get changes() {
      return state.changes;
    },
  };
}

function after(known: Known | null, part: LastPart): Known {
  if (part.error === null) return { last: part, since: null, isAllFailed: false };
  return { last: part, since: known?.since ?? part.at, isAllFailed: known?.isAllFailed ?? true };
}

/** What was noted, and failing since before that where nothing has gone well in between. */
function joined({ noted, recalled }: Place): LastPartKnown | null {
  const known = noted ?? recalled;
  if (!known) return null;
  const since = noted?.isAllFailed ? (recalled?.since ?? noted.since) : known.since;
  return { ...known.last, since };
}
