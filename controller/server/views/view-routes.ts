import { HttpError, type HttpRequest, json } from '../http.ts';
import type { RecentRuns } from '../recent-runs.ts';
import type { Route } from '../router.ts';
import { type JobViewOptions, jobView } from './job-view.ts';
import { type MachineViewOptions, machineView } from './machine-view.ts';
import { runView } from './run-view.ts';
import { type Troubles, troublesPage } from './troubles.ts';

/** What the page's views are made from. */
export interface Views {
  readonly agenda: MachineViewOptions['agenda'];
  readonly inForce: MachineViewOptions['inForce'] & JobViewOptions['inForce'];
  readonly recentRuns: Pick<RecentRuns, 'run' | 'last'>;
  readonly troubles: () => Troubles;
  readonly holds: () => readonly string[];
  readonly now: () => Date;
}

const NO_RUN = 'this run is not remembered here any more: its log files in Git tell of it';

/** What the page asks for when somebody looks closer: one machine, job or run, or more troubles. Bounded, read only. */
export function viewRoutes(views: Views): readonly Route[] {
  const { agenda, inForce, recentRuns, troubles, holds, now } = views;
  const { last } = recentRuns;
  return [
    view('/page/machines/{id}', 'no such machine is in the inventory', (id) => {
      return machineView(id, { agenda, inForce, last, holds });
    }),
    view('/page/jobs/{id}', 'no such job is in force', (id, from) => jobView(id, from, { agenda, inForce, last, now })),
    view('/page/runs/{id}', NO_RUN, (id, from) => runView(id, from, recentRuns)),
    view('/page/troubles/{id}', 'nothing fails for this reason', (id, from) => troublesPage(troubles(), id, from)),
  ];
}

function view(path: string, absent: string, read: (id: string, from: number) => unknown): Route {
  return {
    method: 'GET',
    path,
    audience: 'reader',
    async handle({ params, query }: HttpRequest) {
      const from = Math.max(0, Math.floor(Number(query.get('from')) || 0));
      const found = await read(params['id'] ?? '', from);
      if (found === null) throw new HttpError(404, absent);
      return json(found);
    },
  };
}
