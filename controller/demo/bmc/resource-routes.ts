import type { JsonObject } from '../../../definitions/values/json.ts';
import { applyFields, complaintsAbout } from '../machine/field-patch.ts';
import { accepted } from '../machine/reset.ts';
import type { BoardResource, MutableObject } from '../machine/resource.ts';
import { etagOf, type Reply, refuse } from './answer.ts';
import { writeWithFaults } from './faulty-write.ts';
import { message } from './messages.ts';
import { page, readBody, readQuery, select } from './request.ts';
import type { Asked, BmcState } from './state.ts';

/** A resource as it is read at this moment. */
export function shownNow({ body, live }: BoardResource): JsonObject {
  return live ? { ...body, ...live() } : (body as JsonObject);
}

/** GET of a resource, or of a page of it. */
export function readResource(asked: Asked, resource: BoardResource): Reply {
  const { allow, schema, plain, text } = resource;
  if (text) return { status: 200, allow, odata: true, headers: { 'Content-Type': text.type }, body: text.content };
  const query = readQuery(asked.query);
  if (query.refusal) return refuse(query.refusal.status, allow, query.refusal.message);
  const paged = page(shownNow(resource), query);
  const shown = query.select ? select(paged, query.select) : paged;
  const headers = schema ? { Link: `</redfish/v1/JsonSchemas/${schema}.json>; rel=describedby` } : undefined;
  return { status: 200, allow, odata: !plain, etag: etagOf(shown), body: shown, ...(headers ? { headers } : {}) };
}

/** PATCH of a resource by its rules: all of it, or nothing and a message for each property that is wrong. */
export function changeResource(state: BmcState, asked: Asked, resource: BoardResource): Reply {
  const { allow, rules = {} } = resource;
  const { habits } = state.preset;
  const read = readBody(asked.headers['content-type'], asked.body);
  if ('refusal' in read) return refuse(400, allow, read.refusal);
  const neverShorter = state.faults.strike('never-shorter', asked.method, asked.path) !== undefined;
  const apply = (body: MutableObject, patch: JsonObject): Reply => {
    const wrong = complaintsAbout(body, patch, rules, habits.readOnly);
    if (wrong.length > 0) return refuse(400, allow, ...wrong);
    applyFields(body, patch, rules, { padding: habits.padding, neverShorter });
    if (body === resource.body) resource.written?.(patch);
    return changed(resource, habits.patched);
  };
  return writeWithFaults(state, asked, { target: resource.body, patch: read.value, allow }, apply);
}

function changed(resource: BoardResource, how: 'empty' | 'message' | 'resource'): Reply {
  const { allow } = resource;
  if (how === 'empty') return { status: 204, allow, odata: true };
  const body = how === 'message' ? { '@Message.ExtendedInfo': [message('Success')] } : shownNow(resource);
  return { status: 200, allow, odata: true, body, ...(how === 'resource' ? { etag: etagOf(body) } : {}) };
}

/** POST to an action: its parameters are checked and carried out, at once or by a task. */
export function actOn(state: BmcState, asked: Asked, { act }: BoardResource): Reply {
  const read = readBody(asked.headers['content-type'], asked.body);
  const parameters = 'refusal' in read ? {} : read.value;
  const perform = () => act?.(parameters) ?? { status: 501 };
  const task = state.faults.strike('task', asked.method, asked.path);
  if (task) return state.tasks.accept(task, perform);
  if (state.faults.strike('ignore', asked.method, asked.path)) return accepted(state.preset.habits);
  return perform();
}
