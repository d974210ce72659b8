import { isObject } from '../../definitions/values/json.ts';
import {
  add,
  addSeveral,
  configure,
  edit,
  move,
  rearrange,
  relabel,
  remove,
  restock,
  spoil,
  suspend,
} from './edits.ts';
import { type Manifest, NAMES, randomZone } from './fleet.ts';
import { jump, moveHost, restart } from './hosts.ts';
import type { Memory } from './memory.ts';
import type { Simulation } from './simulate.ts';
import { freezeDuringRun, rewindow } from './windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Step = (simulation: Simulation) => Promise<void> | void;

/** What may happen, and how often among all that happens. */
const STEPS: readonly (readonly [weight: number, name: string, step: Step])[] = [
  [22, 'time passes', ({ advance, random }) => advance(random.below(4 * HOUR))],
  [6, 'minutes pass', ({ advance, random }) => advance(random.below(5 * MINUTE))],
  [4, 'a job is added', add],
  [1, 'a file of several jobs is added', addSeveral],
  [2, 'documents come, go or change places', rearrange],
  [
    3,
    'a job is edited',
    (simulation) => edit(simulation, (manifest, fresh) => ({ ...fresh, Name: manifest['Name'] ?? 'x' })),
  ],
  [
    2,
    'a job is renamed in words',
    (simulation) => edit(simulation, (manifest) => ({ ...manifest, Name: `New ${simulation.random.below(1e9)}` })),
  ],
  [
    2,
    'a job gets another zone',
    (simulation) => edit(simulation, (manifest) => inZone(manifest, randomZone(simulation.random))),
  ],
  [3, 'a job is suspended, or is not', suspend],
  [
    3,
    'a job is triggered',
    (simulation) => edit(simulation, (manifest) => ({ ...manifest, Trigger: `t${simulation.random.below(1e9)}` })),
  ],
  [2, 'a job gets a bad edit', spoil],
  [2, 'a file is moved', move],
  [2, 'a file is deleted', remove],
  [2, 'the settings change', configure],
  [2, 'a machine leaves the inventory, or all come back', restock],
  [2, 'a machine is labelled otherwise', relabel],
  [4, 'a window comes, changes or goes', rewindow],
  [2, 'a freeze is committed during a run', freezeDuringRun],
  [8, 'a BMC behaves otherwise', (simulation) => behave(simulation)],
  [3, 'kill -9', async (simulation) => restart(simulation, () => simulation.kill())],
  [
    3,
    'the process dies at a write',
    (simulation) => simulation.memory.killAt(simulation.random.pick(['before', 'after'])),
  ],
  [2, 'SIGTERM', async (simulation) => restart(simulation, () => simulation.stop())],
  [1, 'the service moves to another host', moveHost],
  [2, 'the disk', ({ memory }) => flip(memory, 'diskFull')],
  [3, 'the disk has room', ({ memory: { faults } }) => Object.assign(faults, { diskFull: false })],
  [2, 'the remote', ({ memory }) => flip(memory, 'remoteDown')],
  [
    1,
    'the clock jumps forward',
    (simulation) => jump(simulation, simulation.random.below(simulation.random.pick([MINUTE, 3 * HOUR, 40 * HOUR]))),
  ],
  [1, 'the clock jumps back', (simulation) => jump(simulation, -simulation.random.below(5 * HOUR))],
];

const TOTAL = STEPS.reduce((sum, [weight]) => sum + weight, 0);

/** Lets one thing happen. */
export async function step(simulation: Simulation): Promise<void> {
  let at = simulation.random.below(TOTAL);
  for (const [weight, name, act] of STEPS) {
    at -= weight;
    if (at >= 0) continue;
    simulation.settled = false;
    simulation.history.push(`${simulation.clock.now().toISOString()} ${name}`);
    await act(simulation);
    await simulation.advance(0);
    if (!simulation.service) await restart(simulation, async () => undefined);
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

function behave({ bmcs, random }: Simulation): void {
  const machine = random.pick(NAMES);
  const takesMs = random.pick([0, 0, 1500, 20_000, 90_000, 26 * HOUR]);
  const ill = { error: 'transient: no answer' };
  bmcs.behave(
    machine,
    random.pick([
      { takesMs: Math.min(takesMs, 90_000) },
      { settlesMs: random.pick([1500, 60_000, HOUR]) },
      { takesMs: 1000, ...ill },
      { throws: 'broken' },
      {},
    ]),
  );
  if (random.chance(0.3)) bmcs.next(machine, { takesMs, settlesMs: random.pick([0, takesMs]) });
}
