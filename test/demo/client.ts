// A public client, tried on a simulated BMC.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type Bmc, startBmc } from '../../controller/demo/bmc.ts';
import type { PresetName } from '../../controller/demo/presets/index.ts';
import type { PythonRoom } from '../support/python.ts';

/** The ID at the end of a path. */
export const idOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Runs a client on a BMC of a preset; no login of its may be left. */
export async function tried(preset: PresetName, room: PythonRoom, client: (bmc: Bmc, ca: string) => Promise<void>) {
  const bmc = await startBmc({ preset, host: { railsMs: 50, bootMs: 100, shutdownMs: 100 } });
  const certificate = join(room.folder, `${preset}.pem`);
  writeFileSync(certificate, bmc.certificate);
  try {
    await client(bmc, certificate);
    assert.is(bmc.sessions, 0, 'no session is left');
  } finally {
    await bmc.close();
  }
}
