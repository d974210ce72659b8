import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import type { Publication, PublishOutcome } from '../../definitions/publication.ts';
import type { Clock } from '../clock.ts';
import type { Observe } from '../events/git-event.ts';
import type { Branch } from '../git/branch.ts';
import { GitError } from '../git/error.ts';
import type { Identity } from '../git/fast-import.ts';
import { contains } from '../git/refs.ts';
import type { Journal } from '../state/journal.ts';
import { createBackoff } from './backoff.ts';
import { createMaintenance } from './maintenance.ts';
import { type BuiltCommit, createCommitBuilder } from './next-commit.ts';

/** Writes the service's own files back, as a projection of the journal (git.md §3). */
export interface Publisher {
  /**
   * Brings the published branch up to date with the journal: builds on its tip, pushes, repeats on a race. Before a
   * `retryAt` that it gave it does nothing and says so again, unless the remote has answered somebody in between.
   * @throws JournalError, and what `project` throws
   */
  publish(): Promise<PublishOutcome>;
  /** Resolves when the upkeep that has begun is over: the state folder is another's from then on. */
  ended(): Promise<void>;
}

/** What a publisher works with. */
export interface PublisherOptions {
  readonly target: Branch;
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
  readonly journal: Journal;
  readonly clock: Clock;
  /**
   * What entries change in Git; pure, paths below the fleet's root. The journal's ID names segments (`Logs.Layout`).
   */
  readonly project: (entries: readonly JournalEntry[], journalID: string) => Publication | Promise<Publication>;
  readonly identity: Identity;
  /** Whether messages tell CI systems to leave these commits alone (`[skip ci]`). */
  readonly skipCI?: boolean;
  /** `Logs.KeepDays` of this moment. */
  readonly keepDays?: () => number | null;
  /** Where upkeep remembers what is public since when; without it there is no upkeep. */
  readonly stateDir?: string;
  readonly observe?: Observe;
  /** The tip at the start: other controllers that published before that are no rivals. */
  readonly seenAtStart?: () => string | null;
  /** From 0 up to 1: spreads retries. */
  readonly random?: () => number;
}

const ATTEMPTS = 8;

/** Makes the publisher of a repository. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { target, clock } = options;
  const observe = options.observe ?? (() => undefined);
  const backoff = createBackoff(clock, options.random ?? Math.random);
  const builder = createCommitBuilder({ ...options, observe, keepDays: options.keepDays ?? (() => null) });

  const { stateDir } = options;
  const maintenance = stateDir === undefined ? null : createMaintenance({ ...options, stateDir });

  let upkeeping: Promise<void> = Promise.resolve();

  async function publish(): Promise<PublishOutcome> {
    const waiting = backoff.waiting(target.reached);
    if (waiting) return waiting;
    let published: PublishOutcome = { outcome: 'Unchanged' };
    for (let races = 0; races < ATTEMPTS; ) {
      const busy = await target.busy();
      if (busy !== null) return backoff.wait('Contended', busy);
      const tip = await knownTip();
      if (typeof tip === 'object' && tip !== null) return tip;
      const made = await builder.next(tip);
      if (made === null) {
        backoff.over();
        // Not waited for: a push that comes meanwhile must not wait either, and git allows both at once.
        const rested = maintenance?.rested(builder.hi);
        if (rested) upkeeping = rested.catch((error) => observe({ kind: 'UpkeepFailed', reason: String(error) }));
        return published;
      }
      const pushed = await advance(made, tip);
      if (pushed === 'there') {
        await builder.landed(made);
        published = { outcome: 'Pushed', commit: made.commit, seq: made.mark.hi };
      } else if (pushed === 'moved') {
        races += 1;
        await backoff.pause(races);
      } else return pushed;
    }
    observe({ kind: 'PushContention', attempts: ATTEMPTS });
    return backoff.wait('Contended', `others moved ${target.branch} during each of ${ATTEMPTS} attempts`);
  }

  /** The tip; a clone that was made anew while its remote is away knows of none, which is not to say there is none. */
  async function knownTip(): Promise<string | null | PublishOutcome> {
    const tip = await target.tip();
    if (tip !== null || target.reached !== null) return tip;
    try {
      return await target.refresh();
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      return backoff.wait('Offline', error.message);
    }
  }

  /**
   * Tries to make a commit the tip. A failure is a race if and only if the tip has moved: texts differ from server to
   * server.
   */
  async function advance({ commit }: BuiltCommit, tip: string | null): Promise<'there' | 'moved' | PublishOutcome> {
    try {
      await target.advance(commit, tip);
      return 'there';
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      return judge(commit, tip, error);
    }
  }

  async function judge(
    commit: string,
    tip: string | null,
    failure: GitError,
  ): Promise<'there' | 'moved' | PublishOutcome> {
    let now: string | null;
    try {
      now = await target.refresh();
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      return backoff.wait('Offline', error.message);
    }
    if (now === commit) return 'there'; // only the answer was lost
    if (now !== null && now !== tip && (await contains(target.git, now, commit))) return 'there';
    if (now !== tip) return 'moved';
    if (failure.exitCode === null) return backoff.wait('Offline', failure.message); // nobody refused: time was up
    if (backoff.outcome !== 'Blocked') observe({ kind: 'PushBlocked', reason: failure.message });
    return backoff.wait('Blocked', failure.message);
  }

  let running: Promise<PublishOutcome> | null = null;
  return {
    publish() {
      running ??= publish().finally(() => {
        running = null;
      });
      return running;
    },
    ended: () => upkeeping,
  };
}
