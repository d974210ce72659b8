import { createSecrets } from '../../../definitions/values/redact.ts';
import type { RemoteLogin } from './login.ts';

/** How a remote is reached: asked before each conversation with it. */
export interface Reach {
  /** Git settings for this conversation, by name; they go through the environment, since arguments show in `ps`. */
  readonly settings: readonly Setting[];
  readonly login: RemoteLogin | null;
}

export type Setting = readonly [name: string, value: string];

/** As git by itself does it. */
export const PLAIN_REACH: Reach = { settings: [], login: null };

/** The password comes from the environment of the one command; neither the disk nor `ps` shows it. */
const HELPER =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$BMCRON_GIT_USER" "$BMCRON_GIT_PASSWORD"; }; f';

/**
 * The settings by which git asks for this login at an origin, and there alone. The other helpers are left out: git
 * tells each of them what was right, and `store` would write it to the disk.
 */
export function helperFor(origin: string): readonly Setting[] {
  return [
    ['credential.helper', ''],
    [`credential.${origin}.helper`, HELPER],
  ];
}

/** What a login adds to the environment of a command. */
export function loginVariables({ login }: Reach): Readonly<Record<string, string>> {
  return login === null ? {} : { BMCRON_GIT_USER: login.username, BMCRON_GIT_PASSWORD: login.password };
}

/** Takes a login out of what a remote makes git print, in whatever form it says it. */
export function scrubberOf({ login }: Reach): (text: string) => string {
  return login === null ? (text) => text : createSecrets(login.password).scrub;
}

/** An HTTP address without its password, and the login that stood in it. */
export function splitLogin(url: string): { readonly url: string; readonly login: RemoteLogin | null } {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return { url, login: null };
  const parsed = new URL(url);
  if (!parsed.password) return { url, login: null };
  const login = { username: decoded(parsed.username), password: decoded(parsed.password) };
  parsed.username = '';
  parsed.password = '';
  return { url: parsed.href, login };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a `%` that encodes nothing
  }
}
