import type { NextRun } from '../calendar/upcoming.ts';
import type { PayloadEntry, Schedule } from '../job.ts';
import type { Machine } from '../machine.ts';
import type { Problem } from '../problem.ts';
import type { Status } from '../status.ts';
import { counted, printable, show } from '../values/text.ts';
import type { JobDescription, MachineDescription, PlacedLog } from './description.ts';
import { changesText } from './log-line.ts';

/** A label, and what stands beside it: one line or several. */
type Row = readonly [label: string, ...lines: readonly string[]];

const LABEL_WIDTH = 13;
const MACHINES_NAMED = 20;

/** A job's description for people, as `kubectl describe` prints one. */
export function jobText({ job, manifest, status, next, never, problems, logs }: JobDescription): string {
  const spec = manifest?.spec;
  return printed([
    ['Job', spec ? `${job}  ${show(spec.Name)}` : job],
    ['Manifest', manifest ? manifest.source.file : 'none that is valid'],
    ['Problems', ...problems.map(problemText)],
    ['Action', spec?.Action ?? status?.Action ?? '?'],
    ['Payload', ...((spec ?? status)?.Payload.map(entryText) ?? [])],
    ['Schedule', scheduleText(spec?.Schedule ?? status?.Schedule)],
    ['Machines', machinesText(spec?.Machines ?? status?.Machines ?? [])],
    ['Next runs', ...(next.length > 0 ? next.map(runText) : [never ?? 'none'])],
    ...(status ? statusRows(status) : [['Status', 'nothing published yet'] as const]),
    ['Last parts', ...logs.map(logText)],
  ]);
}

/** A machine's description for people. */
export function machineText({ machine, inventory, jobs, problems, logs }: MachineDescription): string {
  const failed = logs.findLast(({ log }) => log.Status === 'failed');
  return printed([
    ['Machine', inventory?.Name === undefined ? machine : `${machine}  ${show(inventory.Name)}`],
    ...(inventory ? inventoryRows(inventory) : [['Inventory', 'no valid document of machines/ has it'] as const]),
    ['Problems', ...problems.map(problemText)],
    [
      'Jobs',
      ...jobs.map(({ job, action, next, last }) => {
        const coming = next ? `next ${next.time}` : 'no coming run';
        return `${job}  ${action}  ${coming}  ${last ? `last ${partText(last)}` : 'has not run here lately'}`;
      }),
    ],
    ['Last failure', ...(failed ? [logText(failed)] : [])],
    ['Last parts', ...logs.map(logText)],
  ]);
}

function statusRows({ Status: phase, ExecutionCount, Conditions, LastRun, LastTrigger, Missed }: Status): Row[] {
  return [
    ['Status', `${phase}, ${counted(ExecutionCount, 'run')}`],
    [
      'Conditions',
      ...Conditions.map(({ Type, Status: holds, Reason, Message, LastTransitionTime }) => {
        return `${Type} ${holds}  ${Reason}: ${Message} (since ${LastTransitionTime})`;
      }),
    ],
    ['Last run', ...(LastRun ? lastRunLines(LastRun) : [])],
    [
      'Last trigger',
      ...(LastTrigger
        ? [`${LastTrigger.Token}  ${LastTrigger.Outcome} at ${LastTrigger.Time}: ${LastTrigger.Message}`]
        : []),
    ],
    ['Missed', ...Missed.map(({ Time, Reason }) => `${Time}  ${Reason}`)],
  ];
}

function lastRunLines(run: NonNullable<Status['LastRun']>): string[] {
  const { RunID, Trigger, StartTime, EndTime, Succeeded, Failed, FailedMachines } = run;
  const counts = `${Succeeded} succeeded, ${Failed} failed`;
  return [`${RunID}  ${Trigger}, ${StartTime} to ${EndTime ?? 'now'}: ${counts}`, ...FailedMachines];
}

function inventoryRows(machine: Machine): Row[] {
  const { Endpoint, Type, Labels = {}, CredentialsRef, TLS, Timeout, Managers = {} } = machine;
  const labels = Object.entries(Labels).map(([key, value]) => `${key}=${value}`);
  return [
    ['Endpoint', Endpoint],
    ['Type', Type],
    ['Labels', ...(labels.length > 0 ? [labels.join(', ')] : [])],
    ['Credentials', CredentialsRef ?? 'none: no login'],
    ['Certificate', certificateText(TLS)],
    ['Timeout', Timeout],
    [
      'Managers',
      ...Object.entries(Managers).map(([id, has]) => {
        const lists = Object.entries(has).map(([name, items]) => `${name} ${(items as readonly string[]).join(' ')}`);
        return [id, ...lists].join('; ');
      }),
    ],
  ];
}

function certificateText(tls: Machine['TLS']): string {
  if (tls?.Insecure) return 'any will do (Insecure)';
  if (tls?.Fingerprint) return `pinned, ${tls.Fingerprint}`;
  return tls?.CA ? `of the authority ${tls.CA}` : 'of an authority that this system trusts';
}

function scheduleText(schedule: Schedule | undefined): string {
  if (!schedule) return '?';
  const { Type, Time, Day, TimeZone, Period, StartingDeadline } = schedule;
  const period = Object.entries(Period ?? {}).filter(([, value]) => value !== null && value !== undefined);
  return [
    Type,
    Day,
    Time,
    TimeZone ?? "in the service's zone",
    ...period.filter(([, value]) => String(value) !== '').map(([key, value]) => `${key} ${String(value)}`),
    StartingDeadline && `starts at most ${StartingDeadline} late`,
  ]
    .filter((text) => text)
    .join(', ');
}

function machinesText(machines: readonly string[]): string {
  const rest = machines.length - MACHINES_NAMED;
  const named = machines.slice(0, MACHINES_NAMED).join(', ');
  return `${machines.length}: ${named}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function entryText({ Payload: fields, ...target }: PayloadEntry): string {
  const values = Object.entries(fields).map(([field, value]) => `${field} ${show(value)}`);
  return [Object.values(target).join(' '), values.join(', ')].filter((text) => text !== '').join(': ');
}

function runText({ time, local, note }: NextRun): string {
  return `${time}  ${local}${note ? `  ${note}` : ''}`;
}

function problemText({ file, line, column, path, message, severity }: Problem): string {
  return `${severity} ${file}:${line}:${column} ${path}: ${message}`;
}

function logText(placed: PlacedLog): string {
  const { JobID, MachineID, Action } = placed.log;
  return `${partText(placed)}  ${JobID} ${MachineID} ${Action}`;
}

function partText({ log }: PlacedLog): string {
  const note = [changesText(log), log.Error ?? ''].filter((text) => text !== '').join('; ');
  return `${log.Timestamp} ${log.Status}${note === '' ? '' : `  ${note}`}`;
}

/** Rows in two columns; those without a line are left out. */
function printed(rows: readonly Row[]): string {
  return rows
    .flatMap(([label, ...lines]) => {
      return lines.map((line, index) =>
        `${(index === 0 ? label : '').padEnd(LABEL_WIDTH)} ${printable(line)}`.trimEnd(),
      );
    })
    .map((line) => `${line}\n`)
    .join('');
}
