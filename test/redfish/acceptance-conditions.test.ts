// Acceptance cases A24 to A27, A29, A32 and A33: what a BMC asks for before it makes a change, an ETag and a session
// (docs/redfish.md).
import { test } from 'uvu';
import { acceptance, good, loggingIn, MANAGER, patching } from './acceptance.ts';

acceptance([
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
    what: 'a login that wants Basic too: it is asked without a password whether it does, before that is sent again',
    faults: [{ kind: 'login', basic: true }],
    ...good,
    counts: { POST: 3 },
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
]);

test.run();
