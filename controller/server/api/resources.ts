import type { Job } from '../../../definitions/job.ts';
import { type Status, statusDocument } from '../../../definitions/status.ts';
import type { JsonObject } from '../../../definitions/values/json.ts';

/** Where the JobService is. */
export const SERVICE = '/MultiFish/v1/JobService';

export interface ServiceFacts {
  /** The size of the worker pool. */
  readonly workers: number;
  /** Runs that work. */
  readonly running: number;
  /** Runs that only wait, and hold no worker. */
  readonly waiting: number;
  /** Jobs in force. */
  readonly jobs: number;
}

/** `GET /MultiFish/v1/JobService` */
export function serviceResource({ workers, running, waiting, jobs }: ServiceFacts): object {
  return {
    '@odata.id': SERVICE,
    '@odata.type': '#JobService.v1_0_0.JobService',
    Id: 'JobService',
    Name: 'Job Service',
    ServiceEnabled: true,
    ServiceCapabilities: {
      WorkerPoolSize: workers,
      ActiveWorkers: running,
      AvailableWorkers: Math.max(0, workers - running),
      TotalJobs: jobs,
      RunningJobs: running + waiting,
      WaitingJobs: waiting,
    },
    Jobs: { '@odata.id': `${SERVICE}/Jobs` },
  };
}

/** The path of a job's resource. */
export function jobAddress(id: string): string {
  return `${SERVICE}/Jobs/${encodeURIComponent(id)}`;
}

/** `GET /MultiFish/v1/JobService/Jobs/{id}`: what its status file says, and where its manifest is. */
export function jobResource(job: Job, status: Status): object {
  const address = jobAddress(job.id);
  return {
    '@odata.id': address,
    '@odata.type': '#Job.v1_0_0.Job',
    '@odata.etag': etagOf(job),
    ...(statusDocument(status) as JsonObject),
    Manifest: { File: job.source.file, Document: job.source.document, Commit: job.commit },
    Actions: { '#Job.Trigger': { target: `${address}/Actions/Trigger` } },
  };
}

/** The ETag of a job: it changes with the job's manifest file, and with nothing else. */
export function etagOf({ source }: Job): string {
  return `W/"${source.blob}"`;
}

/** `GET /MultiFish/v1/JobService/Jobs`, from `skip` on, at most `top`; whole jobs where they are given. */
export function jobsResource(
  ids: readonly string[],
  page: { skip: number; top: number },
  expanded?: readonly object[],
) {
  const { skip, top } = page;
  const members = expanded ?? ids.slice(skip, skip + top).map((id) => ({ '@odata.id': jobAddress(id) }));
  const next = skip + top < ids.length ? `${SERVICE}/Jobs?$skip=${skip + top}&$top=${top}` : null;
  return {
    '@odata.id': `${SERVICE}/Jobs`,
    '@odata.type': '#JobCollection.JobCollection',
    Name: 'Jobs',
    'Members@odata.count': ids.length,
    Members: members,
    ...(next && { 'Members@odata.nextLink': next }),
  };
}
