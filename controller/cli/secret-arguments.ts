import { withoutSecrets } from '../git/process-group.ts';
import { UsageError } from './exit-code.ts';

/** A password between the user's name and the host, whether it is encoded as it should be or not; `host:8080/a@b` has none. */
const PASSWORD = /[a-z][a-z0-9+.-]*:\/\/[^\s@/:]*:(?!\d*(?:\/|$))[^\s@]*@|[a-z][a-z0-9+.-]*:\/\/[^\s/:]*:[^\s/]*@/i;
/** The same without a scheme: `robot:secret@example.com/fleet.git`. */
const SCHEMELESS = /^[\w.+-]+:[^\s@/:]+@[\w.-]+[:/]/;
/** Tokens of forges, wherever they stand: as the name of a user, or in a query. */
const TOKEN = /\b(?:gh[opsur]_|github_pat_|gl(?:pat|ptt|dt|rt|cbt|ft|soat)-|ATBB|ATCTT)[A-Za-z0-9_=-]{16,}/;
const IN_QUERY = /[?&](?:private_token|access_token|token|password)=[^&\s]/i;

/**
 * Refuses a command line that holds a secret, before anything of it is used or repeated.
 * @throws UsageError
 */
export function refuseSecrets(words: readonly string[]): void {
  const word = words.find((each) => [PASSWORD, SCHEMELESS, TOKEN, IN_QUERY].some((secret) => secret.test(each)));
  if (word === undefined) return;
  const shown = /^(?:--[a-z-]+=)?[a-z][a-z0-9+.-]*:\/\//i.test(word) ? `: ${withoutLogin(word)}` : '';
  throw new UsageError(
    `an argument holds a password or token${shown}; everybody on this machine can read it there (ps). Leave it out, change it, and give the new one by --remote-credentials FILE, by a credential helper of git, or by GIT_ASKPASS`,
  );
}

function withoutLogin(word: string): string {
  return withoutSecrets(word)
    .replace(/[?#].*$/s, '')
    .replace(new RegExp(TOKEN, 'g'), '[secret]');
}
