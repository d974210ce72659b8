import type { PublishOutcome } from '../../definitions/publication.ts';
import { type AdvanceOutcome, type Branch, tryAdvance } from '../git/branch.ts';
import { GitError } from '../git/error.ts';
import { type Backoff, createBackoff } from './backoff.ts';
import { createMaintenance, type Maintenance } from './maintenance.ts';
import { confirmCommit, type NextCommitOptions, nextCommit } from './next-commit.ts';
import { type Tip, unknownTip } from './tip.ts';

/** Writes the service's own files back, as a projection of the journal (docs/git.md, Publishing). */
export interface Publisher {
  /**
   * Brings the published branch up to date with the journal as it is now: builds on its tip, pushes, repeats on a race.
   * What the journal gets meanwhile is for the next call: while runs end all the time there would be a commit after the
   * other (R38). Before a `retryAt` that it returned it does nothing and says so again, unless the remote has answered
   * somebody in between.
   * @throws JournalError, and what `project` throws
   */
  publish(): Promise<PublishOutcome>;
  /** Resolves when the maintenance that has begun is over: the state folder is another's from then on. */
  maintained(): Promise<void>;
}

export interface PublisherOptions extends NextCommitOptions {
  /** Where maintenance remembers what is public since when; without it there is no maintenance. */
  readonly stateDir?: string;
  /** `Journal.KeepDays` of this moment. */
  readonly journalKeepDays: () => number;
  /** From 0 up to 1: spreads retries. */
  readonly random: () => number;
}

const ATTEMPTS = 8;

interface PublisherState {
  readonly options: PublisherOptions;
  readonly tip: Tip;
  readonly backoff: Backoff;
  readonly maintenance: Maintenance | null;
  /** The publishing that is going on. */
  running: Promise<PublishOutcome> | null;
  /** The last journal entry that was there when it was asked for, by whoever asked last. */
  wanted: number;
  /** The maintenance that began last. */
  maintained: Promise<void>;
}

/** A publisher; nothing happens before `publish`. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { stateDir } = options;
  const state: PublisherState = {
    options,
    tip: unknownTip(),
    backoff: createBackoff(options.clock, options.random),
    maintenance: stateDir === undefined ? null : createMaintenance({ ...options, stateDir }),
    running: null,
    wanted: 0,
    maintained: Promise.resolve(),
  };
  return {
    publish() {
      state.wanted = options.journal.last;
      state.running ??= publish(state).finally(() => {
        state.running = null;
      });
      return state.running;
    },
    maintained: () => state.maintained,
  };
}

async function publish(state: PublisherState): Promise<PublishOutcome> {
  const { options, tip, backoff } = state;
  const { branch, observe } = options;
  const waiting = backoff.waiting(branch.reached);
  if (waiting) return waiting;
  let published: PublishOutcome = { outcome: 'Unchanged' };
  for (let races = 0; races < ATTEMPTS; ) {
    const busy = await branch.busy();
    if (busy !== null) return backoff.wait('Contended', busy);
    const parent = await knownTip(state);
    if (typeof parent === 'object' && parent !== null) return parent;
    if (parent === null && branch.shared) return backoff.wait('NoBranch', goneText(branch));
    const built = await nextCommit(tip, parent, options);
    if (built === null) return upToDate(state, published);
    const advanced = await tryAdvance(branch, built.commit, parent);
    if (advanced.outcome === 'Advanced') {
      await confirmCommit(tip, built, options);
      published = { outcome: 'Pushed', commit: built.commit, seq: built.mark.hi };
      if (built.through >= state.wanted) return upToDate(state, published);
    } else if (advanced.outcome === 'Moved') {
      races += 1;
      await backoff.pause(races);
    } else return waitAfter(state, advanced);
  }
  observe({ kind: 'PushContention', attempts: ATTEMPTS });
  return backoff.wait('Contended', `others moved ${branch.name} during each of ${ATTEMPTS} attempts`);
}

function upToDate(state: PublisherState, published: PublishOutcome): PublishOutcome {
  state.backoff.reset();
  maintain(state);
  return published;
}

/** The branch is the humans': who made it here would make a fleet of the service's own files. */
function goneText({ name }: Branch): string {
  return `the followed branch ${name} is gone, and only people make it: push it again`;
}

/** Not waited for: a push that comes meanwhile must not wait either, and git allows both at once. */
function maintain(state: PublisherState): void {
  const { maintenance, tip, options } = state;
  if (maintenance === null) return;
  state.maintained = maintenance
    .run(tip.mark.hi)
    .catch((error) => options.observe({ kind: 'UpkeepFailed', reason: String(error) }));
}

/** The tip; a clone that was made anew while its remote is away knows of none, which is not to say there is none. */
async function knownTip({ options, backoff }: PublisherState): Promise<string | null | PublishOutcome> {
  const { branch } = options;
  const tip = await branch.tip();
  if (tip !== null || branch.reached !== null) return tip;
  try {
    return await branch.refresh();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return backoff.wait('Offline', error.message);
  }
}

/** What to wait for after a push that did not get through, and was no race. */
function waitAfter(
  { options, backoff }: PublisherState,
  { outcome, failure }: Extract<AdvanceOutcome, { failure: GitError }>,
): PublishOutcome {
  if (outcome === 'Offline') return backoff.wait('Offline', failure.message);
  // nobody refused: time was up, or this host had no process to spare
  if (failure.exitCode === null || failure.isScarcity) return backoff.wait('Offline', failure.message);
  if (backoff.outcome !== 'Blocked') options.observe({ kind: 'PushBlocked', reason: failure.message });
  return backoff.wait('Blocked', failure.message);
}
