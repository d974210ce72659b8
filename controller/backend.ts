import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { JournalEntry } from '../definitions/lifecycle/journal-record.ts';
import { kindAt } from '../definitions/manifest/reading.ts';
import type { PublishOutcome } from '../definitions/publication.ts';
import { projection } from '../definitions/report/commit-message.ts';
import type { Settings } from '../definitions/settings.ts';
import type { Deps } from './events/deps.ts';
import type { GitEvent } from './events/git-event.ts';
import { openSigner, type Signer } from './git/signature.ts';
import { createManifestCommits, type ManifestCommits } from './publish/manifest-commits.ts';
import { createOtherControllers, type OtherControllers } from './publish/other-controllers.ts';
import { createOwnCommits, type OwnCommits } from './publish/own-commits.ts';
import { createPublisher, type Publisher } from './publish/publisher.ts';
import type { StatusPage } from './publish/status-page.ts';
import { publishedThrough } from './publish/watermark.ts';
import { openRepository, type Repository } from './snapshot/repository.ts';
import type { FleetLocation } from './snapshot/source.ts';
import { textAuthor } from './snapshot/text-author.ts';
import { writeAtomically } from './state/atomic-file.ts';
import { type Cache, createCache, type ParsePair } from './state/cache.ts';
import { type Journal, openJournal } from './state/journal.ts';
import { takeLock } from './state/lock.ts';
import { inSlices } from './time-slice.ts';

/** Who commits what the service writes. */
const IDENTITY = { name: 'bmcron', email: `bmcron@${hostname()}` };

export interface GitBackendOptions extends Deps<GitEvent> {
  readonly location: FleetLocation;
  /** Where what is not in Git is kept: the lock, the journal, the private clone, caches. */
  readonly stateDir: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Gets what has become durable in the journal, in order. It must not throw. */
  readonly onAppend?: (entries: readonly JournalEntry[]) => void;
  /** False: nothing is pushed to a remote, results are kept in the journal; a local branch still gets its commits. */
  readonly push: boolean;
  /** Whether the service's commits say `[skip ci]`. */
  readonly skipCI: boolean;
  /** From 0 up to 1: spreads retries. */
  readonly random: () => number;
  /** Aborted when the service is asked to end before it has begun: nothing waits for the remote then. */
  readonly signal?: AbortSignal;
  /** Another process has taken the state folder from this one, which stood still: it must end at once. */
  readonly lost?: (error: Error) => void;
}

/** What is durable here, and the repository that says what should be. */
export interface Backend {
  readonly journal: Journal;
  readonly repository: Pick<
    Repository,
    'snapshot' | 'read' | 'changes' | 'contains' | 'confirms' | 'published' | 'logs' | 'watched'
  >;
  /** Other controllers that have published to the same place. */
  readonly others: Pick<OtherControllers, 'divergence' | 'vouched' | 'isSure' | 'left' | 'isAsLeft'>;
  /** Whether only what is signed counts (R45). */
  readonly isSigned: boolean;
  /** Makes the function that publishes, by the settings of each moment. */
  publisher(settings: () => Settings, statusPage: StatusPage): () => Promise<PublishOutcome>;
  /** Something that outlives the process; losing it costs time, never truth. */
  cache<Value>(name: string, version: string, parse?: ParsePair): Cache<Value>;
  /** From now on nothing waits for newer commits: what is here is the newest. */
  endLooks(): void;
  /** Ends all conversations with the remote, and lets none begin. */
  hangUp(): void;
  /** Releases the state folder; the journal has been closed before. */
  release(): Promise<void>;
}

/** A backend in Git, with what those need who look at a controller from outside, and ask it for changes. */
export interface GitBackend extends Backend {
  readonly stateDir: string;
  /** The newest number that is public; 0 when none is. */
  publishedThrough(): Promise<number>;
  /** Writes manifests on somebody's behalf. */
  readonly authoring: ManifestCommits;
  /** Where the remote is, without a password; null without one. */
  readonly url: string | null;
  /** Where in the repository the service writes STATUS.md. */
  readonly statusPage: { readonly branch: string; readonly path: string };
  /** Who committed a text to a file of the fleet; null: nobody can tell. @throws GitError */
  authorOf(file: string, text: string): Promise<string | null>;
  readonly place: FleetPlace;
}

/** Where the fleet is, for people who look for its files. */
export interface FleetPlace {
  /** The repository by its last two names, and the folder in it: `ops/fleet`, `ops/fleet, a/b`. */
  readonly name: string;
  /** The branch on which the service publishes. */
  readonly branch: string;
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
}

