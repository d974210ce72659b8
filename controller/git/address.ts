import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Git } from './command.ts';
import { isRemoteURL } from './discover.ts';
import { GitError } from './error.ts';

/** Where a remote is, and what its user has set for reaching it. */
export interface Address {
  /** Without a password. */
  readonly url: string;
  readonly pushUrl: string;
  /** Git settings for commands that talk to it, by name. */
  readonly settings: readonly (readonly [string, string])[];
  /** Environment variables for them. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Settings of a work tree that say how its remotes are reached; its clone must be reached the same way. */
const REACHING = '^(credential|http|https|url|ssh|protocol)\\.|^core\\.(sshcommand|gitproxy|askpass)$';
/** The password comes from the environment of the one command; neither the disk nor `ps` shows it. */
const HELPER =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$BMCRON_GIT_USER" "$BMCRON_GIT_PASSWORD"; }; f';

/** The address that a URL or a folder names; a password in it is taken out, and reaches git another way. */
export function addressOf(url: string): Address {
  const plain: Address = { url, pushUrl: url, settings: [], environment: {} };
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return plain;
  const parsed = new URL(url);
  if (!parsed.password) return plain;
  const environment = {
    BMCRON_GIT_USER: decodeURIComponent(parsed.username),
    BMCRON_GIT_PASSWORD: decodeURIComponent(parsed.password),
  };
  parsed.username = '';
  parsed.password = '';
  return {
    url: parsed.href,
    pushUrl: parsed.href,
    settings: [[`credential.${parsed.origin}.helper`, HELPER]],
    environment,
  };
}

/**
 * The address of a work tree's remote. Of a work tree that is another user's it is the address alone: what that user
 * has set for reaching it (`core.sshCommand`, say) would run here.
 * @throws GitError when it has none of that name, or several URLs to push to
 */
export async function addressOfRemote(git: Git, name: string, top: string, isOthers = false): Promise<Address> {
  const whole = (text: string) => (isRemoteURL(text) || isAbsolute(text) ? text : resolve(top, text));
  const urlOf = async (...option: string[]) => {
    const [text = '', ...others] = (await git.text(['remote', 'get-url', ...option, '--', name])).trimEnd().split('\n');
    if (others.length > 0) {
      const advice = 'the service pushes to one; leave one of them, or add a remote of its own and name that';
      const urls = [text, ...others].map((each) => addressOf(each).url).join(', ');
      throw new GitError(`remote ${name} has ${others.length + 1} URLs to push to (${urls}): ${advice}`, null);
    }
    return whole(text);
  };
  if (isOthers) {
    const [url = ''] = (await git.text(['config', '--local', '-z', '--get-all', `remote.${name}.url`])).split('\0');
    return addressOf(whole(url));
  }
  const [fetched, pushed] = [addressOf(await urlOf()), addressOf(await urlOf('--push', '--all'))];
  const found = await git.text(['config', '--local', '-z', '--get-regexp', REACHING]).catch((error) => {
    if (error instanceof GitError && error.exitCode === 1) return '';
    throw error;
  });
  const settings = found
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const newline = entry.indexOf('\n');
      // A key without a value means true.
      return newline < 0 ? ([entry, 'true'] as const) : ([entry.slice(0, newline), entry.slice(newline + 1)] as const);
    });
  const secret = Object.keys(fetched.environment).length > 0 ? fetched : pushed;
  return {
    url: fetched.url,
    pushUrl: pushed.url,
    settings: [...settings, ...secret.settings],
    environment: secret.environment,
  };
}

/** The folder that an address means, when it is one of this machine. */
export function localFolder(url: string): string | null {
  if (/^file:\/\//i.test(url)) return fileURLToPath(url);
  return isRemoteURL(url) ? null : url;
}
