import { type Agenda, createAgenda } from '../definitions/lifecycle/agenda.ts';
import { createGuardState, type GuardState } from '../definitions/lifecycle/guard-state.ts';
import { createInForce, type MutableInForce } from '../definitions/lifecycle/in-force.ts';
import type { JournalRecord } from '../definitions/lifecycle/journal-record.ts';
import type { RunStart } from '../definitions/lifecycle/next-start.ts';
import { CLAIMED_KEPT, type Remembered, remember } from '../definitions/lifecycle/recovery.ts';
import { createLogPaths, type LogRecord } from '../definitions/run-log.ts';
import { createBoundedSet } from '../definitions/values/bounded-map.ts';
import { once } from '../definitions/values/once.ts';
import type { Timestamp } from '../definitions/values/time.ts';
import type { Backend } from './backend.ts';
import type { Deps } from './events/deps.ts';
import type { ControllerEvent } from './events/event.ts';
import { createManifestCache, type ManifestCache } from './reconcile/manifest-cache.ts';
import type { Versions } from './reconcile/promoted.ts';
import { createOwnParts, type OwnParts } from './runs/part/own-parts.ts';
import type { Claimed } from './runs/queue.ts';
import { type GuardedJournal, guardJournal } from './state/guarded-journal.ts';
import type { Journal } from './state/journal.ts';
import { createSharedFacts } from './state/shared-facts.ts';
import { createStatusRecord } from './state/status-record.ts';
import { readerVersion } from './version.ts';

/** What a controller knows: the journal, what is in force, and what the journal said when it was opened. */
export interface Memory {
  readonly journal: Journal;
  readonly agenda: Agenda;
  readonly inForce: MutableInForce;
  readonly guards: GuardState;
  /** What promoted versions say, by their effects. */
  readonly versions: Versions;
  /** The guards follow the settings of a commit. */
  readonly follow: GuardedJournal['follow'];
  readonly manifestCache: ManifestCache;
  /** The facts of a manifest file's jobs, as a record. */
  readonly facts: (file: string) => JournalRecord;
  /** Runs that were claimed lately (R23). */
  readonly claimed: Claimed;
  readonly pathOf: (log: LogRecord) => string;
  /** What the journal knows at the start; can be called once. */
  readonly recall: () => Remembered;
  /** Runs that were claimed before this process began, and go on. */
  readonly resumed: RunStart[];
  /** What is waited for where another controller takes over. */
  readonly ownParts: OwnParts;
}

/** Reads the journal. @param appended hears that there is more in the journal @throws JournalError */
export async function openMemory(
  backend: Backend,
  { clock, observe }: Deps<ControllerEvent>,
  appended: () => void,
): Promise<Memory> {
  const agenda = createAgenda();
  const shared = createSharedFacts();
  const manifestCache = await createManifestCache(backend.cache('readings', readerVersion(), shared.reading));
  const guards = createGuardState();
  const moved = (opened: Timestamp | null) => observe({ event: 'breaker', opened });
  const { journal, noted, follow } = guardJournal(backend.journal, guards, moved, appended);
  const remembered = await remember(noted(journal.replay(shared.record)));
  shared.forget();
  return {
    journal,
    agenda,
    inForce: createInForce(),
    guards,
    versions: new Map(),
    follow,
    manifestCache,
    facts: createStatusRecord(agenda, clock),
    claimed: createBoundedSet(CLAIMED_KEPT, remembered.claimed),
    pathOf: createLogPaths(remembered.paths),
    recall: once(remembered),
    resumed: [],
    ownParts: createOwnParts(),
  };
}
