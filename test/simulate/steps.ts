import { isObject } from '../../definitions/values/json.ts';
import { add, addSeveral, configure, edit, move, rearrange, remove, restock, spoil, suspend } from './edits.ts';
import { type Manifest, NAMES, randomZone } from './fleet.ts';
import { jump, moveHost, restart } from './hosts.ts';
import type { Memory } from './memory.ts';
import type { Simulated } from './simulate.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Step = (world: Simulated) => Promise<void> | void;

/** What may happen, and how often among all that happens. */
const STEPS: readonly (readonly [weight: number, name: string, step: Step])[] = [
  [22, 'time passes', ({ turn, random }) => turn(random.below(4 * HOUR))],
  [6, 'minutes pass', ({ turn, random }) => turn(random.below(5 * MINUTE))],
  [4, 'a job is added', add],
  [1, 'a file of several jobs is added', addSeveral],
  [2, 'documents come, go or change places', rearrange],
  [3, 'a job is edited', (world) => edit(world, (manifest, fresh) => ({ ...fresh, Name: manifest['Name'] ?? 'x' }))],
  [
    2,
    'a job is renamed in words',
    (world) => edit(world, (manifest) => ({ ...manifest, Name: `New ${world.random.below(1e9)}` })),
  ],
  [2, 'a job gets another zone', (world) => edit(world, (manifest) => inZone(manifest, randomZone(world.random)))],
  [3, 'a job is suspended, or is not', suspend],
  [
    3,
    'a job is triggered',
    (world) => edit(world, (manifest) => ({ ...manifest, Trigger: `t${world.random.below(1e9)}` })),
  ],
  [2, 'a job gets a bad edit', spoil],
  [2, 'a file is moved', move],
  [2, 'a file is deleted', remove],
  [2, 'the settings change', configure],
  [2, 'a machine leaves the inventory, or all come back', restock],
  [8, 'a BMC behaves otherwise', (world) => behave(world)],
  [3, 'kill -9', async (world) => restart(world, () => world.kill())],
  [3, 'the process dies at a write', (world) => world.memory.killAt(world.random.pick(['before', 'after']))],
  [2, 'SIGTERM', async (world) => restart(world, () => world.stop())],
  [1, 'the service moves to another host', moveHost],
  [2, 'the disk', ({ memory }) => flip(memory, 'diskFull')],
  [3, 'the disk has room', ({ memory: { faults } }) => Object.assign(faults, { diskFull: false })],
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
    if (!world.service) await restart(world, async () => undefined);
    return;
  }
}

function inZone({ Schedule, ...rest }: Manifest, zone: { readonly TimeZone?: string }): Manifest {
  const { TimeZone: _, ...schedule } = isObject(Schedule) ? Schedule : {};
  return { ...rest, Schedule: { ...schedule, ...zone } };
}

function flip({ faults }: Memory, fault: keyof Memory['faults']): void {
  faults[fault] = !faults[fault];
}

function behave({ bmcs, random }: Simulated): void {
  const machine = random.pick(NAMES);
  const takesMs = random.pick([0, 0, 1500, 20_000, 90_000, 26 * HOUR]);
  const ill = { error: 'transient: no answer' };
  bmcs.behave(
    machine,
    random.pick([{ takesMs: Math.min(takesMs, 90_000) }, { takesMs: 1000, ...ill }, { throws: 'broken' }, {}]),
  );
  if (random.chance(0.3)) bmcs.next(machine, { takesMs });
}
