import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import type { Machines } from '../../../definitions/machine.ts';
import type { RunID } from '../../../definitions/run.ts';
import { HttpError, type HttpRequest } from '../http.ts';
import type { RecentPart, RecentRun, RecentRuns } from '../recent-runs.ts';
import type { Route } from '../router.ts';
import {
  collectionResponse,
  linkTo,
  memberAddress,
  type ResourceCollection,
  resourceResponse,
  SERVICE_ROOT,
  withoutQuery,
  withPaging,
} from './collection.ts';
import { MACHINES } from './machines.ts';
import { jobAddress } from './resources.ts';

export interface RunRoutesOptions {
  readonly recentRuns: Pick<RecentRuns, 'run' | 'ids'>;
  readonly agenda: Agenda;
  /** Those in force, at the time of a request. */
  readonly machines: () => Machines;
}

/** Where the runs are. */
export const RUNS = `${SERVICE_ROOT}/Runs`;

/** One of them, as routes name it. */
export const RUN = `${RUNS}/{id}`;

/** Its parts, as routes name them. */
export const PARTS = `${RUN}/Parts`;

/** One part, as routes name it. */
export const PART = `${PARTS}/{machine}`;

/** The runs that are remembered here, newest first: those that go on, and lately ended ones. Git has all logs. */
export function runRoutes(options: RunRoutesOptions): readonly Route[] {
  const { recentRuns } = options;
  const whole = (id: RunID) => {
    const run = recentRuns.run(id);
    return run ? runResource(run, options) : null;
  };
  const named = ({ params }: HttpRequest): RecentRun => {
    const run = recentRuns.run(params['id'] ?? '');
    if (run) return run;
    throw new HttpError(404, 'this run is not remembered here: its log files in Git tell of it');
  };
  const runs = () => ({ address: RUNS, type: 'Run', name: 'Runs', ids: recentRuns.ids(), member: whole });
  const route = (path: string, handle: Route['handle']): Route => ({ method: 'GET', path, audience: 'reader', handle });
  return [
    withPaging(route(RUNS, (request) => collectionResponse(runs(), request))),
    withoutQuery(route(RUN, (request) => resourceResponse(runResource(named(request), options)))),
    withPaging(route(PARTS, (request) => collectionResponse(partsOf(named(request), options), request))),
    withoutQuery(
      route(PART, (request) => {
        const run = named(request);
        const machine = request.params['machine'] ?? '';
        const part = run.parts.find(({ log }) => log.MachineID === machine);
        if (!part) throw new HttpError(404, `${run.claim.run} has no result of a machine ${machine}`);
        return resourceResponse(partResource(run, part, options));
      }),
    ),
  ];
}

/** `GET /MultiFish/v1/Runs/{id}`: why and when it ran, and how it stands. */
export function runResource({ claim, parts, finish }: RecentRun, { agenda }: Pick<RunRoutesOptions, 'agenda'>): object {
  const { run, trigger, nominal, start, action, machines, commit } = claim;
  const address = memberAddress(RUNS, run);
  const failed = parts.filter(({ log }) => log.Status === 'failed').length;
  const job = agenda.successor(claim.job);
  const [succeeded, failures] = finish ? [finish.succeeded, finish.failures] : [parts.length - failed, failed];
  return {
    ...linkTo(address),
    '@odata.type': '#Run.v1_0_0.Run',
    Id: run,
    Name: `${claim.job}, ${start}`,
    JobID: claim.job,
    RunStatus: finish === null ? 'Running' : (finish.status ?? (failures > 0 ? 'Failed' : 'Completed')),
    Trigger: trigger,
    NominalTime: nominal,
    StartTime: start,
    EndTime: finish?.end ?? null,
    Action: action,
    MachineCount: machines.length,
    Succeeded: succeeded,
    Failed: failures,
    Skipped: finish?.skips ?? 0,
    Commit: commit,
    Parts: linkTo(`${address}/Parts`),
    Links: agenda.jobs.has(job) ? { Job: linkTo(jobAddress(job)) } : {},
  };
}

function partsOf(run: RecentRun, options: RunRoutesOptions): ResourceCollection {
  const byMachine = new Map(run.parts.map((part) => [part.log.MachineID, part]));
  return {
    address: `${memberAddress(RUNS, run.claim.run)}/Parts`,
    type: 'Part',
    name: 'Parts',
    ids: [...byMachine.keys()].sort(),
    member: (id: string) => {
      const part = byMachine.get(id);
      return part ? partResource(run, part, options) : null;
    },
  };
}

/** `GET /MultiFish/v1/Runs/{id}/Parts/{machine}`: one machine's part of a run, as its log file tells of it. */
export function partResource(
  { claim }: RecentRun,
  { outcome, path, log }: RecentPart,
  { machines }: Pick<RunRoutesOptions, 'machines'>,
): object {
  const { MachineID, Action, Status, Timestamp, ExecutionTime, Result, Error: error } = log;
  return {
    ...linkTo(memberAddress(`${memberAddress(RUNS, claim.run)}/Parts`, MachineID)),
    '@odata.type': '#Part.v1_0_0.Part',
    Id: MachineID,
    Name: `${claim.job} on ${MachineID}`,
    Action,
    PartStatus: Status,
    Outcome: outcome,
    StartTime: Timestamp,
    ExecutionTime,
    Result,
    Error: error,
    LogFile: path,
    Links: machines().has(MachineID) ? { Machine: linkTo(memberAddress(MACHINES, MachineID)) } : {},
  };
}
