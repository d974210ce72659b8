import { randomBytes } from 'node:crypto';
import type { Job, JobID } from '../../../definitions/job.ts';
import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import { TRIGGER_PATTERN } from '../../../definitions/schemas/job.ts';
import { isObject, type JsonObject, own } from '../../../definitions/values/json.ts';
import { compactTimestamp } from '../../../definitions/values/time.ts';
import { HttpError, type HttpRequest, type HttpResponse, jsonBody } from '../http.ts';
import type { Route } from '../router.ts';
import { collectionResponse, linkTo, resourceResponse, SERVICE_ROOT, withoutQuery, withPaging } from './collection.ts';
import { MACHINES } from './machines.ts';
import { creation, deletion, patching, resizing } from './manifest-edits.ts';
import type { ManifestWriter } from './manifest-writer.ts';
import { etagOf, JOBS, jobAddress, jobResource, SERVICE, type ServiceFacts, serviceResource } from './resources.ts';
import { RUNS } from './runs.ts';

export interface JobServiceOptions {
  readonly agenda: Agenda;
  readonly facts: () => ServiceFacts;
  readonly writer: ManifestWriter;
  readonly now: () => Date;
  /** Waits so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

const JOB = `${JOBS}/{id}`;
/** How often to look for a trigger's run before the answer is that it waits for a worker. */
const TRIGGER_LOOKS = 20;
const LOOK_MS = 50;

/** The JobService: reads from memory, writes by commits (R28: a trigger is one, too). */
export function jobServiceRoutes(options: JobServiceOptions): readonly Route[] {
  const { agenda } = options;
  const service = () => resourceResponse(serviceResource(options.facts()));
  const routes: readonly Route[] = [
    { method: 'GET', path: SERVICE_ROOT, audience: 'reader', handle: () => resourceResponse(ROOT) },
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
  return routes.map((route) => (route.method === 'GET' && route.path === JOBS ? withPaging : withoutQuery)(route));
}

function list(agenda: Agenda, request: HttpRequest): Promise<HttpResponse> {
  const member = (id: JobID) => {
    const [job, status] = [agenda.jobs.get(id), agenda.status(id)];
    return job && status ? jobResource(job, status) : null;
  };
  const ids = [...agenda.jobs.keys()].sort();
  return collectionResponse({ address: JOBS, type: 'Job', name: 'Jobs', ids, member }, request);
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
  return { status: 204, headers: { 'odata-version': '4.0' } };
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
  return resourceResponse(serviceResource(facts()));
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
  return resourceResponse(jobResource(job, facts), status, { etag: etagOf(job), ...headers });
}

const ROOT = {
  ...linkTo(SERVICE_ROOT),
  '@odata.type': '#ServiceRoot.v1_0_0.ServiceRoot',
  Id: 'MultiFish',
  Name: 'bmcron',
  JobService: linkTo(SERVICE),
  Machines: linkTo(MACHINES),
  Runs: linkTo(RUNS),
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
