import type { JsonObject } from '../../../definitions/values/json.ts';
import { type Reply, refuse } from '../bmc/answer.ts';
import { type Message, message } from '../bmc/messages.ts';
import { complaints } from '../bmc/request.ts';
import type { Habits } from '../presets/habits.ts';
import type { ResetAction } from '../presets/preset.ts';
import type { Host } from './host.ts';
import { type BoardResource, type MutableObject, readOnly } from './resource.ts';

const ROOT = '/redfish/v1/';
const SWITCHING_ON = ['On', 'ForceOn'];
const SWITCHING_OFF = ['ForceOff', 'GracefulShutdown'];

/** What a Reset does that was found right. */
export type DoReset = (type: string) => Reply | undefined;

/** What a resource says of its Reset. */
export function advertisedReset({ at, of, values, told }: ResetAction): JsonObject {
  return {
    [`#${of}.Reset`]: {
      ...(told === 'ActionInfo' ? { '@Redfish.ActionInfo': `${ROOT}${at}/ResetActionInfo` } : {}),
      ...(told === 'AllowableValues' ? { 'ResetType@Redfish.AllowableValues': values } : {}),
      target: `${ROOT}${at}/Actions/${of}.Reset`,
    },
  };
}

/** The resources of a Reset by path below `/redfish/v1/`: where it is sent, and where its values are told. */
export function resetResources(
  reset: ResetAction,
  habits: Habits,
  act: DoReset,
): readonly (readonly [string, BoardResource])[] {
  const { at, of, values, told } = reset;
  const target: BoardResource = {
    allow: 'POST',
    body: {} as MutableObject,
    role: of === 'Manager' ? 'Administrator' : 'Operator',
    act(parameters) {
      const wrong = wrongParameters(parameters, reset, habits);
      if (wrong.length > 0) return refuse(400, 'POST', ...wrong);
      return act(String(parameters['ResetType'])) ?? accepted(habits);
    },
  };
  const info = readOnly({
    '@odata.id': `${ROOT}${at}/ResetActionInfo`,
    '@odata.type': '#ActionInfo.v1_1_2.ActionInfo',
    Id: 'ResetActionInfo',
    Name: 'Reset Action Info',
    Parameters: [{ AllowableValues: values, DataType: 'String', Name: 'ResetType', Required: true }],
  });
  const targets: [string, BoardResource] = [`${at}/Actions/${of}.Reset`, target];
  return told === 'ActionInfo' ? [targets, [`${at}/ResetActionInfo`, info]] : [targets];
}

function wrongParameters(parameters: JsonObject, { of, values }: ResetAction, { readOnly: bmcweb }: Habits): Message[] {
  const wrong = complaints(parameters, { ResetType: 'string' });
  if (wrong.length > 0) return wrong;
  const type = parameters['ResetType'];
  if (type === undefined) return [message('PropertyMissing', 'ResetType')];
  if (values.includes(String(type))) return [];
  return bmcweb === 'PropertyUnknown'
    ? [message('ActionParameterNotSupported', String(type), 'ResetType')]
    : [message('ActionParameterValueNotInList', String(type), 'ResetType', `${of}.Reset`)];
}

/** An order that was taken. */
export function accepted({ accepted: status }: Habits): Reply {
  return status === 204
    ? { status, allow: 'POST', odata: true }
    : { status, allow: 'POST', odata: true, body: { '@Message.ExtendedInfo': [message('Success')] } };
}

/** Gives a host an order, or says in the vendor's way why it is none. */
export function orderHost(host: Host, habits: Habits): DoReset {
  return (type) => {
    const { power } = host.now();
    const on = SWITCHING_ON.includes(type);
    if (on && host.settles) return refuse(409, 'POST', message('ActionParameterValueConflict', 'ResetType', type));
    const already = on ? power === 'On' : power === 'Off' && (SWITCHING_OFF.includes(type) || /Restart/.test(type));
    if (already && habits.alreadySo === 'PSU501') {
      return refuse(409, 'POST', message('IDRAC.2.8.PSU501', power === 'On' ? 'ON' : 'OFF'));
    }
    if (already && habits.alreadySo === 'InvalidOperationForSystemState') {
      return refuse(400, 'POST', message('iLO.2.23.InvalidOperationForSystemState', `Power is ${power.toLowerCase()}`));
    }
    host.order(type);
    return undefined;
  };
}
