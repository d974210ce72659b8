import { createHash } from 'node:crypto';
import type { Backend } from '../../controller/backend.ts';
import { after, type Clock } from '../../controller/clock.ts';
import type { SnapshotFile } from '../../controller/snapshot/repository.ts';
import { type Journal, JournalError } from '../../controller/state/journal.ts';
import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { kindOf } from '../../definitions/manifest/read.ts';
import { project } from '../../definitions/report/commit-message.ts';

/** A disk and a remote in memory, which outlive the controllers that use them, and can fail. */
export interface Memory {
  /** Everything that is durable, oldest first. */
  readonly entries: readonly JournalEntry[];
  /** What is public. */
  readonly branch: ReadonlyMap<string, string>;
  /** The manifests at the tip. */
  readonly manifests: ReadonlyMap<string, string>;
  readonly faults: { diskFull: boolean; remoteDown: boolean };
  /** The process dies at its next write: before it is durable, or just after; `died` tells that it has. */
  killAt(moment: 'before' | 'after' | null): void;
  readonly died: boolean;
  /** Resolves when the process dies. */
  readonly death: Promise<void>;
  commit(changes: Readonly<Record<string, string | null>>): void;
  /** What one controller stands on. */
  backend(clock: Clock): Backend;
  /** The commit that the manifests are at. */
  readonly tip: string;
  /** Whether all that is durable is public. */
  readonly isPublic: boolean;
  /** Public logs that were published anew with another text. */
  readonly overwritten: readonly string[];
  /** A human's edit of a file that the service owns; null deletes it. */
  tamper(path: string, text: string | null): void;
  /** Throws away what outlives the process, as a move to another host does. */
  forget(): void;
}

type Tree = ReadonlyMap<string, string>;

/** Made once: many are told in a long night with a full disk, and a stack costs more than all the rest. */
const FULL = new JournalError('the journal cannot be written: ENOSPC');

/** An empty disk, and a remote with these manifests. */
export function createMemory(files: Readonly<Record<string, string>>): Memory {
  let entries: JournalEntry[] = [];
  let seq = 0;
  let published = 0;
  let dieAt: 'before' | 'after' | null = null;
  let died = false;
  let die = () => {};
  let death = new Promise<void>((resolve) => {
    die = resolve;
  });
  const commits = new Map<string, Tree>();
  const history: string[] = [];
  const branch = new Map<string, string>();
  const overwritten: string[] = [];
  const faults = { diskFull: false, remoteDown: false };
  const tip = () => history.at(-1) ?? '';

  function commit(changes: Readonly<Record<string, string | null>>): void {
    const tree = new Map(commits.get(tip()));
    for (const [path, text] of Object.entries(changes)) {
      if (text === null) tree.delete(path);
      else tree.set(path, text);
    }
    const id = `${history.length + 1}`.padStart(40, '0');
    commits.set(id, tree);
    history.push(id);
  }
  commit(files);

  function append(records: readonly JournalRecord[]): Promise<number> {
    if (died) return new Promise(() => undefined);
    if (faults.diskFull) return Promise.reject(FULL);
    if (dieAt === 'before') died = true;
    if (died) die();
    if (died) return new Promise(() => undefined);
    for (const record of records) {
      seq += 1;
      entries.push({ seq, record: structuredClone(record) });
    }
    if (dieAt === 'after') died = true;
    if (died) die();
    return died ? new Promise(() => undefined) : Promise.resolve(seq);
  }

  const journal: Journal = {
    id: 'memory',
    get last() {
      return seq;
    },
    pruned: 0,
    append,
    replay: () => journal.since(0),
    async *since(from) {
      yield* entries.filter((entry) => entry.seq > from);
    },
    digest: async () => null,
    prune: async () => undefined,
    renew: async () => undefined,
    hasRoom: async () => !faults.diskFull,
    close: async () => undefined,
  };

  function filesOf(tree: Tree, wanted: (path: string) => boolean): Map<string, SnapshotFile> {
    const found = [...tree].filter(([path]) => wanted(path));
    return new Map(
      found.map(([path, text]) => {
        const blob = createHash('sha1').update(text).digest('hex');
        return [path, { blob, bytes: Buffer.from(text), refused: null }];
      }),
    );
  }

  const repository: Backend['repository'] = {
    watched: [],
    snapshot: async () => {
      const manifests = filesOf(commits.get(tip()) ?? new Map(), (path) => kindOf(path) !== null);
      return { commit: tip(), manifests };
    },
    read: async (at, paths) => filesOf(commits.get(at) ?? new Map(), (path) => paths.includes(path)),
    changes: async (at, path) => {
      const until = history.slice(0, history.indexOf(at) + 1);
      return until.filter((id, index) => commits.get(id)?.get(path) !== commits.get(until[index - 1] ?? '')?.get(path));
    },
    published: async () => filesOf(branch, (path) => path.endsWith('.status.yaml')),
  };

  const caches = new Map<string, unknown>();
  const cache: Backend['cache'] = <Value>(name: string) => ({
    load: async () => (caches.get(name) as Map<string, Value> | undefined) ?? new Map<string, Value>(),
    save: async (values: ReadonlyMap<string, Value>) => void caches.set(name, new Map(values)),
  });
  return {
    branch,
    faults,
    commit,
    overwritten,
    get tip() {
      return tip();
    },
    get isPublic() {
      return published === seq;
    },
    get entries() {
      return entries;
    },
    get manifests() {
      return commits.get(tip()) ?? new Map();
    },
    killAt(moment) {
      dieAt = moment;
      died = false;
      death = new Promise<void>((resolve) => {
        die = resolve;
      });
    },
    get death() {
      return death;
    },
    get died() {
      return died;
    },
    tamper: (path, text) => void (text === null ? branch.delete(path) : branch.set(path, text)),
    forget() {
      caches.clear();
      entries = [];
      seq = 0;
      published = 0;
    },
    backend: (clock) => ({
      journal,
      repository,
      cache,
      others: { isSure: true, division: async () => ({ controllers: [], baseKnown: true, files: new Map() }) },
      publishedThrough: async () => published,
      release: async () => undefined,
      publisher: (settings) => async () => {
        if (faults.remoteDown) return { outcome: 'Offline', reason: 'down', retryAt: after(clock, 60_000) };
        const news = entries.filter((entry) => entry.seq > published);
        if (news.length === 0) return { outcome: 'Unchanged' };
        for (const [path, text] of project(news, settings().Logs.Layout).files) {
          const was = branch.get(path) ?? text;
          if (path.startsWith('logs/') && was !== text) overwritten.push(path);
          if (text === null) branch.delete(path);
          else branch.set(path, text);
        }
        published = seq;
        return { outcome: 'Pushed', commit: tip(), seq };
      },
    }),
  };
}
