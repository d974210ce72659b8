import type { Job } from '../../../definitions/job.ts';
import { type Status, statusDocument } from '../../../definitions/status.ts';
import type { JsonObject } from '../../../definitions/values/json.ts';
import { linkTo, memberAddress, SERVICE_ROOT } from './collection.ts';

/** Where the JobService is. */
export const SERVICE = `${SERVICE_ROOT}/JobService`;

/** Where the jobs are. */
export const JOBS = `${SERVICE}/Jobs`;

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
    Jobs: linkTo(JOBS),
  };
}

/** The path of a job's resource. */
export function jobAddress(id: string): string {
  return memberAddress(JOBS, id);
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
