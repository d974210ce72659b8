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
  randomManifest,
  settings,
} from './fleet.ts';
import type { Simulated } from './simulate.ts';

const MOST_JOBS = 25;

/** A human's commit. */
export async function push(world: Simulated, changes: Readonly<Record<string, string | null>>): Promise<void> {
  world.memory.commit(changes);
  world.story.push(`  ${JSON.stringify(changes).slice(0, 600)}`);
  if (world.random.chance(0.8)) world.service?.controller.nudge();
  await world.turn(world.random.below(1000));
}

/** A human's commit of a file as the world knows it; one without documents goes. */
async function pushFile(world: Simulated, file: string): Promise<void> {
  const documents = documentsOf(world, file);
  await push(world, { [file]: documents.length === 0 ? null : fileText(documents) });
}

/** The documents of a file, in order. */
export function documentsOf({ jobs }: Pick<Simulated, 'jobs'>, file: string): readonly Planned[] {
  return [...jobs.values()].filter((each) => each.file === file);
}

/** A human adds a job. */
export async function add(world: Simulated): Promise<void> {
  if (world.jobs.size >= MOST_JOBS) return;
  const job = alone(`job-${world.random.below(1e9)}`, randomManifest(world.random, world.clock.now()));
  world.jobs.set(job.id, job);
  await pushFile(world, job.file);
}

/** A human adds a file of several documents. */
export async function addSeveral(world: Simulated): Promise<void> {
  if (world.jobs.size >= MOST_JOBS) return;
  const file = `jobs/several-${world.random.below(1e9)}.yaml`;
  for (let documents = 2 + world.random.below(2); documents > 0; documents -= 1) include(world, file);
  await pushFile(world, file);
}

function include(world: Simulated, file: string): void {
  const job = among(file, randomManifest(world.random, world.clock.now()));
  world.jobs.set(job.id, job);
}

/** Documents come, go and change places: the others of their file stay what they are. */
export async function rearrange(world: Simulated): Promise<void> {
  const { random, jobs } = world;
  const several = [...jobs.values()].filter(({ id, file }) => id !== alone(id, {}).id || file !== alone(id, {}).file);
  if (several.length === 0) return;
  const { file } = random.pick(several);
  const documents = documentsOf(world, file);
  const change = random.pick(['one more', 'one less', 'the last one first']);
  if (change === 'one more' && jobs.size < MOST_JOBS) include(world, file);
  if (change === 'one less' && documents.length > 2) jobs.delete(random.pick(documents).id);
  for (const each of documents.slice(0, change === 'the last one first' ? -1 : 0)) {
    jobs.delete(each.id);
    jobs.set(each.id, each);
  }
  await pushFile(world, file);
}

/** A human edits a job. A Name is part of the ID of a document among several: it keeps that (R17). */
export async function edit(world: Simulated, change: (was: Manifest, fresh: Manifest) => Manifest): Promise<void> {
  const job = pick(world);
  if (!job) return;
  const changed = change(job.manifest, randomManifest(world.random, world.clock.now()));
  const Name = job.file === alone(job.id, {}).file ? changed['Name'] : job.manifest['Name'];
  world.jobs.set(job.id, { ...job, manifest: { ...changed, Name: Name ?? 'x' } });
  await pushFile(world, job.file);
}

/** A human spoils a document; the next edit of its file puts it right. */
export async function spoil(world: Simulated): Promise<void> {
  const job = pick(world);
  if (!job) return;
  const documents = documentsOf(world, job.file).map((each) =>
    each === job ? { ...job, manifest: { ...job.manifest, Action: 'PatchNothing' } } : each,
  );
  await push(world, { [job.file]: fileText(documents) });
}

/** Suspended, or no more. What fell due while it was, and the controller had that on its disk, is over (R22). */
export async function suspend(world: Simulated): Promise<void> {
  const job = pick(world);
  if (!job) return;
  const isSuspended = job.manifest['Suspend'] === true;
  if (isSuspended && knownSuspended(world, job)) world.resumed.set(job.id, world.clock.now());
  else world.resumed.delete(job.id);
  world.jobs.set(job.id, { ...job, manifest: { ...job.manifest, Suspend: !isSuspended } });
  await pushFile(world, job.file);
}

function knownSuspended({ memory, service }: Simulated, { id }: Planned): boolean {
  if (!service?.agenda.status(id)?.Suspended) return false;
  const last = memory.entries.findLast(
    ({ record }) => record.kind === 'status' && record.documents.some(({ Id }) => Id === id),
  );
  return last?.record.kind === 'status' && last.record.documents.some(({ Id, Suspended }) => Id === id && Suspended);
}

/** A file is renamed as it stands: only what is at the tip, unchanged and in force, is recognised (R20). */
export async function move(world: Simulated): Promise<void> {
  const job = pick(world);
  if (!job || job.file !== alone(job.id, {}).file || !asPlanned(world, job.file)) return;
  const was = fileText([job]);
  const copies = [...world.memory.manifests.values()].filter((other) => other === was).length;
  if (copies > 1 || !world.service || world.memory.faults.diskFull) return;
  await Promise.race([world.service.controller.reconcile(), world.memory.death]);
  await world.turn(0);
  if (!world.service) return;
  const moved = alone(`moved-${world.random.below(1e9)}`, job.manifest);
  world.jobs.delete(job.id);
  world.jobs.set(moved.id, moved);
  world.lineage.set(job.id, moved.id);
  await push(world, { [job.file]: null, [moved.file]: was });
  world.service?.controller.nudge(); // an edit of the new file before anybody looks would make it another job
  await world.turn(0);
}

/** A human deletes a file. */
export async function remove(world: Simulated): Promise<void> {
  const job = pick(world);
  if (!job) return;
  for (const each of documentsOf(world, job.file)) world.jobs.delete(each.id);
  await push(world, { [job.file]: null });
}

/** A human edits `bmcron.yaml`, now and then wrongly: then the settings stay that were in force (R21). */
export async function configure(world: Simulated): Promise<void> {
  const spoilt = world.random.chance(0.2);
  await push(world, { 'bmcron.yaml': spoilt ? text({ WorkerPoolSize: 0 }) : settings(world.random) });
}

/** Machines leave the inventory and come back: accepted jobs stay, and fail on what is not there (R21, R29). */
export async function restock(world: Simulated): Promise<void> {
  const name = world.random.pick(NAMES);
  if (world.left.size > 0 && (world.left.has(name) || world.random.chance(0.5))) world.left.clear();
  else world.left.add(name);
  await push(world, { [INVENTORY]: inventory(world.left) });
}

/** Whether a file is at the tip as the world knows it, and nothing that it names has left the inventory. */
export function asPlanned(world: Pick<Simulated, 'jobs' | 'memory' | 'left'>, file: string): boolean {
  const documents = documentsOf(world, file);
  if (world.memory.manifests.get(file) !== fileText(documents)) return false;
  return documents.every(
    ({ manifest }) => !(manifest['Machines'] as readonly string[]).some((id) => world.left.has(id)),
  );
}

function pick({ jobs, random }: Simulated): Planned | undefined {
  return jobs.size === 0 ? undefined : random.pick([...jobs.values()]);
}
