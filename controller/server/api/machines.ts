import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import type { Machine, MachineID, Machines } from '../../../definitions/machine.ts';
import { createTimeSlice } from '../../time-slice.ts';
import { HttpError } from '../http.ts';
import type { DayTally, RecentRuns } from '../recent-runs.ts';
import type { Route } from '../router.ts';
import {
  collectionResponse,
  linkTo,
  memberAddress,
  resourceResponse,
  SERVICE_ROOT,
  withoutQuery,
  withPaging,
} from './collection.ts';
import { jobAddress } from './resources.ts';

export interface MachineRoutesOptions {
  readonly agenda: Agenda;
  /** Those in force, at the time of a request. */
  readonly machines: () => Machines;
  readonly recentRuns: Pick<RecentRuns, 'days'>;
}

/** Where the machines are. */
export const MACHINES = `${SERVICE_ROOT}/Machines`;

const DAY_MS = 86_400_000;

/** The inventory in force, to be read: manifests are changed in Git. */
export function machineRoutes({ agenda, machines, recentRuns }: MachineRoutesOptions): readonly Route[] {
  const whole = (id: MachineID) => {
    const machine = machines().get(id);
    return machine ? machineResource(machine, recentRuns.days(id)) : null;
  };
  const collection = () => {
    return { address: MACHINES, type: 'Machine', name: 'Machines', ids: [...machines().keys()].sort(), member: whole };
  };
  return [
    withPaging({
      method: 'GET',
      path: MACHINES,
      audience: 'reader',
      handle: (request) => collectionResponse(collection(), request),
    }),
    withoutQuery({
      method: 'GET',
      path: `${MACHINES}/{id}`,
      audience: 'reader',
      async handle({ params }) {
        const id = params['id'] ?? '';
        const resource = whole(id);
        if (resource === null) throw new HttpError(404, `there is no machine ${id} in the inventory in force`);
        return resourceResponse({ ...resource, Links: { Jobs: await jobsOf(agenda, id) } });
      },
    }),
  ];
}

/**
 * `GET /MultiFish/v1/Machines/{id}`: what the inventory says of it, without the name of its secret, and how the parts of
 * runs ended that it had lately.
 */
export function machineResource(machine: Machine, days: readonly DayTally[]): object {
  const { ID, Name = ID, Type, Endpoint, Labels = {}, Identity, Timeout, Managers, Systems, Chassis } = machine;
  return {
    ...linkTo(memberAddress(MACHINES, ID)),
    '@odata.type': '#Machine.v1_0_0.Machine',
    Id: ID,
    Name,
    MachineType: Type,
    Endpoint,
    Labels,
    Timeout,
    ...(Identity && { Identity }),
    ...(Managers && { Managers }),
    ...(Systems && { Systems }),
    ...(Chassis && { Chassis }),
    Days: days.map(([day, Succeeded, Failed]) => {
      return { Date: new Date(day * DAY_MS).toISOString().slice(0, 10), Succeeded, Failed };
    }),
  };
}

/** The jobs that reach a machine, as things stand. Looked up in slices of time: there may be many of either. */
async function jobsOf(agenda: Agenda, id: MachineID): Promise<readonly object[]> {
  const found: object[] = [];
  const pace = createTimeSlice();
  for (const job of [...agenda.jobs.values()]) {
    if (job.machines.includes(id)) found.push(linkTo(jobAddress(job.id)));
    await pace();
  }
  return found;
}
