import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isObject, type Json } from '../../definitions/values/json.ts';
import { makeFolder } from '../state/atomic-file.ts';
import { type Certificate, newCertificate } from './bmc/certificate.ts';
import type { SavedValues } from './bmc/saved-values.ts';
import { type Bmc, type BmcOptions, startBmc } from './bmc.ts';
import { PRESETS, type PresetName } from './presets/index.ts';

/** One simulated machine, by the name that it has in an inventory. */
export interface RackMachine {
  readonly id: string;
  readonly preset: PresetName;
  readonly labels: Readonly<Record<string, string>>;
  readonly bmc: Bmc;
}

/** Simulated BMCs with one login and one certificate, and a folder in which they last. */
export interface Rack {
  readonly machines: readonly RackMachine[];
  readonly username: string;
  /** As `--credentials-dir` wants it; the reference is `simulated`. */
  readonly credentialsDir: string;
  /** The machines as documents of an inventory. */
  readonly inventory: readonly Json[];
  /** Writes down what they hold; they go off the line. */
  close(): Promise<void>;
}

/** A machine that is wanted. */
export interface WantedMachine extends Pick<BmcOptions, 'managers' | 'host'> {
  readonly id: string;
  readonly preset: PresetName;
  /** Beside those that every machine of a rack has. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface RackOptions {
  /** Where ports, login, certificate and values are kept; a rack that is there already is taken up again. */
  readonly folder: string;
  readonly machines: readonly WantedMachine[];
}

/** What `rack.json` holds. It has a private key in it: nobody else may read it. The login is among the secrets. */
interface RackFile {
  readonly certificate: Certificate;
  readonly machines: { readonly [id: string]: KeptMachine };
}

interface KeptMachine {
  readonly preset: PresetName;
  readonly port: number;
  readonly serialNumber: string;
  readonly values?: SavedValues;
}

const CREDENTIALS_REF = 'simulated';

/** Starts the machines of a rack, those that it had before on their ports and with their values. */
export async function openRack({ folder, machines }: RackOptions): Promise<Rack> {
  const path = join(folder, 'rack.json');
  const kept = readRackFile(path) ?? (await newRackFile());
  const credentialsDir = join(folder, 'secrets');
  const login = await openLogin(join(credentialsDir, CREDENTIALS_REF));
  const started = await startAll(machines.map((wanted) => startMachine(wanted, kept, login)));
  const write = () => writeRackFile(path, { ...kept, machines: { ...kept.machines, ...keptNow(started) } });
  await write();
  return {
    machines: started,
    username: login.username,
    credentialsDir,
    inventory: started.map((each) => inventoryOf(each, kept.certificate)),
    async close() {
      if (existsSync(dirname(path))) await write();
      await Promise.all(started.map(({ bmc }) => bmc.close()));
    },
  };
}

async function newRackFile(): Promise<RackFile> {
  return { certificate: await newCertificate(), machines: {} };
}

interface RackLogin {
  readonly username: string;
  readonly password: string;
}

/** The login that a folder of secrets holds, made where there is none. */
async function openLogin(folder: string): Promise<RackLogin> {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8').trim();
  if (existsSync(join(folder, 'password'))) return { username: read('username'), password: read('password') };
  const login: RackLogin = { username: 'operator', password: randomBytes(12).toString('base64url') };
  if (!existsSync(folder)) {
    await makeFolder(dirname(folder));
    await mkdir(folder, { mode: 0o700 });
  }
  for (const [name, text] of Object.entries({ endpoints: '127.0.0.1', ...login })) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
  }
  return login;
}

/** Undefined where there is none. @throws Error when the file is none of ours */
function readRackFile(path: string): RackFile | undefined {
  if (!existsSync(path)) return undefined;
  const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (isObject(read) && isObject(read['machines']) && isObject(read['certificate'])) return read as unknown as RackFile;
  throw new Error(`${path} is not what this program writes: name another folder, or remove it`);
}

async function writeRackFile(path: string, file: RackFile): Promise<void> {
  await makeFolder(dirname(path));
  await writeFile(path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
}

async function startMachine(wanted: WantedMachine, kept: RackFile, login: RackLogin): Promise<RackMachine> {
  const { id, preset, labels = {}, managers, host } = wanted;
  const before = Object.hasOwn(kept.machines, id) ? kept.machines[id] : undefined;
  if (before && before.preset !== preset) {
    throw new Error(`${id} was a ${before.preset} before and cannot be a ${preset}: name another folder`);
  }
  const options: BmcOptions = {
    preset,
    ...login,
    certificate: kept.certificate,
    ...(managers ? { managers } : {}),
    ...(host ? { host } : {}),
    ...(before ? { port: before.port, serialNumber: before.serialNumber } : {}),
    ...(before?.values ? { values: before.values } : {}),
  };
  try {
    return { id, preset, labels, bmc: await startBmc(options) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new Error(`the port of ${id}, ${before?.port}, is taken: does this rack run already?`);
  }
}

/** All of them, or none: those that have started are closed again. */
async function startAll(starting: readonly Promise<RackMachine>[]): Promise<readonly RackMachine[]> {
  const results = await Promise.allSettled(starting);
  const started = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = results.find((each) => each.status === 'rejected');
  if (!failed) return started;
  await Promise.all(started.map(({ bmc }) => bmc.close()));
  throw failed.reason;
}

function keptNow(machines: readonly RackMachine[]): Record<string, KeptMachine> {
  return Object.fromEntries(
    machines.map(({ id, preset, bmc }): [string, KeptMachine] => [
      id,
      {
        preset,
        port: Number(new URL(bmc.endpoint).port),
        serialNumber: bmc.serialNumber,
        values: bmc.values(),
      },
    ]),
  );
}

/** What `probe --write` would find: guards on hosts ask for it. */
function identityOf(preset: PresetName, bmc: Bmc): Json {
  const system = bmc.read(`/redfish/v1/${PRESETS[preset].host.system}`) ?? {};
  const named = ['SerialNumber', 'UUID'].map((name) => [name, String(system[name] ?? '').trim()] as const);
  return Object.fromEntries(named.filter(([, value]) => value !== ''));
}

function inventoryOf({ id, preset, labels, bmc }: RackMachine, { fingerprint }: Certificate): Json {
  return {
    ID: id,
    Name: `Simulated: ${PRESETS[preset].title}`,
    Type: 'fans' in PRESETS[preset] ? 'Extend' : 'Base',
    Endpoint: bmc.endpoint,
    CredentialsRef: CREDENTIALS_REF,
    TLS: { Fingerprint: fingerprint },
    Labels: { preset, simulated: 'yes', ...labels },
    Identity: identityOf(preset, bmc),
  };
}
