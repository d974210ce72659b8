import type { Job, JobID } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import { apply } from '../../definitions/lifecycle/apply.ts';
import { withValidity } from '../../definitions/lifecycle/conditions.ts';
import { type CurrentState, type Desired, type FleetFiles, follow } from '../../definitions/lifecycle/desired.ts';
import type { GuardState } from '../../definitions/lifecycle/guard-state.ts';
import { windowsSince } from '../../definitions/lifecycle/in-force.ts';
import {
  type Held,
  heldSince,
  removalHeld,
  removalProblem,
  withRemovalHeld,
} from '../../definitions/lifecycle/last-good.ts';
import { type Change, displaced } from '../../definitions/lifecycle/plan.ts';
import { unknownState } from '../../definitions/lifecycle/restore.ts';
import { isUsed, type TriggerRequest } from '../../definitions/lifecycle/trigger.ts';
import { type MachineID, plaintextMachines } from '../../definitions/machine.ts';
import { type Fleet, readFleet } from '../../definitions/manifest/fleet.ts';
import { folded } from '../../definitions/manifest/resolved/consequences.ts';
import type { Problem } from '../../definitions/problem.ts';
import { statusPath } from '../../definitions/status.ts';
import type { ReconcileEvent } from '../events/event.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { GuardedJournal } from '../state/guarded-journal.ts';
import { recallGuards } from './guard-recall.ts';
import { lastGoodMachines } from './last-good.ts';
import { type ManifestCache, sameFile } from './manifest-cache.ts';
import { followRollouts, loadPromoted, type PromotedOptions } from './promoted.ts';
import { mergeLate, restoreInForce, type StartOptions } from './start.ts';
import type { ZoneMemo } from './zone-memo.ts';

/** What a pass reads and changes; `record` is for what a start restores, `zoneMemo` records the rest. */
export interface PassOptions extends StartOptions, PromotedOptions {
  readonly manifestCache: ManifestCache;
  readonly zoneMemo: ZoneMemo;
  readonly guards: GuardState;
  /** Aborted when the service is asked to end. */
  readonly stopping: AbortSignal;
  /** The guards follow the settings. */
  readonly follow: GuardedJournal['follow'];
}

/** What a pass found at the tip. */
export type PassResult =
  /** The manifests of the pass before. */
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
  /** Machines of which it was told that their logins go over `http:`. */
  plaintext: ReadonlySet<MachineID>;
}

/**
 * Makes the function that compares the tip with what is in force, and puts the tip in force. The first pass restores
 * what was in force when the service stopped. @throws SettingsRefused, RepositoryError
 */
export function createPass(options: PassOptions): () => Promise<PassResult> {
  const state: PassState = { unreadable: new Set(), files: null, plaintext: new Set() };
  return () => pass(options, state);
}

async function pass(options: PassOptions, state: PassState): Promise<PassResult> {
  const { repository, manifestCache, inForce, zoneMemo } = options;
  const snapshot = await repository.snapshot(manifestCache.knows);
  if (inForce.fleet && (await mergeLate(options, inForce.fleet, snapshot.manifests.keys()))) {
    await zoneMemo.record(followRollouts(options.agenda).files);
    await loadPromoted(options, options.agenda.jobs, [], snapshot.commit);
  }
  if (snapshot.commit === inForce.commit) return { tip: 'same manifests' };
  // What is held may have been confirmed by a commit that touches nothing (R47).
  if (inForce.held.size === 0 && sameManifests(snapshot, state.files)) {
    inForce.adopt({ commit: snapshot.commit });
    return { tip: 'same manifests' };
  }
  const divergence = inForce.commit === null ? options.others.divergence() : null; // git looks while this parses
  divergence?.catch(() => undefined); // who waits for it hears of it
  const files = await manifestCache.gather(snapshot, repository);
  let fleet = readFleet(files, snapshot.commit, { before: inForce.fleet, inForce });
  if (divergence) {
    const standing = await lastGoodMachines(repository, snapshot.commit, fleet);
    if (standing.machines.size > 0) {
      inForce.adopt(standing);
      fleet = readFleet(files, snapshot.commit, { inForce });
    }
    state.unreadable = await restoreInForce(options, fleet, snapshot, divergence);
    await recallGuards(options, fleet, (await divergence).files.size > 0);
    await zoneMemo.load();
  }
  const triggers = await putInForce(options, state.unreadable, { fleet, files, commit: snapshot.commit });
  state.unreadable = new Set();
  state.files = files;
  warnOfPlaintext(options, state);
  return { tip: 'in force', triggers };
}

