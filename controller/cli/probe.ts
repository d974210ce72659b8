import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../definitions/job.ts';
import type { Machine, MachineID } from '../../definitions/machine.ts';
import type { FileContent } from '../../definitions/manifest/read.ts';
import { didYouMean, printable, printableJson, show } from '../../definitions/values/text.ts';
import { decode } from '../../definitions/yaml/document.ts';
import type { Clock } from '../clock.ts';
import type { Credentials } from '../credentials.ts';
import { type Probed, probeMachine } from '../executors/prober.ts';
import { createConnectionPool } from '../redfish/http/pool.ts';
import type { Offers } from '../redfish/target/offers.ts';
import { createFairLimit } from '../runs/concurrency.ts';
import { fleetOf, folderErrorText, readFolder } from './fleet/fleet-folder.ts';
import { LISTS, withProbed } from './probe/inventory-edit.ts';
import { type Ask, accepted, pinnable } from './probe/pins.ts';
import { progress } from './probe/progress.ts';
import type { Output } from './report.ts';

export interface ProbeOptions {
  readonly folder: string;
  /** IDs of machines; empty: all machines. */
  readonly machines: readonly string[];
  readonly format: 'text' | 'json';
  /** Puts what was found under `Managers` and `Identity` in the inventory. */
  readonly write: boolean;
  /** Offers to write the fingerprints of certificates that are not trusted. */
  readonly pin: boolean;
  /** Takes that offer without asking. */
  readonly yes: boolean;
  readonly ask: Ask;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly out: Output;
  readonly err: Output;
}

const MOST_AT_ONCE = 50;

/**
 * Asks BMCs what they have, and says which jobs fit.
 * @returns the exit code: 0 all answered, 1 one did not answer or a machine is not there, 3 the folder cannot be read
 */
export async function probe(options: ProbeOptions): Promise<number> {
  const { folder, format, signal, out, err } = options;
  let files: ReadonlyMap<string, FileContent>;
  try {
    files = readFolder(folder);
  } catch (error) {
    err.write(`${folderErrorText(folder, error)}\n`);
    return 3;
  }
  const { machines, jobs } = fleetOf(files);
  const unknown = options.machines.find((id) => !machines.has(id));
  if (unknown !== undefined) {
    err.write(`no valid machine ${show(unknown)}${didYouMean(unknown, machines.keys())}\n`);
    return 1;
  }
  const chosen = [...machines.values()].filter(
    ({ ID }) => options.machines.length === 0 || options.machines.includes(ID),
  );
  const ask = probing(options, [...jobs.values()]);
  let probed = await ask(chosen);
  const pins = await pinned(options, machines, probed);
  if (pins.size > 0) {
    const again = await ask(chosen.flatMap((machine) => withPin(machine, pins.get(machine.ID))));
    const byMachine = new Map(again.map((each) => [each.machine, each]));
    probed = probed.map((each) => byMachine.get(each.machine) ?? each);
  }
  out.write(format === 'json' ? `${printableJson(probed, 2)}\n` : probed.map(machineText).join('\n'));
  if (signal.aborted) {
    err.write(
      'bmcron probe: ended by a signal before all BMCs had answered; nothing was changed on them, or written\n',
    );
    return 1;
  }
  if (options.write) await writeInventory(options, files, probed, pins);
  return probed.some(({ error }) => error !== null) ? 1 : 0;
}

/** Asks machines at once, as many as one process may; tells how far it is. */
function probing({ credentials, clock, signal, err }: ProbeOptions, jobs: readonly Job[]) {
  const limit = createFairLimit(MOST_AT_ONCE);
  const conversation = { credentials, clock, signal, random: Math.random, pool: createConnectionPool() };
  return (machines: readonly Machine[]): Promise<readonly Probed[]> => {
    const answered = progress(machines.length, err);
    return Promise.all(
      machines.map(async (machine) => {
        const its = jobs.filter((job) => job.machines.includes(machine.ID));
        const probed = await limit.run(machine.ID, () => probeMachine(machine, its, conversation));
        answered();
        return probed;
      }),
    );
  };
}

