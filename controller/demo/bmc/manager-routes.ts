import type { Json, JsonObject } from '../../../definitions/values/json.ts';
import { after } from '../../clock.ts';
import { etagOf, notFound, type Reply, refuse } from './answer.ts';
import { readBody } from './body.ts';
import type { Fault } from './faults.ts';
import { patchManager } from './manager-patch.ts';
import { errorOf, message } from './messages.ts';
import { readQuery, select } from './query.ts';
import type { Asked, BmcState } from './state.ts';
import type { Held } from './tree.ts';

const ALLOW = 'GET, PATCH';

/** The manager as it is read at this moment. */
export function managerNow(state: BmcState, held: Held): JsonObject {
  const now = state.clock.now().toISOString();
  const shown = structuredClone({ ...held, DateTime: `${now.slice(0, 19)}+00:00` }) as Held;
  const openBmc = (shown['Oem'] as Held | undefined)?.['OpenBmc'] as Held | undefined;
  const fan = openBmc?.['Fan'] as Held | undefined;
  if (fan && state.faults.present('no-thermalmode')) {
    delete fan['Profile'];
    fan['Profile@Redfish.AllowableValues'] = [];
  }
  if (openBmc && state.faults.present('no-fan')) delete openBmc['Fan'];
  if (state.faults.present('starting')) (shown['Status'] as Held)['State'] = 'Starting';
  return shown as JsonObject;
}

/** GET of a manager. The fan part answers last and drops two headers: bmcweb's own habit. */
export function getManager(state: BmcState, asked: Asked, id: string): Reply {
  const held = state.managers.get(id);
  if (!held) return notFound(ALLOW, 'Manager', id);
  const query = readQuery(asked.query);
  if (query.refusal) return refuse(query.refusal.status, ALLOW, query.refusal.message);
  const resource = managerNow(state, held);
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
  const shown = structuredClone(resource) as unknown as Held;
  const fan = ((shown['Oem'] as Held)['OpenBmc'] as Held)['Fan'] as Held;
  for (const [key, value] of Object.entries(fan['StepwiseControllers'] as Held)) {
    if (typeof value === 'object') delete (fan['StepwiseControllers'] as Held)[key];
  }
  const [first] = Object.values(fan['PidControllers'] as Held).filter((each) => typeof each === 'object');
  delete (first as Held | undefined)?.['SetPoint'];
  return { ...(shown as JsonObject), error: errorOf([message('InternalError')]) };
}

/** PATCH of a manager, with whatever is wrong with this board. */
export function changeManager(state: BmcState, asked: Asked, id: string): Reply {
  const held = state.managers.get(id);
  if (!held) return notFound(ALLOW, 'Manager', id);
  const read = readBody(asked.headers['content-type'], asked.body);
  if ('refusal' in read) return refuse(400, ALLOW, read.refusal);
  const strike = <K extends Fault['kind']>(kind: K) => state.faults.strike(kind, asked.method, asked.path);
  const apply = (target: Held, value: JsonObject) => patchManager(target, value, services(state));
  const task = strike('task');
  if (task) return state.tasks.accept(task, () => apply(held, read.value));
  if (strike('error-in-200')) {
    return { status: 200, body: { error: errorOf([message('PropertyValueError', 'Value')]) } };
  }
  if (strike('ignore')) return apply(structuredClone(held), read.value);
  const partly = strike('partly');
  if (partly) {
    const answer = apply(structuredClone(held), read.value);
    apply(held, keep(read.value, partly.fields) as JsonObject);
    return answer;
  }
  if (strike('replace-oem')) {
    Object.assign(held, structuredClone(read.value));
    return { status: 200, allow: ALLOW, odata: true };
  }
  return timed(state, held, strike('revert'), strike('late'), () => apply(held, read.value));
}

/** Applies now and takes it back later, or answers now and applies later. */
function timed(
  state: BmcState,
  held: Held,
  revert: { ms: number } | undefined,
  late: { ms: number } | undefined,
  apply: () => Reply,
): Reply {
  const wait = revert ?? late;
  if (!wait) return apply();
  const before = structuredClone(held);
  const answer = apply();
  const then = revert ? before : structuredClone(held);
  if (late) Object.assign(held, structuredClone(before));
  state.later(after(state.clock, wait.ms), () => Object.assign(held, then));
  return answer;
}

function services(state: BmcState): Parameters<typeof patchManager>[2] {
  const fails = state.faults.present('set-fails');
  return {
    backend: (property) => !fails || (fails.property !== undefined && fails.property !== property),
    profiles: state.faults.present('no-thermalmode') === undefined,
    ntp: state.faults.present('ntp') !== undefined,
  };
}

/** The request without the leaves that are not among `fields`. */
function keep(value: Json, fields: readonly string[]): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).flatMap(([key, inner]): [string, Json][] => {
      const nested = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
      return nested || fields.includes(key) ? [[key, keep(inner, fields)]] : [];
    }),
  );
}
