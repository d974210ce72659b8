import { either } from '../../definitions/values/text.ts';
import { CredentialsError, checkName, type SecretFields } from '../credentials.ts';

/** What a SecretRef of `bmcron.yaml` names. Nothing of it goes into an error, a log or the outbox (R43). */
export interface ReceiverSecret {
  readonly url: URL;
  /** Goes with an HTTP request as `Authorization: Bearer`. */
  readonly token: string | null;
  /** What requests are signed with. */
  readonly secret: string | null;
  /** At a mail server. */
  readonly login: { readonly username: string; readonly password: string } | null;
  /** PEM: the authority that the receiver's certificate is from, where no public one has signed it. */
  readonly ca: string | null;
}

/** Reads a secret anew at each use. @param schemes `https:`, … @throws CredentialsError */
export async function readReceiverSecret(
  { field, whereOf }: SecretFields,
  ref: string,
  schemes: readonly string[],
): Promise<ReceiverSecret> {
  checkName(ref, 'SecretRef');
  const read = async (name: string) => (await field(ref, name))?.trim() || null;
  const names = ['url', 'token', 'secret', 'ca.crt', 'username', 'password'];
  const [address, token = null, secret = null, ca = null, username, password] = await Promise.all(names.map(read));
  if (!address) throw new CredentialsError(`no url for SecretRef ${ref}: ${whereOf(ref, 'url')}`);
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || !schemes.includes(url.protocol))
    throw new CredentialsError(
      `the url of SecretRef ${ref} is no address that begins with ${either(schemes.map((each) => `${each}//`))}`,
    );
  if (username && !password)
    throw new CredentialsError(`no password for SecretRef ${ref}: ${whereOf(ref, 'password')}`);
  return { url, token, secret, ca, login: username && password ? { username, password } : null };
}
