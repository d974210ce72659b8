import { hostname } from 'node:os';
import { join } from 'node:path';
import { kindOf } from '../definitions/manifest/reading.ts';
import { projecting } from '../definitions/report/commit-message.ts';
import type { Settings } from '../definitions/settings.ts';
import type { Clock } from './clock.ts';
import type { GitEvent } from './events/git-event.ts';
import { isRemoteURL } from './git/discover.ts';
import { createManifestCommits, type ManifestCommits } from './publish/manifest-commits.ts';
import { createOtherControllers, type OtherControllers } from './publish/other-controllers.ts';
import { createPublisher, type Publisher, type PublishOutcome } from './publish/publisher.ts';
import type { StatusPage } from './publish/status-page.ts';
import { publishedThrough } from './publish/watermark.ts';
import { openRepository, type Repository } from './snapshot/repository.ts';
import { type Cache, createCache } from './state/cache.ts';
import { type Journal, openJournal } from './state/journal.ts';
import { takeLock } from './state/lock.ts';
import { inSlices } from './time-slice.ts';

/** Who commits what the service writes. */
const IDENTITY = { name: 'bmcron', email: `bmcron@${hostname()}` };

/** Where the fleet is, and where what is not public yet is kept. */
export interface GitBackendOptions {
  readonly clock: Clock;
  /** A folder in a work tree or bare repository, or a URL. */
  readonly fleet: string;
  /** The fleet's folder inside the repository. */
  readonly path?: string;
  readonly remote?: string;
  readonly branch?: string;
  readonly statusBranch?: string;
  /** An SSH allowed-signers file (R45). */
  readonly verifyCommits?: string;
  /** Whether the service's commits say `[skip ci]`. */
  readonly skipCi?: boolean;
  /** The limit of one conversation with the remote, milliseconds; two minutes by default. */
  readonly timeoutMs?: number;
  /** False: nothing is pushed to a remote, results are kept in the journal; a local branch still gets its commits. */
  readonly push: boolean;
  readonly stateDir: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly observe: (event: GitEvent) => void;
}

/** What a controller stands on: what is durable here, and the repository that says what should be. */
export interface Backend {
  readonly journal: Journal;
  readonly repository: Pick<Repository, 'snapshot' | 'read' | 'changes' | 'published' | 'watched'>;
  /** Other controllers that have published to the same place. */
  readonly others: Pick<OtherControllers, 'division' | 'isSure'>;
  /** Makes the function that publishes, for the settings as they stand. */
  publisher(settings: () => Settings, statusPage: StatusPage): () => Promise<PublishOutcome>;
  /** Something that outlives the process; losing it costs time, never truth. */
  cache<Value>(name: string, version: string): Cache<Value>;
  /** Lets go of the state folder; the journal has been closed before. */
  release(): Promise<void>;
}

/** A ground with what those need who look at a controller from outside, and ask it for changes. */
export interface GitBackend extends Backend {
  readonly stateDir: string;
  /** The newest number that is public; 0 when none is. */
  publishedThrough(): Promise<number>;
  /** Writes manifests on somebody's behalf. */
  readonly authoring: ManifestCommits;
  /** Where the remote is, without a password; null without one. */
  readonly url: string | null;
}

/** Takes the state folder, opens the journal and the repository. @throws LockHeld, RepositoryError, JournalError */
export async function openGitBackend(options: GitBackendOptions): Promise<GitBackend> {
  const { observe } = options;
  const lock = await takeLock(options.stateDir);
  try {
    const journal = await openJournal(join(options.stateDir, 'journal'), { observe });
    const isManifest = (path: string) => kindOf(path) !== null;
    let ended = async () => {};
    const repository = await openRepository({ ...options, isManifest, identity: IDENTITY });
    const others = createOtherControllers({ ...repository, journal });
    return {
      ...{ journal, repository, others },
      publisher(settings, statusPage) {
        const made = publishing({ ...options, others, journal, repository, settings, statusPage });
        ended = made.ended;
        return made.publish;
      },
      publishedThrough: () => publishedThrough(repository.target, repository.prefix, journal),
      authoring: createManifestCommits({
        ...repository,
        target: repository.manifests,
        committer: IDENTITY,
        clock: options.clock,
      }),
      cache: (name, version) => createCache(join(options.stateDir, `${name}.json`), version),
      ...{ stateDir: options.stateDir, url: repository.url },
      async release() {
        await ended();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What publishing takes. */
interface PublishingOptions extends GitBackendOptions {
  readonly journal: Journal;
  readonly repository: Repository;
  readonly others: OtherControllers;
  readonly settings: () => Settings;
  readonly statusPage: StatusPage;
}

function publishing(options: PublishingOptions): Pick<Publisher, 'publish' | 'ended'> {
  const { clock, observe, stateDir, journal, repository, settings, statusPage } = options;
  const pushes = options.remote !== undefined || isRemoteURL(options.fleet);
  if (pushes && !options.push) return { publish: async () => ({ outcome: 'Unchanged' }), ended: async () => {} };
  const publisher = createPublisher({
    ...{ clock, journal, stateDir, identity: IDENTITY, observe },
    project: (entries, journalID) => inSlices(projecting(entries, settings().Logs.Layout, journalID, statusPage.text)),
    target: repository.target,
    prefix: repository.prefix,
    skipCI: options.skipCi ?? false,
    keepDays: () => settings().Logs.KeepDays,
    seenAtStart: () => options.others.seen,
  });
  const publish = async () => {
    await statusPage.settle().catch(() => undefined); // a full disk keeps back nothing durable; the next one tries again
    return publisher.publish();
  };
  return { publish, ended: publisher.ended };
}
