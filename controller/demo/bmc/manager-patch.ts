import { isObject, type Json, type JsonObject } from '../../../definitions/values/json.ts';
import { etagOf, type Reply, refuse } from './answer.ts';
import { complaints } from './body.ts';
import { type FanServices, patchFan } from './fan-patch.ts';
import { errorOf, type Message, message } from './messages.ts';
import type { Held } from './tree.ts';

const ALLOW = 'GET, PATCH';
const LONGEST_IDENTIFICATION = 99;

/** What the board's other services would say at the moment. */
export interface Services extends FanServices {
  /** The clock follows a time server, so it cannot be set. */
  readonly ntp: boolean;
}

/** Carries out a PATCH of a manager as bmcweb does, with its oddities: parts may apply although others are refused. */
export function patchManager(manager: Held, body: JsonObject, services: Services): Reply {
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

function patchTop(manager: Held, body: JsonObject, services: Services): Top {
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
function lesserProperty(manager: Held, body: JsonObject): Top | undefined {
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
function withOem(manager: Held, openBmc: JsonObject, top: Top, services: Services): Reply {
  const held = (manager['Oem'] as Held | undefined)?.['OpenBmc'] as Held | undefined;
  const patch = openBmc['Fan'];
  if (isObject(patch) && !held?.['Fan']) return refuse(400, ALLOW, message('PropertyUnknown', 'Oem'));
  const fan = isObject(patch)
    ? patchFan(held?.['Fan'] as Held, patch, services)
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
