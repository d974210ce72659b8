import { siteOf } from '../../definitions/engine/site.ts';
import { DEFAULT_SETTINGS } from '../../definitions/settings.ts';
import { counted, printable, printableJson } from '../../definitions/values/text.ts';
import type { Clock } from '../clock.ts';
import type { Credentials, SecretFields } from '../credentials.ts';
import { VERSION } from '../version.ts';
import { type Check, failed, ok, warning } from './doctor/check.ts';
import { gitChecks } from './doctor/git-checks.ts';
import { machineChecks } from './doctor/machine-checks.ts';
import { receiverChecks } from './doctor/receiver-checks.ts';
import { fleetOf, folderErrorText, readFolder } from './fleet/fleet-folder.ts';
import type { Output } from './report.ts';
import { table } from './table.ts';

export interface DoctorOptions {
  /** The fleet's folder. */
  readonly folder: string;
  readonly remote?: string;
  readonly branch?: string;
  readonly remoteCredentials?: string;
  readonly stateDir?: string;
  /** False: the BMCs are not asked. */
  readonly machines: boolean;
  readonly credentials: Credentials;
  /** Where the secrets of receivers are. */
  readonly secrets: SecretFields;
  readonly format: 'text' | 'json';
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly color: boolean;
  readonly out: Output;
}

const LEAST_NODE = [20, 19] as const;
const COLORS: Readonly<Record<Check['state'], number>> = { ok: 32, warning: 33, error: 31 };
const STATE_COLUMN = 0;

/**
 * Looks at everything that `run` would need, and changes nothing: what is right, and what to do about the rest.
 * @returns the exit code: 0 nothing is in the way of a run, 1 something is
 */
export async function doctor(options: DoctorOptions): Promise<number> {
  const { format, out, color } = options;
  const checks = [programCheck(), ...(await fleetChecks(options))];
  const errors = checks.filter(({ state }) => state === 'error').length;
  if (format === 'json') out.write(`${printableJson(checks, 2)}\n`);
  else {
    out.write(checksText(checks, color));
    out.write(errors === 0 ? 'nothing is in the way of a run\n' : `${counted(errors, 'thing')} to mend\n`);
  }
  return errors === 0 ? 0 : 1;
}

async function fleetChecks(options: DoctorOptions): Promise<readonly Check[]> {
  const { folder, clock } = options;
  let fleet: ReturnType<typeof fleetOf>;
  try {
    fleet = fleetOf(readFolder(folder));
  } catch (error) {
    return [failed('fleet', folderErrorText(folder, error), 'name the folder that holds jobs/ and machines/')];
  }
  const git = await gitChecks({ ...options, now: clock.now() });
  const settings = fleet.settings ?? DEFAULT_SETTINGS;
  const own = [...fleet.machines.values()].filter((machine) => siteOf(machine, settings.Sites) === null);
  const machines = await machineChecks({ ...options, machines: own, online: options.machines });
  const receivers = await receiverChecks(settings, options.secrets, options.credentials);
  const sites = siteChecks(fleet.machines.size - own.length);
  return [fleetCheck(folder, fleet), ...git, ...receivers, ...sites, ...machines];
}

/** Their secrets and their BMCs are the workers' there: nothing of them can be seen from here. */
function siteChecks(machines: number): readonly Check[] {
  if (machines === 0) return [];
  return [ok('sites', `${counted(machines, 'machine')} of sites: bmcron workers tells who serves them`)];
}

function fleetCheck(folder: string, { jobs, machines, problems }: ReturnType<typeof fleetOf>): Check {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const found = `${folder}: ${counted(jobs.size, 'job')}, ${counted(machines.size, 'machine')}`;
  if (errors > 0) return failed('fleet', `${found}, ${counted(errors, 'error')}`, 'bmcron validate says where');
  return jobs.size > 0 ? ok('fleet', found) : warning('fleet', found, 'add a job: docs/manifests.md, or bmcron init');
}

function programCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const found = `bmcron ${VERSION}, Node ${process.versions.node} on ${process.platform}`;
  const isNew = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return isNew ? ok('program', found) : failed('program', found, `it needs Node ${LEAST_NODE.join('.')} or later`);
}

function checksText(checks: readonly Check[], color: boolean): string {
  const rows = checks.map(({ state, what, found, advice }) => {
    return [state, what, advice === null ? found : `${found}. To do: ${advice}`].map(printable);
  });
  const paint = (cell: string, column: number) => {
    const code = column === STATE_COLUMN ? COLORS[cell.trim() as Check['state']] : undefined;
    return color && code ? `\u001b[${code}m${cell}\u001b[0m` : cell;
  };
  return table(['', 'CHECK', 'FOUND'], rows, paint);
}
