// Acceptance cases A24 to A36, A38 and A39: preconditions, logins, waiting, tasks, slow lines and redirects
// (docs/redfish.md). Each tries to set the profile of a simulated stock OpenBMC to Acoustic.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../../controller/demo/bmc.ts';
import type { Outcome } from '../../definitions/run.ts';
import { asked, entry, fastClock, startMachine } from '../support/bmc.ts';

const SESSIONS = '/redfish/v1/SessionService/Sessions';
const MANAGER = '/redfish/v1/Managers/bmc';
const patching = { method: 'PATCH' } as const;
const loggingIn = { method: 'POST' } as const;
const sys518 = {
  error: {
    '@Message.ExtendedInfo': [
      { MessageId: 'IDRAC.2.8.SYS518', Message: 'iDRAC is not ready.', MessageArgs: ['2'], Severity: 'Critical' },
    ],
  },
};

interface Case {
  readonly id: string;
  readonly what: string;
  readonly faults: readonly Fault[];
  readonly outcome: Outcome;
  readonly error?: RegExp;
  /** The requests that count, in order: METHOD and how often. */
  readonly counts?: Readonly<Record<string, number>>;
  /** At least so long by the BMC's clock, in ms. */
  readonly atLeastMs?: number;
  readonly atMostMs?: number;
  readonly timeout?: string;
  readonly sessionsLeft?: number;
}

const good = { outcome: 'Applied' as const };

