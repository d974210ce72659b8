import { readdirSync, readFileSync } from 'node:fs';
import { type Clock, systemClock } from '../../controller/clock.ts';
import type { GitEvent } from '../../controller/events/git-event.ts';
import { createOwnCommits } from '../../controller/publish/own-commits.ts';
import { createPublisher, type Publisher, type PublisherOptions } from '../../controller/publish/publisher.ts';
import { openRepository, type Repository } from '../../controller/snapshot/repository.ts';
import type { FleetLocation } from '../../controller/snapshot/source.ts';
import type { Journal } from '../../controller/state/journal.ts';
import { GIT_ENVIRONMENT, git, isManifest, journalIn, project } from './git-folder.ts';

/** Repository, journal and publisher, put together as the controller does, without the controller. */
export interface TestPublisher {
  readonly repository: Repository;
  readonly journal: Journal;
  readonly publisher: Publisher;
  readonly events: GitEvent[];
  kinds(): string[];
  close(): Promise<void>;
}

export const IDENTITY = { name: 'bmcron', email: 'bmcron@test' };

/** A clock whose sleeps are over at once: retries cost a test no time. `now` moves by what was slept. */
export function createInstantClock(): Clock & { advance(ms: number): void } {
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  return {
    now,
    async sleep(until) {
      ahead += Math.max(0, until.getTime() - now().getTime());
    },
    advance(ms) {
      ahead += ms;
    },
  };
}

/** Where a fleet is, and where its state is kept. */
interface ServiceOptions extends FleetLocation {
  readonly stateDir: string;
  readonly environment?: NodeJS.ProcessEnv;
}

export async function openTestPublisher(
  options: ServiceOptions,
  publishing: Partial<PublisherOptions> = {},
): Promise<TestPublisher> {
  const { stateDir, environment = GIT_ENVIRONMENT, ...location } = options;
  const events: GitEvent[] = [];
  const observe = (event: GitEvent) => void events.push(event);
  const clock = publishing.clock ?? systemClock;
  const repository = await openRepository({
    location,
    stateDir,
    environment,
    identity: IDENTITY,
    ownSigners: location.ownSigners ?? null,
    isManifest,
    clock,
    observe,
  });
  const journal = await journalIn(`${stateDir}/journal`, events);
  const base: PublisherOptions = {
    branch: repository.branch,
    prefix: repository.prefix,
    journal,
    project,
    identity: IDENTITY,
    signer: null,
    skipCI: false,
    logsKeepDays: () => null,
    journalKeepDays: () => 30,
    own: createOwnCommits({ git: repository.branch.git, prefix: repository.prefix, signers: null }),
    seenAtStart: () => null,
    random: Math.random,
    clock,
    observe,
  };
  return {
    repository,
    journal,
    publisher: createPublisher({ ...base, ...publishing }),
    events,
    kinds: () => events.map(({ kind }) => kind),
    close: () => journal.close(),
  };
}

/** Paths of a commit that match, sorted. */
export function pathsIn(folder: string, commit: string, pattern = /./): string[] {
  const paths = git(folder, 'ls-tree', '-r', '--name-only', commit).split('\n');
  return paths.filter((path) => path !== '' && pattern.test(path)).sort();
}

/** What must hold of a branch at the end, whatever happened: sound, and no commit of the service without a change. */
export function assertSound(folder: string, branch = 'main'): void {
  git(folder, 'fsck', '--strict', '--no-dangling');
  for (const line of git(folder, 'log', '--format=%T %P %an', branch).split('\n')) {
    const [tree, parent, author] = line.split(' ');
    if (author !== 'bmcron' || !parent) continue;
    if (git(folder, 'rev-parse', `${parent}^{tree}`) === tree) throw new Error(`an empty commit: ${line}`);
  }
  if (git(folder, 'rev-list', '--merges', '--author=bmcron', branch) !== '') throw new Error('a merge of the service');
}

/** The IDs of processes of git that work in a folder. */
export function gitProcesses(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  });
}
