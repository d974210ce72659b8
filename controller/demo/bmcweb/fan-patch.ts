import { isObject, type Json, type JsonObject } from '../../../definitions/values/json.ts';
import { type Message, message } from '../bmc/messages.ts';
import { complaints, type ValueKind } from '../bmc/request.ts';
import type { MutableObject } from '../machine/resource.ts';
import { entryHead, zoneDefaults } from './manager-resource.ts';

/** Properties that must be numbers. */
const numbers = (names: string): Record<string, ValueKind> =>
  Object.fromEntries(names.split(' ').map((name): [string, ValueKind] => [name, 'number']));

const CONTROLLER_KINDS: Readonly<Record<string, ValueKind>> = {
  ...numbers('DCoefficient FFGainCoefficient FFOffCoefficient ICoefficient ILimitMax ILimitMin NegativeHysteresis'),
  ...numbers('OutLimitMax OutLimitMin PCoefficient PositiveHysteresis SetPoint SlewNeg SlewPos'),
  CheckHysteresisWithSetpoint: 'string',
  Inputs: 'strings',
  Outputs: 'strings',
  SetPointOffset: 'string',
  Zones: 'any',
};

/** One of the four maps of the fan tree. */
interface Container {
  readonly key: string;
  readonly kinds: Readonly<Record<string, ValueKind>>;
  /** Maps in which an ID is looked for: a PID controller and a fan controller are one kind of thing to bmcweb. */
  readonly among: readonly string[];
  /** Writes that bmcweb makes besides the properties given. */
  readonly besides: number;
}

const CONTROLLERS = ['PidControllers', 'FanControllers'];
/** In the order in which bmcweb carries them out. */
const CONTAINERS: readonly Container[] = [
  { key: 'PidControllers', kinds: CONTROLLER_KINDS, among: CONTROLLERS, besides: 1 },
  { key: 'FanControllers', kinds: CONTROLLER_KINDS, among: CONTROLLERS, besides: 1 },
  {
    key: 'FanZones',
    kinds: { ...numbers('FailSafePercent MinThermalOutput'), Chassis: 'object' },
    among: ['FanZones'],
    besides: 2,
  },
  {
    key: 'StepwiseControllers',
    kinds: { Direction: 'string', Inputs: 'strings', Steps: 'any', Zones: 'any' },
    among: ['StepwiseControllers'],
    besides: 2,
  },
];

/** What a PATCH of the fan tree came to. What was applied before an error stays applied, as on bmcweb. */
export interface FanAnswer {
  readonly successes: readonly Message[];
  readonly errors: readonly Message[];
  /** Refused before anything was tried. */
  readonly refused?: boolean;
}

/** Decides whether the board's own services take a write; `false` makes it an internal error. */
type Backend = (property: string) => boolean;

/** What the fan tree's writes depend on. */
export interface FanServices {
  readonly backend: Backend;
  /** The board has a thermal mode to set. */
  readonly profiles: boolean;
}

/** bmcweb writes the one and reads the other: a fault of its own that clients must see through. */
const OFFSETS: Readonly<Record<string, string>> = {
  UpperThresholdNonCritical: 'LowerThresholdNonCritical',
  LowerThresholdNonCritical: 'UpperThresholdNonCritical',
  UpperThresholdCritical: 'UpperThresholdCritical',
  LowerThresholdCritical: 'LowerThresholdCritical',
};

/** Carries out a PATCH of `Oem.OpenBmc.Fan` in place, object by object, until one is refused. */
export function patchFan(fan: MutableObject, patch: JsonObject, { backend, profiles }: FanServices): FanAnswer {
  const maps: [string, ValueKind][] = CONTAINERS.map(({ key }) => [key, 'object']);
  const refused = complaints(patch, { Profile: 'string', ...Object.fromEntries(maps) });
  if (refused.length > 0) return { successes: [], errors: refused, refused: true };
  const successes: Message[] = [];
  const profile = patch['Profile'];
  if (typeof profile === 'string') {
    const errors = setProfile(fan, profile, profiles, backend);
    if (errors.length > 0) return { successes, errors };
  }
  for (const container of CONTAINERS) {
    const objects = patch[container.key];
    if (!isObject(objects)) continue;
    for (const id of Object.keys(objects).sort()) {
      const answer = patchObject(fan, container, id, objects[id] as Json, backend);
      successes.push(...answer.successes);
      if (answer.errors.length > 0) return { successes, errors: answer.errors };
    }
  }
  return { successes, errors: [] };
}

function setProfile(fan: MutableObject, profile: string, profiles: boolean, backend: Backend): Message[] {
  const allowed = profiles ? (fan['Profile@Redfish.AllowableValues'] as readonly Json[]) : [];
  if (!allowed.includes(profile)) return [message('ActionParameterUnknown', 'Profile', profile)];
  if (!backend('Profile')) return [message('InternalError')];
  fan['Profile'] = profile;
  return [];
}

