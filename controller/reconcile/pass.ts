import type { Job, JobID } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import { apply, type TriggerRequest } from '../../definitions/lifecycle/apply.ts';
import { unknownState, withValidity } from '../../definitions/lifecycle/conditions.ts';
import { type Change, displaced, lastGood, plan, rearmed } from '../../definitions/lifecycle/plan.ts';
import { isUsed } from '../../definitions/lifecycle/transitions.ts';
import type { MachineID, Machines } from '../../definitions/machine.ts';
import { type Fleet, readFleet } from '../../definitions/manifest/read.ts';
import type { Problem } from '../../definitions/problem.ts';
import type { Settings } from '../../definitions/settings.ts';
import { statusPath } from '../../definitions/status.ts';
import type { Clock } from '../clock.ts';
import type { ReconcileEvent } from '../events/event.ts';
import type { FleetFiles } from './manifest-cache.ts';

/** What is in force besides the jobs of the agenda. */
export interface InForce {
  /** Null before the first acceptable `bmcron.yaml`. */
  settings: Settings | null;
  machines: Machines;
  /** The file of each machine, also of one that is refused now and in force from before. */
  sources: ReadonlyMap<MachineID, string>;
  problems: readonly Problem[];
  /** The commit that was judged last. */
  commit: string | null;
  /** What the files said that were read last: what has not changed need not be judged again. */
  fleet: Fleet | null;
}

/** Nothing is in force. */
export function nothingInForce(): InForce {
  return { settings: null, machines: new Map(), sources: new Map(), problems: [], commit: null, fleet: null };
}

/** `bmcron.yaml` is refused and no settings are in force: nothing may run (R21). */
export class SettingsRefused extends Error {
  override readonly name = 'SettingsRefused';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    const told = problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
    super(`bmcron.yaml is refused and no settings are in force, so nothing runs: ${told.join('; ')}`);
    this.problems = problems;
  }
}

/** What one pass works with. */
export interface PassOptions {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly inForce: InForce;
  /** Status files that could not be read at the start; none later (R41). */
  readonly unreadable: ReadonlySet<string>;
  /** The service's zone by which the recorded next runs were found, with data of zones like ours; null: not known. */
  readonly countedIn: string | null;
  /** Makes the facts of these manifest files durable. */
  readonly record: (files: Iterable<string>) => Promise<void>;
  readonly observe: (event: ReconcileEvent) => void;
}

/** One pass: the fleet of a snapshot, what follows from it, applied at one moment, made durable (R18). */
export async function reconcile(
  options: PassOptions,
  commit: string,
  files: FleetFiles,
): Promise<readonly TriggerRequest[]> {
  const { clock, agenda, inForce, observe } = options;
  const first = inForce.commit === null;
  const before = inForce.fleet;
  const fleet = readFleet(files, commit, { before });
  inForce.fleet = fleet;
  const settings = fleet.settings ?? inForce.settings;
  if (!settings) throw new SettingsRefused(fleet.problems.filter((problem) => problem.file === 'bmcron.yaml'));
  const desired = lastGood(agenda.jobs, fleet.jobs, (job) => fleet.refused.has(job.source.file));
  const planned = plan(agenda.jobs, desired);
  const changes = [...planned, ...zoneChanges(inForce, settings, desired, planned)];
  const now = clock.now();
  const applied = apply(agenda, changes, { now, timeZone: settings.TimeZone });
  const moved = first && options.countedIn !== settings.TimeZone ? rearm(agenda, settings.TimeZone, now) : [];
  for (const change of changes) if (change.op === 'add') disarm(change.job, options, now);
  const judgedFiles = judge(agenda, fleet, inForce.problems, commit, now);
  if (first || fleet.machines !== before?.machines) takeInventory(inForce, fleet, files);
  tell(fleet, inForce.problems, commit, changes, observe);
  Object.assign(inForce, { settings, problems: fleet.problems, commit });
  await options.record(new Set([...applied.files, ...moved, ...judgedFiles]));
  return first ? unusedTokens(agenda) : applied.triggers;
}

