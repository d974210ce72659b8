import { readFile, stat } from 'node:fs/promises';
import { BlockList, isIP } from 'node:net';
import { join, sep } from 'node:path';
import { isSecretName } from '../definitions/machine.ts';
import { modeFault } from './file-mode.ts';

/** Secrets are read when they are used (R42), so that a change counts from the next run on. */
export interface Credentials {
  /** The login of a CredentialsRef, for this endpoint and no other; rejects with a CredentialsError. */
  get(ref: string, endpoint: string): Promise<{ username: string; password: string }>;
  /** The PEM certificates of an authority by the name that `TLS.CA` gives; rejects with a CredentialsError. */
  ca(name: string): Promise<string>;
  /** What of a reference others on this host may read, such as `rack1/password`; empty where it is in variables. */
  exposed(ref: string): Promise<readonly string[]>;
}

/** Why a secret is not used: a person must change something. Contains nothing secret. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

/** Where secrets come from: a folder with a folder for each reference, and variables for what that lacks. */
export interface CredentialsOptions {
  readonly dir?: string | undefined;
  readonly env: { readonly [name: string]: string | undefined };
}

const MAX_BYTES = 65_536;
/** What nobody else on the host should read: logins, and the addresses and secrets of receivers. */
const PRIVATE = ['username', 'password', 'url', 'token', 'secret'];

/** Credentials from `DIR/REF/username|password|endpoints`, else from `BMCRON_REF_USERNAME|PASSWORD|ENDPOINTS`. */
export function createCredentials({ dir, env }: CredentialsOptions): Credentials {
  const { field, whereOf } = createSecretFields({ dir, env });
  return {
    async get(ref, endpoint) {
      checkName(ref, 'CredentialsRef');
      const [username, password, endpoints] = await Promise.all([
        field(ref, 'username'),
        field(ref, 'password'),
        field(ref, 'endpoints'),
      ]);
      if (!username) throw new CredentialsError(`no username for CredentialsRef ${ref}: ${whereOf(ref, 'username')}`);
      if (!password) throw new CredentialsError(`no password for CredentialsRef ${ref}: ${whereOf(ref, 'password')}`);
      if (endpoints === undefined) {
        const advice = `list the hosts that may get it in ${whereOf(ref, 'endpoints')}`;
        throw new CredentialsError(`the secret of CredentialsRef ${ref} names no endpoints: ${advice}`);
      }
      if (!mayGet(endpoints, new URL(endpoint))) {
        throw new CredentialsError(`${endpoint} is not among the endpoints of CredentialsRef ${ref}`);
      }
      return { username, password };
    },
    async ca(name) {
      checkName(name, 'TLS.CA');
      if (!dir) throw new CredentialsError(`TLS.CA ${name} needs a credentials folder`);
      for (const path of [name, `${name}.pem`, `${name}.crt`, join(name, 'ca.crt')]) {
        const text = await readSecret(join(dir, path));
        if (text?.includes('-----BEGIN CERTIFICATE-----')) return text;
        if (text !== undefined) throw new CredentialsError(`the file of TLS.CA ${name} holds no PEM certificate`);
      }
      throw new CredentialsError(`no file for TLS.CA ${name} in the credentials folder`);
    },
    async exposed(ref) {
      if (!dir || !isSecretName(ref)) return [];
      const found = await Promise.all(
        PRIVATE.map(async (name) => {
          const stats = await stat(join(dir, ref, name)).catch(() => null);
          return stats !== null && modeFault(stats, 'secret') !== null ? [`${ref}/${name}`] : [];
        }),
      );
      return found.flat();
    },
  };
}

/** The texts of secrets, by the name of the secret and of its field; the door to both places. */
export interface SecretFields {
  /** Undefined: there is none. Rejects with a CredentialsError where it cannot be read. */
  field(ref: string, name: string): Promise<string | undefined>;
  /** Where it is looked for, for people who miss it. */
  whereOf(ref: string, name: string): string;
}