function patchObject(fan: MutableObject, container: Container, id: string, value: Json, backend: Backend): FanAnswer {
  const fail = (...errors: Message[]): FanAnswer => ({ successes: [], errors });
  const [map, name] = find(fan, container, id);
  if (value === null) {
    if (!map || name === undefined) return fail(message('PropertyValueNotInList', 'null', id));
    delete map[name];
    return { successes: [message('Success')], errors: [] };
  }
  if (!isObject(value)) return fail(message('UnrecognizedRequestBody'));
  const object = map && name !== undefined ? (map[name] as MutableObject) : undefined;
  const wrong = complaints(value, kindsOf(container, object));
  if (wrong.length > 0) return fail(...wrong);
  if (!object) return container.key === 'FanZones' ? createZone(fan, id, value) : fail(message('InternalError'));
  const reasons = Object.keys(value).flatMap((key) => refusal(id, key, value[key] as Json));
  if (reasons.length > 0) return fail(...reasons);
  return write(object, value, container.besides, backend);
}

/** A property that this board has beyond bmcweb's list may be written with what it holds now. */
function kindsOf(container: Container, object: MutableObject | undefined): Readonly<Record<string, ValueKind>> {
  const extra = ['Multiplier', 'StepDown', 'StepUp'].filter((key) => object && Object.hasOwn(object, key));
  const hysteresis = container.key === 'StepwiseControllers' ? numbers('NegativeHysteresis PositiveHysteresis') : {};
  return { ...container.kinds, ...hysteresis, ...numbers(extra.join(' ')) };
}

/** On D-Bus names have blanks where their URIs have underscores, so both find the object. */
function find(fan: MutableObject, container: Container, id: string): [MutableObject, string] | [] {
  for (const key of container.among) {
    const map = fan[key] as MutableObject;
    const name = Object.keys(map).find((each) => !each.includes('@') && each === id.replaceAll(' ', '_'));
    if (name !== undefined) return [map, name];
  }
  return [];
}

function createZone(fan: MutableObject, id: string, value: JsonObject): FanAnswer {
  const chassis = isObject(value['Chassis']) ? value['Chassis']['@odata.id'] : undefined;
  if (chassis === undefined) return { successes: [], errors: [message('InternalError')] };
  if (chassis !== '/redfish/v1/Chassis/Baseboard') {
    return { successes: [], errors: [message('ResourceMissingAtURI', String(chassis))] };
  }
  const zones = fan['FanZones'] as MutableObject;
  const path = `${zones['@odata.id']}/${id}`;
  const { FailSafePercent: _, ...defaults } = zoneDefaults();
  zones[id] = { ...entryHead(path, 'FanZone'), ...defaults, ...value };
  return { successes: [message('Success')], errors: [] };
}

function refusal(id: string, key: string, value: Json): Message[] {
  if (key === 'SetPointOffset' && !Object.hasOwn(OFFSETS, String(value))) {
    return [message('PropertyValueNotInList', JSON.stringify(id), key)];
  }
  if (key === 'CheckHysteresisWithSetpoint' && value !== 'Input' && value !== 'Setpoint') {
    return [message('PropertyValueNotInList', JSON.stringify(id), key)];
  }
  if (key === 'Direction' && value !== 'Ceiling' && value !== 'Floor') {
    return [message('PropertyValueTypeError', '"Direction"', String(value))];
  }
  if (key === 'Zones') return badReferences(value);
  return key === 'Steps' ? badSteps(value) : [];
}

function badReferences(value: Json): Message[] {
  if (!Array.isArray(value)) return [message('PropertyValueTypeError', JSON.stringify(value), 'Zones')];
  if (value.length === 0) return [message('PropertyValueFormatError', '[]', 'Zones')];
  return value.flatMap((each: Json) => {
    if (!isObject(each)) return [message('PropertyValueTypeError', JSON.stringify(each), 'Zones')];
    const good = /#\/Oem\/OpenBmc\/Fan\/FanZones\/[^/]+$/.test(String(each['@odata.id']));
    return good ? [] : [message('PropertyValueFormatError', '{"@odata.id":""}', 'Zones')];
  });
}

function badSteps(value: Json): Message[] {
  if (!Array.isArray(value)) return [message('PropertyValueTypeError', JSON.stringify(value), 'Steps')];
  return value.flatMap((step: Json) => {
    if (!isObject(step)) return [message('PropertyValueTypeError', JSON.stringify(step), 'Steps')];
    const missing = ['Output', 'Target'].filter((key) => !Object.hasOwn(step, key));
    if (missing.length > 0) return missing.map((key) => message('PropertyMissing', key));
    return complaints(step, { Output: 'number', Target: 'number' });
  });
}

function write(object: MutableObject, value: JsonObject, besides: number, backend: Backend): FanAnswer {
  const answers = Array.from({ length: besides }, () => backend(''));
  for (const [key, given] of Object.entries(value)) {
    if (key === 'Chassis') continue;
    const taken = backend(key);
    answers.push(...(key === 'Steps' ? [taken, taken] : [taken]));
    if (taken) object[key] = stored(key, given);
  }
  return {
    successes: answers.filter((taken) => taken).map(() => message('Success')),
    errors: answers.filter((taken) => !taken).map(() => message('InternalError')),
  };
}

function stored(key: string, value: Json): Json {
  if (key === 'SetPointOffset') return OFFSETS[String(value)] ?? value;
  if (key !== 'Inputs' && key !== 'Outputs') return value;
  return (value as readonly string[]).map((name) => name.replaceAll('_', ' '));
}
