import type { Entry } from '../../definitions/record.ts';
import type { Clock } from '../clock.ts';
import { blocked, buildCommit, changeTo, type Ground, survey } from './build.ts';
import type { Observe } from './event.ts';
import type { Journal } from './journal.ts';
import { isLog } from './own.ts';
import type { Publication, PublisherOptions } from './publisher.ts';
import { type Change, withTrailers } from './stream.ts';
import { printWatermark, readWatermark, speaksOf, type Watermark, watermarkPath } from './watermark.ts';

/** Entries that one commit carries at most. */
const CHUNK = 10_000;

/** A commit that waits to become the tip. */
export interface Made {
  readonly commit: string;
  /** The last entry that the tip holds once it is there. */
  readonly seq: number;
}

/** Builds the next commit on a tip. */
export interface Composer {
  /** The commit that brings this tip nearer to the journal; null when it is up to date. */
  next(tip: string | null): Promise<Made | null>;
  /** Says that a commit has become the tip. */
  landed(made: Made): Promise<void>;
  /** Whether a tip contains a commit. */
  contains(tip: string, commit: string): Promise<boolean>;
}

/** What a composer works with. */
export interface ComposerOptions extends PublisherOptions {
  readonly observe: Observe;
  readonly keepDays: () => number | null;
  readonly clock: Clock;
}

/** Makes the composer of a publisher. */
export function compose(options: ComposerOptions): Composer {
  const { target, journal, prefix, observe } = options;
  const { git } = target;
  const mark: { readonly tip: string; readonly mark: Watermark } | null = null;

  async function watermark(tip: string | null): Promise<Watermark> {
    if (tip === null) return { hi: 0, digest: null };
    if (mark?.tip === tip) return mark.mark;
    const path = prefix + watermarkPath(journal.id);
    const found = await readWatermark(git, (await survey(git, tip, [path])).entries.get(path));
    if (await speaksOf(journal, found)) return found;
    const was = journal.id;
    await journal.renew();
    observe({ kind: 'JournalRenewed', was, id: journal.id });
    return { hi: 0, digest: null };
  }

  async function next(tip: string | null): Promise<Made | null> {
    const { hi } = await watermark(tip);
    if (hi < journal.pruned) observe({ kind: 'RecordsGone', after: hi, before: journal.pruned + 1 });
    const entries = await take(journal, hi);
    if (entries.length === 0) return null;
    const publication = options.project(entries, journal.id);
    const ownMark = prefix + watermarkPath(journal.id);
    const paths = [...publication.files.keys()].map((path) => prefix + path);
    const ground = await survey(git, tip, [...paths, ownMark]);
    const { changes, conflicts } = difference(ground, publication, prefix);
    if (conflicts.length > 0) observe({ kind: 'PathConflict', paths: conflicts });
    const seq = conflicts.length === 0 ? (entries.at(-1)?.seq ?? hi) : heldAt(entries, conflicts, hi);
    if (changes.length === 0) return null;
    const held: Watermark = { hi: seq, digest: await journal.digest(seq) };
    const message = withTrailers(publication.message, [
      `Bmcron-Controller: ${journal.id}`,
      `Bmcron-Seq: ${hi + 1}-${seq}`,
    ]);
    const commit = await buildCommit(
      git,
      {
        parent: tip,
        message,
        author: options.identity,
        time: options.clock.now(),
        changes: [...changes, { path: ownMark, text: printWatermark(held) }],
      },
      prefix,
    );
    return { commit, seq };
  }

  return {
    next,
    async landed() {},
    async contains(tip, commit) {
      try {
        await git.text(['merge-base', '--is-ancestor', commit, tip]);
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** What a publication changes on this ground, and what stands in its way (paths below the fleet's root). */
function difference(ground: Ground, publication: Publication, prefix: string) {
  const changes: Change[] = [];
  const conflicts = [...publication.files.keys()].filter((path) => blocked(ground, prefix + path));
  const inTheWay = new Set(conflicts);
  // Segments stand or fall together: half of them now would repeat records when the rest can be written.
  const segments = conflicts.some((path) => isLog(path) && path.endsWith('.ndjson'));
  for (const [path, text] of publication.files) {
    if (inTheWay.has(path) || (segments && path.endsWith('.ndjson'))) continue;
    const change = changeTo(ground, prefix + path, text);
    if (change) changes.push(change);
  }
  return { changes, conflicts };
}

/** The last entry before the first one that cannot be written: that one and what follows stay pending. */
function heldAt(entries: readonly Entry[], conflicts: readonly string[], hi: number): number {
  const paths = new Set(conflicts);
  const segments = conflicts.some((path) => path.endsWith('.ndjson'));
  const first = entries.find(({ record }) => {
    if (record.kind === 'status') return paths.has(record.path);
    return record.kind === 'result' && (segments || paths.has(record.path));
  });
  return first ? first.seq - 1 : hi;
}

async function take(journal: Journal, hi: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of journal.since(hi)) if (entries.push(entry) >= CHUNK) break;
  return entries;
}
