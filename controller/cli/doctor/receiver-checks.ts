import type { Receiver } from '../../../definitions/settings.ts';
import { CredentialsError, type SecretFields } from '../../credentials.ts';
import { SCHEMES } from '../../notices/address-schemes.ts';
import { readReceiverSecret } from '../../notices/receiver-secret.ts';
import { type Check, failed, ok, warning } from './check.ts';

/** Whether each receiver of `Notifications` has an address to go to; nothing is sent. */
export async function receiverChecks(receivers: readonly Receiver[], secrets: SecretFields): Promise<readonly Check[]> {
  return Promise.all(receivers.map((receiver) => checkOf(receiver, secrets)));
}

async function checkOf({ Name, Format, SecretRef }: Receiver, secrets: SecretFields): Promise<Check> {
  const what = `receiver ${Name}`;
  try {
    const { url, token } = await readReceiverSecret(secrets, SecretRef, SCHEMES[Format]);
    const isClear = url.protocol === 'http:' && (token !== null || url.password !== '');
    if (isClear) return warning(what, 'its token goes in clear text', `give its url with https: in ${SecretRef}`);
    return ok(what, `${Format}, an ${url.protocol.slice(0, -1)} address in ${SecretRef}`);
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    return failed(what, error.message, 'docs/operating.md says what the secret of a receiver holds');
  }
}
