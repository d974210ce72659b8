import { survey } from './build.ts';
import type { ComposerOptions } from './compose.ts';
import { resolveRef } from './refs.ts';
import { findTampering, type Tampering } from './tamper.ts';
import { readWatermark, speaksOf, type Watermark, watermarkPath } from './watermark.ts';

/** How a tip stands to the journal. */
export interface Standing {
  readonly tip: string | null;
  /** How far the journal is published there. */
  readonly mark: Watermark;
  /** What others did to the service's files since. */
  readonly tampering: Tampering;
  /** The journal has a new ID that the tip does not know. */
  readonly renewed: boolean;
}

/** Looks at tips, and remembers the one that the service left as it should be. */
export interface Lookout {
  look(tip: string | null): Promise<Standing>;
  /** A commit of the service has become the tip. */
  landed(commit: string, mark: Watermark): Promise<void>;
}

const UNTOUCHED: Tampering = { blobs: new Map(), rival: null };
const NOTHING: Watermark = { hi: 0, digest: null };

/** Makes the lookout of a publisher. */
export function createLookout(options: ComposerOptions): Lookout {
  const { target, journal, prefix, observe } = options;
  const { git } = target;
  /** What the service published last; it outlives the process, and keeps the objects. */
  const ref = `refs/bmcron/published/${target.branch}`;
  let published: string | null | undefined;
  let last: Standing | null = null;

  async function tamperingOf(tip: string): Promise<Tampering> {
    published ??= await resolveRef(git, ref);
    if (published === null || published === tip) return UNTOUCHED;
    published = (await newestOwn(tip, published)) ?? published;
    const found = await findTampering(git, published, tip, prefix, journal.id);
    if (found.rival !== null) observe({ kind: 'RivalController', id: found.rival });
    return found;
  }

  /** A commit that became public in the moment of a crash: what others did after it counts, not what it brought. */
  async function newestOwn(tip: string, after: string): Promise<string | null> {
    const own = `--grep=^Bmcron-Controller: ${journal.id}$`;
    const found = await git.text(['log', '--max-count=1', '--format=%H', own, tip, `^${after}`]);
    return found.trim() || null;
  }

  async function markOf(commit: string): Promise<Watermark> {
    const path = prefix + watermarkPath(journal.id);
    return readWatermark(git, (await survey(git, commit, [path])).entries.get(path));
  }

  async function look(tip: string | null): Promise<Standing> {
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
      await git.text(['update-ref', ref, commit]);
      published = commit;
      last = { tip: commit, mark, tampering: UNTOUCHED, renewed: false };
    },
  };
}
