import { readRef, resolveRef } from '../git/refs.ts';
import { survey } from './commit.ts';
import type { CommitBuilderOptions } from './next-commit.ts';
import { lastPublished, newestCommit, publishedRef } from './published.ts';
import { createRivals } from './rivals.ts';
import { findTampering, type OthersChanges } from './tamper.ts';
import { readWatermark, speaksOf, type Watermark, watermarkPath } from './watermark.ts';

/** How a tip stands to the journal. */
export interface Tip {
  readonly tip: string | null;
  /** How far the journal is published there. */
  readonly mark: Watermark;
  /** What others did to the service's files since. */
  readonly tampering: OthersChanges;
  /** The journal has a new ID that the tip does not know. */
  readonly renewed: boolean;
}

/** Looks at tips, and remembers the one that the service left as it should be. */
export interface TipReader {
  look(tip: string | null): Promise<Tip>;
  /** A commit of the service has become the tip. */
  landed(commit: string, mark: Watermark): Promise<void>;
}

const UNTOUCHED: OthersChanges = { blobs: new Map(), rivals: new Map() };
const NOTHING: Watermark = { hi: 0, digest: null };

/** Makes the lookout of a publisher. */
export function createTipReader(options: CommitBuilderOptions): TipReader {
  const { target, journal, prefix, observe } = options;
  const { git } = target;
  const rivals = createRivals(options);
  let published: string | null | undefined;
  let last: Tip | null = null;

  async function tamperingOf(tip: string): Promise<OthersChanges> {
    const by = journal.id;
    published = await known(tip);
    if (published === null) return meetRivals(tip);
    if (published === tip) return UNTOUCHED;
    // A commit that became public in the moment of a crash: what others did after it counts, not what it brought.
    published = (await newestCommit(git, tip, { by, after: published })) ?? published;
    const found = await findTampering(git, published, tip, prefix, by);
    if (found.rivals.size === 0) return found;
    await rivals.met(found.rivals);
    // What another one left is as good as what this one did: both put back the same, or they would do so for ever.
    const theirs = (await newestCommit(git, tip, { after: published })) ?? tip;
    return theirs === tip ? UNTOUCHED : findTampering(git, theirs, tip, prefix, by);
  }

  /** Who has published nothing yet has nothing to be put right, but whoever publishes meanwhile is a rival. */
  async function meetRivals(tip: string): Promise<OthersChanges> {
    const since = options.seenAtStart?.() ?? null;
    const isHere = since !== null && since !== tip && (await resolveRef(git, since)) !== null;
    if (isHere) await rivals.met((await findTampering(git, since, tip, prefix, journal.id)).rivals);
    return UNTOUCHED;
  }

  /** What was published last. A clone that was made anew does not know, or may not hold it: then the history tells. */
  async function known(tip: string): Promise<string | null> {
    const commit = published === undefined ? await readRef(git, publishedRef(target, journal.id)) : published;
    if (published === null || commit === tip) return commit;
    if (commit !== null && (await resolveRef(git, commit)) !== null) return commit;
    return lastPublished(git, tip, journal.id, prefix + watermarkPath(journal.id));
  }

  async function markOf(commit: string): Promise<Watermark> {
    const path = prefix + watermarkPath(journal.id);
    return readWatermark(git, (await survey(git, commit, [path])).entries.get(path));
  }

  async function look(tip: string | null): Promise<Tip> {
    if (tip === null) return { tip, mark: NOTHING, tampering: UNTOUCHED, renewed: false };
    const tampering = await tamperingOf(tip);
    const told = await markOf(tip);
    if (await speaksOf(journal, told)) {
      // What others set back is put back by its objects: it counts as published.
      const setBack = published && tampering.blobs.has(watermarkPath(journal.id));
      return { tip, mark: setBack ? await markOf(published ?? tip) : told, tampering, renewed: false };
    }
    // A disk that was set back took this clone back with it: what that says was public before.
    const before = published ? await markOf(published) : NOTHING;
    const mine = (await speaksOf(journal, before)) ? before : NOTHING;
    const was = journal.id;
    await journal.renew();
    observe({ kind: 'JournalRenewed', was, id: journal.id });
    return { tip, mark: mine, tampering: UNTOUCHED, renewed: true };
  }

  return {
    async look(tip) {
      if (last === null || last.tip !== tip) last = await look(tip);
      return last;
    },
    async landed(commit, mark) {
      await git.text(['update-ref', publishedRef(target, journal.id), commit]);
      published = commit;
      last = { tip: commit, mark, tampering: UNTOUCHED, renewed: false };
    },
  };
}
