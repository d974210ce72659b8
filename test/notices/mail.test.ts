// Notices as mails, in a real conversation by SMTP over TLS.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { createSecretFields } from '../../controller/credentials.ts';
import { createTransport } from '../../controller/notices/transport.ts';
import { mailOf } from '../../definitions/notices/formats/mail.ts';
import type { Notice } from '../../definitions/notices/outbox.ts';
import { type MailServerOptions, openMailServer } from '../support/mail-server.ts';
import { createTellingTest, receiver, runOf } from '../support/notices.ts';

const PAGE = 'https://github.com/o/r/blob/main/STATUS.md';
const ONCALL = receiver({
  Format: 'Email',
  SecretRef: 'mail',
  Sender: 'bmcron@example.com',
  Recipients: ['a@example.com', 'b@example.org'],
});

function noticeOf(job: string): Notice {
  const at = createTellingTest(receiver({ GroupWait: '0s' }));
  at.append(...runOf(job, '2026-03-10T10:00:00Z', { m1: 'Unreachable' }));
  at.pass('1m');
  const [notice] = at.notices;
  assert.ok(notice);
  return notice;
}

/** Sends a notice to a mail server; `env` is what the secret says beside the address. */
async function sent(
  scheme: 'smtp' | 'smtps',
  env: Readonly<Record<string, string>>,
  options: MailServerOptions = {},
  host = '127.0.0.1',
) {
  const server = await openMailServer({ isSecure: scheme === 'smtps', ...options });
  const known = { BMCRON_MAIL_URL: `${scheme}://${host}:${server.port}`, BMCRON_MAIL_CA_CRT: server.ca };
  const secrets = createSecretFields({ env: { ...known, ...env } });
  const notice = noticeOf('nightly');
  const transport = createTransport({ secrets, clock: systemClock });
  const attempt = await transport.send(ONCALL, notice, PAGE, new AbortController().signal);
  await server.close();
  return { attempt, mails: server.mails, notice };
}

const LOGIN = { BMCRON_MAIL_USERNAME: 'robot', BMCRON_MAIL_PASSWORD: 'p0st-password' };

for (const scheme of ['smtp', 'smtps'] as const) {
  test(`${scheme}: a mail to all, encrypted, by its login, that no machine answers`, async () => {
    const { attempt, mails, notice } = await sent(scheme, LOGIN);
    assert.equal(attempt, { outcome: 'Delivered' });
    const [mail] = mails;
    assert.ok(mail);
    const { from, to, isEncrypted, user, raw } = mail;
    assert.equal(
      { from, to, isEncrypted, user },
      { from: 'bmcron@example.com', to: ['a@example.com', 'b@example.org'], isEncrypted: true, user: 'robot' },
    );
    assert.match(raw, /^Subject: \[bmcron\] nightly failed on 1 of 1 machine: Unreachable 1\r$/m);
    assert.match(raw, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(raw, `Message-ID: <${notice.id}@example.com>`);
    assert.match(raw, 'machines: m1');
    assert.match(raw, PAGE);
  });
}

test('R43 what goes wrong is told in a code; a login never goes in clear text', async () => {
  const cases: readonly (readonly [string, boolean, Awaited<ReturnType<typeof sent>>])[] = [
    ['EAUTH 535', true, await sent('smtps', { ...LOGIN, BMCRON_MAIL_PASSWORD: 'wr0ng-pony' })],
    ['EENVELOPE 550', true, await sent('smtps', LOGIN, { refuses: 550 })],
    ['EENVELOPE 451', false, await sent('smtps', LOGIN, { refuses: 451 })],
    ['ETLS 50', true, await sent('smtp', LOGIN, { isClear: true })],
    ['ESOCKET', false, await sent('smtps', { ...LOGIN, BMCRON_MAIL_CA_CRT: '' })],
    ['no password', true, await sent('smtps', { BMCRON_MAIL_USERNAME: 'robot' })],
    ['no address', true, await sent('smtps', { BMCRON_MAIL_URL: 'https://mail.example' })],
  ];
  for (const [reason, isPermanent, { attempt, mails }] of cases) {
    assert.is(mails.length, 0, reason);
    assert.is(attempt.outcome, 'Failed', reason);
    if (attempt.outcome !== 'Failed') continue;
    assert.match(attempt.reason, reason);
    assert.is(attempt.isPermanent, isPermanent, reason);
    assert.not.match(attempt.reason, /p0st|wr0ng|s3cret|127\.0\.0\.1/);
  }
});

test('without a login a mail server of this host may have no TLS', async () => {
  const { attempt, mails } = await sent('smtp', { BMCRON_MAIL_CA_CRT: '' }, { isClear: true });
  assert.equal(attempt, { outcome: 'Delivered' });
  assert.is(mails[0]?.isEncrypted, false);
});

test('no name becomes a header or an address', () => {
  const hostile = 'x\r\nBcc: evil@evil.example\r\n\r\n<b>\u202e';
  const { subject, text, to, headers } = mailOf(ONCALL, noticeOf(hostile), PAGE);
  assert.not.match(subject, /[\r\n\u202e]/);
  assert.equal(to, ONCALL.Recipients);
  assert.equal(Object.keys(headers), ['Auto-Submitted', 'X-Auto-Response-Suppress']);
  assert.ok(text.split('\n').every((line) => !line.startsWith('Bcc:')));
});

test('a mail ends with the service', async () => {
  const stopped = new AbortController();
  stopped.abort();
  const secrets = createSecretFields({ env: { BMCRON_MAIL_URL: 'smtp://127.0.0.1:1' } });
  const transport = createTransport({ secrets, clock: systemClock });
  const attempt = await transport.send(ONCALL, noticeOf('nightly'), PAGE, stopped.signal);
  assert.is(attempt.outcome, 'Failed');
});

test.run();
