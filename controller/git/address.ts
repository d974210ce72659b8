import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { discover, type Git } from './command.ts';
import { isRemoteURL } from './discover.ts';
import { GitError } from './error.ts';
import { readLogin } from './remote/login.ts';
import { helperFor, type Reach, type Setting, splitLogin } from './remote/reach.ts';

/** Where a remote is, and what its user has set for reaching it. */
export interface Address {
  /** Without a password. */
  readonly url: string;
  readonly pushUrl: string;
  /** How it is reached, asked before each conversation. */
  readonly reach: () => Promise<Reach>;
}

/** Settings of a work tree that say how its remotes are reached; its clone must be reached the same way. */
const REACHING = '^(credential|http|https|url|ssh|protocol)\\.|^core\\.(sshcommand|gitproxy|askpass)$';
/** The address that a URL or a folder names; a password in it is taken out, and reaches git another way. */
export function addressOf(text: string): Address {
  const { url, login } = splitLogin(text);
  const reach: Reach = { settings: login === null ? [] : helperFor(new URL(url).origin), login };
  return { url, pushUrl: url, reach: () => Promise.resolve(reach) };
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
  const [first, second] = [await fetched.reach(), await pushed.reach()];
  const { settings: helper, login } = first.login === null ? second : first;
  const reach: Reach = { settings: [...settings, ...helper], login };
  return { url: fetched.url, pushUrl: pushed.url, reach: () => Promise.resolve(reach) };
}

/**
 * The address as the user's `url.*.insteadOf` has it. Git gives its helper for HTTP what that makes of an address as an
 * argument; a password in it is taken out, by a rule that is longer than any other for the same address.
 * @throws GitError
 */
export async function rewritten(address: Address, environment: NodeJS.ProcessEnv): Promise<Address> {
  const urls = [...new Set([address.url, address.pushUrl])].filter((url) => isRemoteURL(url) && !/^file:/i.test(url));
  const found = await loginsIn(urls, (args) => discover('/', args, environment).then(([first = '']) => first));
  if (found.login === null) return address;
  const reach = async () => {
    const { settings, login } = await address.reach();
    return { settings: [...settings, ...found.settings], login: login ?? found.login };
  };
  return { ...address, reach };
}

/** How the remotes of a work tree are reached by whoever works there: passwords in their addresses another way. */
export async function reachFrom(git: Git): Promise<Reach> {
  const printed = await git.text(['config', '-z', '--get-regexp', '^remote\\..*\\.(push)?url$']).catch(() => '');
  const urls = printed.split('\0').map((entry) => entry.slice(entry.indexOf('\n') + 1));
  return loginsIn([...new Set(urls)].filter(isRemoteURL), async (args) => (await git.text(args)).trimEnd());
}

/** What takes passwords out of these addresses as git rewrites them; one login, that of the first that has one. */
async function loginsIn(urls: readonly string[], ask: (args: readonly string[]) => Promise<string>): Promise<Reach> {
  const settings: Setting[] = [];
  let found: Reach['login'] = null;
  for (const raw of urls) {
    const { url, login } = splitLogin(await ask(['ls-remote', '--get-url', '--', raw]));
    if (login === null) continue;
    settings.push([`url.${url}.insteadOf`, raw]);
    if (found === null) settings.push(...helperFor(new URL(url).origin));
    found ??= login;
  }
  return { settings, login: found };
}

/**
 * The address, reached with the login of a file.
 * @throws GitError where no password is asked for, or one would be sent in clear text
 */
export function withLoginFile(address: Address, file: string): Address {
  const { url, pushUrl, reach } = address;
  const option = '--remote-credentials';
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new GitError(`${option} is for remotes over https:, and this one is reached otherwise: leave it out`, null);
  }
  const fetched = new URL(url);
  if (fetched.protocol === 'http:' && !isLoopback(fetched.hostname)) {
    throw new GitError(`${option}: http: would send the password in clear text; use https:`, null);
  }
  if (!URL.canParse(pushUrl) || new URL(pushUrl).origin !== fetched.origin) {
    throw new GitError(`${option}: pushes go to another host (${pushUrl}), which must not get the password`, null);
  }
  return {
    url,
    pushUrl,
    async reach() {
      const { settings } = await reach();
      const login = await readLogin(file, decodeURIComponent(fetched.username));
      return { settings: [...settings, ...helperFor(fetched.origin)], login };
    },
  };
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);
}

/** The folder that an address means, when it is one of this machine. */
export function localFolder(url: string): string | null {
  if (/^file:\/\//i.test(url)) return fileURLToPath(url);
  return isRemoteURL(url) ? null : url;
}
