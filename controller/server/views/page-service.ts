import { hostname } from 'node:os';
import type { Job, JobID } from '../../../definitions/job.ts';
import type { GateContext } from '../../../definitions/safety/gate.ts';
import { breakerAlert } from '../../../definitions/safety/guard-gates.ts';
import type { Settings } from '../../../definitions/settings.ts';
import { forgeOf } from '../../../definitions/values/forge.ts';

/** Which service, of which fleet. */
export interface PageService {
  readonly version: string;
  /** The name of the computer that it runs on. */
  readonly host: string;
  /** The fleet's repository and folder, for people. */
  readonly fleet: string;
  /** Null where no address of a forge is known. */
  readonly forge: ForgeAddresses | null;
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
  /** Whether logs are lines of bigger files, which have no addresses of their own. */
  readonly segments: boolean;
  /** Why nobody may write through it; null: who has a token may. */
  readonly readOnly: string | null;
}

/** Addresses at a forge, to which the page adds what is encoded for one. */
export interface ForgeAddresses {
  /** What stands before a commit. */
  readonly commits: string;
  /** What stands before and behind the commit of a manifest; its path below the fleet's folder follows. */
  readonly manifests: readonly [before: string, behind: string];
  /** What stands before the path of a log below the fleet's folder. */
  readonly logs: string;
}

export interface PageServiceOptions {
  /** Where the remote is; null without one. */
  readonly url: string | null;
  readonly place: { readonly name: string; readonly branch: string; readonly prefix: string };
  readonly settings: () => Pick<Settings, 'Logs'>;
  readonly version: string;
  readonly readOnly: string | null;
}

/** What the page is told of the service; the settings may change, so that each page reads it anew. */
export function pageService({ url, place, settings, version, readOnly }: PageServiceOptions): PageService {
  return {
    version,
    host: hostname(),
    fleet: place.name,
    forge: addressesOf(url, place),
    prefix: place.prefix,
    get segments() {
      return settings().Logs.Layout === 'segments';
    },
    readOnly,
  };
}

/** Where a forge shows commits, manifests and logs; null where none is known. */
export function addressesOf(
  url: string | null,
  { branch, prefix }: Pick<PageServiceOptions['place'], 'branch' | 'prefix'>,
): ForgeAddresses | null {
  const forge = forgeOf(url);
  if (!forge) return null;
  const [before = '', behind = ''] = forge.fileAt('\0', prefix).split('%00');
  return { commits: forge.commits, manifests: [before, behind], logs: forge.file(branch, prefix) };
}

/** What runs are held by. */
export interface HeldBy {
  readonly agenda: { readonly jobs: ReadonlyMap<JobID, Job> };
  readonly gates: () => Pick<GateContext, 'guards' | 'isHeld'>;
}

/** What keeps whole classes of jobs, or all of them, from beginning at this moment. */
export function holdsOf({ agenda, gates }: HeldBy): readonly string[] {
  const { guards, isHeld } = gates();
  const isClosed = guards.breaker.state.opened === null;
  const breaker = isClosed ? null : breakerAlert(guards, agenda.jobs.values());
  return [...(isHeld ? ['the hold file exists: nothing begins'] : []), ...(breaker === null ? [] : [breaker])];
}
