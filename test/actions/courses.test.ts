// Whatever a BMC shows and answers: nothing is sent but what the manifest asks for, an event once, and it ends.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Course, Look, SentValue } from '../../definitions/actions/course/course.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import type { JsonObject } from '../../definitions/values/json.ts';

const maybe = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const TIMES = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', 'soon', ''];
const STAGES = ['None', 'OSRunning', 'PrimaryProcessorInitializationStarted', 'SystemHardwareInitializationComplete'];

/** What a resource shows: of the right properties often, of anything sometimes. */
const values = fc
  .record({
    PowerState: maybe(['On', 'Off', 'PoweringOn', 'PoweringOff', 'Paused', 7]),
    BootProgress: maybe(STAGES.map((LastState) => ({ LastState }))),
    LastResetTime: maybe(TIMES),
    DateTime: maybe(TIMES),
    Status: maybe([{ State: 'Enabled' }, { State: 'Starting' }]),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as JsonObject);

const sights = fc.array(fc.option(values, { nil: null, freq: 5 }), { minLength: 1, maxLength: 60 });
const answers = fc.array(fc.constantFrom('Accepted', 'Refused', 'Lost', 'Passing'), { minLength: 1, maxLength: 10 });
const RESETS = ['On', 'ForceOn', 'ForceOff', 'GracefulShutdown', 'GracefulRestart', 'ForceRestart', 'PushPowerButton'];
const offered = fc.option(fc.subarray(RESETS), { nil: null });

const PAYLOADS: Readonly<Record<string, fc.Arbitrary<JsonObject>>> = {
  SetPowerState: fc.record(
    {
      PowerState: fc.constantFrom('On', 'Off'),
      Graceful: fc.constantFrom('0s', '30s', '10m', '60m'),
      Force: fc.boolean(),
      WaitFor: fc.constant('OSRunning'),
      Within: fc.constantFrom('1s', '5m', '2h'),
    },
    { requiredKeys: ['PowerState'] },
  ),
  ResetSystem: fc.record(
    { ResetType: fc.constantFrom('GracefulRestart', 'ForceRestart', 'Nmi'), Fallback: fc.constant('ForceRestart') },
    { requiredKeys: ['ResetType'] },
  ),
  ResetManager: fc.record(
    { ResetType: fc.constant('GracefulRestart'), Fallback: fc.constant('ForceRestart'), OnlyIfUp: fc.constant('30d') },
    { requiredKeys: ['ResetType'] },
  ),
};

/** Plays a course against what is seen and answered, over and over; what was sent. */
function play(
  course: Course,
  payload: JsonObject,
  bmc: { seen: readonly (JsonObject | null)[]; answered: readonly string[]; offered: readonly string[] | null },
) {
  const looks: Look[] = [{ atMs: 0, values: bmc.seen[0] ?? {} }];
  const sent: SentValue[] = [];
  let nowMs = 0;
  for (let step = 0; step < 2_000; step += 1) {
    const decision = course.decide(payload, { looks, sent, offered: bmc.offered, nowMs, vendor: '' });
    if (decision.step === 'done' || decision.step === 'fail') return sent;
    if (decision.step === 'send') {
      const answer = bmc.answered[sent.length % bmc.answered.length] ?? 'Lost';
      const isPassing = answer === 'Passing';
      sent.push({
        atMs: nowMs,
        value: decision.value,
        ...(isPassing ? { answer: 'Refused', isPassing } : { answer: answer as SentValue['answer'] }),
      });
      continue;
    }
    assert.ok(decision.afterMs > 0 && decision.afterMs <= 3_600_000, `a pause of ${decision.afterMs} ms`);
    nowMs += decision.afterMs;
    looks.push({ atMs: nowMs, values: bmc.seen[looks.length % bmc.seen.length] ?? null });
  }
  throw new Error(`no end after ${nowMs} ms`);
}

for (const [name, payloads] of Object.entries(PAYLOADS)) {
  test(`R59 ${name}: nothing else is sent, no force unasked, an event once, and it ends`, () => {
    const { course } = ACTIONS.get(name) ?? {};
    assert.ok(course);
    const property = fc.property(payloads, sights, answers, offered, (payload, seen, answered, values) => {
      const sent = play(course, payload, { seen, answered, offered: values }).map(({ value }) => value);
      const declared = course.declared(payload);
      assert.ok(
        sent.every((value) => declared.includes(value)),
        `${sent.join(', ')} of ${declared.join(', ')}`,
      );
      assert.ok(values === null || sent.every((value) => values.includes(value)), 'only what is offered');
      if (course.kind === 'Event') assert.ok(sent.length <= 1, sent.join(', '));
      const mayForce = payload['Force'] === true || payload['Graceful'] === '0s';
      if (name === 'SetPowerState' && !mayForce) assert.not.ok(sent.includes('ForceOff'), 'no force unasked');
      if (payload['PowerState'] === 'On') assert.not.ok(sent.some((value) => /Off|Shutdown/.test(value)));
      if (payload['PowerState'] === 'Off') assert.not.ok(sent.some((value) => /On$/.test(value)));
    });
    fc.assert(property, { numRuns: 2_000 });
  });
}

test('R59 every action with a course is played', () => {
  const courses = [...ACTIONS.values()].filter(({ course }) => course).map(({ name }) => name);
  assert.equal(courses.sort(), Object.keys(PAYLOADS).sort());
});

test.run();
