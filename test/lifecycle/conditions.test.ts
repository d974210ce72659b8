import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import { STATE_UNKNOWN, withCondition, withReadiness } from '../../definitions/lifecycle/conditions.ts';
import { missed } from '../../definitions/lifecycle/missed.ts';
import { unknownState } from '../../definitions/lifecycle/restore.ts';
import { finished, started } from '../../definitions/lifecycle/run-status.ts';
import { isUsed, refusedTrigger } from '../../definitions/lifecycle/trigger.ts';
import type { Condition, LastTrigger, Status } from '../../definitions/status.ts';
import { claimOf, endsOf, factsOf, jobOf, once } from '../support/jobs.ts';

const NOW = new Date('2026-03-10T22:00:03.500Z');
const SAID = '2026-03-10T22:00:03Z';
const NOMINAL = '2026-03-10T22:00:00Z';
const used: LastTrigger = { Token: 't1', Time: NOMINAL, Outcome: 'Accepted', Message: 'a@t1' };
const refused: LastTrigger = { ...used, Outcome: 'Refused', Message: 'already running' };

/** Ready and true since NOMINAL, unless the row says otherwise. */
function condition(more: Partial<Condition> = {}): Condition {
  const scheduled = { Type: 'Ready', Status: 'True', Reason: 'Scheduled', Message: 'runs at NextRunTime' } as const;
  return { ...scheduled, LastTransitionTime: NOMINAL, ...more };
}

const over = { Status: 'False', Reason: 'NoFurtherRun', Message: 'its schedule has no further run' } as const;
const suspended = { Status: 'False', Reason: 'Suspended', Message: 'suspended, never due' } as const;
const refusal = { Reason: 'TriggerRefused', Message: 'trigger t1: already running' } as const;
const unknown = { Status: 'False', Reason: STATE_UNKNOWN, Message: 'edit or trigger it' } as const;

/** Facts, and what Ready says of them at NOW. */
const READY: readonly (readonly [string, Partial<Status>, Partial<Condition>])[] = [
  ['scheduled', { NextRunTime: NOMINAL }, { LastTransitionTime: SAID }],
  ['suspended', { NextRunTime: NOMINAL, Suspended: true }, { ...suspended, LastTransitionTime: SAID }],
  ['suspended, and over', { Suspended: true }, { ...suspended, LastTransitionTime: SAID }],
  ['over', {}, { ...over, LastTransitionTime: SAID }],
  [
    'a trigger was refused, it runs',
    { NextRunTime: NOMINAL, LastTrigger: refused },
    { ...refusal, LastTransitionTime: SAID },
  ],
  ['a trigger was refused, it is over', { LastTrigger: refused }, { ...over, ...refusal, LastTransitionTime: SAID }],
  ['an accepted trigger is no news', { NextRunTime: NOMINAL, LastTrigger: used }, { LastTransitionTime: SAID }],
  ['the same again', { NextRunTime: NOMINAL, Conditions: [condition()] }, {}],
  ['another reason, still ready', { NextRunTime: NOMINAL, LastTrigger: refused, Conditions: [condition()] }, refusal],
  ['no longer ready', { Conditions: [condition()] }, { ...over, LastTransitionTime: SAID }],
  ['not ready for another reason', { Suspended: true, Conditions: [condition(over)] }, suspended],
  ['R41: unknown stays unknown', { Conditions: [condition(unknown)] }, unknown],
  ['R41: edited, so known', { NextRunTime: NOMINAL, Conditions: [condition(unknown)] }, { LastTransitionTime: SAID }],
];

for (const [title, facts, says] of READY) {
  test(`R32 Ready, ${title}: ${says.Status ?? 'True'} ${says.Reason ?? 'Scheduled'}`, () => {
    const before = factsOf(jobOf('a'), facts);
    const after = withReadiness(before, NOW);
    assert.equal(after, { ...before, Conditions: [condition(says)] });
    if (says.LastTransitionTime === undefined && says.Reason === undefined) assert.is(after, before);
  });
}

test('R32 Valid is told before Ready, each once, whatever came first', () => {
  const valid = { Type: 'Valid', Status: 'True', Reason: 'Accepted', Message: 'm' } as const;
  const ready = withReadiness(factsOf(jobOf('a')), NOW);
  const both = withCondition(withCondition(ready, valid, NOW), { ...valid, Status: 'False', Message: 'n' }, NOW);
  assert.equal(
    withReadiness({ ...both, NextRunTime: NOMINAL }, NOW).Conditions.map(({ Type, Status }) => `${Type} ${Status}`),
    ['Valid False', 'Ready True'],
  );
});