/** Machines that are refused now stay as they were (R21). */
function takeInventory(inForce: InForce, fleet: Fleet, files: FleetFiles): void {
  inForce.machines = lastGood(inForce.machines, fleet.machines, ({ ID }) =>
    fleet.refused.has(inForce.sources.get(ID) ?? ''),
  );
  inForce.sources = new Map([...inForce.sources, ...machineSources(files)]);
}

/** Calculates anew what another zone, or other data of it, governs since the service stopped; returns the files. */
function rearm(agenda: Agenda, timeZone: string, now: Date): Iterable<string> {
  const changes = displaced(agenda.jobs, (id) => agenda.status(id)?.NextRunTime ?? null, timeZone, now);
  return apply(agenda, changes, { now, timeZone }).files;
}

/** A job whose state is not known must not do again what it may have done (R41). */
function disarm(job: Job, { agenda, unreadable }: PassOptions, now: Date): void {
  const status = agenda.status(job.id);
  if (status && unreadable.has(statusPath(job.source.file))) agenda.put(job, unknownState(status, job, now));
}

/** Jobs that a change of the service's zone moves, beside those that the commit changes anyway (R11). */
function zoneChanges(
  inForce: InForce,
  settings: Settings,
  desired: ReadonlyMap<JobID, Job>,
  planned: readonly Change[],
): readonly Change[] {
  if (!inForce.settings) return [];
  const changed = new Set(
    planned.flatMap((change) => (change.op === 'add' || change.op === 'change' ? change.job.id : [])),
  );
  const moved = rearmed(desired, inForce.settings.TimeZone, settings.TimeZone);
  return moved.filter((change) => change.op === 'rearm' && !changed.has(change.job.id));
}

/** Tells each job in force what the commit says of its manifest; returns the files of those that changed by it. */
function judge(
  agenda: Agenda,
  fleet: Fleet,
  before: readonly Problem[],
  commit: string,
  now: Date,
): ReadonlySet<string> {
  const problems = byFile(fleet.problems);
  const cleared = new Set(before.map((problem) => problem.file));
  const touched = new Set<string>();
  for (const job of agenda.jobs.values()) {
    const { file } = job.source;
    const status = agenda.status(job.id);
    if (!status) continue;
    const isNew = status.Conditions.length === 0;
    if (!isNew && !problems.has(file) && !cleared.has(file)) continue;
    const valid = fleet.jobs.has(job.id);
    const facts = withValidity(status, { valid, problems: problems.get(file) ?? [], commit }, now);
    if (facts === status) continue;
    agenda.put(job, facts);
    touched.add(file);
  }
  return touched;
}

function machineSources(files: FleetFiles): ReadonlyMap<MachineID, string> {
  const sources = new Map<MachineID, string>();
  for (const [path, file] of files) {
    if (!('reading' in file) || file.reading.kind !== 'machine') continue;
    for (const { machine } of file.reading.documents) if (machine) sources.set(machine.ID, path);
  }
  return sources;
}

function byFile(problems: readonly Problem[]): ReadonlyMap<string, readonly Problem[]> {
  const files = new Map<string, Problem[]>();
  for (const problem of problems) files.set(problem.file, [...(files.get(problem.file) ?? []), problem]);
  return files;
}

/** Tells of a pass, and of each problem when it is new. */
function tell(
  fleet: Fleet,
  before: readonly Problem[],
  commit: string,
  changes: readonly Change[],
  observe: PassOptions['observe'],
): void {
  const known = new Set(before.map((problem) => JSON.stringify(problem)));
  for (const problem of fleet.problems) {
    if (!known.has(JSON.stringify(problem))) observe({ event: 'problem', commit, problem });
  }
  const counts: Record<string, number> = {};
  for (const { op } of changes) counts[op] = (counts[op] ?? 0) + 1;
  const { jobs, machines, problems } = fleet;
  const sizes = { jobs: jobs.size, machines: machines.size, problems: problems.length };
  observe({ event: 'reconciled', commit, changes: counts, ...sizes });
}

/** At a start every token counts that is not known as used: a crash may have come between a push and its run (R28). */
function unusedTokens(agenda: Agenda): readonly TriggerRequest[] {
  return [...agenda.jobs.values()].flatMap((job) => {
    const token = job.spec.Trigger;
    const status = agenda.status(job.id);
    return token !== undefined && status && !isUsed(status, token) ? [{ job: job.id, token }] : [];
  });
}
