import { isObject, type Json, type JsonObject } from '../../../definitions/values/json.ts';
import { after } from '../../clock.ts';
import type { MutableObject } from '../machine/resource.ts';
import type { Reply } from './answer.ts';
import type { Fault } from './faults.ts';
import { errorOf, message } from './messages.ts';
import type { Asked, BmcState } from './state.ts';

/** A resource that is written, with what. */
export interface Write {
  readonly target: MutableObject;
  readonly patch: JsonObject;
  readonly allow: string;
}

type Apply = (target: MutableObject, patch: JsonObject) => Reply;

/** Carries out a PATCH, with whatever is wrong with this board. */
export function writeWithFaults(state: BmcState, asked: Asked, { target, patch, allow }: Write, apply: Apply): Reply {
  const strike = <K extends Fault['kind']>(kind: K) => state.faults.strike(kind, asked.method, asked.path);
  const task = strike('task');
  if (task) return state.tasks.accept(task, () => apply(target, patch));
  if (strike('error-in-200')) {
    return { status: 200, body: { error: errorOf([message('PropertyValueError', 'Value')]) } };
  }
  if (strike('reset-required')) {
    return { status: 200, allow, odata: true, body: { '@Message.ExtendedInfo': [message('ResetRequired')] } };
  }
  if (strike('ignore')) return apply(structuredClone(target), patch);
  const partly = strike('partly');
  if (partly) {
    const answer = apply(structuredClone(target), patch);
    apply(target, keep(patch, partly.fields) as JsonObject);
    return answer;
  }
  const holds = strike('holds');
  if (holds) return apply(target, replaced(patch, holds.values) as JsonObject);
  if (strike('replace-oem')) {
    Object.assign(target, structuredClone(patch));
    return { status: 200, allow, odata: true };
  }
  return timed(state, target, strike('revert'), strike('late'), () => apply(target, patch));
}

/** Applies now and takes it back later, or answers now and applies later. */
function timed(
  state: BmcState,
  target: MutableObject,
  revert: { ms: number } | undefined,
  late: { ms: number } | undefined,
  apply: () => Reply,
): Reply {
  const wait = revert ?? late;
  if (!wait) return apply();
  const before = structuredClone(target);
  const answer = apply();
  const then = revert ? before : structuredClone(target);
  if (late) Object.assign(target, structuredClone(before));
  state.later(after(state.clock, wait.ms), () => Object.assign(target, then));
  return answer;
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

/** The request with other values for the leaves of these names. */
function replaced(value: Json, values: JsonObject): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, Json] => [key, values[key] ?? replaced(inner, values)]),
  );
}
