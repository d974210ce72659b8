import type { Attempt } from '../../definitions/notices/delivery.ts';
import { alertmanagerBody } from '../../definitions/notices/formats/alertmanager.ts';
import { mailOf } from '../../definitions/notices/formats/mail.ts';
import { slackBody } from '../../definitions/notices/formats/slack.ts';
import { webhookBody, webhookHeaders } from '../../definitions/notices/formats/webhook.ts';
import type { Notice } from '../../definitions/notices/outbox.ts';
import type { Receiver } from '../../definitions/settings.ts';
import type { Clock } from '../clock.ts';
import { CredentialsError, type SecretFields } from '../credentials.ts';
import { SCHEMES } from './address-schemes.ts';
import { type ReceiverSecret, readReceiverSecret } from './receiver-secret.ts';
import { sendMail } from './smtp.ts';

/** How notices leave. */
export interface Transport {
  /** Delivers one notice; it never rejects. @param statusPage where STATUS.md is, for people */
  send(receiver: Receiver, notice: Notice, statusPage: string, signal: AbortSignal): Promise<Attempt>;
  /** A GET of the address that a secret holds; it never rejects. */
  call(ref: string, signal: AbortSignal): Promise<Attempt>;
}

interface Way {
  readonly secrets: SecretFields;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

type Send = (receiver: Receiver, notice: Notice, statusPage: string, way: Way) => Promise<Attempt>;

const FORMATS: Readonly<Record<Receiver['Format'], Send>> = {
  async Webhook({ SecretRef }, notice, statusPage, way) {
    const secret = await readReceiverSecret(way.secrets, SecretRef, SCHEMES.Webhook);
    const body = JSON.stringify(webhookBody(notice, statusPage));
    return post(secret, body, webhookHeaders(notice.id, body, secret.secret, way.clock.now()), way);
  },
  async Slack({ SecretRef }, notice, statusPage, way) {
    const secret = await readReceiverSecret(way.secrets, SecretRef, SCHEMES.Slack);
    return post(secret, JSON.stringify(slackBody(notice, statusPage)), { 'Idempotency-Key': notice.id }, way);
  },
  async Alertmanager({ SecretRef }, notice, statusPage, way) {
    const secret = await readReceiverSecret(way.secrets, SecretRef, SCHEMES.Alertmanager);
    return post(secret, JSON.stringify(alertmanagerBody(notice, statusPage)), { 'Idempotency-Key': notice.id }, way);
  },
  async Email(receiver, notice, statusPage, way) {
    const secret = await readReceiverSecret(way.secrets, receiver.SecretRef, SCHEMES.Email);
    return sendMail(secret, mailOf(receiver, notice, statusPage), way);
  },
};

async function post(secret: ReceiverSecret, body: string, more: Readonly<Record<string, string>>, way: Way) {
  const { callReceiver } = await import('./http-post.ts'); // a service is ready before it tells anybody
  return callReceiver(secret, { method: 'POST', headers: { 'Content-Type': 'application/json', ...more }, body }, way);
}

/** A transport over the network; what a SecretRef names is read at each use. */
export function createTransport({ secrets, clock }: Omit<Way, 'signal'>): Transport {
  return {
    send: (receiver, notice, statusPage, signal) =>
      attempted(() => FORMATS[receiver.Format](receiver, notice, statusPage, { secrets, clock, signal })),
    call: (ref, signal) =>
      attempted(async () => {
        const secret = await readReceiverSecret(secrets, ref, SCHEMES.Webhook);
        const { callReceiver } = await import('./http-post.ts');
        return callReceiver(secret, { method: 'GET', headers: {}, body: null }, { clock, signal });
      }),
  };
}

/** A secret that cannot be used is a refusal: a person must change something. */
async function attempted(attempt: () => Promise<Attempt>): Promise<Attempt> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof CredentialsError)
      return { outcome: 'Failed', reason: error.message, isPermanent: true, waitMs: null };
    const { code = 'it cannot be sent' } = error as NodeJS.ErrnoException;
    return { outcome: 'Failed', reason: code, isPermanent: false, waitMs: null };
  }
}