/** At the start, and when a machine comes to it: what `validate` and `plan` say of a login that anybody can read. */
function warnOfPlaintext({ inForce, observe }: PassOptions, state: PassState): void {
  const all = plaintextMachines(inForce.machines);
  const machines = all.filter((id) => !state.plaintext.has(id));
  if (machines.length > 0) observe({ event: 'plaintext', machines });
  state.plaintext = new Set(all);
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
  const before = { ...inForce, jobs: agenda.jobs, held: isFirst ? restoredHeld(agenda) : inForce.held };
  const desired = await desiredAt(options, before, { fleet, files, commit });
  const { settings, machines, sources, changes, kept, windows, brokenWindows } = desired;
  await loadPromoted(options, desired.jobs, changes, commit);
  const held = heldSince(kept, before.held, commit);
  const now = clock.now();
  const applied = apply(agenda, changes, { now, timeZone: settings.TimeZone });
  const rolled = followRollouts(agenda);
  const moved = isFirst && zoneMemo.zone !== settings.TimeZone ? rearm(agenda, settings.TimeZone, now) : [];
  for (const change of changes) if (change.op === 'add') disarm(agenda, change.job, unreadable, now);
  const told = folded(fleet.problems);
  const problems = held.size === 0 ? told : [removalProblem(held, agenda.jobs.size), ...told];
  const judgedBefore = inForce.fleet?.problems ?? [];
  const judged = judge(agenda, fleet, { known: judgedBefore, released: before.held, held }, commit, now);
  const since = windowsSince(before.windows, windows, now);
  inForce.adopt({ settings, machines, sources, windows: since, brokenWindows, problems, held, commit, fleet });
  await options.follow(settings, now);
  report({ ...fleet, problems }, known, commit, changes, options.observe);
  await zoneMemo.record(new Set([...applied.files, ...moved, ...judged, ...rolled.files]));
  return [...(isFirst ? unusedTokens(agenda) : applied.triggers), ...rolled.triggers];
}

/** What follows from the tip; whether removals are confirmed is asked only when it matters (R47). */
async function desiredAt(
  { repository }: PassOptions,
  current: CurrentState,
  { fleet, files, commit }: Tip,
): Promise<Desired> {
  const desired = follow(current, fleet, files);
  if (desired.kept.length === 0) return desired;
  const vanished = desired.kept.map(({ source, commit: since }) => ({ file: source.file, since }));
  return (await repository.confirms(commit, vanished)) ? follow(current, fleet, files, true) : desired;
}

/** The removals that were held when the service stopped: the jobs' facts say so. */
function restoredHeld(agenda: Agenda): Held {
  const held = new Map<JobID, string>();
  for (const id of agenda.jobs.keys()) {
    const status = agenda.status(id);
    const since = status ? removalHeld(status) : null;
    if (since !== null) held.set(id, since);
  }
  return held;
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
  { known, released, held }: { known: readonly Problem[]; released: Held; held: Held },
  commit: string,
  now: Date,
): ReadonlySet<string> {
  const problems = byFile(fleet.problems);
  const cleared = new Set(known.map((problem) => problem.file));
  const touched = new Set<string>();
  for (const job of agenda.jobs.values()) {
    const { file } = job.source;
    const status = agenda.status(job.id);
    if (!status) continue;
    const isNew = status.Conditions.length === 0;
    const since = held.get(job.id);
    if (!isNew && since === undefined && !problems.has(file) && !cleared.has(file) && !released.has(job.id)) continue;
    const valid = fleet.jobs.has(job.id);
    const facts =
      since === undefined
        ? withValidity(status, { valid, problems: problems.get(file) ?? [], commit }, now)
        : withRemovalHeld(status, since, now);
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
