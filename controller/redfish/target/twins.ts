import type { Action } from '../../../definitions/actions/action.ts';
import { type Json, type JsonObject, own } from '../../../definitions/values/json.ts';

/** A resource as its action sees it: a field that it has not got shows what its twin says. */
export function withTwins({ twins = {}, view }: Action, body: JsonObject): JsonObject {
  if (view) return { ...body, ...view.read(body) };
  const shown = Object.entries(twins).flatMap(([field, { property, read }]): [string, Json][] => {
    const value = own(body, property);
    return own(body, field) !== undefined || value === undefined || value === null ? [] : [[field, read(value)]];
  });
  return shown.length === 0 ? body : { ...body, ...Object.fromEntries(shown) };
}

/** Fields as they are sent to a resource: under their twins' names and values where it has not got them. */
export function asSent({ twins = {}, view }: Action, body: JsonObject, fields: JsonObject): JsonObject {
  if (view) return view.write(fields, body);
  const sent = Object.entries(fields).map(([field, value]): [string, Json] => {
    const twin = twins[field];
    if (!twin || own(body, `${field}`) !== undefined || own(body, twin.property) === undefined) return [field, value];
    const offered = own(body, `${twin.property}@Redfish.AllowableValues`);
    return [twin.property, twin.write(value, Array.isArray(offered) ? offered : [])];
  });
  return Object.fromEntries(sent);
}
