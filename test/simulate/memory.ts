import { createHash } from 'node:crypto';
import type { Backend } from '../../controller/backend.ts';
import { after, type Clock } from '../../controller/clock.ts';
import type { SnapshotFile } from '../../controller/snapshot/snapshot.ts';
import { type Journal, JournalError } from '../../controller/state/journal.ts';
import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { kindOf } from '../../definitions/manifest/reading.ts';
import { isLog } from '../../definitions/own-paths.ts';
import { project } from '../../definitions/report/commit-message.ts';
import { type LogRecord, readLog } from '../../definitions/run-log.ts';

/** A disk and a remote in memory, which outlive the controllers that use them, and can fail. */
export interface Memory {
  /** Everything that is durable, oldest first. */
  readonly entries: readonly JournalEntry[];
  /** What is public. */
  readonly branch: ReadonlyMap<string, string>;
  /** The manifests at the tip. */
  readonly manifests: ReadonlyMap<string, string>;
  readonly faults: { diskFull: boolean; remoteDown: boolean };
  /** The process dies at its next write: before it is durable, or just after; then `died` is true. */
  killAt(moment: 'before' | 'after' | null): void;
  readonly died: boolean;
  /** Resolves when the process dies. */
  readonly death: Promise<void>;
  commit(changes: Readonly<Record<string, string | null>>): void;
  /** The backend of one controller. */
  backend(clock: Clock): Backend;
  /** The commit that the manifests are at. */
  readonly tip: string;
  /** Whether all that is durable is public. */
  readonly isPublic: boolean;
  /** Public logs that were published anew with another text. */
  readonly overwritten: readonly string[];
  /** A human's edit of a file that the service owns; null deletes it. */
  tamper(path: string, text: string | null): void;
  /** Throws away what is on the disk, as a move to another host does. */
  forget(): void;
}

type Tree = ReadonlyMap<string, string>;

/** Made once: a long night with a full disk has many, and a stack costs more than all the rest. */
const FULL = new JournalError('the journal cannot be written: ENOSPC');

interface MemoryState {
  entries: JournalEntry[];
  seq: number;
  /** The journal is public up to here. */
  published: number;
  dieAt: 'before' | 'after' | null;
  died: boolean;
  death: Promise<void>;
  /** Resolves `death`. */
  die: () => void;
  readonly faults: { diskFull: boolean; remoteDown: boolean };
  readonly caches: Map<string, unknown>;
  /** Trees of manifests by commit. */
  readonly commits: Map<string, Tree>;
  /** Commits, oldest first. */
  readonly history: string[];
  readonly branch: Map<string, string>;
  readonly overwritten: string[];
}

/** An empty disk, and a remote with these manifests. */
export function createMemory(files: Readonly<Record<string, string>>): Memory {
  const state: MemoryState = {
    entries: [],
    seq: 0,
    published: 0,
    dieAt: null,
    died: false,
    ...mortal(),
    faults: { diskFull: false, remoteDown: false },
    caches: new Map(),
    commits: new Map(),
    history: [],
    branch: new Map(),
    overwritten: [],
  };
  commit(state, files);
  return memoryOf(state);
}

function memoryOf(state: MemoryState): Memory {
  const { branch, faults, overwritten } = state;
  return {
    branch,
    faults,
    overwritten,
    commit: (changes) => commit(state, changes),
    get tip() {
      return tipOf(state);
    },
    get isPublic() {
      return state.published === state.seq;
    },
    get entries() {
      return state.entries;
    },
    get manifests() {
      return treeOf(state, tipOf(state));
    },
    killAt: (moment) => void Object.assign(state, { dieAt: moment, died: false, ...mortal() }),
    get death() {
      return state.death;
    },
    get died() {
      return state.died;
    },
    tamper: (path, text) => void (text === null ? branch.delete(path) : branch.set(path, text)),
    forget() {
      state.caches.clear();
      state.entries = [];
      state.seq = 0;
      state.published = 0;
    },
    backend: (clock) => ({
      journal: journalOf(state),
      repository: repositoryOf(state),
      cache: cacheOf(state),
      isSigned: false,
      others: {
        isSure: true,
        divergence: async () => ({ controllers: [], baseKnown: true, files: new Map() }),
        vouched: async (files) => ({ files, isComplete: true }),
        left: async (path) => filesOf(state.branch, (each) => each === path).get(path) ?? null,
        isAsLeft: async () => true,
      },
      publishedThrough: async () => state.published,
      endLooks: () => undefined,
      hangUp: () => undefined,
      release: async () => undefined,
      publisher: publisherOf(state, clock),
    }),
  };
}

function mortal(): Pick<MemoryState, 'death' | 'die'> {
  let die = () => {};
  const death = new Promise<void>((resolve) => {
    die = resolve;
  });
  return { death, die };
}