const CASES: readonly Case[] = [
  {
    id: 'A24',
    what: '428: the ETag of a fresh read',
    faults: [{ kind: 'if-match', status: 428, form: 'as sent' }],
    ...good,
    counts: { PATCH: 2 },
  },
  {
    id: 'A24',
    what: '412 although no If-Match was sent',
    faults: [{ kind: 'if-match', status: 412, form: 'as sent' }],
    ...good,
    counts: { PATCH: 2 },
  },
  {
    id: 'A25',
    what: 'an ETag that was stale: read again',
    faults: [
      { kind: 'if-match', status: 428, form: 'as sent' },
      { kind: 'etag', form: 'changing', method: 'GET', path: MANAGER, times: 2 },
    ],
    ...good,
    counts: { PATCH: 3 },
  },
  {
    id: 'A26',
    what: 'a weak ETag of which the strong form counts',
    faults: [
      { kind: 'if-match', status: 428, form: 'as sent' },
      { kind: 'etag', form: 'weak' },
    ],
    ...good,
  },
  {
    id: 'A26',
    what: 'an ETag that comes twice',
    faults: [
      { kind: 'if-match', status: 428, form: 'as sent' },
      { kind: 'etag', form: 'twice' },
    ],
    ...good,
  },
  {
    id: 'A26',
    what: 'an ETag with the suffix of a compression',
    faults: [
      { kind: 'if-match', status: 428, form: 'as sent' },
      { kind: 'etag', form: 'gzip' },
    ],
    ...good,
  },
  {
    id: 'A26',
    what: 'an ETag that counts without its quotes',
    faults: [{ kind: 'if-match', status: 428, form: 'unquoted' }],
    ...good,
  },
  {
    id: 'A27',
    what: 'always 412: given up after four',
    faults: [{ kind: 'if-match', status: 412, form: 'none' }],
    outcome: 'Refused',
    error: /permanent: .*412 PreconditionFailed/,
    counts: { PATCH: 3 },
  },
  {
    id: 'A27',
    what: 'always 412 with an ETag that changes',
    faults: [
      { kind: 'if-match', status: 412, form: 'none' },
      { kind: 'etag', form: 'changing' },
    ],
    outcome: 'Refused',
    counts: { PATCH: 4 },
  },
  {
    id: 'A28',
    what: 'the line drops after the change was made: read back',
    faults: [{ kind: 'drop', ...patching, applied: true }],
    ...good,
    counts: { PATCH: 1 },
  },
  {
    id: 'A28',
    what: 'the line drops before the change was made: once more',
    faults: [{ kind: 'drop', ...patching, times: 1 }],
    ...good,
    counts: { PATCH: 2 },
  },
  {
    id: 'A28',
    what: 'the line drops each time: not hammered',
    faults: [{ kind: 'drop', ...patching }],
    outcome: 'Unreachable',
    error: /transient: .*connection lost/,
    counts: { PATCH: 3 },
  },
  {
    id: 'A29',
    what: 'the session ends in mid-run: one new login, one replay',
    faults: [{ kind: 'expire', ...patching, times: 1 }],
    ...good,
    counts: { POST: 2, PATCH: 2 },
  },
  {
    id: 'A29',
    what: 'a second 401 is final',
    faults: [{ kind: 'expire', ...patching }],
    outcome: 'Refused',
    error: /permanent: .*fresh session is answered 401/,
    counts: { POST: 2, PATCH: 2 },
  },
  {
    id: 'A32',
    what: 'an expired password',
    faults: [{ kind: 'password-expired' }],
    outcome: 'Refused',
    error: /permanent: .*password has expired and must be changed/,
    counts: { PATCH: 0 },
  },
  { id: 'A33', what: 'a login without Location', faults: [{ kind: 'login', location: 'absent' }], ...good },
  {
    id: 'A33',
    what: 'a login whose session is named in a sentence',
    faults: [{ kind: 'login', location: 'message' }],
    ...good,
  },
  { id: 'A33', what: 'a login with an absolute Location', faults: [{ kind: 'login', location: 'absolute' }], ...good },
  { id: 'A33', what: 'a login that answers 204', faults: [{ kind: 'login', status: 204 }], ...good },
  {
    id: 'A33',
    what: 'a login that wants Basic too',
    faults: [{ kind: 'login', basic: true }],
    ...good,
    counts: { POST: 2 },
  },
  { id: 'A33', what: 'a login without a token: Basic', faults: [{ kind: 'login', token: false }], ...good },
  {
    id: 'A33',
    what: 'no sessions: Basic',
    faults: [{ kind: 'answer', ...loggingIn, status: 405 }],
    ...good,
    counts: { POST: 1 },
  },
  { id: 'A33', what: 'all sessions taken: Basic', faults: [{ kind: 'session-limit', max: 0 }], ...good },
  {
    id: 'A33',
    what: 'a login that answers 503 for a while',
    faults: [{ kind: 'answer', ...loggingIn, status: 503, headers: { 'Retry-After': '1' }, times: 2 }],
    ...good,
    counts: { POST: 3 },
  },
  {
    id: 'A34',
    what: '503 with Retry-After: 3',
    faults: [{ kind: 'answer', ...patching, status: 503, headers: { 'Retry-After': '3' }, times: 1 }],
    ...good,
    atLeastMs: 3000,
    counts: { PATCH: 2 },
  },
  {
    id: 'A34',
    what: '503 with a date to come back at, by a clock that is years off',
    faults: [
      {
        kind: 'answer',
        ...patching,
        status: 503,
        headers: { Date: 'Thu, 01 Jan 1970 00:01:00 GMT', 'Retry-After': 'Thu, 01 Jan 1970 00:01:04 GMT' },
        times: 1,
      },
    ],
    ...good,
    atLeastMs: 4000,
    atMostMs: 30_000,
  },
  {
    id: 'A34',
    what: '503 with Retry-After: 1, eight times',
    faults: [{ kind: 'answer', ...patching, status: 503, headers: { 'Retry-After': '1' }, times: 8 }],
    ...good,
    atLeastMs: 8000,
    counts: { PATCH: 9 },
  },
  {
    id: 'A34',
    what: '503 with Retry-After: 0 for ever is not asked for ever',
    faults: [{ kind: 'answer', ...patching, status: 503, headers: { 'Retry-After': '0' } }],
    outcome: 'NotApplied',
    counts: { PATCH: 30 },
  },
  {
    id: 'A34',
    what: '503 without Retry-After',
    faults: [{ kind: 'answer', ...patching, status: 503, times: 2 }],
    ...good,
    counts: { PATCH: 3 },
  },
  {
    id: 'A34',
    what: '503 with the wait in a message',
    faults: [{ kind: 'answer', ...patching, status: 503, body: sys518, times: 1 }],
    ...good,
    atLeastMs: 2000,
  },
  {
    id: 'A34',
    what: '400 with a message that passes',
    faults: [{ kind: 'answer', ...patching, status: 400, body: sys518, times: 1 }],
    ...good,
    atLeastMs: 2000,
  },
  {
    id: 'A34',
    what: '429',
    faults: [{ kind: 'answer', ...patching, status: 429, headers: { 'Retry-After': '1' }, times: 1 }],
    ...good,
    atLeastMs: 1000,
  },
  {
    id: 'A34',
    what: '503 for longer than there is time',
    faults: [{ kind: 'answer', ...patching, status: 503, headers: { 'Retry-After': '600' } }],
    outcome: 'NotApplied',
    error: /transient: .*asks to wait 600 s/,
    counts: { PATCH: 1 },
    atMostMs: 20_000,
  },
  {
    id: 'A34',
    what: '503 when reading',
    faults: [{ kind: 'answer', method: 'GET', path: MANAGER, status: 503, headers: { 'Retry-After': '1' }, times: 2 }],
    ...good,
    atLeastMs: 2000,
  },
  {
    id: 'A35',
    what: 'a task that ends well',
    faults: [{ kind: 'task', end: 'Completed', polls: 2, retryAfter: '1' }],
    ...good,
    atLeastMs: 2000,
    counts: { PATCH: 1 },
  },
  {
    id: 'A36',
    what: 'a task that ends in Exception',
    faults: [{ kind: 'task', end: 'Exception', polls: 1 }],
    outcome: 'NotApplied',
    error: /permanent: .*task ended in Exception/,
    counts: { PATCH: 1 },
  },
  {
    id: 'A36',
    what: 'a task whose monitor is gone at once',
    faults: [{ kind: 'task', end: 'gone' }],
    ...good,
    counts: { PATCH: 1 },
  },
  {
    id: 'A36',
    what: 'a task without Location',
    faults: [{ kind: 'task', end: 'no location' }],
    ...good,
    counts: { PATCH: 1 },
  },
  {
    id: 'A36',
    what: 'a task that never ends',
    faults: [{ kind: 'task', end: 'never' }],
    timeout: '20s',
    outcome: 'NotApplied',
    error: /transient: .*task had not ended in time/,
    counts: { PATCH: 1 },
    atMostMs: 22_000,
  },
  {
    id: 'A38',
    what: 'an answer after 8 s',
    faults: [{ kind: 'slow', ...patching, ms: 8000 }],
    ...good,
    counts: { PATCH: 1 },
  },
  {
    id: 'A38',
    what: '500 after 25 s, although it was done',
    faults: [
      { kind: 'slow', ...patching, ms: 25_000 },
      { kind: 'answer', ...patching, status: 500, applied: true },
    ],
    ...good,
    counts: { PATCH: 1 },
  },
  {
    id: 'A38',
    what: 'no answer at all to a PATCH',
    faults: [{ kind: 'hang', ...patching, times: 1 }],
    ...good,
    timeout: '120s',
    counts: { PATCH: 2 },
  },
  {
    id: 'A38',
    what: 'headers, and then nothing',
    faults: [{ kind: 'hang', headers: true, method: 'GET', path: MANAGER, times: 1 }],
    ...good,
    timeout: '120s',
  },
  {
    id: 'A38',
    what: 'no answer at all, ever',
    faults: [{ kind: 'hang' }],
    timeout: '10s',
    outcome: 'Unreachable',
    error: /transient: .*Timeout of 10s/,
    atMostMs: 16_000,
  },
  {
    id: 'A39',
    what: '307 on a PATCH to another form of its path',
    faults: [{ kind: 'answer', ...patching, status: 307, headers: { Location: `${MANAGER}/` }, times: 1 }],
    ...good,
    counts: { PATCH: 2 },
  },
  {
    id: 'A39',
    what: '308 on the service root',
    faults: [
      {
        kind: 'answer',
        method: 'GET',
        path: '/redfish/v1/',
        status: 308,
        headers: { Location: '/redfish/v1' },
        times: 1,
      },
    ],
    ...good,
  },
  {
    id: 'A39',
    what: '308 on the login',
    faults: [{ kind: 'answer', ...loggingIn, status: 308, headers: { Location: `${SESSIONS}/` }, times: 1 }],
    ...good,
  },
  {
    id: 'A39',
    what: 'R46: a redirect to another host',
    faults: [
      { kind: 'answer', method: 'GET', path: MANAGER, status: 302, headers: { Location: 'https://127.0.0.2/x' } },
    ],
    outcome: 'Refused',
    error: /permanent: .*refers to another server/,
    counts: { PATCH: 0 },
  },
  {
    id: 'A39',
    what: 'redirects in a circle',
    faults: [{ kind: 'answer', method: 'GET', path: MANAGER, status: 302, headers: { Location: MANAGER } }],
    outcome: 'Refused',
    error: /permanent: .*in a circle/,
    counts: { PATCH: 0 },
  },
  { id: 'A40', what: 'a 500 with a body is no state', faults: [{ kind: 'odd-property', times: 1 }], ...good },
  {
    id: 'A40',
    what: 'always 500: transient',
    faults: [{ kind: 'odd-property' }],
    outcome: 'NotApplied',
    error: /transient: .*500 InternalError/,
    counts: { PATCH: 0 },
  },
];

