import type { Json, JsonObject } from '../../definitions/values/json.ts';
import { own } from '../../definitions/values/json.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Account } from './bmc/accounts.ts';
import { type Certificate, newCertificate, sharedCertificate } from './bmc/certificate.ts';
import type { Faults } from './bmc/faults.ts';
import { type Listener, listen } from './bmc/listener.ts';
import { managerNow } from './bmc/manager-routes.ts';
import { createBmcState } from './bmc/state.ts';
import type { Flavour } from './bmc/tree.ts';

export type { Account } from './bmc/accounts.ts';
export type { Fault } from './bmc/faults.ts';

const MAX_REQUESTS_KEPT = 1000;

/** How a simulated BMC is set up; everything has a default. */
export interface BmcOptions {
  /** `demo` has what the example jobs patch, `openbmc` is a stock board. */
  readonly flavour?: Flavour;
  /** IDs of its managers; `bmc` alone by default. */
  readonly managers?: readonly string[];
  /** The administrator's name, `root` by default. */
  readonly username?: string;
  /** The administrator's password, `0penBmc` by default. */
  readonly password?: string;
  /** Further accounts. */
  readonly accounts?: readonly Account[];
  /** Plain HTTP instead of TLS. */
  readonly plain?: boolean;
  /** A certificate of its own instead of the one that all BMCs of the process share. */
  readonly ownCertificate?: boolean;
  /** Any free port by default. */
  readonly port?: number;
  /** Resources by path, in place of its own; a manager among them can be patched like one of its own. */
  readonly resources?: Readonly<Record<string, JsonObject>>;
  readonly clock?: Clock;
}

/** A request that a BMC got: neither headers nor body, so no secret. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly time: Date;
}

/** A running simulated BMC. */
export interface Bmc {
  /** `https://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** PEM; empty in plain HTTP. */
  readonly certificate: string;
  /** `sha256:…` as an inventory has it; empty in plain HTTP. */
  readonly fingerprint: string;
  /** The last requests, oldest first. */
  readonly requests: readonly SeenRequest[];
  readonly faults: Faults;
  /** Logins that have not logged out. */
  readonly sessions: number;
  /** The managers that it holds, by ID. */
  state(): { readonly [manager: string]: JsonObject };
  /** A value of the first manager, by its path below it: `get('Oem/OpenBmc/Fan/Profile')`. */
  get(path: string): Json | undefined;
  /** Changes, or without a value removes, something of the first manager behind everybody's back. */
  put(path: string, value: Json | undefined): void;
  /** Goes off the line, and comes back at once or after so long; sessions are gone, what it held stays. */
  restart(downMs?: number): Promise<void>;
  /** Serves a new certificate from now on, on the same port. */
  changeCertificate(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a simulated BMC on the loopback. It speaks Redfish as OpenBMC's bmcweb does, faults included on demand. */
export async function startBmc(options: BmcOptions = {}): Promise<Bmc> {
  const off = new AbortController();
  const clock = options.clock ?? systemClock;
  const root: Account = {
    username: options.username ?? 'root',
    password: options.password ?? '0penBmc',
    role: 'Administrator',
  };
  const state = createBmcState(
    {
      flavour: options.flavour ?? 'demo',
      managers: options.managers ?? ['bmc'],
      accounts: [root, ...(options.accounts ?? [])],
      resources: options.resources ?? {},
      clock,
    },
    off.signal,
  );
  const requests: SeenRequest[] = [];
  const saw = ({ method = '', url = '' }: { method?: string | undefined; url?: string | undefined }) => {
    requests.push({ method, path: url, time: clock.now() });
    if (requests.length > MAX_REQUESTS_KEPT) requests.shift();
  };
  let certificate = await pickCertificate(options);
  let listener: Listener = await listen(state, options.port ?? 0, certificate, saw, off.signal);
  const { port } = listener;
  const reopen = async () => {
    listener = await listen(state, port, certificate, saw, off.signal);
  };
  const first = () => state.managers.values().next().value ?? {};
  return {
    endpoint: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    get certificate() {
      return certificate?.certificate ?? '';
    },
    get fingerprint() {
      return certificate?.fingerprint ?? '';
    },
    requests,
    faults: state.faults,
    get sessions() {
      return state.accounts.all().filter((each) => !each.hidden).length;
    },
    state: () => Object.fromEntries([...state.managers].map(([id, held]) => [id, managerNow(state, held)])),
    get: (path) => valueAt(managerNow(state, first()), path),
    put(path, value) {
      const keys = path.split('/');
      const last = keys.pop() ?? '';
      const holder = keys.reduce((at, key) => at[key] as ReturnType<typeof first>, first());
      if (value === undefined) delete holder[last];
      else holder[last] = value;
    },
    async restart(downMs = 0) {
      await listener.close();
      state.accounts.forget();
      if (downMs === 0) await reopen();
      else state.later(new Date(clock.now().getTime() + downMs), () => void reopen());
    },
    async changeCertificate() {
      certificate = await newCertificate();
      await listener.close();
      await reopen();
    },
    async close() {
      off.abort();
      await listener.close();
    },
  };
}

function pickCertificate({ plain, ownCertificate }: BmcOptions): Promise<Certificate | undefined> {
  if (plain) return Promise.resolve(undefined);
  return ownCertificate ? newCertificate() : sharedCertificate();
}

function valueAt(resource: JsonObject, path: string): Json | undefined {
  return path.split('/').reduce<Json | undefined>((value, key) => own(value, key), resource);
}
