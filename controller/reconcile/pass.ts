import type { Job } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import { apply } from '../../definitions/lifecycle/apply.ts';
import { withValidity } from '../../definitions/lifecycle/conditions.ts';
import { type FleetFiles, follow } from '../../definitions/lifecycle/desired.ts';
import { type Change, displaced } from '../../definitions/lifecycle/plan.ts';
import { unknownState } from '../../definitions/lifecycle/restore.ts';
import { isUsed, type TriggerRequest } from '../../definitions/lifecycle/trigger.ts';
import { type Fleet, readFleet } from '../../definitions/manifest/fleet.ts';
import type { Problem } from '../../definitions/problem.ts';
import { statusPath } from '../../definitions/status.ts';
import type { ReconcileEvent } from '../events/event.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { type ManifestCache, sameFile } from './manifest-cache.ts';
import { mergeLate, restoreInForce, type StartOptions } from './start.ts';
import type { ZoneMemo } from './zone-memo.ts';

/** What a pass reads and changes; `record` is for what a start restores, `zoneMemo` records the rest. */
export interface PassOptions extends StartOptions {
  readonly manifestCache: ManifestCache;
  readonly zoneMemo: ZoneMemo;
}

/** What a pass found at the tip. */
export type PassResult =
  /** The commit of the pass before. */
  | { readonly tip: 'same' }
  /** Another commit with the same manifests; what the service wrote may be missing there, or changed. */
  | { readonly tip: 'same manifests' }
  /** Other manifests. They are in force, and these runs are asked for. */
  | { readonly tip: 'in force'; readonly triggers: readonly TriggerRequest[] };

/** `bmcron.yaml` is refused and no settings are in force: nothing may run (R21). */
export class SettingsRefused extends Error {
  override readonly name = 'SettingsRefused';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    const reasons = problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
    super(`bmcron.yaml is refused and no settings are in force, so nothing runs: ${reasons.join('; ')}`);
    this.problems = problems;
  }
}

/** What one pass leaves to the next. */
interface PassState {
  /** Status files that could not be read at the start; none after the first pass (R41). */
  unreadable: ReadonlySet<string>;
  /** The files of the last pass that put manifests in force. */
  files: FleetFiles | null;
}

/**
 * Makes the function that compares the tip with what is in force, and puts the tip in force. The first pass restores
 * what was in force when the service stopped. @throws SettingsRefused, RepositoryError
 */
export function createPass(options: PassOptions): () => Promise<PassResult> {
  const state: PassState = { unreadable: new Set(), files: null };
  return () => pass(options, state);
}

async function pass(options: PassOptions, state: PassState): Promise<PassResult> {
  const { repository, manifestCache, inForce, zoneMemo } = options;
  const snapshot = await repository.snapshot(manifestCache.knows);
  if (inForce.fleet) await mergeLate(options, inForce.fleet, snapshot.manifests.keys());
  if (snapshot.commit === inForce.commit) return { tip: 'same' };
  if (sameManifests(snapshot, state.files)) {
    inForce.adopt({ commit: snapshot.commit });
    return { tip: 'same manifests' };
  }
  const files = await manifestCache.gather(snapshot, repository);
  const fleet = readFleet(files, snapshot.commit, { before: inForce.fleet });
  if (inForce.commit === null) {
    state.unreadable = await restoreInForce(options, fleet, snapshot.commit, snapshot.manifests.keys());
    await zoneMemo.load();
  }
  const triggers = await putInForce(options, state.unreadable, { fleet, files, commit: snapshot.commit });
  state.unreadable = new Set();
  state.files = files;
  return { tip: 'in force', triggers };
}

/** Own commits, and those that touch no manifest, are no reason to judge anything (R38). */
function sameManifests({ manifests }: Snapshot, known: FleetFiles | null): boolean {
  if (manifests.size !== known?.size) return false;
  for (const [path, file] of manifests) {
    const was = known.get(path);
    if (!was || !sameFile(was, file)) return false;
  }
  return true;
}

