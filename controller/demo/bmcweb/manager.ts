import { isObject, type Json, type JsonObject } from '../../../definitions/values/json.ts';
import { etagOf, notFound, type Reply, refuse } from '../bmc/answer.ts';
import { writeWithFaults } from '../bmc/faulty-write.ts';
import { errorOf, type Message, message } from '../bmc/messages.ts';
import { complaints, readBody, readQuery, select } from '../bmc/request.ts';
import type { Asked, BmcState } from '../bmc/state.ts';
import type { MutableObject } from '../machine/resource.ts';
import { type FanServices, patchFan } from './fan-patch.ts';

const ALLOW = 'GET, PATCH';
const LONGEST_IDENTIFICATION = 99;

/** The manager as it is read at this moment. */
export function managerNow(state: BmcState, manager: MutableObject): JsonObject {
  const now = state.restarts.now(String(manager['Id']));
  const shown = structuredClone({ ...manager, DateTime: now.dateTime }) as MutableObject;
  if ('LastResetTime' in shown && now.lastReset) shown['LastResetTime'] = now.lastReset;
  const openBmc = (shown['Oem'] as MutableObject | undefined)?.['OpenBmc'] as MutableObject | undefined;
  const fan = openBmc?.['Fan'] as MutableObject | undefined;
  if (fan && state.faults.present('no-thermalmode')) {
    delete fan['Profile'];
    fan['Profile@Redfish.AllowableValues'] = [];
  }
  if (openBmc && state.faults.present('no-fan')) delete openBmc['Fan'];
  if (state.faults.present('starting') || now.starting) (shown['Status'] as MutableObject)['State'] = 'Starting';
  return shown as JsonObject;
}

/** GET of a manager. The fan part answers last and drops two headers: bmcweb's own habit. */
export function getManager(state: BmcState, asked: Asked, id: string): Reply {
  const manager = state.managers.get(id);
  if (!manager) return notFound(ALLOW, 'Manager', id);
  const query = readQuery(asked.query);
  if (query.refusal) return refuse(query.refusal.status, ALLOW, query.refusal.message);
  const resource = managerNow(state, manager);
  if (query.only || query.top !== undefined || query.skip !== undefined) {
    return { status: 400, body: { ...resource, error: errorOf([message('QueryNotSupportedOnResource')]) } };
  }
  if (state.faults.strike('odd-property', asked.method, asked.path)) {
    return { status: 500, body: spoilt(resource) };
  }
  return { status: 200, etag: etagOf(resource), body: query.select ? select(resource, query.select) : resource };
}

/** The walk over the fan tree stopped early: at the set point of the first PID controller, before the curves. */
function spoilt(resource: JsonObject): JsonObject {
  const shown = structuredClone(resource) as unknown as MutableObject;
  const fan = ((shown['Oem'] as MutableObject)['OpenBmc'] as MutableObject)['Fan'] as MutableObject;
  for (const [key, value] of Object.entries(fan['StepwiseControllers'] as MutableObject)) {
    if (typeof value === 'object') delete (fan['StepwiseControllers'] as MutableObject)[key];
  }
  const [first] = Object.values(fan['PidControllers'] as MutableObject).filter((each) => typeof each === 'object');
  delete (first as MutableObject | undefined)?.['SetPoint'];
  return { ...(shown as JsonObject), error: errorOf([message('InternalError')]) };
}

/** PATCH of a manager, with whatever is wrong with this board. */
export function changeManager(state: BmcState, asked: Asked, id: string): Reply {
  const manager = state.managers.get(id);
  if (!manager) return notFound(ALLOW, 'Manager', id);
  const read = readBody(asked.headers['content-type'], asked.body);
  if ('refusal' in read) return refuse(400, ALLOW, read.refusal);
  return writeWithFaults(state, asked, { target: manager, patch: read.value, allow: ALLOW }, (target, value) =>
    patchManager(target, value, services(state)),
  );
}

function services(state: BmcState): Services {
  const fails = state.faults.present('set-fails');
  return {
    backend: (property) => !fails || (fails.property !== undefined && fails.property !== property),
    profiles: state.faults.present('no-thermalmode') === undefined,
    ntp: state.faults.present('ntp') !== undefined,
  };
}

/** What the board's other services would say at the moment. */
interface Services extends FanServices {
  /** The clock follows a time server, so it cannot be set. */
  readonly ntp: boolean;
}

/** Carries out a PATCH of a manager as bmcweb does, with its oddities: parts may apply although others are refused. */
function patchManager(manager: MutableObject, body: JsonObject, services: Services): Reply {
  const wrong = [...complaints(body, TOP_KINDS, { Oem: 'Oem/' }), ...wrongLinks(body['Links'])];
  if (wrong.length > 0) return refuse(400, ALLOW, ...wrong);
  const oem = body['Oem'];
  const wrongOem = isObject(oem) ? oemComplaints(oem) : [];
  if (wrongOem.length > 0) return refuse(400, ALLOW, ...wrongOem);
  const top = patchTop(manager, body, services);
  const openBmc = isObject(oem) && isObject(oem['OpenBmc']) ? oem['OpenBmc'] : undefined;
  return openBmc ? withOem(manager, openBmc, top, services) : topOnly(body, top);
}

