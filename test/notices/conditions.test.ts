// What holds of a controller, from what happens to it: PushBlocked, ControllerUnhealthy and ManifestInvalid.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ControllerEvent } from '../../controller/events/event.ts';
import { createDeadMan } from '../../controller/notices/dead-man.ts';
import { createEventConditions } from '../../controller/notices/event-conditions.ts';
import type { Attempt } from '../../definitions/notices/delivery.ts';
import type { Problem } from '../../definitions/problem.ts';
import { createFakeClock } from '../support/clock.ts';

const START = '2026-03-10T10:00:00Z';
const PULL_MS = 300_000;
const PASSED: ControllerEvent = { event: 'passed', commit: 'c1', elapsedMs: 10 };
const retryAt = new Date(START);

/** Conditions of a controller that began at 10:00 and looks every five minutes. */
function begun() {
  const clock = createFakeClock(START);
  const conditions = createEventConditions(clock, PULL_MS);
  return {
    clock,
    observe: conditions.observe,
    later: (minutes: number) => clock.advance(new Date(clock.now().getTime() + minutes * 60_000)),
    holding: (problems: readonly Problem[] = []) =>
      [...conditions.holding(problems)].flatMap(([source, all]) => all.map(({ cause }) => `${source}: ${cause}`)),
    known: () => [...conditions.holding([]).keys()],
  };
}

test('N15 a controller that does not look for two intervals is unhealthy until it does', () => {
  const { observe, later, holding } = begun();
  later(9);
  assert.equal(holding(), []);
  later(1);
  assert.equal(holding(), ['health: NoLook']);
  observe(PASSED);
  assert.equal(holding(), []);
});

test('what cannot be recorded is told until nothing failed for two minutes', () => {
  const { observe, later, holding } = begun();
  observe({ event: 'unrecorded', job: 'a', error: new Error('ENOSPC') });
  later(1);
  observe({ event: 'diskFull', job: 'a' });
  later(1);
  assert.equal(holding(), ['health: Unrecorded']);
  later(1);
  assert.equal(holding(), []);
});

test('a push that is refused holds until one gets through; an outage is none', () => {
  const { observe, holding, known } = begun();
  assert.not.ok(known().includes('push'), 'what was known before a restart stays until something is known');
  observe({ event: 'published', outcome: 'Offline', reason: 'no route', retryAt });
  assert.equal(holding(), []);
  for (const outcome of ['Blocked', 'NoBranch'] as const) {
    observe({ event: 'published', outcome, reason: 'protected branch of https://ada@forge.example', retryAt });
    assert.equal(holding(), [`push: ${outcome}`]);
  }
  observe({ event: 'published', outcome: 'Pushed', commit: 'c2', seq: 3 });
  assert.equal(holding(), []);
  assert.ok(known().includes('push'));
});

test('N14 a refused file is one condition: which file, how many errors, where and by which rule; no text of it', () => {
  const { clock, observe } = begun();
  const conditions = createEventConditions(clock, PULL_MS);
  const problem = (file: string, line: number, severity: Problem['severity'] = 'error'): Problem => ({
    file,
    line,
    column: 1,
    path: 'Payload.Profile',
    stage: 'payload',
    rule: 'R06',
    message: 'Profile is "hunter2"',
    severity,
  });
  observe(PASSED);
  const problems = [problem('jobs/a.yaml', 3), problem('jobs/a.yaml', 9), problem('jobs/b.yaml', 1, 'warning')];
  assert.not.ok(conditions.holding(problems).has('manifest'), 'nobody has looked yet');
  conditions.observe(PASSED);
  assert.equal(conditions.holding(problems).get('manifest'), [
    {
      event: 'ManifestInvalid',
      subject: 'manifest jobs/a.yaml',
      cause: 'Invalid',
      job: null,
      detail: 'jobs/a.yaml is refused: 2 errors, the first at line 3 (R06)',
    },
  ]);
});

test('N15 the dead man is called after each look, once at a time, not in a crowd, and not after the end', async () => {
  const clock = createFakeClock(START);
  const calls: string[] = [];
  const reasons: (string | null)[] = [];
  let answer: (attempt: Attempt) => void = () => undefined;
  const settings: { DeadMan: { SecretRef: string } | null } = { DeadMan: null };
  const deadMan = createDeadMan({
    clock,
    settings: () => settings,
    transport: {
      call(ref) {
        calls.push(ref);
        return new Promise((resolve) => (answer = resolve));
      },
    },
    observe: (event) => void (event.event === 'deadManCalled' && reasons.push(event.reason)),
  });
  const later = (seconds: number) => clock.advance(new Date(clock.now().getTime() + seconds * 1_000));
  deadMan.passed();
  assert.equal(calls, [], 'nobody is to be called');
  settings.DeadMan = { SecretRef: 'deadman' };
  deadMan.passed();
  later(60);
  deadMan.passed();
  assert.is(calls.length, 1, 'the call goes on');
  answer({ outcome: 'Failed', reason: 'HTTP 503', isPermanent: false, waitMs: null });
  await deadMan.settled();
  deadMan.passed();
  answer({ outcome: 'Delivered' });
  await deadMan.settled();
  deadMan.passed();
  assert.equal(calls, ['deadman', 'deadman'], 'a crowd of looks is one call');
  assert.equal(reasons, ['HTTP 503', null]);
  later(60);
  await deadMan.end();
  deadMan.passed();
  assert.is(calls.length, 2);
});

test.run();
