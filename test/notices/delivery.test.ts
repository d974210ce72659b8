// N08–N10: how notices go, are tried again and given up; over real TLS where a network is part of it.
import { createHmac } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { createSecretFields } from '../../controller/credentials.ts';
import { createTransport } from '../../controller/notices/transport.ts';
import { noticeAlerts } from '../../definitions/notices/delivery.ts';
import type { Notice } from '../../definitions/notices/outbox.ts';
import { createTellingTest, receiver, refusal, runOf } from '../support/notices.ts';
import { openTestReceiver } from '../support/receiver.ts';

const AT = '2026-03-10T10:00:00Z';

/** One failed run to tell of. */
function failing() {
  const at = createTellingTest(receiver({ GroupWait: '0s' }));
  at.append(...runOf('nightly', AT, { m1: 'Unreachable' }));
  return at;
}

test('N08 a receiver that is away is tried after 1, 2, 4 … 60 minutes; after a day it is given up and told', () => {
  const at = failing();
  const times: number[] = [];
  at.pass('26h', () => {
    times.push((at.now.getTime() - Date.parse(AT)) / 60_000);
    return refusal('ETIMEDOUT');
  });
  assert.equal(times.slice(0, 9), [1, 2, 4, 8, 16, 32, 64, 124, 184]);
  assert.ok((times.at(-1) ?? 0) <= 1441);
  assert.equal(at.sent, []);
  assert.equal(noticeAlerts(at.outbox), [
    '1 notice for receiver oncall given up, the last at 2026-03-11T10:02:00Z: it took none',
  ]);
  at.append(...runOf('nightly', '2026-03-11T12:30:00Z', { m1: 'Unreachable' }));
  at.pass('1m');
  assert.is(at.sent.length, 1);
  assert.equal(noticeAlerts(at.outbox), [], 'it takes them again');
});

test('N08 runs never wait for a receiver, and what it missed comes in order', () => {
  const at = failing();
  at.pass('10m', () => refusal());
  at.append(...runOf('other', '2026-03-10T10:10:00Z', { m1: 'Refused' }));
  at.pass('1h');
  assert.equal(
    at.sent.map((text) => text.split(' ')[1]),
    ['nightly', 'other'],
  );
});

test('N09 a notice has one name, at each try and after a restart, that no other has', () => {
  const at = failing();
  at.pass('10m', () => refusal());
  at.restart();
  at.pass('10m', () => refusal());
  at.append(...runOf('nightly', '2026-03-10T11:00:00Z', { m1: 'Refused' }));
  at.pass('1h');
  const names = at.notices.map(({ id }) => id);
  assert.ok(names.length >= 6);
  assert.is(new Set(names).size, 2);
  for (const name of names) assert.match(name, /^RunFailed-[0-9a-f]{32}$/);
});

test('N09 the name of a notice follows from its facts alone, whenever it is made', () => {
  const names = ['0s', '5m'].map((GroupWait) => {
    const at = createTellingTest(receiver({ GroupWait }));
    at.append(...runOf('nightly', AT, { m1: 'Unreachable' }));
    at.pass('10m');
    return at.notices[0]?.id;
  });
  assert.is(names[0], names[1]);
});

test('N10 a refusal is a condition of the receiver: told in STATUS.md, tried once an hour, no storm', () => {
  const at = failing();
  let tries = 0;
  at.pass('5h', () => {
    tries += 1;
    return refusal('HTTP 410', true);
  });
  assert.is(tries, 5);
  assert.equal(noticeAlerts(at.outbox), [
    'receiver oncall of Notifications refuses notices since 2026-03-10T10:01:00Z: HTTP 410',
  ]);
  at.pass('1h');
  assert.is(at.sent.length, 1, 'mended, it gets what waits');
  assert.equal(noticeAlerts(at.outbox), []);
});

test('N10 a receiver that asks for patience gets it, at most an hour', () => {
  const at = failing();
  const times: number[] = [];
  at.pass('3h', () => {
    times.push((at.now.getTime() - Date.parse(AT)) / 60_000);
    return refusal('HTTP 429', false, times.length === 1 ? 600_000 : 36_000_000);
  });
  assert.equal(times, [1, 11, 71, 131]);
});

