import type { MachineSelector } from '../../definitions/machine-selector.ts';
import { matches } from '../../definitions/selection/labels.ts';
import { text } from '../support/manifests.ts';
import {
  alone,
  among,
  fileText,
  INVENTORY,
  inventory,
  type Manifest,
  NAMES,
  type Planned,
  RACKS,
  randomManifest,
  type Stock,
  settings,
} from './fleet.ts';
import type { Simulation } from './simulate.ts';

const MOST_JOBS = 25;

/** A human's commit. */
export async function push(simulation: Simulation, changes: Readonly<Record<string, string | null>>): Promise<void> {
  simulation.memory.commit(changes);
  simulation.history.push(`  ${JSON.stringify(changes).slice(0, 600)}`);
  if (simulation.random.chance(0.8)) simulation.service?.controller.nudge();
  await simulation.advance(simulation.random.below(1000));
}

/** A human's commit of a file as the simulation has it; one without documents goes. */
async function pushFile(simulation: Simulation, file: string): Promise<void> {
  const documents = documentsOf(simulation, file);
  await push(simulation, { [file]: documents.length === 0 ? null : fileText(documents) });
}

/** The documents of a file, in order. */
export function documentsOf({ jobs }: Pick<Simulation, 'jobs'>, file: string): readonly Planned[] {
  return [...jobs.values()].filter((each) => each.file === file);
}

/** A human adds a job. */
export async function add(simulation: Simulation): Promise<void> {
  if (simulation.jobs.size >= MOST_JOBS) return;
  const job = alone(`job-${simulation.random.below(1e9)}`, randomManifest(simulation.random, simulation.clock.now()));
  simulation.jobs.set(job.id, job);
  await pushFile(simulation, job.file);
}

/** A human adds a file of several documents. */
export async function addSeveral(simulation: Simulation): Promise<void> {
  if (simulation.jobs.size >= MOST_JOBS) return;
  const file = `jobs/several-${simulation.random.below(1e9)}.yaml`;
  for (let documents = 2 + simulation.random.below(2); documents > 0; documents -= 1) include(simulation, file);
  await pushFile(simulation, file);
}

function include(simulation: Simulation, file: string): void {
  const job = among(file, randomManifest(simulation.random, simulation.clock.now()));
  simulation.jobs.set(job.id, job);
}

/** Documents come, go and change places: the others of their file stay what they are. */
export async function rearrange(simulation: Simulation): Promise<void> {
  const { random, jobs } = simulation;
  const several = [...jobs.values()].filter(({ id, file }) => id !== alone(id, {}).id || file !== alone(id, {}).file);
  if (several.length === 0) return;
  const { file } = random.pick(several);
  const documents = documentsOf(simulation, file);
  const change = random.pick(['one more', 'one less', 'the last one first']);
  if (change === 'one more' && jobs.size < MOST_JOBS) include(simulation, file);
  if (change === 'one less' && documents.length > 2) jobs.delete(random.pick(documents).id);
  for (const each of documents.slice(0, change === 'the last one first' ? -1 : 0)) {
    jobs.delete(each.id);
    jobs.set(each.id, each);
  }
  await pushFile(simulation, file);
}

/** A human edits a job. A Name is part of the ID of a document among several: it keeps that (R17). */
export async function edit(
  simulation: Simulation,
  change: (was: Manifest, fresh: Manifest) => Manifest,
): Promise<void> {
  const job = pick(simulation);
  if (!job) return;
  const changed = change(job.manifest, randomManifest(simulation.random, simulation.clock.now()));
  const Name = job.file === alone(job.id, {}).file ? changed['Name'] : job.manifest['Name'];
  simulation.jobs.set(job.id, { ...job, manifest: { ...changed, Name: Name ?? 'x' } });
  await pushFile(simulation, job.file);
}

/** A human spoils a document; the next edit of its file puts it right. */
export async function spoil(simulation: Simulation): Promise<void> {
  const job = pick(simulation);
  if (!job) return;
  const documents = documentsOf(simulation, job.file).map((each) =>
    each === job ? { ...job, manifest: { ...job.manifest, Action: 'PatchNothing' } } : each,
  );
  await push(simulation, { [job.file]: fileText(documents) });
}

/** Suspended, or no more. What fell due while it was, and the controller had that on its disk, is over (R22). */
export async function suspend(simulation: Simulation): Promise<void> {
  const job = pick(simulation);
  if (!job) return;
  const isSuspended = job.manifest['Suspend'] === true;
  if (isSuspended && knownSuspended(simulation, job)) simulation.resumed.set(job.id, simulation.clock.now());
  else simulation.resumed.delete(job.id);
  simulation.jobs.set(job.id, { ...job, manifest: { ...job.manifest, Suspend: !isSuspended } });
  await pushFile(simulation, job.file);
}