for (const { id, what, faults, timeout = '60s', ...expected } of CASES) {
  test(`${id} ${what}`, async () => {
    const clock = fastClock();
    const { bmc, run, close } = await startMachine({ flavour: 'openbmc', clock });
    try {
      bmc.faults.set(...faults);
      const began = clock.now().getTime();
      const result = await run('PatchProfile', [entry('bmc', { Profile: 'Acoustic' })], {
        machine: { Timeout: timeout },
      });
      const tookMs = clock.now().getTime() - began;
      assert.is(result.outcome, expected.outcome, result.error ?? 'no error');
      if (expected.error) assert.match(result.error ?? '', expected.error);
      for (const [method, count] of Object.entries(expected.counts ?? {})) {
        assert.is(asked(bmc, method).length, count, `${method}: ${asked(bmc).join(', ')}`);
      }
      if (expected.atLeastMs) assert.ok(tookMs >= expected.atLeastMs, `only ${tookMs} ms`);
      if (expected.atMostMs) assert.ok(tookMs <= expected.atMostMs, `${tookMs} ms`);
      const holds = bmc.get('Oem/OpenBmc/Fan/Profile');
      assert.is(holds === 'Acoustic', result.outcome === 'Applied', `the BMC holds ${holds}`);
      assert.is(bmc.sessions, expected.sessionsLeft ?? 0, 'no session left');
    } finally {
      await close();
    }
  });
}

test.run();
