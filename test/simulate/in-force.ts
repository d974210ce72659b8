import { nextRun } from '../../definitions/calendar/next-run.ts';
import { matches } from '../../definitions/selection/labels.ts';
import { equal } from '../../definitions/values/json.ts';
import { asPlanned } from './edits.ts';
import { holds } from './invariant.ts';
import type { Simulation } from './simulate.ts';

/** What is in force is what the tip asks for, once the controller has looked at it (R18–R21). */
export function asAsked(simulation: Simulation): void {
  const { service, jobs, memory } = simulation;
  if (!service || service.inForce.commit !== memory.tip) return;
  const inForce = service.agenda.jobs;
  const files = new Map<string, boolean>();
  const isGood = (file: string) => {
    const known = files.get(file) ?? asPlanned(simulation, file);
    files.set(file, known);
    return known;
  };
  for (const { id, file, manifest } of jobs.values()) {
    if (!isGood(file)) continue;
    const spec = inForce.get(id)?.spec;
    holds(spec, `R18 ${id} is at the tip and not in force`);
    const fields = ['Schedule', 'Machines', 'MachineSelector', 'Payload'] as const;
    const same = fields.every((field) => equal(spec?.[field], manifest[field]));
    holds(same && (spec?.Suspend ?? false) === (manifest['Suspend'] ?? false), `R19 ${id} is not as the tip has it`);
  }
  for (const { id, source } of inForce.values()) {
    const isAsked = jobs.has(id) || (memory.manifests.has(source.file) && !isGood(source.file));
    holds(isAsked, `R20 ${id} is in force, and ${source.file} does not ask for it`);
  }
}

/** What a selector reaches is what fits in the inventory in force, found by looking at each machine (S05). */
export function asSelected({ service }: Simulation): void {
  if (!service) return;
  const { machines } = service.inForce;
  for (const { id, spec, machines: reached } of service.agenda.jobs.values()) {
    const { MachineSelector } = spec;
    if (!MachineSelector) continue;
    const fits = [...machines.values()].filter(({ Labels }) => matches(MachineSelector, Labels)).map(({ ID }) => ID);
    holds(equal(reached, fits.sort()), `S05 ${id} reaches ${reached} and its selector fits ${fits}`);
  }
}

/** A run to come is an occurrence of its schedule, by the zone in force (R11, R14). What fell due did so by another. */
export function inItsZone({ service, latest }: Simulation): void {
  if (!service) return;
  const zone = service.inForce.settings.TimeZone;
  for (const { id, spec } of service.agenda.jobs.values()) {
    const next = service.agenda.status(id)?.NextRunTime;
    if (!next || new Date(next) <= latest || service.agenda.isHeld(id)) continue;
    const occurrence = nextRun(spec.Schedule, zone, new Date(Date.parse(next) - 1000));
    holds(occurrence?.getTime() === Date.parse(next), `R11 ${id} is to run at ${next}, which is none of its times`);
  }
}