function knownSuspended({ memory, service }: Simulation, { id }: Planned): boolean {
  if (!service?.agenda.status(id)?.Suspended) return false;
  const last = memory.entries.findLast(
    ({ record }) => record.kind === 'status' && record.documents.some(({ Id }) => Id === id),
  );
  return last?.record.kind === 'status' && last.record.documents.some(({ Id, Suspended }) => Id === id && Suspended);
}

/** A file is renamed as it stands: only what is at the tip, unchanged and in force, is recognised (R20). */
export async function move(simulation: Simulation): Promise<void> {
  const job = pick(simulation);
  if (!job || job.file !== alone(job.id, {}).file || !asPlanned(simulation, job.file)) return;
  const was = fileText([job]);
  const copies = [...simulation.memory.manifests.values()].filter((other) => other === was).length;
  if (copies > 1 || !simulation.service || simulation.memory.faults.diskFull) return;
  await Promise.race([simulation.service.controller.reconcile(), simulation.memory.death]);
  await simulation.advance(0);
  if (!simulation.service) return;
  const moved = alone(`moved-${simulation.random.below(1e9)}`, job.manifest);
  simulation.jobs.delete(job.id);
  simulation.jobs.set(moved.id, moved);
  simulation.lineage.set(job.id, moved.id);
  await push(simulation, { [job.file]: null, [moved.file]: was });
  simulation.service?.controller.nudge(); // an edit of the new file before anybody looks would make it another job
  await simulation.advance(0);
}

/** A human deletes a file. */
export async function remove(simulation: Simulation): Promise<void> {
  const job = pick(simulation);
  if (!job) return;
  for (const each of documentsOf(simulation, job.file)) simulation.jobs.delete(each.id);
  await push(simulation, { [job.file]: null });
}

/** A human edits `bmcron.yaml`, now and then wrongly: then the settings stay that were in force (R21). */
export async function configure(simulation: Simulation): Promise<void> {
  const spoilt = simulation.random.chance(0.2);
  await push(simulation, { 'bmcron.yaml': spoilt ? text({ WorkerPoolSize: 0 }) : settings(simulation.random) });
}

/** Machines leave the inventory and come back: accepted jobs stay, and fail on what is not there (R21, R29). */
export async function restock(simulation: Simulation): Promise<void> {
  const name = simulation.random.pick(NAMES);
  if (simulation.goneMachines.size > 0 && (simulation.goneMachines.has(name) || simulation.random.chance(0.5)))
    simulation.goneMachines.clear();
  else simulation.goneMachines.add(name);
  await push(simulation, { [INVENTORY]: inventory(stockOf(simulation)) });
}

/** A machine moves to another rack, or loses its label: selectors and placeholders follow (S05, S13). */
export async function relabel(simulation: Simulation): Promise<void> {
  const { random, racks } = simulation;
  const name = random.pick(NAMES);
  if (random.chance(0.2)) racks.delete(name);
  else racks.set(name, random.pick(RACKS));
  await push(simulation, { [INVENTORY]: inventory(stockOf(simulation)) });
}

function stockOf({ goneMachines: gone, racks }: Pick<Simulation, 'goneMachines' | 'racks'>): Stock {
  return { gone, racks };
}

type Known = Pick<Simulation, 'jobs' | 'memory' | 'goneMachines' | 'racks'>;

/** Whether a file is at the tip as the simulation has it, and the inventory has all that its jobs ask for. */
export function asPlanned(simulation: Known, file: string): boolean {
  const documents = documentsOf(simulation, file);
  if (simulation.memory.manifests.get(file) !== fileText(documents)) return false;
  return documents.every(({ manifest }) => {
    const reached = reachedBy(simulation, manifest);
    const isNamed = JSON.stringify(manifest['Payload']).includes('{Labels.rack}');
    if (reached.some((id) => simulation.goneMachines.has(id) || (isNamed && !simulation.racks.has(id)))) return false;
    return reached.length > 0 || manifest['AllowEmpty'] === true;
  });
}

/** The machines that a job names, or that its selector fits, found by looking at each. */
function reachedBy({ goneMachines, racks }: Known, { Machines, MachineSelector }: Manifest): readonly string[] {
  if (!MachineSelector) return Machines as readonly string[];
  const labels = (name: string) => ({ rack: racks.get(name) ?? '' });
  return NAMES.filter((name) => !goneMachines.has(name) && racks.has(name)).filter((name) =>
    matches(MachineSelector as MachineSelector, labels(name)),
  );
}

function pick({ jobs, random }: Simulation): Planned | undefined {
  return jobs.size === 0 ? undefined : random.pick([...jobs.values()]);
}
