// How a notice is written for each kind of receiver; names are hostile, and each goes over real TLS.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { createSecretFields } from '../../controller/credentials.ts';
import { createTransport } from '../../controller/notices/transport.ts';
import { alertmanagerBody } from '../../definitions/notices/formats/alertmanager.ts';
import { slackBody } from '../../definitions/notices/formats/slack.ts';
import type { Notice } from '../../definitions/notices/outbox.ts';
import { createTellingTest, OPEN_BREAKER, receiver, runOf } from '../support/notices.ts';
import { openTestReceiver } from '../support/receiver.ts';

const AT = '2026-03-10T10:00:00Z';
const PAGE = 'https://github.com/o/r/blob/main/STATUS.md';
/** What somebody who may name machines, jobs and files can try. */
const HOSTILE =
  '<!channel> <https://evil.example|click> @here *x* `y` [z](https://evil.example) \u001b[31m\u202e & <b>';

/** The notice of a run, or of a condition with this text. */
function noticeOf(hostile: string): Notice {
  const at = createTellingTest(receiver({ GroupWait: '0s' }));
  at.append(...runOf('nightly', AT, { [hostile]: 'Unreachable', m2: 'Refused' }));
  at.pass('1m');
  const [notice] = at.notices;
  assert.ok(notice);
  return notice;
}

test('Slack: lines of code, in which nothing is a mention, a link, formatting or an escape', () => {
  const { text } = slackBody(noticeOf(HOSTILE), PAGE) as { text: string };
  const lines = text.split('\n');
  assert.is(lines[0], '`bmcron: nightly failed on 2 of 2 machines: Unreachable 1, Refused 1`');
  assert.is(lines.at(-1), `\`${PAGE}\``);
  for (const line of lines) assert.match(line, /^`[^`]*`$/);
  assert.not.match(text.replaceAll('\n', ''), /[<>\p{Cc}\u202e]/u);
  assert.match(text, '&lt;!channel&gt;');
});

test('Slack: a message is short, and never without the page', () => {
  const at = createTellingTest(receiver());
  for (let job = 1; job <= 400; job += 1)
    at.append(...runOf(`job-${job}-${'x'.repeat(200)}`, AT, { m1: 'Unreachable' }));
  at.pass('1m');
  const [notice] = at.notices;
  assert.ok(notice);
  const { text } = slackBody(notice, PAGE) as { text: string };
  assert.ok(text.length < 4_000, String(text.length));
  assert.match(text, /^`bmcron: 400 runs failed/);
  assert.ok(text.endsWith(`\`${PAGE}\``));
});

test('Alertmanager: an alert a job, with the labels by which its end finds it', () => {
  const at = createTellingTest(receiver({ GroupWait: '0s' }));
  at.append(...runOf('a', AT, { m1: 'Unreachable' }), ...runOf('b', AT, { m1: 'Unreachable' }));
  at.pass('1m');
  at.append(...runOf('a', '2026-03-10T11:00:00Z', { m1: 'Applied' }));
  at.pass('1m');
  const [began, ended] = at.notices.map((notice) => alertmanagerBody(notice, PAGE));
  assert.ok(began && ended);
  assert.is(began.length, 2);
  assert.equal(began[0]?.['labels'], { alertname: 'BmcronRunFailed', severity: 'warning', bmcron_job: 'a' });
  assert.equal(ended[0]?.['labels'], began[0]?.['labels']);
  assert.is(began[0]?.['startsAt'], AT);
  assert.ok(String(began[0]?.['endsAt']) > '2026-03-16');
  assert.is(ended[0]?.['endsAt'], '2026-03-10T11:00:00Z');
  assert.is(began[0]?.['generatorURL'], PAGE);
  for (const alert of began)
    assert.equal(Object.keys(alert).sort(), ['annotations', 'endsAt', 'generatorURL', 'labels', 'startsAt']);
});

test('Alertmanager: conditions, times that are missed, and too many', () => {
  const at = createTellingTest(receiver());
  at.holds('breaker', OPEN_BREAKER);
  at.pass('2m');
  at.holds('breaker');
  at.pass('2m');
  const [began, ended] = at.notices.map((notice) => alertmanagerBody(notice, 'STATUS.md on branch main')[0]);
  assert.equal(began?.['labels'], { alertname: 'BmcronBreakerOpen', severity: 'critical', subject: 'breaker open' });
  assert.equal(ended?.['labels'], began?.['labels']);
  assert.is(began?.['generatorURL'], undefined, 'no page at a forge');
  const many: Notice = { id: 'x', event: 'TooMany', state: 'Began', cause: '', made: AT, facts: [], more: 0 };
  assert.match(JSON.stringify(alertmanagerBody(many, PAGE)), 'BmcronTooMany');
});

test('Alertmanager: what could not be put back is an alert a machine, and critical', () => {
  const at = createTellingTest(receiver({ On: ['RestoreFailed'] }));
  at.append(...runOf('a', AT, { m1: 'RestoreFailed', m2: 'RestoreFailed', m3: 'Reverted' }));
  at.pass('1m');
  assert.is(at.notices.length, 1);
  const alerts = at.notices.flatMap((notice) => alertmanagerBody(notice, PAGE));
  const labels = alerts.map((alert) => alert['labels'] as Record<string, string>);
  assert.equal(
    labels.map(({ alertname, severity, fact }) => [alertname, severity, fact]),
    ['m1', 'm2'].map((machine) => ['BmcronRestoreFailed', 'critical', `RestoreFailed/a@${AT}/${machine}`]),
  );
});

test('both go over TLS as JSON, with the name of the notice', async () => {
  const server = await openTestReceiver();
  const env = { BMCRON_ONCALL_URL: server.url, BMCRON_ONCALL_CA_CRT: server.ca };
  const transport = createTransport({ secrets: createSecretFields({ env }), clock: systemClock });
  for (const Format of ['Slack', 'Alertmanager'] as const) {
    const notice = noticeOf('m1');
    const sent = await transport.send(receiver({ Format }), notice, PAGE, new AbortController().signal);
    assert.equal(sent, { outcome: 'Delivered' });
    const call = server.calls.at(-1);
    assert.is(call?.headers['content-type'], 'application/json');
    assert.is(call?.headers['idempotency-key'], notice.id);
    const body = JSON.parse(call?.body ?? '');
    assert.is(Array.isArray(body), Format === 'Alertmanager');
  }
  await server.close();
});

test.run();
