import { after, type Clock } from '../../controller/clock.ts';
import type { BeforeSending, Executor, Wait } from '../../controller/executors/executor.ts';
import { type CutOffPart, interrupted, type Part, type Result, unconfirmed } from '../../definitions/run.ts';
import type { JsonObject } from '../../definitions/values/json.ts';

/** How a scripted BMC behaves for one part, or from now on. */
export interface Behaviour {
  /** How long it takes, in milliseconds. */
  readonly takesMs?: number;
  /** How long what it was told has to settle, in milliseconds, before it is looked at once more. */
  readonly settlesMs?: number;
  /** It fails with this. */
  readonly error?: string;
  /** What it is told is so already. */
  readonly isSo?: boolean;
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
  /** It only waits: nobody talks to the machine. */
  settles: boolean;
  /** When it was looked at once more. */
  secondLook: Date | null;
  /** What it came to; null while it goes on, and where the executor broke. */
  result: Result | null;
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
      recover: async (part) => ({ ...interrupted(part.machine.ID), entries: readAgain(state, part) }),
      async execute(part, signal, wait = (until) => clock.sleep(until, signal), before = async () => undefined) {
        const start = clock.now();
        const record: Carried = {
          part,
          start,
          life: bmcs.life,
          end: null,
          settles: false,
          secondLook: null,
          result: null,
        };
        carried.push(record);
        talk(state);
        const settle: Wait = async (until, seen) => {
          record.settles = true;
          await wait(until, seen).finally(() => {
            record.settles = false;
          });
          record.secondLook = clock.now();
          talk(state);
        };
        try {
          record.result = await carryOut(state, part, { clock, signal, settle, before });
          return record.result;
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

function talk(state: BmcsState): void {
  const talkedTo = state.carried.filter((each) => each.end === null && !each.settles);
  state.mostAtOnce = Math.max(state.mostAtOnce, talkedTo.length);
}

function keyOf(machine: string, ...target: readonly (string | undefined)[]): string {
  return JSON.stringify([machine, ...target]);
}

interface Surroundings {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly settle: Wait;
  readonly before: BeforeSending;
}

async function carryOut(
  { once, always, held }: BmcsState,
  part: Part,
  { clock, signal, settle, before }: Surroundings,
) {
  const machine = part.machine.ID;
  const {
    takesMs = 0,
    settlesMs = 0,
    error,
    isSo,
    throws,
    hangs,
  } = once.get(machine)?.shift() ?? always.get(machine) ?? {};
  try {
    if (hangs) await clock.sleep(new Date(8.64e15), signal);
    if (takesMs > 0) await clock.sleep(after(clock, takesMs), signal);
  } catch {
    return interrupted(machine);
  }
  if (throws !== undefined) throw new Error(throws);
  if (error !== undefined) return { machine, outcome: 'Unreachable', entries: [], error } as const;
  if (!isSo) await before(look(held, part, true), signal);
  const applied = apply(held, part);
  if (isSo) return { ...applied, outcome: 'Unchanged' as const };
  try {
    if (settlesMs > 0) await settle(after(clock, settlesMs), applied);
  } catch {
    return unconfirmed(applied);
  }
  return applied;
}

function apply(held: Map<string, JsonObject>, part: Part): Result {
  const result = look(held, part, false);
  for (const { Payload, ...target } of targets(part)) {
    const key = keyOf(part.machine.ID, ...Object.values(target));
    held.set(key, { ...held.get(key), ...Payload });
  }
  return result;
}

/** What a part reads, and what it sets or, before it has sent anything, nobody knows. */
function look(held: Map<string, JsonObject>, part: Part, isBefore: boolean): Result {
  const entries = targets(part).map(({ Payload, ...target }) => {
    const was = held.get(keyOf(part.machine.ID, ...Object.values(target))) ?? {};
    const fields = Object.keys(Payload).flatMap((field) => [
      [`Old${field}`, was[field] ?? null],
      [`New${field}`, isBefore ? null : (Payload[field] ?? null)],
    ]);
    return { ...target, ...Object.fromEntries(fields) } as JsonObject;
  });
  return { machine: part.machine.ID, outcome: 'Applied', entries, error: null };
}

function targets({ payload }: Part) {
  return payload.map(({ OnlyIf: _onlyIf, Pending: _pending, ...entry }) => entry);
}

/** What managers hold now of what a part has set; of a machine that is broken nothing is read. */
function readAgain({ held, always }: BmcsState, { machine, payload, seen }: CutOffPart): readonly JsonObject[] {
  if (always.get(machine.ID)?.error !== undefined) return seen;
  return seen.map((entry, index) => {
    const { Payload = {}, ...target } = payload[index] ?? {};
    const now = held.get(keyOf(machine.ID, ...Object.values(target as Record<string, string>))) ?? {};
    return { ...entry, ...Object.fromEntries(Object.keys(Payload).map((name) => [`New${name}`, now[name] ?? null])) };
  });
}
