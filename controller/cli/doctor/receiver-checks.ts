import type { Receiver, Settings } from '../../../definitions/settings.ts';
import { some } from '../../../definitions/values/text.ts';
import { type Credentials, CredentialsError, type SecretFields } from '../../credentials.ts';
import { SCHEMES } from '../../notices/address-schemes.ts';
import { readReceiverSecret } from '../../notices/receiver-secret.ts';
import { type Check, failed, ok, warning } from './check.ts';

/** Whether each receiver of `Notifications`, and `DeadMan`, has an address to go to; nothing is sent. */
export async function receiverChecks(
  { Notifications, DeadMan }: Pick<Settings, 'Notifications' | 'DeadMan'>,
  secrets: SecretFields,
  credentials: Pick<Credentials, 'exposed'>,
): Promise<readonly Check[]> {
  const deadMan = DeadMan ? [{ what: 'dead man', Format: 'Webhook', SecretRef: DeadMan.SecretRef } as const] : [];
  const receivers = Notifications.map((each) => ({ ...each, what: `receiver ${each.Name}` }));
  const all = [...receivers, ...deadMan];
  const exposed = (await Promise.all(all.map(({ SecretRef }) => credentials.exposed(SecretRef)))).flat();
  return [
    ...(await Promise.all(all.map((each) => checkOf(each, secrets)))),
    ...(exposed.length === 0
      ? []
      : [warning('receivers', `everybody on this host may read ${some(exposed)}`, 'chmod 0600, or 0640 for a group')]),
  ];
}

interface Addressed extends Pick<Receiver, 'Format' | 'SecretRef'> {
  readonly what: string;
}

async function checkOf({ what, Format, SecretRef }: Addressed, secrets: SecretFields): Promise<Check> {
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