/** What the tip's files say. */
interface Tip {
  readonly fleet: Fleet;
  readonly files: FleetFiles;
  readonly commit: string;
}

/** Puts a fleet in force: all changes at one moment, and made durable (R18). Returns the runs that it asks for. */
async function putInForce(
  options: PassOptions,
  unreadable: ReadonlySet<string>,
  { fleet, files, commit }: Tip,
): Promise<readonly TriggerRequest[]> {
  const { clock, agenda, inForce, zoneMemo } = options;
  if (!fleet.settings && !inForce.hasSettings)
    throw new SettingsRefused(fleet.problems.filter((problem) => problem.file === 'bmcron.yaml'));
  const isFirst = inForce.commit === null;
  const known = inForce.problems;
  const { settings, machines, sources, changes } = follow({ ...inForce, jobs: agenda.jobs }, fleet, files);
  const now = clock.now();
  const applied = apply(agenda, changes, { now, timeZone: settings.TimeZone });
  const moved = isFirst && zoneMemo.zone !== settings.TimeZone ? rearm(agenda, settings.TimeZone, now) : [];
  for (const change of changes) if (change.op === 'add') disarm(agenda, change.job, unreadable, now);
  const judged = judge(agenda, fleet, known, commit, now);
  inForce.adopt({ settings, machines, sources, problems: fleet.problems, commit, fleet });
  report(fleet, known, commit, changes, options.observe);
  await zoneMemo.record(new Set([...applied.files, ...moved, ...judged]));
  return isFirst ? unusedTokens(agenda) : applied.triggers;
}

/** Calculates anew what another zone, or other data of it, governs since the service stopped; returns the files. */
function rearm(agenda: Agenda, timeZone: string, now: Date): Iterable<string> {
  const changes = displaced(agenda.jobs, (id) => agenda.status(id)?.NextRunTime ?? null, timeZone, now);
  return apply(agenda, changes, { now, timeZone }).files;
}

/** A job whose state is not known must not do again what it may have done (R41). */
function disarm(agenda: Agenda, job: Job, unreadable: ReadonlySet<string>, now: Date): void {
  const status = agenda.status(job.id);
  if (status && unreadable.has(statusPath(job.source.file))) agenda.put(job, unknownState(status, job, now));
}

/** Gives each job in force the condition `Valid` as of the commit (R21); returns the files of those that it changed. */
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

function byFile(problems: readonly Problem[]): ReadonlyMap<string, readonly Problem[]> {
  const files = new Map<string, Problem[]>();
  for (const problem of problems) files.set(problem.file, [...(files.get(problem.file) ?? []), problem]);
  return files;
}

/** Reports what is in force now, and each problem when it is new. */
function report(
  fleet: Fleet,
  before: readonly Problem[],
  commit: string,
  changes: readonly Change[],
  observe: (event: ReconcileEvent) => void,
): void {
  const known = new Set(before.map((problem) => JSON.stringify(problem)));
  for (const problem of fleet.problems) {
    if (!known.has(JSON.stringify(problem))) observe({ event: 'problem', commit, problem });
  }
  const counts: Record<string, number> = {};
  for (const { op } of changes) counts[op] = (counts[op] ?? 0) + 1;
  observe({
    event: 'reconciled',
    commit,
    changes: counts,
    jobs: fleet.jobs.size,
    machines: fleet.machines.size,
    problems: fleet.problems.length,
  });
}

/** At a start every token counts that is not known as used: a crash may have come between a push and its run (R28). */
function unusedTokens(agenda: Agenda): readonly TriggerRequest[] {
  return [...agenda.jobs.values()].flatMap((job) => {
    const token = job.spec.Trigger;
    const status = agenda.status(job.id);
    return token !== undefined && status && !isUsed(status, token) ? [{ job: job.id, token }] : [];
  });
}
