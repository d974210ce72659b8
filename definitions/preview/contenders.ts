import { valuesOf } from '../actions/action.ts';
import { fieldAnywhere, fieldOn } from '../actions/address.ts';
import { ACTIONS } from '../actions/index.ts';
import { offsetsAhead } from '../calendar/offsets.ts';
import { zoneOf } from '../calendar/time-zone.ts';
import type { Job, JobID, Jobs } from '../job.ts';
import { type Machine, type MachineID, type Machines, originOf } from '../machine.ts';
import { valueFor } from '../selection/placeholders.ts';
import { durationMs } from '../values/duration.ts';
import { canonical, type Json } from '../values/json.ts';

/** A job that writes a value. */
export interface Contender {
  readonly job: Job;
  readonly value: Json;
  /** The value, comparable. */
  readonly text: string;
  /** The field that it writes on a machine. */
  fieldOn(machine: Machine | undefined): string;
}

/** Jobs that write different values to one field of one machine at times of day that may come close. */
export interface Contention {
  readonly machine: MachineID;
  /** `bmc Oem.OpenBmc.Fan.Profile`: the manager, then where on it. */
  readonly field: string;
  /** Runs less than this apart are too close there. */
  readonly windowMs: number;
  readonly writers: readonly Contender[];
}

/** Among which jobs contenders are looked for. */
export interface ContentionOptions {
  readonly jobs: Jobs;
  readonly machines: Machines;
  readonly timeZone: string;
  readonly now: Date;
  /** How far ahead is looked. */
  readonly days: number;
  /** Jobs that run at once, whatever their time of day. */
  readonly triggered: ReadonlySet<JobID>;
}

/** Runs less than this apart are too close even with a shorter Timeout: the first may wait for a worker. */
const CLOSEST_MS = 60_000;
const DAY_MS = 86_400_000;

/** Whether not all write the same. */
export function differ(writers: readonly Contender[]): boolean {
  return writers.some(({ text }) => text !== writers[0]?.text);
}

/** Who writes to each field of each machine, where not all write the same and their times of day come close. */
export function contentions(options: ContentionOptions): readonly Contention[] {
  const places = placesOf(options.machines);
  const widestMs = Math.max(CLOSEST_MS, ...[...places.values()].map(({ windowMs }) => windowMs));
  const found = new Map<string, Contention & { readonly writers: Contender[] }>();
  for (const writers of writersByField(options).values()) {
    for (const writer of near(writers, widestMs, options)) {
      const reached = new Map(writer.job.machines.map((id) => [places.get(id), id]));
      for (const [place, id] of reached) {
        if (!place) continue; // unknown to the inventory, and refused for that
        const field = writer.fieldOn(options.machines.get(id));
        const key = `${place.machine} ${field}`;
        const contention = found.get(key) ?? { ...place, field, writers: [] };
        contention.writers.push(onMachine(writer, options.machines.get(id)));
        found.set(key, contention);
      }
    }
  }
  return [...found.values()].filter(({ writers }) => differ(writers));
}

/** A writer with what its value is on a machine, where it has placeholders (S11). */
function onMachine(writer: Contender, machine: Machine | undefined): Contender {
  const value = machine && valueFor(writer.value, machine);
  return value === undefined || value === writer.value ? writer : { ...writer, value, text: canonical(value) };
}

function writersByField({ jobs, triggered }: ContentionOptions): ReadonlyMap<string, readonly Contender[]> {
  const fields = new Map<string, Contender[]>();
  for (const job of jobs.values()) {
    const action = ACTIONS.get(job.spec.Action);
    if (!action || (job.spec.Suspend && !triggered.has(job.id))) continue;
    for (const entry of job.spec.Payload) {
      for (const [name, value] of valuesOf(action, entry)) {
        const field = fieldAnywhere(action, entry, name);
        const writers = fields.get(field) ?? [];
        const isElsewhere = action.root !== 'Managers';
        const fieldOnMachine = (machine?: Machine) => (isElsewhere ? fieldOn(action, entry, name, machine) : field);
        writers.push({ job, value, text: canonical(value), fieldOn: fieldOnMachine });
        fields.set(field, writers);
      }
    }
  }
  return fields;
}

/** Those whose time of day, in UTC, comes within the window of another's that writes something else. */
function near(writers: readonly Contender[], windowMs: number, options: ContentionOptions): ReadonlySet<Contender> {
  const close = new Set<Contender>();
  if (!differ(writers)) return close;
  if (writers.some(({ job }) => options.triggered.has(job.id))) return new Set(writers);
  const zones = new Map<string, readonly number[]>();
  const offsets = (zone: string) => {
    const known = zones.get(zone) ?? offsetsAhead(zone, options.now, options.days);
    zones.set(zone, known);
    return known;
  };
  const times = writers
    .flatMap((writer) => {
      const { Schedule } = writer.job.spec;
      return timesOfDay(Schedule.Time, offsets(zoneOf(Schedule, options.timeZone))).map((at) => ({ at, writer }));
    })
    .sort((a, b) => a.at - b.at);
  const round = [...times, ...times.map(({ at, writer }) => ({ at: at + DAY_MS, writer }))];
  for (const [index, { at, writer }] of times.entries()) {
    for (let other = index + 1; (round[other]?.at ?? Number.POSITIVE_INFINITY) - at < windowMs; other += 1) {
      const contender = round[other]?.writer;
      if (!contender || contender.text === writer.text) continue;
      close.add(writer).add(contender);
    }
  }
  return close;
}

/** The times of day in UTC, in milliseconds, at which a job may run: a time in a gap has the offset before it (R15). */
function timesOfDay(time: string, offsets: readonly number[]): number[] {
  const local = Date.parse(`1970-01-01T${time}Z`);
  return offsets.map((offset) => (((local - offset) % DAY_MS) + DAY_MS) % DAY_MS);
}

/** Where each machine's fields are: machines that have one Endpoint are one BMC, under the first of their IDs. */
function placesOf(machines: Machines): ReadonlyMap<MachineID, Pick<Contention, 'machine' | 'windowMs'>> {
  const owners = new Map<string, Machine>();
  for (const machine of machines.values()) {
    const owner = owners.get(originOf(machine));
    if (!owner || machine.ID < owner.ID) owners.set(originOf(machine), machine);
  }
  const places = [...machines.values()].map((machine) => {
    const owner = owners.get(originOf(machine)) ?? machine;
    return [machine.ID, { machine: owner.ID, windowMs: Math.max(CLOSEST_MS, durationMs(owner.Timeout) ?? 0) }] as const;
  });
  return new Map(places);
}
