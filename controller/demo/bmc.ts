import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { after, type Clock, systemClock } from '../clock.ts';
import type { Account } from './bmc/accounts.ts';
import { type Certificate, newCertificate, sharedCertificate } from './bmc/certificate.ts';
import type { Faults } from './bmc/faults.ts';
import { type Listener, listen } from './bmc/listener.ts';
import { shownNow } from './bmc/resource-routes.ts';
import { type SavedValues, takeUpValues, valuesOf } from './bmc/saved-values.ts';
import { type BmcState, createBmcState } from './bmc/state.ts';
import { managerNow } from './bmcweb/manager.ts';
import type { Host, HostHabits } from './machine/host.ts';
import type { MutableObject } from './machine/resource.ts';
import { RESTART_HABITS, type RestartHabits } from './machine/restarts.ts';
import { PRESETS, type PresetName } from './presets/index.ts';

export type { Account } from './bmc/accounts.ts';
export type { Fault } from './bmc/faults.ts';

const MAX_REQUESTS_KEPT = 1000;

/** How a simulated BMC is set up; everything has a default. */
export interface BmcOptions {
  /** Whose BMC it is; `demo` by default: an OpenBMC with what the example jobs patch. */
  readonly preset?: PresetName;
  /** IDs of its managers, in place of the preset's. */
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
  /** This certificate. */
  readonly certificate?: Certificate;
  /** Any free port by default. */
  readonly port?: number;
  /** Resources by path, in place of its own; a manager among them can be patched like one of its own. */
  readonly resources?: Readonly<Record<string, JsonObject>>;
  /** How its host boots, shuts down, and listens. */
  readonly host?: Partial<HostHabits>;
  /** How its managers restart. */
  readonly restarts?: Partial<RestartHabits>;
  /** Of its host; one that no other has by default. */
  readonly serialNumber?: string;
  /** What one of its preset held before, and whether its host ran. */
  readonly values?: SavedValues;
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
  /** What it holds that somebody may have set. */
  values(): SavedValues;
  readonly serialNumber: string;
  /** The host that it manages: what it shows, what it was asked. */
  readonly host: Pick<Host, 'now' | 'order' | 'orders'>;
  /** A resource as it is read now, by its path; undefined when there is none. */
  read(path: string): JsonObject | undefined;
  /** Changes, or without a value removes, a property of a resource: `write('/redfish/v1/Systems/1', 'Boot/…', …)`. */
  write(path: string, property: string, value: Json | undefined): void;
  /** Its managers as they are read now, by ID. */
  state(): { readonly [manager: string]: JsonObject };
  /** A value of the first manager, by its path below it: `get('Oem/OpenBmc/Fan/Profile')`. */
  get(path: string): Json | undefined;
  /** Changes, or without a value removes, something of the first manager behind everybody's back. */
  put(path: string, value: Json | undefined): void;
  /** Goes off the line, and comes back at once or after so long; sessions are gone, values stay. */
  restart(downMs?: number): Promise<void>;
  /** Serves a new certificate from now on, on the same port. */
  changeCertificate(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a simulated BMC on the loopback. It speaks Redfish as OpenBMC's bmcweb does, faults included on demand. */
export async function startBmc(options: BmcOptions = {}): Promise<Bmc> {
  const off = new AbortController();
  const state = stateOf(options, off.signal);
  const requests: SeenRequest[] = [];
  const server: BmcServer = {
    state,
    off,
    certificate: await pickCertificate(options),
    port: options.port ?? 0,
    listener: undefined,
    onRequest({ method = '', url = '' }) {
      requests.push({ method, path: url, time: state.clock.now() });
      if (requests.length > MAX_REQUESTS_KEPT) requests.shift();
    },
  };
  await open(server);
  state.restarts.habits = { ...RESTART_HABITS, ...options.restarts };
  state.restarts.takeDown = () => takeDown(server);
  const scheme = server.certificate ? 'https' : 'http';
  return {
    endpoint: `${scheme}://127.0.0.1:${server.port}`,
    get certificate() {
      return server.certificate?.certificate ?? '';
    },
    get fingerprint() {
      return server.certificate?.fingerprint ?? '';
    },
    requests,
    faults: state.faults,
    get sessions() {
      return state.accounts.all().filter((session) => !session.hidden).length;
    },
    values: () => valuesOf(state),
    serialNumber: state.serialNumber,
    host: state.host,
    read: (path) => readNow(state, path),
    write(path, property, value) {
      const resource = state.tree.get(path)?.body ?? state.managers.get(path.slice(path.lastIndexOf('/') + 1));
      if (!resource) throw new Error(`this BMC has no ${path}`);
      putAt(resource, property, value);
    },
    state: () => Object.fromEntries([...state.managers].map(([id, manager]) => [id, managerNow(state, manager)])),
    get: (path) => valueAt(managerNow(state, firstManager(state)), path),
    put: (path, value) => putAt(firstManager(state), path, value),
    restart: (downMs = 0) => restart(server, downMs),
    async changeCertificate() {
      server.certificate = await newCertificate();
      await server.listener?.close();
      await open(server);
    },
    async close() {
      off.abort();
      await server.listener?.close();
    },
  };
}

interface BmcServer {
  readonly state: BmcState;
  readonly off: AbortController;
  readonly onRequest: (request: IncomingMessage) => void;
  /** Undefined in plain HTTP. */
  certificate: Certificate | undefined;
  /** 0 for any free one, until it listens for the first time. */
  port: number;
  listener: Listener | undefined;
}

async function open(server: BmcServer): Promise<void> {
  const { state, port, certificate, onRequest, off } = server;
  server.listener = await listen(state, { port, certificate, onRequest, off: off.signal });
  server.port = server.listener.port;
}

async function restart(server: BmcServer, downMs: number): Promise<void> {
  const { state } = server;
  await server.listener?.close();
  state.accounts.forget();
  if (downMs === 0) await open(server);
  else state.later(after(state.clock, downMs), () => void open(server));
}

/** A restart that somebody asked for: it answers on for a moment, is gone, and comes back. */
function takeDown(server: BmcServer): void {
  const { state } = server;
  const { servesOnMs, downMs } = state.restarts.habits;
  state.later(after(state.clock, servesOnMs), () => {
    state.accounts.forget();
    void server.listener?.close();
    if (!Number.isFinite(downMs)) return;
    state.later(after(state.clock, downMs), () => {
      state.restarts.isUp();
      void open(server);
    });
  });
}

function stateOf(options: BmcOptions, off: AbortSignal): BmcState {
  const { preset = 'demo', managers, accounts = [], resources = {}, values, clock = systemClock } = options;
  const host = { ...(values ? { power: values.power } : {}), ...options.host };
  const root: Account = {
    username: options.username ?? 'root',
    password: options.password ?? '0penBmc',
    role: 'Administrator',
  };
  const all = [root, ...accounts];
  const serialNumber = options.serialNumber ?? `SIM${randomBytes(4).toString('hex').toUpperCase()}`;
  const parts = { managers, accounts: all, resources, host, serialNumber, clock };
  const state = createBmcState({ preset: PRESETS[preset], ...parts }, off);
  if (values) takeUpValues(state, values);
  return state;
}

function pickCertificate({ plain, ownCertificate, certificate }: BmcOptions): Promise<Certificate | undefined> {
  if (plain) return Promise.resolve(undefined);
  if (certificate) return Promise.resolve(certificate);
  return ownCertificate ? newCertificate() : sharedCertificate();
}

function readNow(state: BmcState, path: string): JsonObject | undefined {
  const resource = state.tree.get(path);
  if (resource) return shownNow(resource);
  const manager = state.managers.get(path.slice(path.lastIndexOf('/') + 1));
  return path.startsWith('/redfish/v1/Managers/') && manager ? managerNow(state, manager) : undefined;
}

function firstManager(state: BmcState): MutableObject {
  return state.managers.values().next().value ?? {};
}

function valueAt(resource: JsonObject, path: string): Json | undefined {
  return path.split('/').reduce<Json | undefined>((value, key) => own(value, key), resource);
}

function putAt(manager: MutableObject, path: string, value: Json | undefined): void {
  const keys = path.split('/');
  const last = keys.pop() ?? '';
  const holder = keys.reduce((object, key) => object[key] as MutableObject, manager);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
}
