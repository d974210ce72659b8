// N01–N07 and N11–N14 of what is told, to whom and when, without a network; each row by its number.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { webhookBody } from '../../definitions/notices/formats/webhook.ts';
import type { Notice } from '../../definitions/notices/outbox.ts';
import { noticeText } from '../../definitions/notices/text.ts';
import { createTellingTest, OPEN_BREAKER, receiver, refusal, runOf, statusRecord } from '../support/notices.ts';

const AT = '2026-03-10T10:00:00Z';
const LATER = '2026-03-10T10:10:00Z';
const many = (count: number, outcome: 'Unreachable' | 'Applied' = 'Unreachable') =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index + 1}`, outcome]));
function textOf(notice: Notice | undefined): string {
  assert.ok(notice);
  return noticeText(notice).lines.join('\n');
}

const push = {
  event: 'PushBlocked',
  subject: 'push blocked',
  cause: 'Blocked',
  job: null,
  detail: 'the remote refuses',
} as const;

test('N01 one fact is one notice, however its text changes', () => {
  const at = createTellingTest(receiver());
  at.append(...runOf('nightly', AT, { m1: 'Unreachable' }));
  at.readAgain();
  at.holds('push', push);
  at.holds('push', { ...push, detail: 'the remote refuses for 3 minutes, 17 results wait' });
  at.pass('2m');
  at.holds('push', { ...push, detail: 'the remote refuses for 5 minutes' });
  at.pass('5m');
  assert.equal(at.sent, ['oncall: nightly failed on 1 of 1 machine: Unreachable 1', 'oncall: the remote refuses']);
  assert.is(at.notices[0]?.facts[0]?.key, `RunFailed/nightly@${AT}`);
});

test('N02 300 machines of a run fail: one notice with counts by cause, ten names and the page', () => {
  const at = createTellingTest(receiver());
  at.append(...runOf('nightly', AT, { ...many(300), x: 'Refused', y: 'Applied' }));
  at.pass('1m');
  assert.equal(at.sent, ['oncall: nightly failed on 301 of 302 machines: Unreachable 300, Refused 1']);
  const [notice] = at.notices;
  assert.ok(notice);
  const body = webhookBody(notice, 'https://github.com/o/r/blob/main/STATUS.md');
  assert.is(body['StatusPage'], 'https://github.com/o/r/blob/main/STATUS.md');
  assert.match(String(body['Text']), 'machines: m1, m2, m3, m4, m5, m6, m7, m8, m9, m10 and 291 more\n');
});

test('N03 runs that fail alike within GroupWait are one notice, and beyond 20 they are counted', () => {
  const at = createTellingTest(receiver({ GroupWait: '90s' }));
  for (let job = 1; job <= 25; job += 1) {
    at.append(...runOf(`job-${job}`, AT, { m1: 'Unreachable' }));
    if (job === 20) at.pass('1m');
  }
  at.append(...runOf('other', AT, { m1: 'Refused' }));
  at.pass('5m');
  assert.equal(at.sent, ['oncall: 25 runs failed: Unreachable', 'oncall: other failed on 1 of 1 machine: Refused 1']);
  const text = textOf(at.notices[0]).split('\n');
  assert.is(text.length, 21);
  assert.is(text.at(-1), 'and 5 more');
});

test('N04 what lasts is told again after Repeat, and with null never', () => {
  const at = createTellingTest(receiver({ Name: 'a', Repeat: '2h' }), receiver({ Name: 'b', Repeat: null }));
  at.holds('push', push);
  at.pass('5h');
  assert.equal(at.sent, [
    'a: the remote refuses',
    'b: the remote refuses',
    'a: still: the remote refuses',
    'a: still: the remote refuses',
  ]);
  assert.is(new Set(at.notices.map(({ id }) => id)).size, 4, 'each is another notice');
});

test('N04 a job that fails again for the same cause is told again after Repeat, for another one at once', () => {
  const at = createTellingTest(receiver({ Repeat: '2h' }));
  for (let run = 0; run < 30; run += 1) {
    at.append(...runOf('often', at.now.toISOString(), { m1: 'Unreachable' }));
    at.pass('10m');
  }
  at.append(...runOf('often', at.now.toISOString(), { m1: 'Refused' }));
  at.pass('1m');
  assert.equal(
    at.sent.map((text) => text.replace(/.*: /, '')),
    ['Unreachable 1', 'Unreachable 1', 'Unreachable 1', 'Refused 1'],
  );
});

test('N05 the end is told once, to who was told of the beginning and nobody else', () => {
  const told = receiver({ Name: 'told', On: ['RunFailed'] });
  const other = receiver({ Name: 'other', JobSelector: ['prod.*'] });
  const at = createTellingTest(told, other, receiver({ Name: 'breaker', On: ['BreakerOpen'] }));
  at.append(...runOf('nightly', AT, { m1: 'Applied' }), ...runOf('nightly', LATER, { m1: 'Unreachable' }));
  at.pass('1m');
  for (const nominal of ['2026-03-10T11:00:00Z', '2026-03-10T12:00:00Z']) {
    at.append(...runOf('nightly', nominal, { m1: 'Unchanged' }));
    at.pass('1m');
  }
  assert.equal(at.sent, ['told: nightly failed on 1 of 1 machine: Unreachable 1', 'told: nightly has recovered']);
});

test('N05 a failure that nobody was told of has no end to tell; a condition that flickers is not told', () => {
  const at = createTellingTest(receiver());
  at.append(...runOf('nightly', AT, { m1: 'Unreachable' }));
  at.pass('25h', () => refusal());
  at.append(...runOf('nightly', LATER, { m1: 'Applied' }));
  at.holds('push', push);
  at.holds('push');
  at.pass('10m');
  assert.equal(at.sent, []);
});

test('N06 a restart, or a journal that is read again, tells nothing a second time', () => {
  const at = createTellingTest(receiver());
  at.append(...runOf('nightly', AT, { m1: 'Unreachable' }));
  at.holds('push', push);
  at.append(statusRecord('late', { Missed: [{ Time: LATER, Reason: 'TooLate' }] }));
  at.pass('20m');
  at.append(...runOf('asked', LATER, { m1: 'Unreachable' }, { trigger: 'Manual', token: 'go-1', run: 'asked@go-1' }));
  at.pass('1m');
  const before = [...at.sent];
  assert.is(before.length, 4);
  at.restart();
  at.readAgain();
  at.holds('push', push);
  at.append(statusRecord('late', { Missed: [{ Time: LATER, Reason: 'TooLate' }] }));
  at.pass('20m');
  assert.equal(at.sent, before);
});

test('N06 what waits when the process is killed is told by the next one, under the same name', () => {
  const at = createTellingTest(receiver());
  at.append(...runOf('nightly', AT, { m1: 'Unreachable' }).slice(0, 2));
  at.restart();
  at.append(...runOf('nightly', AT, { m1: 'Unreachable' }).slice(2));
  at.pass('1m', () => refusal());
  at.restart();
  at.pass('2m');
  assert.equal(at.sent, ['oncall: nightly failed on 1 of 1 machine: Unreachable 1']);
  assert.is(new Set(at.notices.map(({ id }) => id)).size, 1);
});

test('N07 what is older than the first start is not told', () => {
  const at = createTellingTest(receiver());
  at.append(
    statusRecord('late', {
      Missed: [{ Time: '2026-03-10T09:59:59Z', Reason: 'TooLate' }],
      LastTrigger: {
        Token: 'old',
        Time: '2026-03-09T10:00:00Z',
        Outcome: 'Refused',
        Message: 'GuardRefused MaxMachines: …',
      },
    }),
  );
  at.pass('1h');
  assert.equal(at.sent, []);
});

test('N11 after 30 within an hour one says so, and then there is silence but for the breaker and restores', () => {
  const at = createTellingTest(receiver({ GroupWait: '0s' }));
  const fail = (name: string) => {
    at.append(...runOf(name, at.now.toISOString(), { m1: 'Unreachable' }));
    at.pass('1m');
  };
  for (let job = 1; job <= 35; job += 1) fail(`job-${job}`);
  assert.is(at.sent.length, 31);
  assert.is(at.sent.at(-1), 'oncall: Too many notices: STATUS.md has the rest');
  at.holds('breaker', OPEN_BREAKER);
  at.holds('push', push);
  at.append(...runOf('reverted', at.now.toISOString(), { m7: 'RestoreFailed' }));
  at.pass('1m');
  assert.equal(at.sent.slice(31).sort(), [
    'oncall: reverted: what it had set on m7 could not be put back',
    'oncall: the breaker is open',
  ]);
  at.pass('1h');
  assert.is(at.sent.at(-1), 'oncall: the remote refuses', 'what still holds after the hour is told');
  fail('after');
  assert.is(at.sent.length, 35);
  assert.ok(at.givenUp.every(({ reason }) => reason === 'TooMany'));
});

test('N12 a manual run that fails is told with who asked, however lately its job was told of', () => {
  const at = createTellingTest(receiver());
  at.append(...runOf('nightly', AT, { m1: 'Unreachable' }));
  at.pass('1m');
  const manual = { trigger: 'Manual', token: 'go-1', run: 'nightly@go-1' } as const;
  const records = runOf('nightly', LATER, { m1: 'Unreachable' }, manual);
  at.append(...records.slice(0, 2));
  const run = at.outbox.journal.runs['nightly@go-1'];
  assert.ok(run);
  at.outbox.journal.runs['nightly@go-1'] = { ...run, who: 'Ada \u202e<b>' };
  at.append(...records.slice(2));
  at.pass('1m');
  assert.is(at.sent.length, 2);
  assert.match(textOf(at.notices[1]), 'asked for by Ada \\u202e<b> (token go-1)');
});

test('N13 a run of which windows skipped parts is not told; what a freeze takes is told once a freeze', () => {
  const at = createTellingTest(receiver());
  const [claim, finish] = [runOf('nightly', AT, { m1: 'Applied', m2: 'Applied' })[0], runOf('nightly', AT, {})[1]];
  assert.ok(claim && finish);
  const skip = { machine: 'm2', reason: 'Frozen', message: 'Frozen by Year end' } as const;
  at.append(claim, { kind: 'skip', run: `nightly@${AT}`, skip }, { ...finish, skips: 1, status: 'Completed' } as never);
  const Reason = 'Frozen by Year end until 2027-01-04T05:00:00Z';
  for (const hour of [11, 12, 13]) {
    for (const job of ['a', 'b'])
      at.append(statusRecord(job, { Missed: [{ Time: `2026-03-10T${hour}:00:00Z`, Reason }] }));
    at.pass('13h');
  }
  assert.equal(at.sent, [`oncall: a: the run of 2026-03-10T11:00:00Z was missed: ${Reason}`]);
});

test('N14 a notice holds names, counts and classes; no word of a BMC, no endpoint, no payload', () => {
  const at = createTellingTest(receiver());
  at.append(...runOf('nightly', AT, { 'm1\u001b[31m': 'Refused', m2: 'Unreachable' }));
  at.pass('1m');
  const [notice] = at.notices;
  assert.ok(notice);
  const text = JSON.stringify(webhookBody(notice, 'STATUS.md'));
  for (const word of ['10.9.8.7', 'evil', 'PowerSaver', 'https:']) assert.not.ok(text.includes(word), word);
  for (const word of ['"nightly"', 'PatchProfile', '"Refused":1', '"Unreachable":1', '"c1"', 'm2'])
    assert.ok(text.includes(word), word);
  assert.not.match(textOf(notice), /\p{Cc}(?<!\n)/u, 'R44');
});

test('a guard that refuses is told as that, a job that runs again may be told anew', () => {
  const at = createTellingTest(receiver());
  const refused = (Time: string) =>
    statusRecord('wide', { Missed: [{ Time, Reason: 'GuardRefused MaxMachines: would reach 37' }] });
  at.append(refused('2026-03-10T11:00:00Z'));
  at.append(refused('2026-03-10T11:30:00Z'));
  at.pass('1m');
  at.append(...runOf('wide', '2026-03-10T12:00:00Z', { m1: 'Applied' }));
  at.append(refused('2026-03-10T13:00:00Z'));
  at.pass('1m');
  assert.equal(
    at.notices.map(({ event, facts }) => `${event} ${facts.length}`),
    ['GuardRefused 1', 'GuardRefused 1'],
  );
  assert.match(at.sent[1] ?? '', 'the run of 2026-03-10T13:00:00Z was missed: GuardRefused MaxMachines');
});

test.run();