/** Schedule, token in the manifest → what is known of a job whose status file cannot be read. */
for (const [title, Schedule, Trigger, next, reason] of [
  ['Continuous goes on from now', jobOf('a').spec.Schedule, undefined, NOMINAL, undefined],
  ['Continuous, its token counts as used', jobOf('a').spec.Schedule, 't1', NOMINAL, undefined],
  ['Once is not run', once(), undefined, null, STATE_UNKNOWN],
  ['Once is not run, its token counts as used', once(), 't1', null, STATE_UNKNOWN],
] as const) {
  test(`R41 ${title}`, () => {
    const job = jobOf('a', { Schedule, ...(Trigger && { Trigger }) });
    const facts = unknownState(factsOf(job, { NextRunTime: NOMINAL }), job, NOW);
    assert.is(facts.NextRunTime, next);
    assert.is(isUsed(facts, 't1'), Trigger !== undefined);
    assert.is(facts.Conditions.find(({ Type }) => Type === 'Ready')?.Reason, reason);
    if (reason) assert.is(withReadiness({ ...facts, LastTrigger: null }, NOW).Conditions[0]?.Reason, reason);
  });
}

for (const [title, LastTrigger, token, expected] of [
  ['none yet', null, 't1', false],
  ['the last one', used, 't1', true],
  ['a refused one', refused, 't1', true],
  ['another', used, 't2', false],
  ['one before', { ...used, Before: ['t3', 't2'] }, 't2', true],
  ['a part of one', { ...used, Before: ['t22'] }, 't2', false],
] as const) {
  test(`R28 ${title}: ${token} is ${expected ? 'used' : 'free'}`, () => {
    assert.is(isUsed(factsOf(jobOf('a'), { LastTrigger }), token), expected);
  });
}

test('R28 of very many tokens the last hundred and one stay used', () => {
  let facts = factsOf(jobOf('a'));
  for (let each = 1; each <= 150; each += 1) facts = refusedTrigger(facts, `t${each}`, NOW, 'm');
  assert.equal([isUsed(facts, 't150'), isUsed(facts, 't50'), isUsed(facts, 't49')], [true, true, false]);
});

test('R18 an accepted job is Pending, created now, whatever its commit says', () => {
  const job = jobOf('a', { Suspend: true });
  const { Status, CreatedTime, ExecutionCount, LastRunTime, NextRunTime, Suspended, AppliedCommit } = accepted(
    job,
    NOW,
    new Date(NOMINAL),
  );
  assert.equal(
    { Status, CreatedTime, ExecutionCount, LastRunTime, NextRunTime, Suspended, AppliedCommit },
    {
      Status: 'Pending',
      CreatedTime: SAID,
      ExecutionCount: 0,
      LastRunTime: null,
      NextRunTime: NOMINAL,
      Suspended: true,
      AppliedCommit: 'c1',
    },
  );
});

for (const [machines, lines, last] of [
  [0, 0, undefined],
  [1, 1, 'machine-0: broken'],
  [20, 20, 'machine-19: broken'],
  [21, 21, 'and 1 more'],
  [1000, 21, 'and 980 more'],
] as const) {
  test(`R32 ${machines} failed machines are ${lines} lines, and counted all`, () => {
    const errors = new Map(Array.from({ length: machines }, (_, index) => [`machine-${index}`, 'broken']));
    const job = jobOf('a');
    const claim = claimOf(job, NOMINAL);
    const { LastRun } = finished(started(factsOf(job), claim, null), claim, endsOf(errors), NOW, null);
    assert.is(LastRun?.Failed, machines);
    assert.is(LastRun?.FailedMachines.length, lines);
    assert.is(LastRun?.FailedMachines.at(-1), last);
  });
}

test('R32 a long message is cut, and says so; of missed runs the last ten are told', () => {
  const job = jobOf('a');
  const claim = claimOf(job, NOMINAL);
  const { LastRun } = finished(factsOf(job), claim, endsOf(new Map([['m', 'x'.repeat(5000)]])), NOW, null);
  assert.is(LastRun?.FailedMachines[0]?.length, 1000);
  assert.ok(LastRun?.FailedMachines[0]?.endsWith('…'));
  const facts = withCondition(factsOf(job), { ...condition(), Message: 'y'.repeat(5000) }, NOW);
  assert.is(facts.Conditions[0]?.Message.length, 1000);
  assert.is(withCondition(facts, { ...condition(), Message: 'y'.repeat(5000) }, NOW), facts);
  let many = factsOf(job);
  for (let minute = 0; minute < 15; minute += 1) many = missed(many, new Date(minute * 60_000), `${minute}`);
  assert.equal(
    many.Missed.map(({ Reason }) => Number(Reason)),
    [14, 13, 12, 11, 10, 9, 8, 7, 6, 5],
  );
});

test.run();
