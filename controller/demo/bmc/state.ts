import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../definitions/values/json.ts';
import type { Clock } from '../../clock.ts';
import { managerResource } from '../bmcweb/manager-resource.ts';
import { HOST_HABITS, Host, type HostHabits } from '../machine/host.ts';
import type { BoardResource, MutableObject } from '../machine/resource.ts';
import { createResourceTree } from '../machine/resource-tree.ts';
import { Restarts } from '../machine/restarts.ts';
import type { Preset } from '../presets/preset.ts';
import { type Account, Accounts } from './accounts.ts';
import { Faults } from './faults.ts';
import { Tasks } from './tasks.ts';

/** A request as the board sees it. */
export interface Asked {
  readonly method: string;
  /** Without query and fragment. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** `https://127.0.0.1:1234`, for answers that name themselves in full. */
  readonly origin: string;
}

/** What a simulated BMC holds. */
export interface BmcState {
  readonly preset: Preset;
  readonly managers: Map<string, MutableObject>;
  /** Everything else that it has, by path. */
  readonly tree: ReadonlyMap<string, BoardResource>;
  readonly host: Host;
  readonly accounts: Accounts;
  readonly faults: Faults;
  readonly tasks: Tasks;
  readonly clock: Clock;
  /** Resources that stand in place of, or beside, the board's own; by path. */
  readonly resources: Map<string, JsonObject>;
  readonly restarts: Restarts;
  readonly serialNumber: string;
  /** Does something at a later moment, unless the board is switched off before. */
  later(moment: Date, act: () => void): void;
}

/** What a board is made of. */
export interface BmcStateOptions {
  readonly preset: Preset;
  /** IDs of its managers; those of the preset by default. */
  readonly managers: readonly string[] | undefined;
  readonly accounts: readonly Account[];
  readonly resources: Readonly<Record<string, JsonObject>>;
  readonly host: Partial<HostHabits>;
  /** Of its host; as others count machines. */
  readonly serialNumber: string;
  readonly clock: Clock;
}

const MANAGER = /^\/redfish\/v1\/Managers\/[^/]+$/;

function lastOf(path: string): string {
  return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
}

/** A board just switched on. */
export function createBmcState(options: BmcStateOptions, off: AbortSignal): BmcState {
  const { preset, accounts, resources, clock, managers = preset.managers } = options;
  const given = Object.entries(resources).filter(([path, body]) => MANAGER.test(path) && !('Members' in body));
  const later = (moment: Date, act: () => void) => void clock.sleep(moment, off).then(act, () => undefined);
  const host = new Host({ ...HOST_HABITS, ...preset.host.habits, ...options.host }, clock, later);
  const restarts = new Restarts(clock);
  const all = [...managers, ...given.map(([path]) => lastOf(path)).filter((id) => !managers.includes(id))];
  const tree = createResourceTree({
    preset,
    managers: all,
    accounts,
    host,
    managerNow: (id) => restarts.now(id),
    restart: (id) => restarts.begin(id, id === all[0]),
  });
  identify(tree, preset, options.serialNumber);
  const { fans } = preset;
  const made = managers.map((id): [string, MutableObject] => [
    id,
    fans ? managerResource(fans, id) : (tree.get(`/redfish/v1/Managers/${id}`)?.body ?? {}),
  ]);
  const copies = given.map(([path, body]): [string, MutableObject] => [
    lastOf(path),
    structuredClone(body) as MutableObject,
  ]);
  return {
    preset,
    managers: new Map([...made, ...copies]),
    tree,
    host,
    accounts: new Accounts(accounts),
    faults: new Faults(),
    tasks: new Tasks(),
    clock,
    resources: new Map(Object.entries(resources).filter(([path]) => !given.some(([other]) => other === path))),
    restarts,
    serialNumber: options.serialNumber,
    later,
  };
}

/** Gives the host a serial number and a UUID of its own, where its preset shows a serial number at all. */
function identify(tree: ReadonlyMap<string, BoardResource>, { host }: Preset, serialNumber: string): void {
  const hex = createHash('sha256').update(serialNumber).digest('hex');
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)];
  for (const path of [host.system, ...host.chassis]) {
    const body = tree.get(`/redfish/v1/${path}`)?.body;
    if (String(body?.['SerialNumber'] ?? '').trim() !== '') Object.assign(body ?? {}, { SerialNumber: serialNumber });
    if (body && 'UUID' in body) body['UUID'] = uuid.join('-');
  }
}
