import { isObject, type Json, type JsonObject } from '../../../definitions/values/json.ts';
import type { Account } from '../bmc/accounts.ts';
import type { Preset, ResetAction } from '../presets/preset.ts';
import { collectionsFor } from './collections.ts';
import type { Host } from './host.ts';
import { accepted, advertisedReset, orderHost, resetResources } from './reset.ts';
import { type BoardResource, type MutableObject, readOnly } from './resource.ts';
import { schemaDocuments, serviceBodies, serviceRoot, TEST_EVENT } from './services.ts';

const ROOT = '/redfish/v1';
const FIRST_RESET = '2026-01-01T00:00:00+00:00';

/** A manager as it is at this moment. */
export interface ManagerNow {
  readonly dateTime: string;
  /** Absent until it has restarted. */
  readonly lastReset?: string;
  readonly starting: boolean;
}

export interface TreeOptions {
  readonly preset: Preset;
  /** IDs of its managers. */
  readonly managers: readonly string[];
  readonly accounts: readonly Account[];
  readonly host: Host;
  managerNow(id: string): ManagerNow;
  /** Restarts a manager, values and all where it forgets them. */
  restart(manager: string): void;
}

/** Everything that a preset's BMC has beside bmcweb's managers, sessions and running tasks; by path. */
export function createResourceTree(options: TreeOptions): Map<string, BoardResource> {
  const { preset, managers, accounts, host } = options;
  const rules = preset.writable(managers);
  const resets = preset.resets(managers);
  const bodies = Object.entries({ ...serviceBodies(preset, accounts), ...preset.bodies(managers) });
  const tree = new Map<string, BoardResource>();
  for (const [path, body] of bodies) {
    const writable = rules[path];
    const given = withIdentity(path, body, resets);
    const live = liveOf(path, options);
    const base = writable ? { allow: 'GET, HEAD, PATCH', rules: writable, role: roleOf(path) } : {};
    tree.set(path, readOnly(given, { ...base, ...MORE[path], ...(live ? { live } : {}) }));
  }
  for (const reset of resets) {
    const manager = /^Managers\/(.+)$/.exec(reset.at)?.[1];
    const act = manager === undefined ? orderHost(host, preset.habits) : () => void options.restart(manager);
    for (const [path, resource] of resetResources(reset, preset.habits, act)) tree.set(path, resource);
  }
  if (preset.fans) for (const id of managers) tree.set(...resetToDefaults(id, options));
  const managed = preset.fans ? managers.map((id) => `Managers/${id}`) : [];
  const linked = [
    ...bodies.flatMap(([, body]) => linksIn(body)),
    ...managed.flatMap(linksOfBmcweb),
    ...preset.services,
  ];
  for (const [path, made] of collectionsFor([...bodies.map(([path]) => path), ...managed], linked))
    tree.set(path, made);
  addDocuments(tree, preset, managers);
  addEffects(tree, options);
  const whole = [...tree].map(([path, resource]): [string, BoardResource] => [
    path === '' ? ROOT : `${ROOT}/${path}`,
    resource,
  ]);
  return new Map([['/redfish', readOnly({ v1: `${ROOT}/` })], ...whole]);
}

const TIMEOUT = { kind: 'number', least: 30, most: 86_400 } as const;

const MORE: Readonly<Record<string, Partial<BoardResource>>> = {
  SessionService: {
    allow: 'GET, HEAD, PATCH',
    schema: 'SessionService/SessionService',
    rules: { SessionTimeout: TIMEOUT },
  },
};

function roleOf(path: string): 'Administrator' | 'Operator' {
  return /^(Managers|Chassis\/.*\/(Controls|EnvironmentMetrics|Power)|.*EnvironmentMetrics$)/.test(path)
    ? 'Administrator'
    : 'Operator';
}

function withIdentity(path: string, body: JsonObject, resets: readonly ResetAction[]): JsonObject {
  const actions = resets.filter(({ at }) => at === path).map(advertisedReset);
  return {
    '@odata.id': `${ROOT}/${path}`,
    Id: decodeURIComponent(path.slice(path.lastIndexOf('/') + 1)),
    ...body,
    ...(actions.length > 0 ? { Actions: Object.assign({}, ...actions) } : {}),
  };
}

/** What a resource shows of the host and of time. */
function liveOf(path: string, { preset, host, managerNow }: TreeOptions): (() => JsonObject) | undefined {
  const { bootProgress, lastResetTime } = preset.habits;
  if (path === preset.host.system) {
    return () => {
      const { power, progress, lastReset } = host.now();
      const told = bootProgress === 'stages' ? progress : power === 'Off' ? 'None' : 'OSRunning';
      return {
        PowerState: power,
        ...(bootProgress === 'absent' ? {} : { BootProgress: { LastState: told } }),
        ...(lastResetTime ? { LastResetTime: lastReset } : {}),
      };
    };
  }
  if (preset.host.chassis.includes(path)) return () => ({ PowerState: host.now().power });
  if (path === 'TaskService') return () => ({ DateTime: managerNow(preset.managers[0] ?? '').dateTime });
  const manager = /^Managers\/([^/]+)$/.exec(path)?.[1];
  if (manager === undefined) return undefined;
  return () => {
    const { dateTime, lastReset, starting } = managerNow(manager);
    return {
      DateTime: dateTime,
      ...(lastResetTime ? { LastResetTime: lastReset ?? FIRST_RESET } : {}),
      ...(starting ? { Status: { Health: 'OK', State: 'Starting' } } : {}),
    };
  };
}