function tipOf({ history }: MemoryState): string {
  return history.at(-1) ?? '';
}

function treeOf({ commits }: MemoryState, id: string): Tree {
  return commits.get(id) ?? new Map();
}

function commit(state: MemoryState, changes: Readonly<Record<string, string | null>>): void {
  const tree = new Map(treeOf(state, tipOf(state)));
  for (const [path, text] of Object.entries(changes)) {
    if (text === null) tree.delete(path);
    else tree.set(path, text);
  }
  const id = `${state.history.length + 1}`.padStart(40, '0');
  state.commits.set(id, tree);
  state.history.push(id);
}

function journalOf(state: MemoryState): Journal {
  const journal: Journal = {
    id: 'memory',
    get last() {
      return state.seq;
    },
    pruned: 0,
    append: (records) => append(state, records),
    replay: () => journal.since(0),
    async *since(from) {
      yield* state.entries.filter((entry) => entry.seq > from);
    },
    digest: async () => null,
    prune: async () => undefined,
    renew: async () => undefined,
    hasRoom: async () => !state.faults.diskFull,
    close: async () => undefined,
  };
  return journal;
}

/** What a dead process waits for never comes. */
function append(state: MemoryState, records: readonly JournalRecord[]): Promise<number> {
  if (state.died) return new Promise(() => undefined);
  if (state.faults.diskFull) return Promise.reject(FULL);
  if (state.dieAt === 'before') return died(state);
  for (const record of records) {
    state.seq += 1;
    state.entries.push({ seq: state.seq, record: structuredClone(record) });
  }
  return state.dieAt === 'after' ? died(state) : Promise.resolve(state.seq);
}

function died(state: MemoryState): Promise<never> {
  state.died = true;
  state.die();
  return new Promise(() => undefined);
}

function filesOf(tree: Tree, wanted: (path: string) => boolean): Map<string, SnapshotFile> {
  const found = [...tree].filter(([path]) => wanted(path));
  return new Map(
    found.map(([path, text]) => {
      const blob = createHash('sha1').update(text).digest('hex');
      return [path, { blob, bytes: Buffer.from(text), refused: null }];
    }),
  );
}

function repositoryOf(state: MemoryState): Backend['repository'] {
  const textAt = (id: string | undefined, path: string) => treeOf(state, id ?? '').get(path);
  return {
    watched: [],
    snapshot: async () => {
      const commit = tipOf(state);
      return { commit, manifests: filesOf(treeOf(state, commit), (path) => kindOf(path) !== null) };
    },
    read: async (at, paths) => filesOf(treeOf(state, at), (path) => paths.includes(path)),
    changes: async (at, path) => {
      const until = state.history.slice(0, state.history.indexOf(at) + 1);
      return until.filter((id, index) => textAt(id, path) !== textAt(until[index - 1], path));
    },
    contains: async (tip, commit) => state.history.indexOf(commit) <= state.history.indexOf(tip),
    confirms: async () => true,
    published: async () => filesOf(state.branch, (path) => path.endsWith('.status.yaml')),
    logs: async () => logsOf(state.branch),
  };
}

/** What a new journal learns what ran from. */
function logsOf(branch: ReadonlyMap<string, string>): { path: string; log: LogRecord }[] {
  return [...branch].flatMap(([path, text]) => {
    if (!isLog(path)) return [];
    const texts = path.endsWith('.ndjson') ? text.split('\n') : [text];
    return texts.flatMap((each) => {
      const log = readLog(each);
      return log ? [{ path, log }] : [];
    });
  });
}

function cacheOf({ caches }: MemoryState): Backend['cache'] {
  return <Value>(name: string) => ({
    load: async () => (caches.get(name) as Map<string, Value> | undefined) ?? new Map<string, Value>(),
    save: async (values: ReadonlyMap<string, Value>) => void caches.set(name, new Map(values)),
  });
}

function publisherOf(state: MemoryState, clock: Clock): Backend['publisher'] {
  const { branch, faults, overwritten } = state;
  return (settings) => async () => {
    if (faults.remoteDown) return { outcome: 'Offline', reason: 'down', retryAt: after(clock, 60_000) };
    const news = state.entries.filter((entry) => entry.seq > state.published);
    if (news.length === 0) return { outcome: 'Unchanged' };
    for (const [path, text] of project(news, settings().Logs.Layout).files) {
      const was = branch.get(path) ?? text;
      if (path.startsWith('logs/') && was !== text) overwritten.push(path);
      if (text === null) branch.delete(path);
      else branch.set(path, text);
    }
    state.published = state.seq;
    return { outcome: 'Pushed', commit: tipOf(state), seq: state.seq };
  };
}
