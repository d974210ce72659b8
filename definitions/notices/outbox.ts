// Memory: what was told, and what is still to be. It is durable on disk, and these functions move it on.
import type { JobID } from '../job.ts';
import type { RunID } from '../run.ts';
import { isObject, type Json, own } from '../values/json.ts';
import { isTimestamp, type Timestamp, timestamp } from '../values/time.ts';
import type { Fact, KnownCondition, ToldRun } from './fact.ts';

/** What goes to one receiver at once. */
export interface Notice {
  /** The same at each try, and of no other notice: the receiver can tell a repetition by it (N09). */
  readonly id: string;
  readonly event: Fact['event'] | 'TooMany';
  readonly state: Fact['state'];
  readonly cause: string;
  readonly made: Timestamp;
  /** At least one but for `TooMany`; bounded. */
  readonly facts: readonly Fact[];
  /** How many there are beyond those. */
  readonly more: number;
}

/** What a receiver was told of a subject that has not ended. */
export interface Told {
  readonly key: string;
  readonly cause: string;
  readonly at: Timestamp;
}

/** Why a receiver gets nothing now. */
export interface Trouble {
  /** `HTTP 404`, `ECONNREFUSED`: no address, no secret. */
  readonly reason: string;
  readonly since: Timestamp;
  /** Waiting alone does not help: a person must change something (N10). */
  readonly isPermanent: boolean;
}

/** What one receiver was told, and what is still to be. */
export interface ReceiverState {
  /** What waits for more of its kind (N03). */
  waiting: { readonly fact: Fact; readonly since: Timestamp }[];
  /** What is to be delivered, oldest first (N08). */
  notices: Notice[];
  readonly told: Record<string, Told>;
  /** When notices were delivered within the last hour (N11). */
  delivered: Timestamp[];
  silentUntil: Timestamp | null;
  /** How often the first notice was tried in vain, and when it is tried again. */
  tries: number;
  retryAt: Timestamp | null;
  trouble: Trouble | null;
  /** Notices that were given up since the last one that was delivered, and when the last was. */
  dropped: { readonly count: number; readonly at: Timestamp } | null;
}

/** What was read of the journal, and what of it will be needed. */
export interface JournalMemory {
  /** The number of the last entry that was read. */
  through: number;
  /** Runs that go on. */
  readonly runs: Record<RunID, ToldRun>;
  /** The newest missed time of each job. */
  readonly missed: Record<JobID, Timestamp>;
  /** The last refused token of each job. */
  readonly refused: Record<JobID, string>;
  /** How far the rollout of each job was. */
  readonly waves: Record<JobID, { readonly of: string; readonly passed: number }>;
}

/** All of it: plain JSON. */
export interface Outbox {
  readonly version: 1;
  /** Nothing is told of what is older (N07). */
  readonly began: Timestamp;
  readonly journal: JournalMemory;
  /** What holds now, by subject. */
  readonly conditions: Record<string, KnownCondition>;
  readonly receivers: Record<string, ReceiverState>;
}

/** An outbox from which nothing was ever told. @param through the newest number of the journal */
export function createOutbox(through: number, now: Date): Outbox {
  return {
    version: 1,
    began: timestamp(now),
    journal: { through, runs: {}, missed: {}, refused: {}, waves: {} },
    conditions: {},
    receivers: {},
  };
}

/** A receiver that was told nothing yet. */
export function createReceiverState(): ReceiverState {
  return {
    waiting: [],
    notices: [],
    told: {},
    delivered: [],
    silentUntil: null,
    tries: 0,
    retryAt: null,
    trouble: null,
    dropped: null,
  };
}

/** The outbox that a file holds; null when it is not one that this version wrote. */
export function readOutbox(text: string): Outbox | null {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return null;
  }
  const journal = own(value, 'journal');
  const maps = [...['runs', 'missed', 'refused', 'waves'].map((key) => own(journal, key)), own(value, 'conditions')];
  const receivers = own(value, 'receivers');
  const isWhole = Number.isSafeInteger(own(journal, 'through')) && maps.every(isObject) && isObject(receivers);
  if (!isWhole || own(value, 'version') !== 1 || !isTimestamp(own(value, 'began'))) return null;
  return Object.values(receivers).every(isReceiverState) ? (value as unknown as Outbox) : null;
}

function isReceiverState(value: Json): boolean {
  const lists = ['waiting', 'notices', 'delivered'].map((key) => own(value, key));
  return lists.every(Array.isArray) && isObject(own(value, 'told')) && Number.isSafeInteger(own(value, 'tries'));
}

/** Sets a key as the newest of a record that holds at most so many: the oldest goes. */
export function setBounded<Value>(record: Record<string, Value>, key: string, value: Value, most: number): void {
  delete record[key];
  const keys = Object.keys(record);
  for (const old of keys.slice(0, Math.max(0, keys.length + 1 - most))) delete record[old];
  record[key] = value;
}
