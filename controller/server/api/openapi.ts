import type { JsonObject } from '../../../definitions/values/json.ts';
import { json } from '../http.ts';
import type { Route } from '../router.ts';
import { SERVICE_ROOT } from './collection.ts';
import { MACHINES } from './machines.ts';
import { schemas } from './openapi-schemas.ts';
import { JOBS, SERVICE } from './resources.ts';
import { PART, PARTS, RUN, RUNS } from './runs.ts';

/** The OpenAPI 3.1 document of the API: its schemas are those of the manifests and status files themselves. */
export function openAPI(version: string): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'bmcron',
      version,
      summary: 'Jobs of a fleet of BMCs. Git is the only truth: each write is a commit in the fleet repository.',
      description: 'Reading is open on the loopback; else, and for writing, a bearer token is asked for.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: '/' }],
    paths: paths(),
    components: { schemas: schemas(), securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}

/** `/openapi.json` */
export function openAPIRoute(version: string): Route {
  const document = openAPI(version);
  return { method: 'GET', path: '/openapi.json', audience: 'reader', handle: () => json(document) };
}

function paths(): JsonObject {
  const job = parameter('id', "The job's ID.");
  const run = parameter('id', 'The run, as its job and time name it.');
  return {
    [SERVICE_ROOT]: { get: read('getServiceRoot', 'Where everything begins', 'ServiceRoot') },
    [SERVICE]: {
      get: read('getJobService', 'The service and its worker pool', 'JobService'),
      patch: write('patchJobService', 'Set the size of the worker pool', { 200: 'JobService' }, 'JobServicePatch'),
    },
    [JOBS]: {
      get: readAll('listJobs', 'The jobs in force', 'JobCollection'),
      post: write('createJob', 'Create a job', { 201: 'Job' }, 'JobManifest'),
    },
    [`${JOBS}/{id}`]: {
      parameters: [job],
      get: read('getJob', 'A job and how it stands', 'Job'),
      patch: write('patchJob', 'Change fields of a manifest (RFC 7396: null removes)', { 200: 'Job' }, 'JobPatch'),
      delete: write('deleteJob', 'Delete a job', { 204: null }),
    },
    [`${JOBS}/{id}/Actions/Trigger`]: {
      parameters: [job],
      post: write('triggerJob', 'Run a job at once', { 202: 'Job' }, 'TriggerParameters', false),
    },
    [MACHINES]: { get: readAll('listMachines', 'The inventory in force', 'MachineCollection') },
    [`${MACHINES}/{id}`]: {
      parameters: [parameter('id', "The machine's ID.")],
      get: read('getMachine', 'A machine, the jobs that reach it, and what became of runs on it', 'Machine'),
    },
    [RUNS]: { get: readAll('listRuns', 'The runs that are remembered, newest first', 'RunCollection') },
    [RUN]: { parameters: [run], get: read('getRun', 'A run and how it stands', 'Run') },
    [PARTS]: { parameters: [run], get: readAll('listParts', 'Parts of a run that have ended', 'PartCollection') },
    [PART]: {
      parameters: [run, parameter('machine', "The machine's ID.")],
      get: read('getPart', "One machine's part of a run: old and new values, or the error", 'Part'),
    },
  };
}

function parameter(name: string, description: string): JsonObject {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

/** A collection, of which a part may be asked for. */
function readAll(operationId: string, summary: string, schema: string): JsonObject {
  const page = ['$skip', '$top'].map((name) => {
    return { name, in: 'query', description: 'A part of the members.', schema: { type: 'integer', minimum: 0 } };
  });
  const expand = { name: '$expand', in: 'query', description: 'Whole members.', schema: { type: 'string' } };
  return { ...read(operationId, summary, schema), parameters: [...page, expand] };
}

function read(operationId: string, summary: string, schema: string): JsonObject {
  return {
    operationId,
    summary,
    security: [{}, { token: [] }],
    responses: {
      200: answer('As it is now.', schema),
      ...refusals(['400', '401', '403', '404', '405', '421', '429', '501']),
    },
  };
}

function write(
  operationId: string,
  summary: string,
  success: Readonly<Record<number, string | null>>,
  body?: string,
  required = true,
): JsonObject {
  const done = Object.entries(success).map(([code, schema]) => [code, answer('The commit is in force.', schema)]);
  return {
    operationId,
    summary,
    security: [{ token: [] }],
    ...(body && { requestBody: { required, content: content(body) } }),
    responses: {
      ...Object.fromEntries(done),
      ...refusals(['400', '401', '403', '404', '405', '409', '412', '413', '415', '421', '429', '501', '503', '504']),
    },
  };
}

const REFUSALS: Readonly<Record<string, string>> = {
  400: 'The request cannot be understood, or the manifest would be refused; every problem is told.',
  401: 'No token, or none that is known.',
  403: 'Writing is off, commits must be signed, or the repository refuses the push.',
  404: 'There is no such resource.',
  405: 'The path has no such method; Allow says which it has.',
  409: 'The job runs, or somebody else has changed the same file; nothing was changed.',
  412: 'The manifest is another than If-Match names.',
  413: 'The body is too large.',
  415: 'The body is not JSON, or is encoded.',
  421: 'The service listens on loopback, and was called by another name.',
  429: 'Too many requests; Retry-After says when again.',
  501: 'A query parameter that begins with $ and is not supported here.',
  503: 'The repository does not answer.',
  504: 'Pushed, and not yet in force.',
};

function refusals(codes: readonly string[]): JsonObject {
  return Object.fromEntries(codes.map((code) => [code, answer(REFUSALS[code] ?? '', 'RedfishError')]));
}

function answer(description: string, schema: string | null): JsonObject {
  return schema === null ? { description } : { description, content: content(schema) };
}

function content(schema: string): JsonObject {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } };
}
