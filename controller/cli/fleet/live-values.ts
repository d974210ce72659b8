import { type Action, valuesOf } from '../../../definitions/actions/action.ts';
import { fieldText, memberOf, placeText } from '../../../definitions/actions/address.ts';
import { ACTIONS } from '../../../definitions/actions/index.ts';
import type { Job, PayloadEntry } from '../../../definitions/job.ts';
import type { Machine, MachineID, Machines } from '../../../definitions/machine.ts';
import type { Fleet } from '../../../definitions/manifest/fleet.ts';
import type { JobChange, LiveValue, Preview } from '../../../definitions/preview/preview.ts';
import { payloadOn } from '../../../definitions/selection/placeholders.ts';
import { type Json, type JsonObject, own } from '../../../definitions/values/json.ts';
import { createFairLimit } from '../../runs/concurrency.ts';

/** Where an entry writes. */
export interface LivePlace {
  readonly action: Action;
  readonly entry: PayloadEntry;
}

/** The resources of a BMC, by the keys under which they were asked for; an Error where one could not be read. */
export type LiveResources = ReadonlyMap<string, JsonObject | Error>;

/** Asks a machine's BMC for these resources. Rejects when the BMC as a whole does not answer. */
export type LiveReader = (machine: Machine, places: ReadonlyMap<string, LivePlace>) => Promise<LiveResources>;

const MOST_AT_ONCE = 50;

/** A preview with the values that the BMCs have now in the fields that its jobs would write. Each BMC is asked once. */
export async function withLive(preview: Preview, fleet: Fleet, read: LiveReader): Promise<Preview> {
  const asked = preview.changes.filter(({ op }) => op !== 'remove');
  const places = new Map<MachineID, Map<string, LivePlace>>();
  for (const { job } of asked) {
    const { spec, machines = [] } = fleet.jobs.get(job) ?? {};
    const action = ACTIONS.get(spec?.Action ?? '');
    if (!spec || !action) continue;
    for (const id of machines) {
      const wanted = places.get(id) ?? new Map<string, LivePlace>();
      for (const entry of spec.Payload) wanted.set(keyOf(action, entry), { action, entry });
      places.set(id, wanted);
    }
  }
  const limit = createFairLimit(MOST_AT_ONCE);
  const answers = new Map<MachineID, LiveResources | Error>();
  const ask = async ([id, wanted]: [MachineID, ReadonlyMap<string, LivePlace>]) => {
    const machine = fleet.machines.get(id);
    if (!machine) return;
    const answer = await read(machine, wanted).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    answers.set(id, answer);
  };
  await Promise.all([...places].map((each) => limit.run(each[0], () => ask(each))));
  const changes = preview.changes.map((change): JobChange => {
    const job = change.op === 'remove' ? undefined : fleet.jobs.get(change.job);
    return job ? { ...change, live: liveValues(job, fleet.machines, answers) } : change;
  });
  return { ...preview, changes };
}

/** Entries of one resource have one key; which one is meant by an entry that names none hangs on its fields. */
function keyOf(action: Action, entry: PayloadEntry): string {
  const fields = memberOf(action, entry) === undefined ? Object.keys(entry.Payload) : [];
  return [placeText(action, entry), ...(action.link === undefined ? [] : [action.link]), ...fields].join(' ');
}

function liveValues(
  { spec, machines }: Job,
  inventory: Machines,
  answers: ReadonlyMap<MachineID, LiveResources | Error>,
): readonly LiveValue[] {
  const action = ACTIONS.get(spec.Action);
  if (!action) return [];
  return machines.flatMap((machine) =>
    payloadOn(spec.Payload, inventory.get(machine)).flatMap((entry) => {
      const answer = answers.get(machine);
      const resource = answer instanceof Error ? answer : answer?.get(keyOf(action, entry));
      const path = action.at(entry);
      return valuesOf(action, entry).map(([name, wanted]): LiveValue => {
        const field = fieldText(action, entry, name);
        const value = { machine, field, wanted };
        if (!resource || resource instanceof Error)
          return { ...value, now: null, error: resource?.message ?? 'not asked' };
        const now = [...path, name].reduce<Json | undefined>((inner, key) => own(inner, key), resource);
        return { ...value, now: now ?? null, error: now === undefined ? 'this BMC has no such field' : null };
      });
    }),
  );
}
