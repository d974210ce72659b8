import type { Job, JobID } from '../job.ts';
import type { Machine, MachineID } from '../machine.ts';
import type { Problem } from '../problem.ts';
import { createSelection, machinesOf, type Selection } from '../selection/selection.ts';
import { DEFAULT_SETTINGS, type Settings } from '../settings.ts';
import { show } from '../values/text.ts';
import { type FileReading, type FileWindows, type FleetEntry, readFleetFile } from './file.ts';
import { documentID, fileID, idAdvice } from './job-id.ts';
import { judgePlatform } from './platform.ts';
import { mentionsIn } from './references.ts';
import {
  type CompletedMachines,
  completeMachines,
  defaultsByFolder,
  type FolderDefaults,
  folderOf,
} from './resolved/defaults.ts';
import { guardAdvice } from './resolved/guards.ts';
import { powerReturnAdvice } from './resolved/power-return.ts';
import { judgeAccepted } from './resolved/selected.ts';
import { sharedEndpointAdvice } from './resolved/shared-endpoint.ts';
import { type MachinesInForce, refusedMachines, withStanding } from './resolved/standing.ts';
import { type WindowReadings, windowsOf } from './resolved/windows.ts';
import { error, type IdClaim, type RefusedMachines, type ReportFinding, unique } from './unique-ids.ts';

/** Everything that a fleet's files say at one commit. */
export interface Fleet {
  readonly jobs: ReadonlyMap<JobID, Job>;
  readonly machines: ReadonlyMap<MachineID, Machine>;
  /** Which machines selectors fit among `machines` and those that stay in force though they are refused. */
  readonly selection: Selection;
  readonly windows: WindowReadings;
  /** Null when `bmcron.yaml` is there and refused; the defaults when it is absent. */
  readonly settings: Settings | null;
  /** Sorted by file, line and column. */
  readonly problems: readonly Problem[];
  /** Files of which at least one document was refused, for whatever reason. */
  readonly refused: ReadonlySet<string>;
  /** What its files say, for the next commit's fleet. */
  readonly readings: FleetReadings;
}

type Files = ReadonlyMap<string, FleetEntry>;

/** How a fleet is read. */
export interface FleetOptions {
  /** Whether to report what deserves a second look, too; the check of a pull request does. */
  readonly warnings?: boolean;
  /** The fleet of a commit before, read likewise: of files that are the same objects, what was judged is taken over. */
  readonly before?: Fleet | null;
  /** What is in force: of machines that are refused now, jobs are judged by what stays in force of them (R21). */
  readonly inForce?: MachinesInForce;
}

/** The jobs of a file, judged against an inventory. */
interface JudgedJobs {
  readonly claims: readonly IdClaim<Job>[];
  readonly problems: readonly Problem[];
}

/** What the files of a fleet say, and what became of it. */
interface FleetReadings {
  readonly files: ReadonlyMap<string, FileReading>;
  readonly inventory: Inventory;
  readonly judged: ReadonlyMap<FileReading, JudgedJobs>;
}

/** The machines, and where those are that are refused. */
interface Inventory {
  readonly machines: ReadonlyMap<MachineID, Machine>;
  /** As `machines`, and of those that are refused what stays in force. Jobs are judged by these. */
  readonly standing: ReadonlyMap<MachineID, Machine>;
  readonly refused: RefusedMachines;
  readonly problems: readonly Problem[];
  /** What the machines' files say, those of defaults among them. */
  readonly files: readonly FileReading[];
  readonly folders: ReadonlyMap<string, FolderDefaults>;
  /** The machines of files whose folder has defaults. */
  readonly completed: ReadonlyMap<FileReading, CompletedMachines>;
  /** Files whose machines nobody knows, since the defaults of their folder are refused. */
  readonly unknown: readonly string[];
}

/**
 * Puts the readings of a commit's files together: IDs, duplicates, and the platform stage (R02, R10, R17). Given the
 * fleet before, only changed files are judged, and all jobs when the inventory has changed; the result is the same, but
 * that a job that stays names the commit before.
 */
export function readFleet(files: Files, commit: string, options: FleetOptions = {}): Fleet {
  const before = options.before?.readings;
  const readings = readingsOf(files, before?.files ?? NO_READINGS, options.warnings ?? false);
  const inventory = inventoryOf(readings, before?.inventory, options.inForce);
  const known = before?.inventory === inventory ? before : undefined;
  const selection = createSelection(inventory.standing, options.before?.selection);
  const judged = new Map<FileReading, JudgedJobs>();
  const problems: Problem[] = [...inventory.problems];
  const report: ReportFinding = (file, finding) => void problems.push({ file, ...finding });
  const windowFiles = new Map<string, FileWindows>();
  let settings: Settings | null = DEFAULT_SETTINGS;
  for (const [file, reading] of readings) {
    if (reading.problems.length > 0) problems.push(...reading.problems);
    if (reading.settings !== undefined) settings = reading.settings;
    if (reading.windows) windowFiles.set(file, reading.windows);
    if (reading.jobs.length === 0) continue;
    const was = before?.judged.get(reading);
    const now =
      was && (known || isUntouched(reading, was, selection))
        ? was
        : judgeJobs(file, reading, commit, { ...inventory, machines: inventory.standing, selection });
    judged.set(reading, now);
    if (now.problems.length > 0) problems.push(...now.problems);
  }
  const jobs = unique(claimsOf(judged.values()), 'job ID', report);
  const windows = windowsOf(windowFiles, report);
  const refused = new Set(problems.filter(({ severity }) => severity === 'error').map(({ file }) => file));
  for (const file of inventory.unknown) refused.add(file);
  if (options.warnings) {
    problems.push(...guardAdvice(jobs.values(), inventory.machines, settings), ...powerReturnAdvice(jobs.values()));
    problems.push(...sharedEndpointAdvice(machineClaims(inventory)));
  }
  return {
    jobs,
    machines: inventory.machines,
    selection,
    windows,
    settings,
    problems: problems.sort(byPlace),
    refused,
    readings: { files: readings, inventory, judged },
  };
}