/** Takes the state folder, opens the journal and the repository. @throws LockHeld, RepositoryError, JournalError */
export async function openGitBackend(options: GitBackendOptions): Promise<GitBackend> {
  const { location, stateDir, environment, signal, clock, observe, onAppend } = options;
  const lock = await takeLock(stateDir, { signal, lost: options.lost });
  const [looks, conversations] = [new AbortController(), new AbortController()];
  try {
    const journal = await openJournal(join(stateDir, 'journal'), { observe, onAppend, mayWrite: lock.held });
    const { signer, ownSigners } = await openKeys(options);
    const isSigned = location.verifyCommits !== undefined;
    const isManifest = (path: string, isRead: boolean) => kindAt(path, isRead) !== null;
    const repository = await openRepository({
      location,
      stateDir,
      environment,
      identity: IDENTITY,
      ownSigners,
      isManifest,
      signal: AbortSignal.any([conversations.signal, ...(signal ? [signal] : [])]),
      looks: looks.signal,
      clock,
      observe,
    });
    const { branch, followed, prefix, url } = repository;
    const own = createOwnCommits({ git: branch.git, prefix, signers: isSigned ? ownSigners : null });
    const others = createOtherControllers({ branch, prefix, journal, own, url });
    let maintained = async () => {};
    return {
      journal,
      repository,
      others,
      isSigned,
      publisher(settings, statusPage) {
        if (url !== null && !options.push) return async () => ({ outcome: 'Unchanged' });
        const publisher = openPublisher(options, { journal, repository, own, signer, others, settings, statusPage });
        maintained = publisher.maintained;
        return publisher.publish;
      },
      publishedThrough: () => publishedThrough(branch, prefix, journal),
      authoring: createManifestCommits({ branch: followed, prefix, committer: IDENTITY, clock }),
      cache: (name, version, parse) => createCache(join(stateDir, `${name}.json`), version, parse),
      stateDir,
      url,
      statusPage: { branch: branch.name, path: `${prefix}STATUS.md` },
      authorOf: (file, text) => textAuthor(followed, prefix + file, text),
      place: { name: placeName(url ?? resolve(location.fleet), prefix), branch: branch.name, prefix },
      endLooks: () => looks.abort(),
      hangUp: () => conversations.abort(),
      async release() {
        await repository.close();
        await maintained();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function placeName(address: string, prefix: string): string {
  const names = address
    .replace(/\/+$/, '')
    .replace(/(\/?\.git)$/, '')
    .split(/[/:\\]+/);
  return [names.slice(-2).join('/'), ...(prefix === '' ? [] : [prefix.slice(0, -1)])].join(', ');
}

/** The key of this controller, and the allowed-signers file of those of all controllers. @throws GitError */
async function openKeys({ location, stateDir, environment }: GitBackendOptions) {
  const { signingKey: key, ownSigners, verifyCommits } = location;
  const signer =
    key === undefined ? null : await openSigner({ key, folder: stateDir, identity: IDENTITY, environment });
  const none = join(stateDir, 'own-signers');
  if (signer === null && ownSigners === undefined && verifyCommits !== undefined) await writeAtomically(none, '');
  return { signer, ownSigners: ownSigners ?? signer?.signers ?? (verifyCommits === undefined ? null : none) };
}

/** What is published, and where. */
interface Publishing {
  readonly journal: Journal;
  readonly repository: Repository;
  readonly own: OwnCommits;
  readonly signer: Signer | null;
  readonly others: OtherControllers;
  readonly settings: () => Settings;
  readonly statusPage: StatusPage;
}

function openPublisher(options: GitBackendOptions, publishing: Publishing): Publisher {
  const { journal, repository, own, signer, others, settings, statusPage } = publishing;
  const { clock, observe, stateDir, skipCI, random } = options;
  const publisher = createPublisher({
    branch: repository.branch,
    prefix: repository.prefix,
    journal,
    project: (entries, journalID) => inSlices(projection(entries, settings().Logs.Layout, journalID, statusPage.text)),
    identity: IDENTITY,
    skipCI,
    logsKeepDays: () => settings().Logs.KeepDays,
    journalKeepDays: () => settings().Journal.KeepDays,
    own,
    signer,
    seenAtStart: () => others.seen,
    stateDir,
    random,
    clock,
    observe,
  });
  return {
    async publish() {
      await statusPage.update().catch(() => undefined); // a full disk: the next one tries again
      return publisher.publish();
    },
    maintained: publisher.maintained,
  };
}
