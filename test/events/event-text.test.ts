import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ControllerEvent } from '../../controller/events/event.ts';
import { type EventText, eventText } from '../../controller/events/event-text.ts';
import type { Problem } from '../../definitions/problem.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const PASS = { event: 'reconciled', commit: COMMIT, jobs: 2, machines: 1, problems: 0, changes: {} } as const;
const PROBLEM: Problem = {
  file: 'jobs/a.yaml',
  line: 3,
  column: 5,
  path: 'Schedule.Time',
  stage: 'schedule',
  rule: 'R08',
  message: 'is no time',
  severity: 'error',
};
const MACHINE = {
  event: 'machine',
  job: 'a',
  run: 'a@x',
  machine: 'm1',
  action: 'PatchProfile',
  began: new Date(0),
  path: 'logs/x',
} as const;
const FINISHED = { event: 'finished', job: 'a', run: 'a@x', elapsedMs: 5 } as const;
const later = { reason: 'no route to host', retryAt: new Date('2026-03-10T22:00:00Z') };

/** What happens → the level and the words of its line. */
const TEXTS: readonly (readonly [ControllerEvent, EventText['level'], string])[] = [
  [PASS, 'debug', 'commit 0123456789: no job changes; no problem'],
  [
    { ...PASS, changes: { add: 1, rearm: 2 }, problems: 1 },
    'info',
    'commit 0123456789: 1 job added, 2 jobs re-armed; 1 problem',
  ],
  [{ event: 'problem', commit: COMMIT, problem: PROBLEM }, 'error', 'jobs/a.yaml:3:5 Schedule.Time: is no time'],
  [
    { event: 'problem', commit: COMMIT, problem: { ...PROBLEM, severity: 'warning' } },
    'warn',
    'jobs/a.yaml:3:5 Schedule.Time: is no time',
  ],
  [
    { event: 'plaintext', machines: ['m1', 'm2'] },
    'warn',
    'over http: the password of m1, m2 is sent in clear text, to whoever listens; use https:',
  ],
  [{ event: 'passed', commit: COMMIT, elapsedMs: 7 }, 'debug', 'looked at commit 0123456789 in 7 ms'],
  [{ event: 'published', outcome: 'Pushed', commit: COMMIT, seq: 4 }, 'info', 'published as commit 0123456789'],
  [{ event: 'published', outcome: 'Unchanged' }, 'debug', 'nothing to publish'],
  [
    { event: 'published', outcome: 'Offline', ...later },
    'warn',
    'not published (Offline): no route to host; results are kept, next try 2026-03-10T22:00:00.000Z',
  ],
  [{ ...MACHINE, outcome: 'Applied', elapsedMs: 5, error: null }, 'info', 'a on m1: Applied in 5 ms'],
  [{ ...FINISHED, succeeded: 2, failed: 0, skipped: 0, status: 'Completed' }, 'info', 'a completed on 2 machines'],
  [{ ...FINISHED, succeeded: 1, failed: 1, skipped: 0, status: 'Failed' }, 'warn', 'a failed on 1 of 2 machines'],
  [
    { ...FINISHED, succeeded: 1, failed: 1, skipped: 2, status: 'Failed' },
    'warn',
    'a failed on 1 of 2 machines, 2 skipped',
  ],
  [
    { ...FINISHED, succeeded: 2, failed: 0, skipped: 1, status: 'Completed' },
    'info',
    'a completed on 2 machines, 1 skipped',
  ],
  [
    { ...FINISHED, succeeded: 0, failed: 0, skipped: 3, status: 'Failed' },
    'warn',
    'a failed: 0 machines done, 3 skipped',
  ],
  [{ event: 'asked', run: 'a@t1', commit: COMMIT }, 'debug', 'commit 0123456789 asks for a@t1'],
  [{ event: 'tracesOff', reason: 'say otlp' }, 'warn', 'no traces: say otlp'],
  [
    { event: 'tracesFailed', error: new Error('connect ECONNREFUSED') },
    'warn',
    'traces could not be sent: connect ECONNREFUSED; those after them are tried anew',
  ],
  [
    { event: 'jobMetricsLeftOut', jobs: 2_001, most: 2_000 },
    'warn',
    '/metrics has no metrics a job: 2001 jobs are more than Metrics.PerJob of bmcron.yaml allows (2000)',
  ],
  [
    { event: 'notice', receiver: 'oncall', outcome: 'sent', reason: null, count: 1, waiting: 0 },
    'info',
    'oncall was sent a notice',
  ],
  [
    { event: 'notice', receiver: 'oncall', outcome: 'failed', reason: 'HTTP 503', count: 1, waiting: 3 },
    'warn',
    'oncall did not take a notice: HTTP 503; trying again, 3 wait',
  ],
  [
    { event: 'notice', receiver: 'oncall', outcome: 'dropped', reason: 'too old', count: 2, waiting: 0 },
    'error',
    '2 notices for oncall given up: too old',
  ],
  [{ event: 'deadManCalled', reason: null }, 'debug', 'the address of DeadMan was called'],
  [
    { event: 'deadManCalled', reason: 'HTTP 503' },
    'warn',
    'the address of DeadMan did not answer well: HTTP 503; it is called again after the next look',
  ],
  [
    { event: 'noticesUnsaved', error: new Error('the disk is full') },
    'error',
    'what was told cannot be kept: the disk is full; trying again',
  ],
  [
    { event: 'publishFailed', error: new Error('the disk is full') },
    'error',
    'could not publish: the disk is full; trying again',
  ],
  [
    { event: 'git', detail: { kind: 'RecordsGone', after: 3, before: 7 } },
    'error',
    'records 4 to 6 are neither in Git nor in the journal any more',
  ],
];

for (const [event, level, text] of TEXTS) {
  test(`${event.event}: ${level}: ${text}`, () => {
    const said = eventText(event);
    assert.is(said.text, text);
    assert.is(said.level, level);
  });
}

test('the facts of an event are all that it holds; of an error, its message', () => {
  const { facts } = eventText({ event: 'publishFailed', error: new Error('the disk is full') });
  assert.equal(facts, { event: 'publishFailed', error: 'the disk is full' });
});

test.run();
