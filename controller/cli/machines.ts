import type { Fleet } from '../../definitions/manifest/fleet.ts';
import { folded } from '../../definitions/manifest/resolved/consequences.ts';
import { type ListedMachine, listMachines } from '../../definitions/report/machine-list.ts';
import { parseSelector } from '../../definitions/selection/selector-text.ts';
import type { Status } from '../../definitions/status.ts';
import { counted, printable, printableJson } from '../../definitions/values/text.ts';
import { GitError } from '../git/error.ts';
import { fleetOf, folderErrorText, readFolder } from './fleet/fleet-folder.ts';
import { openRepositoryView, RepositoryViewError } from './fleet/repository-view.ts';
import { type PublishedTipOptions, publishedTip, readStatusFiles, type StatusPlace } from './fleet/status-files.ts';
import type { Output } from './report.ts';
import { table } from './table.ts';

export interface MachinesOptions extends PublishedTipOptions {
  readonly folder: string;
  /** `rack=r7,role!=storage`; null: all machines. */
  readonly selector: string | null;
  readonly format: 'text' | 'json';
  readonly environment: NodeJS.ProcessEnv;
  readonly out: Output;
}

/** On a terminal; a pipe gets all of it. */
const LONGEST_NOTE = 60;
const MOST_JOBS = 3;

/**
 * Lists the inventory as it is on disk, with the jobs that reach each machine and what became of it last.
 * @returns the exit code: 0 listed, 1 the selector fits no machine, 2 it is none, 3 the fleet cannot be read
 */
export async function machines(options: MachinesOptions): Promise<number> {
  const { folder, selector: text, format, out, err } = options;
  const selector = text === null ? null : parseSelector(text);
  if (selector && 'fault' in selector) {
    err.write(`bmcron machines: ${selector.fault}\n`);
    return 2;
  }
  let fleet: Fleet;
  try {
    fleet = fleetOf(readFolder(folder));
  } catch (error) {
    err.write(`bmcron machines: ${folderErrorText(folder, error)}\n`);
    return 3;
  }
  const errors = folded(fleet.problems).filter(({ severity }) => severity === 'error').length;
  if (errors > 0) err.write(`left out what is refused: ${counted(errors, 'error')}, see bmcron validate\n`);
  const listed = listMachines(fleet, await statusesOf(options), selector);
  if (format === 'json') out.write(`${printableJson(listed, 2)}\n`);
  else if (listed.length > 0) out.write(tableOf(listed, out.isTTY === true));
  if (listed.length > 0 || selector === null) return 0;
  err.write(`no machine of ${fleet.machines.size} fits\n`);
  return 1;
}

/** What the status files say, at the tip of their branch or on disk; without them nothing is known of the past. */
async function statusesOf(options: MachinesOptions): Promise<readonly Status[]> {
  const { folder, environment, branch, fetch, err } = options;
  try {
    const repository = await openRepositoryView(folder, environment).catch((error: unknown) => {
      if (error instanceof RepositoryViewError && !branch && !fetch) return null;
      throw error;
    });
    const place: StatusPlace = repository ? { repository, tip: await publishedTip(repository, options) } : { folder };
    return (await readStatusFiles(place, err)).map(({ status }) => status);
  } catch (error) {
    if (!(error instanceof RepositoryViewError || error instanceof GitError)) throw error;
    err.write(`what became of them is not known: ${error.message}\n`);
    return [];
  }
}

function tableOf(listed: readonly ListedMachine[], isTTY: boolean): string {
  const rows = listed.map(({ machine, jobs, last }) => {
    const labels = Object.entries(machine.Labels ?? {}).map(([key, value]) => `${key}=${value}`);
    const named = isTTY ? jobs.slice(0, MOST_JOBS) : jobs;
    const more = jobs.length > named.length ? ` +${jobs.length - named.length}` : '';
    return [
      machine.ID,
      machine.Type,
      labels.join(',') || '-',
      `${named.join(',') || '-'}${more}`,
      lastText(last, isTTY),
    ];
  });
  return table(
    ['MACHINE', 'TYPE', 'LABELS', 'JOBS', 'LAST'],
    rows.map((row) => row.map(printable)),
  );
}

function lastText(last: ListedMachine['last'], isTTY: boolean): string {
  if (!last) return '-';
  const { job, time, outcome, reason } = last;
  const note =
    reason !== null && isTTY && reason.length > LONGEST_NOTE ? `${reason.slice(0, LONGEST_NOTE - 1)}…` : reason;
  return `${outcome} ${time} ${job}${note === null ? '' : `: ${note}`}`;
}
