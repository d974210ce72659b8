import type { JobID } from '../../definitions/job.ts';
import type { Outbox } from '../../definitions/notices/outbox.ts';
import type { Problem } from '../../definitions/problem.ts';
import type { Settings } from '../../definitions/settings.ts';
import type { Deps } from '../events/deps.ts';
import type { NoticesEvent } from '../events/event.ts';
import type { Journal } from '../state/journal.ts';
import type { DeadMan } from './dead-man.ts';
import type { EventConditions } from './event-conditions.ts';
import type { Keeper } from './keeper.ts';
import type { OutboxFile } from './outbox-file.ts';
import type { Transport } from './transport.ts';

/** Where notices go, and what they need that a controller has not. */
export interface NoticesPlace {
  readonly transport: Transport;
  readonly file: OutboxFile;
  /** Where people find STATUS.md. */
  readonly statusPage: string;
  /** Who committed a trigger token to a manifest file; null where nobody can tell. */
  readonly whoAsked: (file: string, token: string) => Promise<string | null>;
}

export interface NoticesOptions extends Omit<NoticesPlace, 'whoAsked'>, Deps<NoticesEvent> {
  /** Who asked for a run of a job; null where nobody can tell. */
  readonly whoAsked: (job: JobID, token: string) => Promise<string | null>;
  readonly journal: Pick<Journal, 'since' | 'last'>;
  /** Those in force. */
  readonly settings: () => Pick<Settings, 'Notifications' | 'DeadMan'>;
  readonly problems: () => readonly Problem[];
  /** Null before the first commit is in force: nobody knows then. */
  readonly jobs: () => Pick<ReadonlyMap<JobID, unknown>, 'has'> | null;
  readonly pullIntervalMs: number;
}

/** What is known, and what goes on. */
export interface NoticesState {
  readonly options: NoticesOptions;
  readonly conditions: EventConditions;
  readonly keeper: Keeper;
  readonly deadMan: DeadMan;
  /** Null: nobody is to be told, or the file was not read yet. */
  outbox: Outbox | null;
  /** Where the journal was, and when, as soon as anybody was to be told: what is older is not (N07). */
  begin: { readonly through: number; readonly at: Date } | null;
  /** Nobody was told of anything before: what holds when it is first asked is old (N07). */
  readonly isOld: Set<string>;
  /** Deliveries by receiver. */
  readonly underway: Map<string, Promise<void>>;
  /** Ends the pause that goes on. */
  alarm: AbortController;
}
