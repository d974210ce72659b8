import { randomBytes } from 'node:crypto';
import type { Job, JobID } from '../../../definitions/job.ts';
import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import { TRIGGER_PATTERN } from '../../../definitions/schemas/job.ts';
import { isObject, type JsonObject, own } from '../../../definitions/values/json.ts';
import { compactTimestamp } from '../../../definitions/values/time.ts';
import { HttpError, type HttpRequest, type HttpResponse, json, jsonBody } from '../http.ts';
import type { Route } from '../router.ts';
import { creation, deletion, patching, resizing } from './manifest-edits.ts';
import type { ManifestWriter } from './manifest-writer.ts';
import {
  etagOf,
  jobAddress,
  jobResource,
  jobsResource,
  SERVICE,
  type ServiceFacts,
  serviceResource,
} from './resources.ts';

export interface JobServiceOptions {
  readonly agenda: Agenda;
  readonly facts: () => ServiceFacts;
  readonly writer: ManifestWriter;
  readonly now: () => Date;
  /** Waits so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

const JOBS = `${SERVICE}/Jobs`;
const JOB = `${JOBS}/{id}`;
const MOST_MEMBERS = 10_000;
/** How often to look for a trigger's run before the answer is that it waits for a worker. */
const TRIGGER_LOOKS = 20;
const LOOK_MS = 50;
const REDFISH = { 'odata-version': '4.0' };

/** The JobService: reads from memory, writes by commits (R28: a trigger is one, too). */
export function jobServiceRoutes(options: JobServiceOptions): readonly Route[] {
  const { agenda } = options;
  const service = () => json(serviceResource(options.facts()), 200, REDFISH);
  const routes: readonly Route[] = [
    { method: 'GET', path: '/MultiFish/v1', audience: 'reader', handle: () => json(ROOT, 200, REDFISH) },
    { method: 'GET', path: SERVICE, audience: 'reader', handle: service },
    { method: 'PATCH', path: SERVICE, audience: 'writer', handle: (request) => resize(options, request) },
    { method: 'GET', path: JOBS, audience: 'reader', handle: (request) => list(agenda, request) },
    { method: 'POST', path: JOBS, audience: 'writer', handle: (request) => create(options, request) },
    { method: 'GET', path: JOB, audience: 'reader', handle: (request) => show(agenda, request) },
    { method: 'PATCH', path: JOB, audience: 'writer', handle: (request) => change(options, request) },
    { method: 'DELETE', path: JOB, audience: 'writer', handle: (request) => remove(options, request) },
    {
      method: 'POST',
      path: `${JOB}/Actions/Trigger`,
      audience: 'writer',
      handle: (request) => trigger(options, request),
    },
  ];
  return routes.map((route) => {
    const known = route.method === 'GET' && route.path === JOBS ? ['$skip', '$top', '$expand'] : [];
    return { ...route, handle: (request) => route.handle(withoutUnknown(request, known)) };
  });
}

/**
 * Query parameters that begin with $ ask for something; what is not there is refused, all others are left unread
 * (DSP0266, 7.3.1). @throws HttpError
 */
function withoutUnknown(request: HttpRequest, known: readonly string[]): HttpRequest {
  const asked = [...request.query.keys()].find((name) => name.startsWith('$') && !known.includes(name));
  if (asked === undefined) return request;
  const there = known.length > 0 ? `; there are ${known.join(', ')}` : '';
  throw new HttpError(501, `the query parameter ${asked} is not supported here${there}`);
}

function list(agenda: Agenda, { query }: HttpRequest): HttpResponse {
  const page = { skip: count(query, '$skip', 0), top: count(query, '$top', MOST_MEMBERS) };
  const ids = [...agenda.jobs.keys()].sort();
  if (!query.has('$expand')) return json(jobsResource(ids, page), 200, REDFISH);
  const members = ids.slice(page.skip, page.skip + page.top).flatMap((id) => {
    const [job, status] = [agenda.jobs.get(id), agenda.status(id)];
    return job && status ? [jobResource(job, status)] : [];
  });
  return json(jobsResource(ids, page, members), 200, REDFISH);
}

function show(agenda: Agenda, request: HttpRequest): HttpResponse {
  return jobResponse(agenda, jobOf(agenda, request), 200);
}

async function create({ agenda, writer }: JobServiceOptions, request: HttpRequest): Promise<HttpResponse> {
  const plan = creation(await objectOf(request));
  let id = '';
  await writer.write(nameOf(request), async (base) => {
    const edit = await plan(base);
    id = edit.id;
    return edit;
  });
  return jobResponse(agenda, jobInForce(agenda, id), 201, { location: jobAddress(id) });
}

async function change({ agenda, writer }: JobServiceOptions, request: HttpRequest): Promise<HttpResponse> {
  const job = unchanged(request, jobOf(agenda, request));
  await writer.write(nameOf(request), patching(job, await objectOf(request)));
  const next = jobAt(agenda, job);
  return jobResponse(agenda, next, 200, { location: jobAddress(next.id) });
}

async function remove({ agenda, writer }: JobServiceOptions, request: HttpRequest): Promise<HttpResponse> {
  await writer.write(nameOf(request), deletion(unchanged(request, jobOf(agenda, request))));
  return { status: 204, headers: REDFISH };
}

const TOKEN = new RegExp(TRIGGER_PATTERN);

async function trigger(options: JobServiceOptions, request: HttpRequest): Promise<HttpResponse> {
  const { agenda, writer, now } = options;
  const job = jobOf(agenda, request);
  const body = (await request.body()).length === 0 ? {} : await objectOf(request);
  const strange = Object.keys(body).find((key) => key !== 'Token');
  if (strange !== undefined) throw new HttpError(400, `${strange} is not a parameter: Token is the only one`);
  const Token =
    own(body, 'Token') ?? `api-${compactTimestamp(now()).replace('_', '-')}-${randomBytes(3).toString('hex')}`;
  const isToken = TOKEN.test(String(Token)); // else the manifest is refused, whether the job runs or not
  if (isToken && agenda.isHeld(job.id))
    throw new HttpError(409, `${job.id} is already running: trigger it when it has ended`);
  if (job.spec.Trigger === Token) throw new HttpError(409, 'this Token has been used: a token runs a job once, ever');
  await writer.write(nameOf(request), triggering(job, { Trigger: Token }));
  return triggerResponse(options, job.id, String(Token));
}

/** The answer once the run has begun, was refused, or has waited for a worker for a while. */
async function triggerResponse({ agenda, pause }: JobServiceOptions, id: JobID, token: string): Promise<HttpResponse> {
  for (let looks = 0; looks < TRIGGER_LOOKS; looks += 1) {
    const last = agenda.status(agenda.successor(id))?.LastTrigger;
    if (last?.Token === token && last.Outcome === 'Refused') throw new HttpError(409, `${id}: ${last.Message}`);
    if (last?.Token === token) break;
    await pause(LOOK_MS);
  }
  return jobResponse(agenda, jobInForce(agenda, agenda.successor(id)), 202, { location: jobAddress(id) });
}

async function resize({ writer, facts }: JobServiceOptions, request: HttpRequest): Promise<HttpResponse> {
  await writer.write(nameOf(request), resizing(sizeOf(await objectOf(request))));
  return json(serviceResource(facts()), 200, REDFISH);
}

function jobOf(agenda: Agenda, { params }: HttpRequest): Job {
  return jobInForce(agenda, params['id'] ?? '');
}

function jobInForce(agenda: Agenda, id: JobID): Job {
  const job = agenda.jobs.get(id);
  if (!job) throw new HttpError(404, `there is no job ${id} in force`);
  return job;
}

/** The job that a manifest file's document is now: a new Name can give it a new ID (R17). */
function jobAt(agenda: Agenda, { source }: Job): Job {
  for (const job of agenda.jobs.values()) {
    if (job.source.file === source.file && job.source.document === source.document) return job;
  }
  throw new HttpError(404, `${source.file} holds no such job any more`);
}

function jobResponse(
  agenda: Agenda,
  job: Job,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const facts = agenda.status(job.id);
  if (!facts) throw new HttpError(404, `there is no job ${job.id} in force`);
  return json(jobResource(job, facts), status, { ...REDFISH, etag: etagOf(job), ...headers });
}

const ROOT = {
  '@odata.id': '/MultiFish/v1',
  '@odata.type': '#ServiceRoot.v1_0_0.ServiceRoot',
  Id: 'MultiFish',
  Name: 'bmcron',
  JobService: { '@odata.id': SERVICE },
};

function triggering(job: Job, body: JsonObject): ReturnType<typeof patching> {
  const plan = patching(job, body);
  return async (base) => ({ ...(await plan(base)), subject: `Trigger job ${job.id}` });
}

/** A caller that has seen an older manifest says so with If-Match. */
function unchanged({ headers }: HttpRequest, job: Job): Job {
  const wanted = headers['if-match'];
  if (wanted === undefined || wanted === '*' || wanted.includes(job.source.blob)) return job;
  throw new HttpError(412, `the manifest of ${job.id} is another now: read it again`);
}

/** The size that a PATCH of the service asks for, in either of its two shapes. */
function sizeOf(body: JsonObject): number {
  const inner = own(body, 'ServiceCapabilities');
  const fields = isObject(inner) && Object.keys(body).length === 1 ? inner : body;
  const size = own(fields, 'WorkerPoolSize');
  const strange = Object.keys(fields).find((key) => key !== 'WorkerPoolSize');
  if (strange === undefined && typeof size === 'number') return size;
  throw new HttpError(
    400,
    `${strange ?? 'WorkerPoolSize'}: only WorkerPoolSize, a whole number from 1 to 10000, can be set`,
  );
}

async function objectOf(request: HttpRequest): Promise<JsonObject> {
  const body = await jsonBody(request);
  if (isObject(body)) return body;
  throw new HttpError(400, 'the body must be a JSON object');
}

function nameOf({ caller }: HttpRequest): string {
  if (caller === null) throw new HttpError(401, 'say who you are: Authorization: Bearer TOKEN');
  return caller;
}

function count(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,7}$/.test(text)) throw new HttpError(400, `${name} is a whole number`);
  return Math.min(Number(text), MOST_MEMBERS);
}
