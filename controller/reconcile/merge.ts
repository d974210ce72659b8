import type { JobID, Jobs } from '../../definitions/job.ts';
import { mergeFile } from '../../definitions/lifecycle/merge.ts';
import { readStatus, type Status } from '../../definitions/status.ts';
import { parse } from '../../definitions/yaml/document.ts';
import type { Backend } from '../backend.ts';
import type { ControllerEvent } from '../events/event.ts';
import type { Claimed } from '../runs/queue.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import type { Journal } from '../state/journal.ts';

/** The facts of each status file; null stands for a document that cannot be read. */
export type Documents = ReadonlyMap<string, readonly (Status | null)[]>;

/** Where the facts of other controllers are, and those of this one. */
export interface MergeOptions {
  readonly others: Backend['others'];
  readonly journal: Journal;
  /** Runs that were claimed, here or by another controller. */
  readonly claimed: Claimed;
  readonly observe: (event: ControllerEvent) => void;
}

/** The facts that are in force at a start, and the status files in which they are not what the journal says. */
export interface Merged {
  readonly documents: Documents;
  readonly changed: ReadonlySet<string>;
}

/**
 * The journal's facts merged with what other controllers made of them while this one was away: they may have run what
 * the journal takes for coming, and it may hold results that they never saw.
 */
export async function mergeOthers(
  options: MergeOptions,
  ours: ReadonlyMap<string, readonly Status[]>,
  tip: Jobs,
  divergence = options.others.divergence(),
): Promise<Merged> {
  const { controllers, baseKnown, files } = await divergence;
  if (files.size === 0) return { documents: ours, changed: new Set() };
  const starts = await startsOf(options.journal);
  const documents = new Map<string, readonly Status[]>(ours);
  const changed = new Set<string>();
  for (const [path, { base, theirs }] of files) {
    const facts = documentsOf(theirs);
    const own = ours.get(path) ?? [];
    if (!isReadable(facts)) {
      options.observe({
        event: 'unreadable',
        file: path,
        reason: 'not as another controller wrote it: the journal counts',
      });
      changed.add(path);
      continue;
    }
    const known = documentsOf(base).filter((each) => each !== null);
    const merged = mergeFile(own, facts, { base: baseKnown ? known : undefined, tip, starts });
    for (const { LastRun } of facts) if (LastRun) options.claimed.add(LastRun.RunID);
    if (merged.length === own.length && merged.every((each, index) => each === own[index])) continue;
    changed.add(path);
    if (merged.length > 0) documents.set(path, merged);
    else documents.delete(path);
  }
  if (changed.size > 0) options.observe({ event: 'joined', controllers, files: changed.size });
  return { documents, changed };
}

/** When the runs of each job began, as far as the journal still knows. */
async function startsOf(journal: Journal): Promise<ReadonlyMap<JobID, readonly string[]>> {
  const starts = new Map<JobID, string[]>();
  for await (const { record } of journal.replay()) {
    if (record.kind !== 'claim') continue;
    const { job, start } = record.claim;
    const known = starts.get(job);
    if (known) known.push(start);
    else starts.set(job, [start]);
  }
  return starts;
}

/** The facts in a status file; a null among them: it cannot be read (R41). */
export function documentsOf(file: Pick<SnapshotFile, 'bytes'> | null): readonly (Status | null)[] {
  if (file === null) return [];
  const parsed = file.bytes ? parse(file.bytes) : null;
  const readable = parsed?.every((document) => document.faults.length === 0);
  return parsed && readable ? parsed.map((document) => readStatus(document.value)) : [null];
}

function isReadable(facts: readonly (Status | null)[]): facts is readonly Status[] {
  return !facts.includes(null);
}