const NO_READINGS: ReadonlyMap<string, FileReading> = new Map();

/** What files say, in their order; where the paths are those of before, only what has changed is read anew. */
function readingsOf(
  files: Files,
  before: ReadonlyMap<string, FileReading>,
  warnings: boolean,
  inPlace = files.size === before.size,
): ReadonlyMap<string, FileReading> {
  const readings = new Map(inPlace ? before : NO_READINGS);
  for (const [file, entry] of files) {
    const was = before.get(file);
    if (inPlace && !was) return readingsOf(files, before, warnings, false);
    if (was?.entry !== entry) readings.set(file, readFleetFile(file, entry, warnings));
    else if (!inPlace) readings.set(file, was);
  }
  return readings;
}

/** The inventory of all files; the one before where no machine's file has changed. */
function inventoryOf(
  all: ReadonlyMap<string, FileReading>,
  before: Inventory | undefined,
  inForce: MachinesInForce | undefined,
): Inventory {
  const files = [...all.values()].filter(({ machines, defaults }) => machines !== null || defaults !== null);
  if (before?.files.length === files.length && files.every((file, index) => file === before.files[index]))
    return before;
  const folders = defaultsByFolder(all, before?.folders);
  const completed = folders.size === 0 ? NONE_COMPLETED : completedFiles(all, folders, before?.completed);
  const problems = [...folders.values(), ...completed.values()].flatMap((each) => each.problems);
  const claims = machineClaims({ files, completed });
  const machines = unique(claims, 'machine ID', (file, finding) => void problems.push({ file, ...finding }));
  const undefaulted = [...all].filter(([, each]) => (completed.get(each)?.folder.refused ?? null) !== null);
  const unknown = undefaulted.map(([file]) => file);
  const told = [...files.flatMap((each) => each.problems), ...problems];
  const errors = told.filter(({ severity }) => severity === 'error');
  const refusedFiles = new Set([...errors.map(({ file }) => file), ...unknown]);
  const standing = inForce ? withStanding(machines, inForce, refusedFiles) : machines;
  const refused = refusedMachines(all, claims, folders);
  return { machines, standing, refused, problems, files, folders, completed, unknown };
}

function machineClaims({ files, completed }: Pick<Inventory, 'files' | 'completed'>): IdClaim<Machine>[] {
  return files.flatMap((reading) => completed.get(reading)?.claims ?? reading.machines ?? []);
}

const NONE_COMPLETED: Inventory['completed'] = new Map();

/** The machines of files whose folder has defaults; those of before where neither has changed. */
function completedFiles(
  all: ReadonlyMap<string, FileReading>,
  folders: Inventory['folders'],
  before: Inventory['completed'] = NONE_COMPLETED,
): Inventory['completed'] {
  const completed = new Map<FileReading, CompletedMachines>();
  for (const [file, reading] of all) {
    const folder = reading.machines === null ? undefined : folders.get(folderOf(file));
    if (!folder) continue;
    const was = before.get(reading);
    completed.set(reading, was?.folder === folder ? was : completeMachines(file, reading, folder));
  }
  return completed;
}

/**
 * The jobs of a file under their IDs (R17), each judged against the inventory whether it is otherwise accepted or not.
 */
function judgeJobs(
  file: string,
  { entry, jobs: documents }: FileReading,
  commit: string,
  known: Inventory & Pick<Fleet, 'selection'>,
): JudgedJobs {
  const problems: Problem[] = [];
  const blob = 'blob' in entry ? entry.blob : '';
  const isOne = documents.length === 1;
  const claims = documents.flatMap((document, index): IdClaim<Job>[] => {
    const { action, spec, version } = document;
    const machines = spec === null ? [] : machinesOf(spec, known.selection);
    const platform =
      spec === null
        ? judgePlatform({ action, mentions: mentionsIn(document) }, known.machines, known.refused)
        : judgeAccepted(document, spec, machines, known);
    for (const finding of platform) problems.push({ file, ...finding });
    const id = isOne ? fileID(file) : documentID(file, document.name);
    const at: IdClaim<Job>['at'] = isOne ? [1, 1] : document.nameAt;
    const path = isOne ? '$' : 'Name';
    if (id === null) return [];
    const advice = idAdvice(id);
    if (advice !== null) {
      problems.push({ file, ...error(path, 'R17', `${show(id)} cannot be a job ID: ${advice}`, at) });
      return [];
    }
    const isGood = spec !== null && version !== null && platform.length === 0;
    const source = { file, document: index, blob };
    const value = isGood ? { id, spec, machines, version, source, commit } : null;
    return [{ id, file, at, path, value }];
  });
  return { claims: [...claims], problems }; // a copy is as long as it must be: flatMap leaves space to grow
}

/** Whether jobs that had no fault cannot have got one by what has changed in the inventory. */
function isUntouched({ jobs }: FileReading, { claims, problems }: JudgedJobs, selection: Selection): boolean {
  const isFaultless = problems.length === 0 && claims.length === jobs.length;
  return isFaultless && claims.every(({ value }) => value !== null && !selection.isTouched(value.spec));
}

function* claimsOf(judged: Iterable<JudgedJobs>): Generator<IdClaim<Job>> {
  for (const { claims } of judged) yield* claims;
}

/** Orders problems as people read: by file, line, column. */
export function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
