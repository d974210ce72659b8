import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ValidateOptions } from '../../controller/cli/validate.ts';

/** When the tests take place. */
export const NOW = new Date('2026-03-10T10:00:00Z');
/** One machine. */
export const MACHINE = 'ID: machine-1\nEndpoint: https://10.0.0.11\n';
/** A job that runs every night. */
export const NIGHTLY = `Name: Nightly
Machines: [machine-1]
Action: PatchProfile
Payload:
  - ManagerID: bmc
    Payload: { Profile: PowerSaver }
Schedule:
  Type: Continuous
  Time: 02:30:00
  TimeZone: Europe/Berlin
  Period: {}
`;

/** Writes files below a folder. */
export function write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** What a command said, and how it ended. */
export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command and keeps what it prints. */
export async function captured(
  command: (streams: Pick<ValidateOptions, 'out' | 'err' | 'now'>) => Promise<number>,
): Promise<Printed> {
  const printed = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({ write: (text: string) => (printed[name] += text) });
  const code = await command({ out: stream('out'), err: stream('err'), now: NOW });
  return { code, ...printed };
}