/** Secrets from `DIR/REF/name`, else from `BMCRON_REF_NAME`. */
export function createSecretFields({ dir, env }: CredentialsOptions): SecretFields {
  const variable = (name: string) => (Object.hasOwn(env, name) ? env[name] : undefined);
  return {
    field: async (ref, name) =>
      (dir ? await readSecret(join(dir, ref, name)) : undefined) ?? variable(variableOf(ref, name)),
    whereOf: (ref, name) =>
      dir ? `file ${ref}/${name} or variable ${variableOf(ref, name)}` : `variable ${variableOf(ref, name)}`,
  };
}

function variableOf(ref: string, name: string): string {
  return ['BMCRON', ref, name].map((each) => each.replace(/[^A-Za-z0-9]/g, '_').toUpperCase()).join('_');
}

/** A name that leads out of no folder. @throws CredentialsError for any other; `what` is the field that gives it */
export function checkName(name: string, what: string): void {
  if (isSecretName(name)) return;
  throw new CredentialsError(`${what} ${JSON.stringify(name.slice(0, 80))} is no name of letters, digits, . _ -`);
}

/** The text of a file without the newline at its end; undefined when there is no such file. */
async function readSecret(path: string): Promise<string | undefined> {
  const where = path.split(sep).slice(-2).join('/');
  try {
    const found = await stat(path); // first: a pipe would be waited for
    if (found.isDirectory()) return undefined;
    const fault = modeFault(found, 'trusted');
    if (fault !== null) throw new CredentialsError(`${where} in the credentials folder is not used: ${fault}`);
    if (!found.isFile()) throw new CredentialsError(`${where} in the credentials folder is no file`);
    if (found.size > MAX_BYTES) throw new CredentialsError(`${where} in the credentials folder is larger than 64 KiB`);
    return (await readFile(path, { encoding: 'utf8' })).replace(/\r?\n$/, '');
  } catch (error) {
    if (error instanceof CredentialsError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    if (code === 'EMFILE' || code === 'ENFILE') throw error; // nothing is wrong with the secret
    throw new CredentialsError(`${where} in the credentials folder cannot be read (${code})`);
  }
}

/** Whether a list of hosts, host:port pairs and CIDRs covers an endpoint. A name never matches an address range. */
function mayGet(list: string, endpoint: URL): boolean {
  const items = list.split(/[\n,]/).map((item) => item.trim());
  return items.some((item) => item !== '' && !item.startsWith('#') && covers(item.toLowerCase(), endpoint));
}

function covers(item: string, endpoint: URL): boolean {
  const host = bare(endpoint.hostname);
  const port = endpoint.port || (endpoint.protocol === 'https:' ? '443' : '80');
  if (item.includes('/')) return inRange(item, host);
  if (bare(item) === host || sameAddress(bare(item), host)) return true;
  const [, name, itemPort] = /^(.+):(\d{1,5})$/.exec(item) ?? [];
  if (name === undefined || (isIP(item) !== 0 && !item.startsWith('['))) return false;
  return (bare(name) === host || sameAddress(bare(name), host)) && itemPort === port;
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '').toLowerCase();
}

function sameAddress(one: string, other: string): boolean {
  const family = isIP(one);
  if (family === 0 || family !== isIP(other)) return false;
  const list = new BlockList();
  list.addAddress(one, family === 6 ? 'ipv6' : 'ipv4');
  return list.check(other, family === 6 ? 'ipv6' : 'ipv4');
}

function inRange(item: string, host: string): boolean {
  const [network = '', bits = ''] = item.split('/');
  const family = isIP(bare(network));
  const longest = family === 6 ? 128 : 32;
  if (family === 0 || family !== isIP(host) || !/^\d{1,3}$/.test(bits) || Number(bits) > longest) return false;
  const list = new BlockList();
  list.addSubnet(bare(network), Number(bits), family === 6 ? 'ipv6' : 'ipv4');
  return list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
