import { ACTIONS } from '../../../definitions/actions/index.ts';
import type { Job } from '../../../definitions/job.ts';
import type { Machine, MachineID, Machines } from '../../../definitions/machine.ts';
import type { Fleet } from '../../../definitions/manifest/fleet.ts';
import type { JobChange, LiveValue, Preview } from '../../../definitions/preview/preview.ts';
import { payloadOn } from '../../../definitions/selection/placeholders.ts';
import { type Json, type JsonObject, own } from '../../../definitions/values/json.ts';
import { createFairLimit } from '../../runs/concurrency.ts';

/** The resources of a machine's managers, by ID; an Error where one could not be read. */
export type Managers = ReadonlyMap<string, JsonObject | Error>;

/** Asks a machine's BMC for these managers. Rejects when the BMC as a whole does not answer. */
export type LiveReader = (machine: Machine, managers: ReadonlySet<string>) => Promise<Managers>;

const MOST_AT_ONCE = 50;

/** A preview with the values that the BMCs have now in the fields that its jobs would write. Each BMC is asked once. */
export async function withLive(preview: Preview, fleet: Fleet, read: LiveReader): Promise<Preview> {
  const asked = preview.changes.filter(({ op }) => op !== 'remove');
  const managers = new Map<MachineID, Set<string>>();
  for (const { job } of asked) {
    const { spec, machines = [] } = fleet.jobs.get(job) ?? {};
    for (const id of machines) {
      const wanted = managers.get(id) ?? new Set();
      for (const { ManagerID } of spec?.Payload ?? []) wanted.add(ManagerID);
      managers.set(id, wanted);
    }
  }
  const limit = createFairLimit(MOST_AT_ONCE);
  const answers = new Map<MachineID, Managers | Error>();
  const ask = async ([id, wanted]: [MachineID, ReadonlySet<string>]) => {
    const machine = fleet.machines.get(id);
    if (!machine) return;
    const answer = await read(machine, wanted).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    answers.set(id, answer);
  };
  await Promise.all([...managers].map((each) => limit.run(each[0], () => ask(each))));
  const changes = preview.changes.map((change): JobChange => {
    const job = change.op === 'remove' ? undefined : fleet.jobs.get(change.job);
    return job ? { ...change, live: liveValues(job, fleet.machines, answers) } : change;
  });
  return { ...preview, changes };
}

function liveValues(
  { spec, machines }: Job,
  inventory: Machines,
  answers: ReadonlyMap<MachineID, Managers | Error>,
): readonly LiveValue[] {
  const action = ACTIONS.get(spec.Action);
  if (!action) return [];
  return machines.flatMap((machine) =>
    payloadOn(spec.Payload, inventory.get(machine)).flatMap((entry) => {
      const answer = answers.get(machine);
      const manager = answer instanceof Error ? answer : answer?.get(entry.ManagerID);
      const path = action.at(entry);
      return Object.entries(entry.Payload).map(([name, wanted]): LiveValue => {
        const field = `${entry.ManagerID} ${[...path, name].join('.')}`;
        const value = { machine, field, wanted };
        if (!manager || manager instanceof Error)
          return { ...value, now: null, error: manager?.message ?? 'not asked' };
        const now = [...path, name].reduce<Json | undefined>((inner, key) => own(inner, key), manager);
        return { ...value, now: now ?? null, error: now === undefined ? 'this BMC has no such field' : null };
      });
    }),
  );
}
