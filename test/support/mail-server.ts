import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { newCertificate } from '../../controller/demo/bmc/certificate.ts';

/** A mail as the server got it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: string | null;
  /** Headers and text. */
  readonly raw: string;
}

/** A mail server with a certificate of its own, and one login: `robot`, `p0st-password`. */
export interface MailServer {
  readonly port: number;
  /** PEM */
  readonly ca: string;
  readonly mails: ReceivedMail[];
  close(): Promise<void>;
}

export interface MailServerOptions {
  /** TLS from the first byte; otherwise STARTTLS is offered. */
  readonly isSecure?: boolean;
  /** No STARTTLS. */
  readonly isClear?: boolean;
  /** What it answers to a recipient; absent: it takes all. */
  readonly refuses?: number;
}

/** Opens one. */
export async function openMailServer({ isSecure = false, isClear = false, refuses }: MailServerOptions = {}) {
  const { key, certificate } = await newCertificate();
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    secure: isSecure,
    key,
    cert: certificate,
    authOptional: true,
    disabledCommands: isClear ? ['STARTTLS'] : [],
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, callback) {
      if (username === 'robot' && password === 'p0st-password') callback(null, { user: username });
      else callback(Object.assign(new Error(`no: ${password}`), { responseCode: 535 }));
    },
    onRcptTo(_address, _session, callback) {
      if (refuses === undefined) callback();
      else callback(Object.assign(new Error('not for s3cret reasons'), { responseCode: refuses }));
    },
    onData(stream, { envelope, secure, user }, callback) {
      let raw = '';
      stream.setEncoding('utf8').on('data', (chunk) => (raw += chunk));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        mails.push({ from, to, isEncrypted: secure, user: user === undefined ? null : String(user), raw });
        callback();
      });
    },
  });
  server.on('error', () => undefined); // a client that does not trust it
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    ca: certificate,
    mails,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  } satisfies MailServer;
}