// Over the network

const NOTICE: Notice = {
  id: 'RunFailed-0123456789abcdef0123456789abcdef',
  event: 'RunFailed',
  state: 'Began',
  cause: 'Unreachable',
  made: AT,
  facts: [],
  more: 0,
};
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const webhook = await openTestReceiver();
test.after(() => webhook.close());

const variables = () => ({
  BMCRON_ONCALL_URL: webhook.url,
  BMCRON_ONCALL_TOKEN: 't0ken-of-mine',
  BMCRON_ONCALL_SECRET: SECRET,
  BMCRON_ONCALL_CA_CRT: webhook.ca,
});

function send(env: Readonly<Record<string, string>>, signal = new AbortController().signal) {
  const transport = createTransport({ secrets: createSecretFields({ env }), clock: systemClock });
  return transport.send(receiver(), NOTICE, 'STATUS.md', signal);
}

test('a webhook is a POST of JSON over TLS, with its name, a token, and a signature of time and body', async () => {
  assert.equal(await send(variables()), { outcome: 'Delivered' });
  const call = webhook.calls.at(-1);
  assert.ok(call);
  const { method, path, headers, body } = call;
  assert.is(`${method} ${path}`, 'POST /hooks/s3cret-path');
  assert.is(headers['idempotency-key'], NOTICE.id);
  assert.is(headers['webhook-id'], NOTICE.id);
  assert.is(headers['authorization'], 'Bearer t0ken-of-mine');
  assert.is(JSON.parse(body).Key, NOTICE.id);
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
  const signed = `${NOTICE.id}.${headers['webhook-timestamp']}.${body}`;
  assert.is(headers['webhook-signature'], `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  const skewMs = Math.abs(Number(headers['webhook-timestamp']) * 1000 - Date.now());
  assert.ok(skewMs < 60_000);
});

test('R43 what goes wrong is told in a word: no address, no token, no word of the receiver', async () => {
  const cases: readonly (readonly [string, () => Promise<Awaited<ReturnType<typeof send>>>])[] = [
    ['HTTP 404', () => answered({ status: 404 })],
    ['HTTP 302', () => answered({ status: 302, headers: { location: 'https://127.0.0.1:1/elsewhere' } })],
    ['HTTP 503', () => answered({ status: 503, headers: { 'retry-after': '120' } })],
    ['ECONNRESET', () => answered('cut')],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', () => send({ ...variables(), BMCRON_ONCALL_CA_CRT: '' })],
    ['ECONNREFUSED', () => send({ ...variables(), BMCRON_ONCALL_URL: 'https://127.0.0.1:1/s3cret-path' })],
    ['ERR_INVALID_CHAR', () => send({ ...variables(), BMCRON_ONCALL_TOKEN: 't0ken\r\nof-mine' })],
    ['no address', () => send({ ...variables(), BMCRON_ONCALL_URL: 'file:///s3cret-path' })],
    ['no url', () => send({})],
  ];
  async function answered(answers: typeof webhook.answers) {
    webhook.answers = answers;
    return send(variables()).finally(() => Object.assign(webhook, { answers: { status: 200 } }));
  }
  for (const [reason, attempt] of cases) {
    const found = await attempt();
    assert.is(found.outcome, 'Failed', reason);
    if (found.outcome !== 'Failed') continue;
    assert.match(found.reason, reason);
    assert.not.match(found.reason, /s3cret|t0ken|127\.0\.0\.1|receiver"/);
    assert.is(found.isPermanent, /HTTP [34]|no /.test(found.reason), found.reason);
    if (reason === 'HTTP 503') assert.is(found.waitMs, 120_000);
  }
});

test('a delivery ends with the service', async () => {
  const stopped = new AbortController();
  stopped.abort();
  assert.is((await send(variables(), stopped.signal)).outcome, 'Failed');
});

test.run();
