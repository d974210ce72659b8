import { describeJob, describeMachine, type FleetAt, type PlacedLog } from '../../definitions/report/description.ts';
import { jobText, machineText } from '../../definitions/report/description-text.ts';
import { didYouMean, printableJson, show } from '../../definitions/values/text.ts';
import { GitError } from '../git/error.ts';
import { lastLogs } from './fleet/log-reader.ts';
import { openRepositoryView, RepositoryViewError } from './fleet/repository-view.ts';
import { type PublishedTipOptions, publishedTip, readStatusFiles } from './fleet/status-files.ts';
import type { Output } from './report.ts';

export interface DescribeOptions extends PublishedTipOptions {
  /** The fleet's folder. */
  readonly folder: string;
  /** The ID of a job or of a machine, or of both. */
  readonly name: string;
  readonly format: 'text' | 'json';
  readonly environment: NodeJS.ProcessEnv;
  readonly now: Date;
  readonly out: Output;
}

const LOGS_SHOWN = 10;
const SINCE_MS = 30 * 86_400_000;

/**
 * Prints everything that the branch's tip says of a job, and of a machine of that name.
 * @returns the exit code: 0 printed, 1 nothing bears that name, 3 not readable
 */
export async function describe(options: DescribeOptions): Promise<number> {
  const { name, format, now, out, err } = options;
  try {
    const repository = await openRepositoryView(options.folder, options.environment);
    const tip = await publishedTip(repository, options);
    const files = await readStatusFiles({ repository, tip }, err);
    const { fleet } = await repository.at(tip);
    const at: FleetAt = { fleet, statuses: files.map(({ status }) => status), now };
    const since = new Date(now.getTime() - SINCE_MS);
    const logsOf = (filter: { readonly job: string } | { readonly machine: string }): Promise<readonly PlacedLog[]> =>
      lastLogs(repository, tip, { ...filter, since }, LOGS_SHOWN);
    const job = describeJob(name, at, await logsOf({ job: name }));
    const machine = describeMachine(name, at, await logsOf({ machine: name }));
    if (!job && !machine) {
      const known = [...fleet.jobs.keys(), ...fleet.machines.keys()];
      err.write(`bmcron describe: neither a job nor a machine is named ${show(name)}${didYouMean(name, known)}\n`);
      return 1;
    }
    if (format === 'json') out.write(`${printableJson({ job, machine }, 2)}\n`);
    else out.write([job && jobText(job), machine && machineText(machine)].filter((text) => text).join('\n'));
    return 0;
  } catch (error) {
    if (!(error instanceof RepositoryViewError || error instanceof GitError)) throw error;
    err.write(`bmcron describe: ${error.message}\n`);
    return 3;
  }
}