const TOP_KINDS = {
  DateTime: 'string',
  Links: 'object',
  LocationIndicatorActive: 'boolean',
  Oem: 'object',
  ServiceIdentification: 'string',
  TimeZoneName: 'string',
} as const;

interface Top {
  readonly status: number;
  readonly messages: readonly Message[];
  readonly errors: readonly Message[];
}

function wrongLinks(links: Json | undefined): Message[] {
  const image = isObject(links) ? links['ActiveSoftwareImage'] : undefined;
  if (image === undefined || isObject(image)) return [];
  return [message('PropertyValueTypeError', JSON.stringify(image), 'ActiveSoftwareImage/')];
}

function oemComplaints(oem: JsonObject): Message[] {
  const wrong = complaints(oem, { OpenBmc: 'object' }, { OpenBmc: 'OpenBmc/' });
  if (wrong.length > 0 || !isObject(oem['OpenBmc'])) return wrong;
  return complaints(oem['OpenBmc'], { Fan: 'object' }, { Fan: 'Fan/' });
}

function patchTop(manager: MutableObject, body: JsonObject, services: Services): Top {
  const fail = (status: number, error: Message): Top => ({ status, messages: [], errors: [error] });
  const name = body['ServiceIdentification'];
  if (typeof name === 'string') {
    if (name.length > LONGEST_IDENTIFICATION) {
      return fail(400, message('StringValueTooLong', 'ServiceIdentification', String(LONGEST_IDENTIFICATION)));
    }
    if (!/^[A-Za-z0-9 _-]*$/.test(name)) return fail(400, message('PropertyValueError', 'ServiceIdentification'));
    if (!services.backend('ServiceIdentification')) return fail(500, message('InternalError'));
    manager['ServiceIdentification'] = name;
    return { status: 200, messages: [message('Success')], errors: [] };
  }
  const time = body['DateTime'];
  if (typeof time === 'string') {
    if (Number.isNaN(Date.parse(time))) {
      return fail(400, message('PropertyValueFormatError', JSON.stringify(time), 'DateTime'));
    }
    if (!services.ntp) return { status: 204, messages: [], errors: [] };
    return fail(400, message('PropertyValueConflict', 'DateTime', 'Managers/NetworkProtocol/NTPProtocolEnabled'));
  }
  return lesserProperty(manager, body) ?? { status: 200, messages: [], errors: [] };
}

/** This board has no time zone service, no locating light and no second image: bmcweb says so in three ways. */
function lesserProperty(manager: MutableObject, body: JsonObject): Top | undefined {
  if (body['LocationIndicatorActive'] !== undefined) {
    return {
      status: 404,
      messages: [],
      errors: [message('ResourceNotFound', 'Manager', String(manager['Id']))],
    };
  }
  if (body['TimeZoneName'] === undefined && body['Links'] === undefined) return undefined;
  return { status: 500, messages: [], errors: [message('InternalError')] };
}

function topOnly(body: JsonObject, top: Top): Reply {
  if (top.errors.length > 0) return refuse(top.status, ALLOW, ...top.errors);
  if (top.messages.length === 0) {
    return { status: body['Oem'] ? 200 : top.status, allow: ALLOW, odata: true };
  }
  const answer = { '@Message.ExtendedInfo': top.messages };
  return { status: 200, allow: ALLOW, odata: true, etag: etagOf(answer), body: answer };
}

/** The fan part runs after the main handler and decides the status: an error of the main part stays in a 200. */
function withOem(manager: MutableObject, openBmc: JsonObject, top: Top, services: Services): Reply {
  const current = (manager['Oem'] as MutableObject | undefined)?.['OpenBmc'] as MutableObject | undefined;
  const patch = openBmc['Fan'];
  if (isObject(patch) && !current?.['Fan']) return refuse(400, ALLOW, message('PropertyUnknown', 'Oem'));
  const fan = isObject(patch)
    ? patchFan(current?.['Fan'] as MutableObject, patch, services)
    : { successes: [], errors: [], refused: false };
  if (fan.refused) return refuse(400, ALLOW, ...fan.errors);
  const errors = [...top.errors, ...fan.errors];
  const body: JsonObject = {
    ...(top.messages.length > 0 ? { '@Message.ExtendedInfo': top.messages } : {}),
    ...(fan.successes.length > 0 ? { Oem: { OpenBmc: { '@Message.ExtendedInfo': fan.successes } } } : {}),
    ...(errors.length > 0 ? { error: errorOf(errors) } : {}),
  };
  if (Object.keys(body).length === 0) return { status: 200 };
  const internal = fan.errors.some((each) => String(each['MessageId']).endsWith('.InternalError'));
  const status = fan.errors.length === 0 ? 200 : internal ? 500 : 400;
  return { status, body, etag: status === 200 ? etagOf(body) : undefined };
}
