// The only mutable thing in lifecycle/: it is memory, not IO.
import type { Block } from '../block.ts';
import type { Job, JobID, Jobs } from '../job.ts';
import type { Status } from '../status.ts';
import { createHeap, type Heap } from '../values/heap.ts';

/** The jobs in force with their facts and next times. */
export interface Agenda {
  readonly jobs: Jobs;
  status(id: JobID): Status | undefined;
  /** Puts a job in force, or its newer facts; what is due follows from `status` alone. */
  put(job: Job, status: Status): void;
  remove(id: JobID): void;
  /** Removes a job under its old name; a run of it that goes on is found under the new one by `successor` (R20). */
  rename(from: JobID, to: JobID): void;
  /** The name under which the job of a run is in force now. */
  successor(id: JobID): JobID;
  /** The job that is due first, by NextRunTime, then ID (R25); none while it is held. */
  due(now: Date): Job | undefined;
  /** When the next job falls due; null when none will. */
  nextDue(): Date | null;
  /** A job that is held is not due: it runs, or is about to. */
  hold(id: JobID): void;
  release(id: JobID): void;
  isHeld(id: JobID): boolean;
  /** Keeps a due job from being due until a moment, or (null) until `resume`. Another next time of it ends that, too. */
  defer(id: JobID, wait: Deferral): void;
  /** Ends its wait: it is due at its time. */
  resume(id: JobID): void;
  /** The jobs that are deferred: their time has come, and a gate keeps them from beginning. */
  readonly deferred: ReadonlyMap<JobID, Deferral>;
  /** The facts of a manifest file's jobs, in document order: what its status file says. */
  documents(file: string): readonly Status[];
}

/** Why a due job waits, and until when; null: until something changes. */
export interface Deferral {
  readonly block: Block;
  readonly until: Date | null;
  /** Its gate has opened: at `until` it is its turn. */
  readonly isReleased?: true;
}

interface Slot {
  readonly job: Job;
  readonly status: Status;
  /** Milliseconds since the epoch at which it is due; null when it is not going to be. */
  readonly at: number | null;
}

interface DueTime {
  readonly at: number;
  readonly id: JobID;
}

interface AgendaState {
  readonly slots: Map<JobID, Slot>;
  readonly jobs: Map<JobID, Job>;
  /** The jobs of each manifest file; nearly always one. */
  readonly files: Map<string, readonly JobID[]>;
  readonly held: Set<JobID>;
  readonly deferred: Map<JobID, Deferral>;
  /** Old name → the name now, of jobs that were renamed while they ran. */
  readonly successors: Map<JobID, JobID>;
  /** Due times, also those that an edit or a run has overtaken: `first` drops them. */
  readonly heap: Heap<DueTime>;
}

/** An empty agenda. */
export function createAgenda(): Agenda {
  const state: AgendaState = {
    slots: new Map(),
    jobs: new Map(),
    files: new Map(),
    held: new Set(),
    deferred: new Map(),
    successors: new Map(),
    heap: createHeap((a, b) => a.at < b.at || (a.at === b.at && a.id < b.id)),
  };
  const { slots, jobs, held, deferred, successors } = state;
  return {
    jobs,
    deferred,
    status: (id) => slots.get(id)?.status,
    put: (job, status) => put(state, job, status),
    remove: (id) => remove(state, id),
    rename: (from, to) => rename(state, from, to),
    successor: (id) => successors.get(id) ?? id,
    due(now) {
      const top = first(state);
      return top && top.at <= now.getTime() ? jobs.get(top.id) : undefined;
    },
    nextDue() {
      const top = first(state);
      return top ? new Date(top.at) : null;
    },
    hold(id) {
      held.add(id);
    },
    release(id) {
      for (const [from, to] of successors) if (to === id) successors.delete(from);
      if (held.delete(id)) enqueue(state, id);
    },
    isHeld: (id) => held.has(id),
    defer(id, wait) {
      deferred.set(id, wait);
      enqueue(state, id);
    },
    resume(id) {
      if (deferred.delete(id)) enqueue(state, id);
    },
    documents: (file) => documents(state, file),
  };
}

function put(state: AgendaState, job: Job, status: Status): void {
  const { slots, jobs, files } = state;
  const was = slots.get(job.id);
  const at = status.NextRunTime === null || status.Suspended ? null : Date.parse(status.NextRunTime);
  const { file } = job.source;
  if (was?.job.source.file !== file) {
    removeFromFile(state, job.id);
    files.set(file, (files.get(file) ?? []).concat(job.id));
  }
  slots.set(job.id, { job, status, at });
  jobs.set(job.id, job);
  if (was?.at === at) return;
  state.deferred.delete(job.id);
  enqueue(state, job.id);
}

function remove(state: AgendaState, id: JobID): void {
  removeFromFile(state, id);
  state.slots.delete(id);
  state.deferred.delete(id);
  state.jobs.delete(id);
}

function removeFromFile({ slots, files }: AgendaState, id: JobID): void {
  const was = slots.get(id);
  if (!was) return;
  const { file } = was.job.source;
  const siblings = files.get(file)?.filter((each) => each !== id) ?? [];
  if (siblings.length > 0) files.set(file, siblings);
  else files.delete(file);
}

function rename(state: AgendaState, from: JobID, to: JobID): void {
  const { held, successors } = state;
  remove(state, from);
  if (!held.delete(from)) return;
  held.add(to);
  for (const [name, successor] of successors) if (successor === from) successors.set(name, to);
  successors.set(from, to);
}

function enqueue(state: AgendaState, id: JobID): void {
  const at = dueAt(state, id);
  if (Number.isFinite(at) && !state.held.has(id)) state.heap.push({ at, id });
}

/** When a job is due, in milliseconds; never: infinite. */
function dueAt({ slots, deferred }: AgendaState, id: JobID): number {
  const at = slots.get(id)?.at ?? Number.POSITIVE_INFINITY;
  const wait = deferred.get(id);
  return wait ? Math.max(at, wait.until?.getTime() ?? Number.POSITIVE_INFINITY) : at;
}

/** The first due time that still holds; those that an edit or a run has overtaken are dropped. */
function first(state: AgendaState): DueTime | undefined {
  const { held, heap } = state;
  for (let top = heap.peek(); top; top = heap.peek()) {
    if (dueAt(state, top.id) === top.at && !held.has(top.id)) return top;
    heap.pop();
  }
  return undefined;
}

function documents({ slots, files }: AgendaState, file: string): readonly Status[] {
  return [...(files.get(file) ?? [])]
    .map((id) => slots.get(id) as Slot)
    .sort((a, b) => a.job.source.document - b.job.source.document)
    .map((slot) => slot.status);
}
