import type { Json } from '../../definitions/json.ts';
import { text } from '../scenario/manifests.ts';
import { MACHINES, manifestPath, randomManifest, settings } from './fleet.ts';
import type { Memory } from './memory.ts';
import type { Simulated } from './simulate.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Step = (world: Simulated) => Promise<void> | void;

/** What may happen, and how often among all that happens. */
const STEPS: readonly (readonly [weight: number, name: string, step: Step])[] = [
  [20, 'time passes', ({ turn, random }) => turn(random.below(4 * HOUR))],
  [6, 'minutes pass', ({ turn, random }) => turn(random.below(5 * MINUTE))],
  [5, 'a job is added', (world) => add(world)],
  [3, 'a job is edited', (world) => edit(world, (manifest, fresh) => ({ ...fresh, Name: manifest['Name'] ?? 'x' }))],
  [
    2,
    'a job is renamed in words',
    (world) => edit(world, (manifest) => ({ ...manifest, Name: `New ${world.random.below(99)}` })),
  ],
  [
    2,
    'a job is suspended, or is not',
    (world) => edit(world, (manifest) => ({ ...manifest, Suspend: !manifest['Suspend'] })),
  ],
  [
    3,
    'a job is triggered',
    (world) => edit(world, (manifest) => ({ ...manifest, Trigger: `t${world.random.below(1e9)}` })),
  ],
  [2, 'a job gets a bad edit', (world) => edit(world, (manifest) => ({ ...manifest, Action: 'PatchNothing' }), false)],
  [2, 'a file is moved', (world) => move(world)],
  [2, 'a job is deleted', (world) => remove(world)],
  [2, 'the settings change', (world) => push(world, { 'bmcron.yaml': settings(world.random) })],
  [8, 'a BMC behaves otherwise', (world) => behave(world)],
  [3, 'kill -9', async (world) => restart(world, () => world.kill())],
  [3, 'the process dies at a write', (world) => world.memory.killAt(world.random.pick(['before', 'after']))],
  [2, 'SIGTERM', async (world) => restart(world, () => world.stop())],
  [2, 'the disk', ({ memory }) => flip(memory, 'diskFull')],
  [2, 'the remote', ({ memory }) => flip(memory, 'remoteDown')],
  [
    1,
    'the clock jumps forward',
    (world) => jump(world, world.random.below(world.random.pick([MINUTE, 3 * HOUR, 40 * HOUR]))),
  ],
  [1, 'the clock jumps back', (world) => jump(world, -world.random.below(5 * HOUR))],
];

const TOTAL = STEPS.reduce((sum, [weight]) => sum + weight, 0);

/** Lets one thing happen. */
export async function step(world: Simulated): Promise<void> {
  let at = world.random.below(TOTAL);
  for (const [weight, name, play] of STEPS) {
    at -= weight;
    if (at >= 0) continue;
    world.settled = false;
    world.story.push(`${world.clock.now().toISOString()} ${name}`);
    await play(world);
    await world.turn(0);
    if (!world.assembly) await restart(world, async () => undefined);
    return;
  }
}

function flip({ faults }: Memory, fault: keyof Memory['faults']): void {
  faults[fault] = !faults[fault];
}

async function push(world: Simulated, changes: Readonly<Record<string, string | null>>): Promise<void> {
  world.memory.commit(changes);
  world.story.push(`  ${JSON.stringify(changes).slice(0, 600)}`);
  if (world.random.chance(0.8)) world.assembly?.controller.nudge();
  await world.turn(world.random.below(1000));
}

/** A human adds a job. */
export async function add(world: Simulated): Promise<void> {
  if (world.jobs.size >= 25) return;
  const id = `job-${world.random.below(1e9)}`;
  const manifest = randomManifest(world.random, world.clock.now());
  world.jobs.set(id, { id, manifest });
  await push(world, { [manifestPath(id)]: text(manifest) });
}

type Manifest = { [key: string]: Json };

async function edit(
  world: Simulated,
  change: (was: Manifest, fresh: Manifest) => Manifest,
  keep = true,
): Promise<void> {
  const job = pick(world);
  if (!job) return;
  const manifest = change(job.manifest, randomManifest(world.random, world.clock.now()));
  if (keep) job.manifest = manifest;
  await push(world, { [manifestPath(job.id)]: text(manifest) });
}

/** Renamed as it stands: only what is at the tip, unchanged, is recognised (R20). */
async function move(world: Simulated): Promise<void> {
  const job = pick(world);
  const was = job && world.memory.manifests.get(manifestPath(job.id));
  if (!job || was !== text(job.manifest)) return;
  const copies = [...world.memory.manifests.values()].filter((other) => other === was).length;
  if (copies > 1 || !world.assembly || world.memory.faults.diskFull) return;
  await Promise.race([world.assembly.controller.reconcile(), world.memory.death]);
  await world.turn(0);
  if (!world.assembly) return;
  const id = `moved-${world.random.below(1e9)}`;
  world.jobs.delete(job.id);
  world.jobs.set(id, { id, manifest: job.manifest });
  world.lineage.set(job.id, id);
  await push(world, { [manifestPath(job.id)]: null, [manifestPath(id)]: was });
  world.assembly?.controller.nudge(); // an edit of the new file before anybody looks would make it another job
  await world.turn(0);
}

async function remove(world: Simulated): Promise<void> {
  const job = pick(world);
  if (!job) return;
  world.jobs.delete(job.id);
  await push(world, { [manifestPath(job.id)]: null });
}

function pick({ jobs, random }: Simulated) {
  return jobs.size === 0 ? undefined : random.pick([...jobs.values()]);
}

function behave({ bmcs, random }: Simulated): void {
  const machine = `machine-${1 + random.below(MACHINES)}`;
  const takesMs = random.pick([0, 0, 1500, 20_000, 90_000, 26 * HOUR]);
  const ill = { error: 'transient: no answer' };
  bmcs.behave(
    machine,
    random.pick([{ takesMs: Math.min(takesMs, 90_000) }, { takesMs: 1000, ...ill }, { throws: 'broken' }, {}]),
  );
  if (random.chance(0.3)) bmcs.next(machine, { takesMs });
}

async function restart(world: Simulated, end: () => Promise<void>): Promise<void> {
  await end();
  world.memory.killAt(null);
  const downMs = world.random.below(world.random.pick([MINUTE, MINUTE, MINUTE, HOUR, 4 * HOUR, 50 * HOUR]));
  world.clock.pass(new Date(world.clock.now().getTime() + downMs));
  world.memory.faults.diskFull = false;
  world.story.push(`${world.clock.now().toISOString()} starts`);
  await world.start();
  await world.turn(0);
}

async function jump(world: Simulated, ms: number): Promise<void> {
  world.clock.jump(new Date(world.clock.now().getTime() + ms));
  await world.turn(2 * MINUTE);
}