/** The fingerprints that a person accepts, by machine. */
async function pinned(
  { pin, yes, ask, machines: named, signal, err }: ProbeOptions,
  machines: ReadonlyMap<MachineID, Machine>,
  probed: readonly Probed[],
): Promise<ReadonlyMap<MachineID, string>> {
  const pins = pin && !signal.aborted ? pinnable(machines, probed, named) : [];
  if (pins.length === 0 || !(await accepted(pins, yes, ask, err))) return new Map();
  return new Map(pins.map(({ machine, certificate }) => [machine.ID, certificate.fingerprint]));
}

function withPin(machine: Machine, fingerprint: string | undefined): readonly Machine[] {
  return fingerprint === undefined ? [] : [{ ...machine, TLS: { ...machine.TLS, Fingerprint: fingerprint } }];
}

function machineText(probed: Probed): string {
  if (probed.error !== null) return linesText([`${probed.machine}  ${probed.error}`, ...certificateLines(probed)]);
  const lines = probed.managers.flatMap((manager) => [
    `  ${manager.ID}  firmware ${manager.Firmware ?? 'unknown'}${manager.Profiles ? '' : ', no fan data'}`,
    ...LISTS.flatMap((list) => (manager[list] ? [`    ${list.padEnd(16)}${manager[list].join(', ') || '-'}`] : [])),
  ]);
  const places = (['systems', 'chassis'] as const).flatMap((list) => {
    if (probed[list].length === 0) return [];
    const offers = probed.offers[list === 'systems' ? 'Systems' : 'Chassis'] ?? {};
    return [`  ${list.padEnd(9)} ${probed[list].join(', ')}`, ...Object.entries(offers).flatMap(offerLines)];
  });
  const { SerialNumber, UUID } = probed.identity ?? {};
  const identity = [SerialNumber && `SerialNumber ${SerialNumber}`, UUID && `UUID ${UUID}`].filter(Boolean);
  const who = identity.length > 0 ? [`  identity  ${identity.join(', ')}`] : [];
  const fits = probed.jobs.map(
    ({ job, error }) => `  job ${job}: ${error === null ? 'fits' : `does not fit, ${error}`}`,
  );
  return linesText([`${probed.machine}  reachable`, ...lines, ...places, ...who, ...fits]);
}

/** What BMCs say is whatever somebody wrote into them (R44). */
function linesText(lines: readonly string[]): string {
  return `${lines.map(printable).join('\n')}\n`;
}

function certificateLines({ certificate }: Probed): readonly string[] {
  if (certificate === null) return [];
  const { fingerprint, subject, issuer, validFrom, validTo } = certificate;
  const day = (time: string | null) => time?.slice(0, 10) ?? 'unknown';
  return [
    `  certificate  ${fingerprint}`,
    `  subject      ${subject || '-'}`,
    `  issuer       ${issuer || '-'}`,
    `  valid        ${day(validFrom)} to ${day(validTo)}`,
  ];
}

/** `    system  SetPowerState  On, ForceOff` */
function offerLines([id, offers]: readonly [string, Offers]): readonly string[] {
  return Object.entries(offers).map(([action, values]) => `    ${id}  ${action}  ${values.join(', ')}`);
}

/** Edits the files that the machines stand in, in place. @param pins what a person has accepted, by machine */
async function writeInventory(
  { folder, err }: ProbeOptions,
  files: ReadonlyMap<string, FileContent>,
  probed: readonly Probed[],
  pins: ReadonlyMap<MachineID, string>,
): Promise<void> {
  const told = probed.filter(({ machine, error }) => error === null || pins.has(machine));
  for (const [path, bytes] of files) {
    const decoded = path.startsWith('machines/') && bytes instanceof Uint8Array ? decode(bytes) : undefined;
    if (!decoded || !('text' in decoded)) continue;
    const text = told.reduce((before, each) => withProbed(before, each, pins.get(each.machine)), decoded.text);
    if (text === decoded.text) continue;
    await fs.writeFile(join(folder, path), text);
    err.write(`wrote ${path}\n`);
  }
}
