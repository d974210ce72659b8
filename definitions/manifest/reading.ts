import type { JobSpec } from '../job.ts';
import type { MACHINE_DEFAULTS, Machine, MachineDefaults } from '../machine.ts';
import type { Problem } from '../problem.ts';
import type { RuleID } from '../rules.ts';
import type { Settings } from '../settings.ts';
import type { Window } from '../window.ts';
import type { Position } from '../yaml/document.ts';
import type { PathKey } from '../yaml/tree.ts';

/** What a manifest is about, known by its path. */
export type ManifestKind = 'job' | 'machine' | 'defaults' | 'window' | 'settings';

/** The folders of a fleet in which manifests are. */
export const MANIFEST_FOLDERS: readonly string[] = ['jobs', 'machines', 'windows'];

/** What a path holds; null for all that is no manifest and is ignored without an error, such as README.md. */
export function kindOf(path: string): ManifestKind | null {
  if (path === 'bmcron.yaml') return 'settings';
  if (!PLACE.test(path) || path.endsWith('.status.yaml')) return null;
  if (path.startsWith('jobs/')) return 'job';
  if (path.startsWith('windows/')) return 'window';
  return /\/_[^/]*$/.test(path) ? 'defaults' : 'machine';
}

/**
 * What is read at a path, and what is told there although it is not read: a link or a submodule that may stand for a
 * folder is never followed, and who put it there believes that the manifests below count.
 */
export function kindAt(path: string, isRead: boolean): ManifestKind | null {
  return kindOf(path) ?? (isRead || FILE_NAME.test(path) ? null : kindOf(`${path}/a.yaml`));
}

/** What stands for bytes of a name that are no UTF-8: two such names may read alike, so no such file is read. */
export const UNDECODABLE = '\ufffd';
export const NAME_NOT_UTF8 = 'its name, or that of its folder, is not UTF-8 text: rename it';

/** Below one of the three folders; neither it nor a folder on the way is hidden. */
const PLACE = /^(?:jobs|machines|windows)\/(?:(?!\.)[^/]+\/)*(?!\.)[^/]*\.(?:yaml|yml|json)$/;

/** Ends as the name of a file does: `README.md`, but not `v1.2`. */
const FILE_NAME = /\.[A-Za-z][A-Za-z0-9]{0,9}$/;

/** A problem of a file that is known by its content alone. */
export type Finding = Omit<Problem, 'file'>;

/** A problem of a document, not yet placed in its text. */
export interface Objection {
  readonly path: readonly PathKey[];
  /** Point at the key instead of the value. */
  readonly atKey?: boolean;
  readonly stage: Problem['stage'];
  readonly rule: RuleID;
  readonly message: string;
}

/** Something that a job refers to and the inventory must confirm (R02, platform). */
export interface Mention {
  /** A `manager` may be a system or chassis, a `selector` stands for machines, a `template` has placeholders. */
  readonly what: 'machine' | 'selector' | 'manager' | 'target' | 'profile' | 'template';
  readonly name: string;
  /** The manager below which it is mentioned; empty for machines and managers. */
  readonly manager: string;
  readonly path: readonly PathKey[];
  readonly at: Position;
}

/** What one Job document says by itself. */
export interface JobReading {
  /** Null when it is refused for what it says by itself. */
  readonly spec: JobSpec | null;
  /** The digest of `spec`, null with it (R19). */
  readonly version: string | null;
  /** Its Name, also when it is refused. */
  readonly name: string | null;
  readonly nameAt: Position;
  /** The action, when there is one of that name. */
  readonly action: string | null;
  /** What a refused document mentions; with a `spec` they follow from it and from `places` (`mentionsIn`). */
  readonly mentions: readonly Mention[];
  /** With a `spec`: line and column of each mention, one after the other. Thousands of jobs stay in memory. */
  readonly places: readonly number[];
  /** How Payload is written (R06). */
  readonly payload: 'object' | 'list';
  readonly problems: readonly Finding[];
  /** What deserves a second look before it is merged; the controller has no use for it. */
  readonly warnings: readonly Finding[];
}

/** What one Machine document says by itself. */
export interface MachineReading {
  readonly machine: Machine | null;
  /** The fields that it leaves out and that are filled in `machine` all the same; a folder's Defaults come first. */
  readonly leftOut: readonly (keyof typeof MACHINE_DEFAULTS)[];
  /** Its ID, also when it is refused. */
  readonly id: string | null;
  readonly idAt: Position;
  readonly problems: readonly Finding[];
  /** What deserves a second look before it is merged. */
  readonly warnings: readonly Finding[];
}

/** What one Window document says by itself. */
export interface WindowReading {
  /** Null when it is refused. */
  readonly window: Window | null;
  /** Its Name, also when it is refused. */
  readonly name: string | null;
  readonly nameAt: Position;
  readonly problems: readonly Finding[];
}

/** What one document of a folder's `_*.yaml` says. */
export interface DefaultsReading {
  readonly defaults: MachineDefaults | null;
  /** Where each of its fields stands, and each label: `Type`, `Labels.rack`. */
  readonly fields: readonly (readonly [field: string, at: Position])[];
  readonly problems: readonly Finding[];
}

/** What one document of `bmcron.yaml` says. */
export interface SettingsReading {
  readonly settings: Settings | null;
  readonly problems: readonly Finding[];
}

/**
 * What one file says by itself: plain JSON, independent of its path, so that it can be kept by (kind, blob) and never
 * parsed again while the blob stays.
 */
export type Reading =
  | { readonly kind: 'job'; readonly documents: readonly JobReading[] }
  | { readonly kind: 'machine'; readonly documents: readonly MachineReading[] }
  | { readonly kind: 'defaults'; readonly documents: readonly DefaultsReading[] }
  | { readonly kind: 'window'; readonly documents: readonly WindowReading[] }
  | { readonly kind: 'settings'; readonly documents: readonly SettingsReading[] };