/** Paths below `/redfish/v1/` that a body links to. */
function linksIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(linksIn);
  if (!isObject(value)) return [];
  const path = value['@odata.id'];
  const here = typeof path === 'string' ? [(path.split('#', 1)[0] ?? '').slice(ROOT.length + 1)] : [];
  return [...here, ...Object.values(value).flatMap(linksIn)];
}

function linksOfBmcweb(manager: string): readonly string[] {
  return ['EthernetInterfaces', 'LogServices', 'Truststore/Certificates'].map((name) => `${manager}/${name}`);
}

function resetToDefaults(id: string, { restart, preset }: TreeOptions): readonly [string, BoardResource] {
  const action: ResetAction = { at: `Managers/${id}`, of: 'Manager', values: ['ResetAll'], told: 'nowhere' };
  const [[, resource] = ['', readOnly({})]] = resetResources(action, preset.habits, () => void restart(id));
  return [`Managers/${id}/Actions/Manager.ResetToDefaults`, resource];
}

function addDocuments(tree: Map<string, BoardResource>, preset: Preset, managers: readonly string[]): void {
  const root = readOnly(serviceRoot(preset, managers), { allow: 'GET, HEAD', schema: 'ServiceRoot/ServiceRoot' });
  tree.set('', root);
  tree.set('ServiceRoot', root); // bmcweb's odata document names it so
  if (tree.has('EventService')) {
    tree.set(TEST_EVENT, { allow: 'POST', body: {}, act: () => accepted(preset.habits) });
  }
  tree.set('odata', readOnly(odata(preset), { plain: true }));
  tree.set('$metadata', readOnly({}, { text: { type: 'application/xml;charset=utf-8', content: METADATA } }));
  for (const [path, document] of Object.entries(schemaDocuments())) tree.set(path, readOnly(document, { plain: true }));
}

const METADATA = `<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">
  <edmx:DataServices>
    <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Service">
      <EntityContainer Name="Service" Extends="ServiceRoot.v1_0_0.ServiceContainer"/>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
`;

function odata(preset: Preset): JsonObject {
  const services = 'Systems Chassis Managers SessionService AccountService UpdateService'.split(' ');
  const paths = [
    ...['$metadata', 'odata', 'JsonSchemas', '', 'ServiceRoot'].map((name) => (name ? `${ROOT}/${name}` : ROOT)),
    ...services.filter((name) => preset.services.includes(name)).map((name) => `${ROOT}/${name}`),
  ];
  return {
    '@odata.context': `${ROOT}/$metadata`,
    value: paths.map((url) => ({ kind: 'Singleton', name: '$metadata', url })),
  };
}

/** What a PATCH brings with it: twin lights, excerpts of controls, managers that restart by themselves. */
function addEffects(tree: Map<string, BoardResource>, { preset, restart }: TreeOptions): void {
  const effects = new Map<string, (patch: JsonObject) => void>();
  for (const [path, { body }] of tree) {
    if ('IndicatorLED' in body && 'LocationIndicatorActive' in body)
      effects.set(path, (patch) => twoLights(body, patch));
    const manager = /^Managers\/(.+)\/NetworkProtocol$/.exec(path)?.[1];
    const restartsFor = preset.habits.restartsFor ?? [];
    if (manager !== undefined && restartsFor.length > 0) {
      effects.set(path, (patch) => {
        if (restartsFor.some((name) => name in patch)) restart(manager);
      });
    }
  }
  for (const { control, at, property } of preset.excerpts ?? []) {
    const [source, excerpt] = [tree.get(control)?.body, tree.get(at)?.body[property] as MutableObject | undefined];
    if (!source || !excerpt) continue;
    effects.set(control, (patch) => copyLimit(patch, excerpt));
    effects.set(at, (patch) => copyLimit((patch[property] ?? {}) as JsonObject, source));
  }
  for (const [path, written] of effects) {
    const resource = tree.get(path);
    if (resource) tree.set(path, { ...resource, written });
  }
}

function twoLights(body: MutableObject, patch: JsonObject): void {
  const active = patch['LocationIndicatorActive'];
  const led = patch['IndicatorLED'];
  if (typeof active === 'boolean') body['IndicatorLED'] = active ? 'Blinking' : 'Off';
  if (typeof led === 'string') body['LocationIndicatorActive'] = led === 'Blinking';
}

function copyLimit(patch: JsonObject, target: MutableObject): void {
  for (const name of ['SetPoint', 'ControlMode']) {
    const value = patch[name];
    if (value !== undefined) target[name] = value;
  }
}
