import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The version that the suite is run with, in CI and by hand. */
export const NATS_VERSION = 'v2.15.3';

const INSTALL = `go install github.com/nats-io/nats-server/v2@${NATS_VERSION}`;

/** The path of the server's program: NATS_SERVER, or `nats-server` on the PATH. @throws Error that says how to get it */
export function natsServer(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['NATS_SERVER'];
  const places = (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'nats-server'));
  const found = (named ? [named] : places).find(isProgram);
  if (found) return found;
  const where = named ? `NATS_SERVER names ${named}, which is no program` : 'there is no nats-server on the PATH';
  throw new Error(`${where}: ${INSTALL}, and name its path by NATS_SERVER`);
}

/** @throws Error where the program is of another version than the suite is made for */
export function checkVersion(program: string): void {
  const said = execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
  if (!said.endsWith(NATS_VERSION)) throw new Error(`${program} is "${said}", not ${NATS_VERSION}: ${INSTALL}`);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
