import { after, type Clock } from '../../controller/clock.ts';
import type { Executor } from '../../controller/executors/executor.ts';
import { interrupted, type Part, type Result } from '../../definitions/run.ts';
import type { JsonObject } from '../../definitions/values/json.ts';

/** How a scripted BMC behaves for one part, or from now on. */
export interface Behaviour {
  /** How long it takes, in milliseconds. */
  readonly takesMs?: number;
  /** It fails with this. */
  readonly error?: string;
  /** The executor itself breaks. */
  readonly throws?: string;
  /** Never answers. */
  readonly hangs?: boolean;
}

/** One part as it was carried out. */
export interface Carried {
  readonly part: Part;
  readonly start: Date;
  /** Which controller did it. */
  readonly life: number;
  /** Null while it goes on. */
  end: Date | null;
}

/** BMCs in memory, what they hold and what they were told; they outlive the controllers that talk to them. */
export interface Bmcs {
  /** An executor for one controller; `clock` is that controller's. */
  executor(clock: Clock): Executor;
  /** How a machine behaves from now on; absent: at once and well. */
  behave(machine: string, behaviour: Behaviour): void;
  /** How it behaves for its next parts, one each. */
  next(machine: string, ...behaviours: readonly Behaviour[]): void;
  /** What a manager of a machine holds. */
  get(machine: string, manager?: string): JsonObject;
  set(machine: string, values: JsonObject, manager?: string): void;
  /** Every part that began, in order. */
  readonly carried: readonly Carried[];
  /** The number of the controller that talks to them now. */
  life: number;
  /** The most machines that were talked to at one moment. */
  readonly mostAtOnce: number;
}

interface BmcsState {
  /** What managers hold, by machine and target. */
  readonly held: Map<string, JsonObject>;
  readonly always: Map<string, Behaviour>;
  readonly once: Map<string, Behaviour[]>;
  readonly carried: Carried[];
  mostAtOnce: number;
}

/** BMCs that hold what they are told; unknown values begin as null. */
export function createBmcs(): Bmcs {
  const state: BmcsState = { held: new Map(), always: new Map(), once: new Map(), carried: [], mostAtOnce: 0 };
  const { held, always, once, carried } = state;
  const bmcs: Bmcs = {
    carried,
    life: 0,
    get mostAtOnce() {
      return state.mostAtOnce;
    },
    executor: (clock) => ({
      async execute(part, signal) {
        const record: Carried = { part, start: clock.now(), life: bmcs.life, end: null };
        carried.push(record);
        state.mostAtOnce = Math.max(state.mostAtOnce, carried.filter((each) => each.end === null).length);
        try {
          return await carryOut(state, part, clock, signal);
        } finally {
          record.end = clock.now();
        }
      },
    }),
    behave: (machine, behaviour) => void always.set(machine, behaviour),
    next: (machine, ...behaviours) => void once.set(machine, [...(once.get(machine) ?? []), ...behaviours]),
    get: (machine, manager = 'bmc') => held.get(keyOf(machine, manager)) ?? {},
    set: (machine, values, manager = 'bmc') => void held.set(keyOf(machine, manager), values),
  };
  return bmcs;
}

function keyOf(machine: string, ...target: readonly (string | undefined)[]): string {
  return JSON.stringify([machine, ...target]);
}

async function carryOut({ once, always, held }: BmcsState, part: Part, clock: Clock, signal: AbortSignal) {
  const machine = part.machine.ID;
  const { takesMs = 0, error, throws, hangs } = once.get(machine)?.shift() ?? always.get(machine) ?? {};
  try {
    if (hangs) await clock.sleep(new Date(8.64e15), signal);
    if (takesMs > 0) await clock.sleep(after(clock, takesMs), signal);
  } catch {
    return interrupted(machine);
  }
  if (throws !== undefined) throw new Error(throws);
  if (error !== undefined) return { machine, outcome: 'Unreachable', entries: [], error } as const;
  return apply(held, part);
}

function apply(held: Map<string, JsonObject>, { machine, payload }: Part): Result {
  const entries = payload.map(({ Payload, ...target }) => {
    const key = keyOf(machine.ID, ...Object.values(target));
    const was = held.get(key) ?? {};
    held.set(key, { ...was, ...Payload });
    const fields = Object.keys(Payload).flatMap((field) => [
      [`Old${field}`, was[field] ?? null],
      [`New${field}`, Payload[field] ?? null],
    ]);
    return { ...target, ...Object.fromEntries(fields) } as JsonObject;
  });
  return { machine: machine.ID, outcome: 'Applied', entries, error: null };
}
