import type { JsonObject } from '../../../definitions/values/json.ts';
import type { Clock } from '../../clock.ts';
import { type Account, Accounts } from './accounts.ts';
import { Faults } from './faults.ts';
import { Tasks } from './tasks.ts';
import { type Flavour, type MutableObject, managerResource } from './tree.ts';

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
  readonly managers: Map<string, MutableObject>;
  readonly accounts: Accounts;
  readonly faults: Faults;
  readonly tasks: Tasks;
  readonly clock: Clock;
  /** Resources that stand in place of, or beside, the board's own; by path. */
  readonly resources: Map<string, JsonObject>;
  /** Does something at a later moment, unless the board is switched off before. */
  later(moment: Date, act: () => void): void;
}

/** What a board is made of. */
export interface BmcStateOptions {
  readonly flavour: Flavour;
  readonly managers: readonly string[];
  readonly accounts: readonly Account[];
  readonly resources: Readonly<Record<string, JsonObject>>;
  readonly clock: Clock;
}

const MANAGER = /^\/redfish\/v1\/Managers\/[^/]+$/;

function lastOf(path: string): string {
  return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
}

/** A board just switched on. */
export function createBmcState(options: BmcStateOptions, off: AbortSignal): BmcState {
  const { flavour, managers, accounts, resources, clock } = options;
  const given = Object.entries(resources).filter(([path, body]) => MANAGER.test(path) && !('Members' in body));
  return {
    managers: new Map([
      ...managers.map((id): [string, MutableObject] => [id, managerResource(flavour, id)]),
      ...given.map(([path, body]): [string, MutableObject] => [lastOf(path), structuredClone(body) as MutableObject]),
    ]),
    accounts: new Accounts(accounts),
    faults: new Faults(),
    tasks: new Tasks(),
    clock,
    resources: new Map(Object.entries(resources).filter(([path]) => !given.some(([other]) => other === path))),
    later(moment, act) {
      clock.sleep(moment, off).then(act, () => undefined);
    },
  };
}
