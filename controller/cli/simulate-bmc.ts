import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { print as printYaml } from '../../definitions/yaml/document.ts';
import type { HostHabits } from '../demo/machine/host.ts';
import { PRESETS, type PresetName } from '../demo/presets/index.ts';
import { openRack, type Rack, type WantedMachine } from '../demo/rack.ts';
import { makeFolder } from '../state/atomic-file.ts';
import { untilSignal } from './arguments.ts';
import type { ExitCode } from './exit-code.ts';

export interface SimulateBmcOptions {
  /** Taken in turn. */
  readonly preset: readonly PresetName[];
  readonly count: number;
  /** A folder that stays; absent: a temporary one. */
  readonly keep?: string;
  readonly os: 'obeys' | 'ignores-acpi' | 'hangs' | 'dead';
  /** In milliseconds, as the next. */
  readonly bootTime: number;
  readonly shutdownTime: number;
  readonly format: 'text' | 'json';
}

const INVENTORY = 'simulated.yaml';

/** Simulated BMCs on loopback until a signal; prints where they are, and what a fleet needs to use them. */
export async function simulateBmc(options: SimulateBmcOptions): Promise<ExitCode> {
  const { keep, format } = options;
  const folder = keep === undefined ? mkdtempSync(join(tmpdir(), 'bmcron-bmcs-')) : resolve(keep);
  const signal = untilSignal();
  try {
    const rack = await openRack({ folder, machines: wanted(options) });
    try {
      const inventory = join(folder, 'machines', INVENTORY);
      await makeFolder(join(folder, 'machines'));
      await writeFile(inventory, printYaml(rack.inventory));
      process.stdout.write(format === 'json' ? `${asJson(rack, inventory)}\n` : asText(rack, folder, inventory));
      await new Promise<void>((done) => {
        if (signal.aborted) done();
        else signal.addEventListener('abort', () => done(), { once: true });
      });
    } finally {
      await rack.close();
    }
  } finally {
    if (keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

function wanted({ preset, count, os, bootTime, shutdownTime }: SimulateBmcOptions): readonly WantedMachine[] {
  const host: Partial<HostHabits> = {
    os: os === 'ignores-acpi' ? 'ignores ACPI' : os,
    bootMs: bootTime,
    shutdownMs: shutdownTime,
  };
  const numbers = new Map<PresetName, number>();
  return Array.from({ length: count }, (_, index) => {
    const name = preset[index % preset.length] ?? 'openbmc';
    const number = (numbers.get(name) ?? 0) + 1;
    numbers.set(name, number);
    return { id: `${name}-${number}`, preset: name, host };
  });
}

function asJson({ machines, username, credentialsDir }: Rack, inventory: string): string {
  const shown = machines.map(({ id, preset, bmc }) => ({ id, preset, endpoint: bmc.endpoint }));
  return JSON.stringify({ machines: shown, username, credentialsDir, inventory });
}

function asText({ machines, username, credentialsDir }: Rack, folder: string, inventory: string): string {
  const width = Math.max(...machines.map(({ id }) => id.length));
  const lines = machines.map(
    ({ id, preset, bmc }) => `  ${id.padEnd(width)}  ${bmc.endpoint}  ${PRESETS[preset].title}\n`,
  );
  const many = machines.length === 1 ? 'A simulated BMC' : `${machines.length} simulated BMCs`;
  const secret = join(credentialsDir, 'simulated');
  return `${many}, until Ctrl-C:
${lines.join('')}
inventory    ${inventory}
credentials  ${credentialsDir} (--credentials-dir)
login        ${username}, the password is in ${join(secret, 'password')}

To try:
  bmcron probe --credentials-dir ${credentialsDir} ${folder}
  curl --insecure --user "${username}:$(cat ${join(secret, 'password')})" \\
    ${machines[0]?.bmc.endpoint}/redfish/v1/Systems
`;
}
