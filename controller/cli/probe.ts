import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { FileContent } from '../../definitions/manifest/read.ts';
import { isObject, type JsonObject, mergePatch, own } from '../../definitions/values/json.ts';
import { didYouMean, show } from '../../definitions/values/text.ts';
import { decode, parse } from '../../definitions/yaml/document.ts';
import { edit } from '../../definitions/yaml/edit.ts';
import type { Clock } from '../clock.ts';
import type { Credentials } from '../credentials.ts';
import { type Probed, probeMachine } from '../executors/prober.ts';
import { createConnectionPool } from '../redfish/http/pool.ts';
import type { Offers } from '../redfish/target/offers.ts';
import { createFairLimit } from '../runs/concurrency.ts';
import { fleetOf, folderErrorText, readFolder } from './fleet/fleet-folder.ts';
import type { Output } from './report.ts';

export interface ProbeOptions {
  readonly folder: string;
  /** IDs of machines; empty: all machines. */
  readonly machines: readonly string[];
  readonly format: 'text' | 'json';
  /** Puts what was found under `Managers` and `Identity` in the inventory. */
  readonly write: boolean;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly out: Output;
  readonly err: Output;
}

const MOST_AT_ONCE = 50;
const LISTS = ['Profiles', 'FanControllers', 'FanZones', 'PidControllers'] as const;

/**
 * Asks BMCs what they have, and says which jobs fit.
 * @returns the exit code: 0 all answered, 1 one did not answer or a machine is not there, 3 the folder cannot be read
 */
export async function probe(options: ProbeOptions): Promise<number> {
  const { folder, format, credentials, clock, signal, out, err } = options;
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
  const limit = createFairLimit(MOST_AT_ONCE);
  const conversation = { credentials, clock, signal, random: Math.random, pool: createConnectionPool() };
  const probed = await Promise.all(
    chosen.map((machine) => {
      const its = [...jobs.values()].filter((job) => job.machines.includes(machine.ID));
      return limit.run(machine.ID, () => probeMachine(machine, its, conversation));
    }),
  );
  out.write(format === 'json' ? `${JSON.stringify(probed, null, 2)}\n` : probed.map(machineText).join('\n'));
  if (signal.aborted) {
    err.write(
      'bmcron probe: ended by a signal before all BMCs had answered; nothing was changed on them, or written\n',
    );
    return 1;
  }
  if (options.write) await writeInventory(folder, files, probed, err);
  return probed.some(({ error }) => error !== null) ? 1 : 0;
}

function machineText(probed: Probed): string {
  if (probed.error !== null) return `${probed.machine}  ${probed.error}\n`;
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
  return `${[`${probed.machine}  reachable`, ...lines, ...places, ...who, ...fits].join('\n')}\n`;
}

/** `    system  SetPowerState  On, ForceOff` */
function offerLines([id, offers]: readonly [string, Offers]): readonly string[] {
  return Object.entries(offers).map(([action, values]) => `    ${id}  ${action}  ${values.join(', ')}`);
}

/** Edits the files that the machines stand in, in place; a machine that did not answer keeps what is written. */
async function writeInventory(
  folder: string,
  files: ReadonlyMap<string, FileContent>,
  probed: readonly Probed[],
  err: Output,
): Promise<void> {
  const answered = probed.filter(({ error }) => error === null);
  for (const [path, bytes] of files) {
    const decoded = path.startsWith('machines/') && bytes instanceof Uint8Array ? decode(bytes) : undefined;
    if (!decoded || !('text' in decoded)) continue;
    const text = answered.reduce(withManagers, decoded.text);
    if (text === decoded.text) continue;
    await fs.writeFile(join(folder, path), text);
    err.write(`wrote ${path}\n`);
  }
}

/** The text of an inventory file with what a BMC has; as it was when the machine does not stand in it. */
function withManagers(text: string, { machine, managers, systems, chassis, identity }: Probed): string {
  const documents = parse(new TextEncoder().encode(text));
  const index = documents.findIndex(({ value, faults }) => faults.length === 0 && own(value, 'ID') === machine);
  const lists = managers.map((manager) => {
    const written = own(own(documents[index]?.value, 'Managers'), manager.ID);
    // a BMC that boots has nothing yet: an empty list takes nothing away from what is written
    const told = LISTS.filter((list) => manager[list]?.length || (manager[list] && !own(written, list)));
    return [manager.ID, Object.fromEntries(told.map((list) => [list, manager[list]]))];
  });
  const found = {
    Managers: Object.fromEntries(lists),
    ...(systems.length > 0 && { Systems: systems }), // as above: an empty list takes nothing away
    ...(chassis.length > 0 && { Chassis: chassis }),
    ...(identity && { Identity: identity }),
  };
  const value = mergePatch(documents[index]?.value, found as unknown as JsonObject);
  return index >= 0 && isObject(value) ? (edit(text, index, value) ?? text) : text;
}
