import type { Attempt } from '../../definitions/notices/delivery.ts';
import type { MailText } from '../../definitions/notices/formats/mail.ts';
import { after, type Clock } from '../clock.ts';
import type { ReceiverSecret } from './receiver-secret.ts';

/** The whole conversation with the mail server. */
const ANSWER_MS = 60_000;
/** Without an answer for so long, by the package's own timers, it is given up too. */
const SOCKET_MS = 30_000;
const PORTS: Readonly<Record<string, number>> = { 'smtps:': 465, 'smtp:': 587 };
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** Codes of the package that no later try changes. */
const PERMANENT = ['EAUTH', 'EENVELOPE', 'ETLS'];

/**
 * Hands one mail to a mail server: by TLS from the first byte (`smtps:`), or after STARTTLS (`smtp:`), which a server
 * other than one of this host must have. It never rejects. The door to nodemailer, which is loaded when it is needed.
 */
export async function sendMail(
  { url, login, ca }: Pick<ReceiverSecret, 'url' | 'login' | 'ca'>,
  mail: MailText,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Attempt> {
  const { createTransport } = await import('nodemailer');
  const { protocol, hostname, port } = url;
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (PORTS[protocol] ?? 0) : Number(port),
    secure: protocol === 'smtps:',
    requireTLS: protocol === 'smtp:' && (login !== null || !LOOPBACK.includes(hostname)),
    ...(login !== null && { auth: { user: login.username, pass: login.password } }),
    ...(ca !== null && { tls: { ca } }),
    connectionTimeout: SOCKET_MS,
    greetingTimeout: SOCKET_MS,
    socketTimeout: SOCKET_MS,
    dnsTimeout: SOCKET_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const ended = new AbortController();
  const over = clock
    .sleep(after(clock, ANSWER_MS), AbortSignal.any([ended.signal, signal]))
    .then(() => Promise.reject(new Error('too late')));
  over.catch(() => undefined); // it is over by the end of the conversation, too
  try {
    await Promise.race([transport.sendMail({ ...mail, to: [...mail.to] }), over]);
    return { outcome: 'Delivered' };
  } catch (error) {
    return failure(error as { code?: unknown; responseCode?: unknown });
  } finally {
    ended.abort();
    transport.close();
  }
}

/** The code alone: the server's words may name addresses (R43). */
function failure({ code, responseCode }: { readonly code?: unknown; readonly responseCode?: unknown }): Attempt {
  const status = typeof responseCode === 'number' ? responseCode : 0;
  const word = typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'no answer';
  const reason = status > 0 ? `${word} ${status}` : word;
  const isPermanent = status > 0 ? status >= 500 : PERMANENT.includes(word);
  return { outcome: 'Failed', reason, isPermanent, waitMs: null };
}
