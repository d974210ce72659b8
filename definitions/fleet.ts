import slugify from '@sindresorhus/slugify';
import type { Position } from './document.ts';
import { type Job, type JobID, version } from './job.ts';
import { MACHINE_ID_PATTERN, type Machine, type MachineID } from './machine.ts';
import type { Problem } from './problem.ts';
import {
  type Finding,
  type JobReading,
  kindOf,
  type MachineReading,
  type Reading,
  type SettingsReading,
} from './reading.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { judgePlatform } from './stages/platform.ts';
import { printable, show } from './wording.ts';

/** A file that was read. */
export interface FleetFile {
  /** Blob ID, hex. */
  readonly blob: string;
  readonly reading: Reading;
}

/** Everything that a fleet's files say at one commit. */
export interface Fleet {
  readonly jobs: ReadonlyMap<JobID, Job>;
  readonly machines: ReadonlyMap<MachineID, Machine>;
  /** Null when `bmcron.yaml` is there and refused; the defaults when it is absent. */
  readonly settings: Settings | null;
  /** Sorted by file, line and column. */
  readonly problems: readonly Problem[];
  /** Files of which at least one document was refused, for whatever reason. */
  readonly refused: ReadonlySet<string>;
}

type Files = ReadonlyMap<string, FleetFile | { readonly refused: string }>;

/** The pattern of machine IDs, with a length up to 128 (R17). */
const JOB_ID = new RegExp(MACHINE_ID_PATTERN.replace('{0,62}', '{0,127}'));
const SLUG_ADVICE = 'the Name of a document among several needs a letter or digit that an ID can hold';
const ID_ADVICE = '1 to 128 letters, digits, dots, underscores and hyphens, beginning with a letter or digit';

type Report = (file: string, finding: Finding) => void;

interface JobFile {
  readonly file: string;
  readonly blob: string;
  readonly documents: readonly JobReading[];
}

/** The machines, and which file claims an ID, accepted or not. */
interface Inventory {
  readonly machines: ReadonlyMap<MachineID, Machine>;
  readonly claimed: ReadonlyMap<string, string>;
}

/** Something that claims an ID: a document, accepted or not (R10). */
interface Claim<T> {
  readonly id: string;
  readonly file: string;
  readonly at: Position;
  /** The path of the problem that two claimants have. */
  readonly path: string;
  readonly value: T | null;
}

/**
 * Puts the readings of a commit's files together: IDs, duplicates, and the platform stage (R02, R10, R17).
 * @param options `warnings`: report what deserves a second look, too; the check of a pull request does
 */
export function readFleet(files: Files, commit: string, options: { readonly warnings?: boolean } = {}): Fleet {
  const problems: Problem[] = [];
  const report: Report = (file, finding) => void problems.push({ file, ...finding });
  const machineClaims: Claim<Machine>[] = [];
  const jobFiles: JobFile[] = [];
  let settings: Settings | null = DEFAULT_SETTINGS;
  for (const [file, entry] of files) {
    const kind = kindOf(file);
    if (kind === null) continue;
    if ('refused' in entry) {
      report(file, error('$', 'R04', entry.refused));
      if (kind === 'settings') settings = null;
      continue;
    }
    const { blob, reading } = entry;
    for (const { problems: found } of reading.documents) for (const finding of found) report(file, finding);
    if (reading.kind === 'job') {
      jobFiles.push({ file, blob, documents: reading.documents });
      const warnings = options.warnings ? reading.documents.flatMap((document) => document.warnings) : [];
      for (const finding of warnings) report(file, finding);
    }
    if (reading.kind === 'machine') machineClaims.push(...claimMachines(file, reading.documents));
    if (reading.kind === 'settings') settings = settingsOf(reading.documents);
  }
  const machines = unique(machineClaims, 'machine', report);
  const known: Inventory = { machines, claimed: new Map(machineClaims.map(({ id, file }) => [id, file])) };
  const jobClaims = jobFiles.flatMap((each) => claimJobs(each, commit, known, report));
  const jobs = unique(jobClaims, 'job', report);
  const refused = new Set(problems.filter(({ severity }) => severity === 'error').map(({ file }) => file));
  return { jobs, machines, settings, problems: problems.sort(byPlace), refused };
}

function settingsOf(documents: readonly SettingsReading[]): Settings | null {
  const [first] = documents;
  if (!first) return DEFAULT_SETTINGS;
  return documents.length === 1 ? first.settings : null;
}

function claimMachines(file: string, documents: readonly MachineReading[]): readonly Claim<Machine>[] {
  return documents.flatMap(({ id, idAt, machine }) => {
    return id === null ? [] : [{ id, file, at: idAt, path: 'ID', value: machine }];
  });
}

/**
 * The jobs of a file under their IDs (R17), each judged against the inventory whether it is otherwise accepted or not.
 */
function claimJobs({ file, blob, documents }: JobFile, commit: string, known: Inventory, report: Report): Claim<Job>[] {
  return documents.flatMap((document, index) => {
    const platform = judgePlatform(document, known.machines, known.claimed);
    for (const finding of platform) report(file, finding);
    const isOne = documents.length === 1;
    const id = isOne ? fileID(file) : documentID(file, document.name);
    const at: Claim<Job>['at'] = isOne ? [1, 1] : document.nameAt;
    const path = isOne ? '$' : 'Name';
    if (id === null) return [];
    if (!JOB_ID.test(id) || id.endsWith('.')) {
      const advice = id.endsWith('.') ? SLUG_ADVICE : ID_ADVICE;
      report(file, error(path, 'R17', `${show(id)} cannot be a job ID: ${advice}`, at));
      return [];
    }
    const { spec } = document;
    const isGood = spec !== null && platform.length === 0;
    const source = { file, document: index, blob };
    const value = isGood ? { id, spec, version: version(spec), source, commit } : null;
    return [{ id, file, at, path, value }];
  });
}

/** `jobs/a/b.yaml` is `a.b`. */
function fileID(file: string): string {
  return file
    .replace(/^jobs\//, '')
    .replace(/\.(yaml|yml|json)$/, '')
    .replaceAll('/', '.');
}

/** A document among several adds the slug of its Name; without a Name it claims nothing. */
function documentID(file: string, name: string | null): string | null {
  return name === null ? null : `${fileID(file)}.${slugOf(name)}`;
}

/** A Name as part of an ID (R17): lower-case letters, digits and hyphens; may be empty. */
export function slugOf(name: string): string {
  return slugify(name, { decamelize: false });
}

/** What is claimed once; claimants of one ID are all left out, and each is told of another (R10). */
function unique<T>(claims: readonly Claim<T>[], what: string, report: Report): ReadonlyMap<string, T> {
  const byID = new Map<string, Claim<T>[]>();
  for (const claim of claims) {
    const claimants = byID.get(claim.id);
    if (claimants) claimants.push(claim);
    else byID.set(claim.id, [claim]);
  }
  const accepted = new Map<string, T>();
  for (const [id, claimants] of byID) {
    const [first, second] = claimants;
    if (first && !second && first.value) accepted.set(id, first.value);
    if (!first || !second) continue;
    for (const claimant of claimants) {
      const other = claimant === first ? second : first;
      const message = `the ${what} ID ${show(id)} is also claimed by ${printable(other.file)}:${other.at[0]}`;
      report(claimant.file, error(claimant.path, 'R10', message, claimant.at));
    }
  }
  return accepted;
}

function error(path: string, rule: string, message: string, at: Position = [1, 1]): Finding {
  return { line: at[0], column: at[1], path, stage: 'structure', rule, message, severity: 'error' };
}

/** Orders problems as people read: by file, line, column. */
export function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
