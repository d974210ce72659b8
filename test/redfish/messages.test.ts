import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Answer } from '../../controller/redfish/http/client.ts';
import { parseBody } from '../../controller/redfish/http/json-body.ts';
import { classOf, complaintsOf, describe, waitAsked } from '../../controller/redfish/messages.ts';
import type { Json } from '../../definitions/values/json.ts';

function answer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, text, body: parseBody(text), path: '/', header: (name) => headers[name], scrub: (quoted) => quoted };
}
const saying = (...messages: Json[]) => JSON.stringify({ error: { '@Message.ExtendedInfo': messages } });

const NOW = new Date('2026-03-10T22:00:00Z');
for (const [what, given, expected] of [
  ['seconds', answer(503, '', { 'retry-after': '3' }), 3000],
  ['nothing', answer(503, ''), undefined],
  ['a date, by our clock', answer(503, '', { 'retry-after': 'Tue, 10 Mar 2026 22:00:07 GMT' }), 7000],
  ['a date that has passed', answer(503, '', { 'retry-after': 'Tue, 10 Mar 2020 22:00:07 GMT' }), 0],
  ['nonsense', answer(503, '', { 'retry-after': 'soon' }), undefined],
  ['a negative number', answer(503, '', { 'retry-after': '-5' }), undefined],
  [
    'an argument',
    answer(503, saying({ MessageId: 'Base.1.2.ServiceTemporarilyUnavailable', MessageArgs: ['30'] })),
    30_000,
  ],
  ['an argument of another message', answer(400, saying({ MessageId: 'Base.1.2.X', MessageArgs: ['30'] })), undefined],
] as const) {
  test(`A34 to wait: ${what}`, () => assert.is(waitAsked(given, NOW), expected));
}

for (const [status, body, expected] of [
  [500, '', 'transient'],
  [503, '', 'transient'],
  [429, '', 'transient'],
  [501, '', 'permanent'],
  [400, '', 'permanent'],
  [409, '', 'permanent'],
  [409, saying({ MessageId: 'Base.1.8.ResourceInUse', Severity: 'Warning' }), 'transient'],
  [400, saying({ MessageId: 'IDRAC.2.8.SYS518', Severity: 'Critical' }), 'transient'],
  [412, '', 'permanent'],
] as const) {
  test(`${status} ${body} is ${expected}`, () => assert.is(classOf(answer(status, body)), expected));
}

test('messages of success are no complaints; the same one is told once; what has no text is told by its name', () => {
  const ok = { MessageId: 'Base.1.19.Success', MessageSeverity: 'OK', Message: 'Fine.' };
  assert.equal(complaintsOf(answer(200, saying(ok, { MessageId: 'iLO.1.Unknown' }))), []);
  const bad = { MessageId: 'Base.1.19.0.PropertyUnknown', Message: 'No Bogus.', Severity: 'Warning' };
  assert.is(describe(answer(400, saying(ok, bad, bad, { MessageId: 'X.Y' }))), '400 PropertyUnknown: No Bogus; Y');
});

const REASON = 'Incorrect username or password';
for (const [what, error, told] of [
  [
    'beside an ID alone',
    { message: REASON, '@Message.ExtendedInfo': [{ MessageId: 'Base.1.0.GeneralError' }] },
    `400 GeneralError: ${REASON}`,
  ],
  [
    'beside an ID with an empty text',
    { message: REASON, '@Message.ExtendedInfo': [{ MessageId: 'Base.1.0.GeneralError', Message: '' }] },
    `400 GeneralError: ${REASON}`,
  ],
  [
    'that only points to the messages',
    {
      message: 'See @Message.ExtendedInfo for more information.',
      '@Message.ExtendedInfo': [{ MessageId: 'iLO.2.14.Weird', MessageArgs: ['a'] }],
    },
    '400 Weird (a)',
  ],
  [
    'beside a text of its own',
    { message: 'A general error has occurred.', '@Message.ExtendedInfo': [{ MessageId: 'A.B', Message: 'Too hot.' }] },
    '400 B: Too hot',
  ],
  ['alone', { code: 'Base.1.0.GeneralError', message: REASON }, `400 GeneralError: ${REASON}`],
] as const) {
  test(`#22.28 error.message ${what}`, () => assert.is(describe(answer(400, JSON.stringify({ error }))), told));
}

test.run();
