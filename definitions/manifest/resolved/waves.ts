import type { Wave } from '../../job.ts';
import { waveFault } from '../../rollout/waves.ts';
import { selectorFaults } from '../../selection/labels.ts';
import { isObject, type Json, own } from '../../values/json.ts';
import { show } from '../../values/text.ts';
import type { PathKey } from '../../yaml/tree.ts';
import type { Objection } from '../reading.ts';

const MEMBERS = ['Machines', 'MachineSelector', 'Rest'];

/** What the schema of a Rollout cannot say (R63); tolerates any value, of which the schema says the rest. */
export function judgeWaves(job: Json): readonly Objection[] {
  const rollout = own(job, 'Rollout');
  const list = own(rollout, 'Waves');
  const waves = Array.isArray(list) ? list : [];
  const found = waves.flatMap((wave, index) => judgeWave(job, waves, wave, index));
  if (own(rollout, 'Advance') === 'NextRun' && own(own(job, 'Schedule'), 'Type') === 'Once') {
    found.push(refused(['Advance'], 'a Once job has no next run: its waves come InRun'));
  }
  const fault = waves.length > 0 && waves.every(isObject) ? waveFault(waves as unknown as Wave[]) : null;
  return fault === null ? found : [...found, refused(['Waves'], fault)];
}

function judgeWave(job: Json, waves: readonly Json[], wave: Json, index: number): readonly Objection[] {
  if (!isObject(wave)) return [];
  const at = (...path: PathKey[]) => ['Waves', index, ...path];
  const found: Objection[] = [];
  if (MEMBERS.filter((field) => own(wave, field) !== undefined).length !== 1) {
    found.push(refused(at(), 'a wave has Machines, a MachineSelector or Rest: true, and one of them alone'));
  }
  const name = own(wave, 'Name');
  const first = waves.findIndex((each) => own(each, 'Name') === name);
  if (typeof name === 'string' && first < index) {
    found.push(refused(at('Name'), `the wave is named twice, first as Waves[${first}]`));
  }
  for (const { path, message } of selectorFaults(own(wave, 'MachineSelector') ?? null)) {
    found.push(refused(at('MachineSelector', ...path), message));
  }
  const all = own(job, 'Machines');
  const machines = own(wave, 'Machines');
  for (const [position, id] of (Array.isArray(machines) && Array.isArray(all) ? machines : []).entries()) {
    if (typeof id === 'string' && Array.isArray(all) && !all.includes(id))
      found.push(refused(at('Machines', position), `${show(id)} is none of the job's Machines`));
  }
  return found;
}

function refused(path: readonly PathKey[], message: string): Objection {
  return { path: ['Rollout', ...path], stage: 'structure', rule: 'R63', message };
}
