import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Job } from '../../definitions/job.ts';
import { version } from '../../definitions/job-version.ts';
import { mergeFile, mergeStatus } from '../../definitions/lifecycle/merge.ts';
import { specOf } from '../../definitions/lifecycle/restore.ts';
import { isUsed } from '../../definitions/lifecycle/trigger.ts';
import type { LastRun, LastTrigger, Status } from '../../definitions/status.ts';

const NIGHT = { Type: 'Continuous', Time: '22:00:00', Period: {} } as const;
const MORNING = { Type: 'Continuous', Time: '06:00:00', Period: {} } as const;

/** The facts of a job that has run four times, last on the fourth of March. */
const FACTS: Status = {
  Id: 'night',
  Name: 'Night',
  Machines: ['m'],
  Action: 'PatchProfile',
  Payload: [],
  Schedule: NIGHT,
  Status: 'Completed',
  CreatedTime: '2026-03-01T10:00:00Z',
  LastRunTime: at(4),
  NextRunTime: at(5),
  ExecutionCount: 4,
  Suspended: false,
  Conditions: [],
  LastTrigger: null,
  LastRun: ran(4),
  Missed: [],
  ObservedCommit: 'c1',
  AppliedCommit: 'c1',
};

function at(day: number, time = '22:00:00'): string {
  return `2026-03-${String(day).padStart(2, '0')}T${time}Z`;
}

function ran(day: number, more: Partial<LastRun> = {}): LastRun {
  const times = { NominalTime: at(day), StartTime: at(day), EndTime: at(day, '22:00:09') };
  return {
    RunID: `night@${at(day)}`,
    Trigger: 'Schedule',
    ...times,
    Succeeded: 1,
    Failed: 0,
    FailedMachines: [],
    ...more,
  };
}

/** The facts after the run of a day. */
function after(day: number, count: number, more: Partial<Status> = {}): Partial<Status> {
  return { LastRunTime: at(day), NextRunTime: at(day + 1), LastRun: ran(day), ExecutionCount: count, ...more };
}

function token(Token: string, day: number, ...Before: string[]): LastTrigger {
  return { Token, Time: at(day), Outcome: 'Accepted', Message: '', ...(Before.length > 0 && { Before }) };
}

interface Case {
  readonly rule: string;
  readonly name: string;
  /** What this controller had published; undefined: FACTS; 'unknown', or 'none'. */
  readonly base?: 'unknown' | 'none' | Partial<Status>;
  readonly ours?: Partial<Status>;
  readonly theirs?: Partial<Status>;
  /** Days on which this controller's journal has a claim. */
  readonly claims?: readonly number[];
  /** The schedule of the manifest at the tip. */
  readonly tip?: Status['Schedule'];
  readonly expected: Partial<Status>;
}

const CASES: readonly Case[] = [
  { rule: 'R39', name: 'nobody did anything', expected: {} },
  { rule: 'R23', name: 'the other one ran it three times', theirs: after(7, 7), expected: after(7, 7) },
  { rule: 'R39', name: 'this one ran it once more', ours: after(5, 5), claims: [4, 5], expected: after(5, 5) },
  {
    rule: 'R31',
    name: 'both ran it: all of their runs count',
    ours: after(6, 6),
    claims: [4, 5, 6],
    theirs: after(7, 5),
    expected: after(7, 7),
  },
  {
    rule: 'R31',
    name: 'both ran it, and where they parted is not known: it never goes back',
    base: 'unknown',
    ours: after(6, 6),
    claims: [4, 5, 6],
    theirs: after(7, 5),
    expected: after(7, 6),
  },
  {
    rule: 'R31',
    name: 'both accepted it, and one run of each is not known to the other',
    base: 'none',
    ours: after(5, 1),
    claims: [5],
    theirs: after(6, 1, { CreatedTime: at(2) }),
    expected: after(6, 2),
  },
  {
    rule: 'R23',
    name: 'a Once job that one of the two ran',
    base: 'unknown',
    ours: { NextRunTime: null, ExecutionCount: 1 },
    expected: { NextRunTime: null, ExecutionCount: 4 },
  },
  {
    rule: 'R19',
    name: 'it had no further run, and the other one armed it again',
    base: { NextRunTime: null },
    ours: { NextRunTime: null },
    theirs: { NextRunTime: at(20) },
    expected: { NextRunTime: at(20) },
  },
  {
    rule: 'R19',
    name: 'it had no further run, and this one armed it again',
    base: { NextRunTime: null },
    ours: { NextRunTime: at(20) },
    theirs: { NextRunTime: null },
    expected: { NextRunTime: at(20) },
  },
  {
    rule: 'R19',
    name: 'an edit that the other one took up, as it stands at the tip',
    tip: MORNING,
    ours: after(6, 6),
    claims: [5, 6],
    theirs: { Schedule: MORNING, NextRunTime: at(5, '06:00:00') },
    expected: { ...after(6, 6), Schedule: MORNING, NextRunTime: at(5, '06:00:00') },
  },
  {
    rule: 'R19',
    name: 'an edit that this one took up alone, as it stands at the tip',
    tip: MORNING,
    ours: { Schedule: MORNING, NextRunTime: null, ObservedCommit: 'c2' },
    theirs: after(5, 5),
    expected: { ...after(5, 5), Schedule: MORNING, NextRunTime: null, ObservedCommit: 'c2' },
  },
  {
    rule: 'R19',
    name: 'an edit that the other one took up, and that was taken back since',
    theirs: { ...after(5, 5), Schedule: MORNING, NextRunTime: at(6, '06:00:00') },
    expected: { ...after(5, 5), Schedule: MORNING, NextRunTime: at(6, '06:00:00') },
  },
  {
    rule: 'R24',
    name: 'the other one left it running',
    theirs: { ...after(5, 5), Status: 'Running', LastRun: ran(5, { EndTime: null }) },
    expected: { ...after(5, 5), Status: 'Running', LastRun: ran(5, { EndTime: null }) },
  },
  {
    rule: 'R24',
    name: 'both know of the last run, this one of its end',
    ours: after(5, 5, { Status: 'Failed' }),
    theirs: { ...after(5, 5), Status: 'Running', LastRun: ran(5, { EndTime: null }) },
    expected: after(5, 5, { Status: 'Failed' }),
  },
  {
    rule: 'R28',
    name: 'tokens of both stay used',
    ours: { LastTrigger: token('x', 5, 'a') },
    theirs: { LastTrigger: token('y', 6, 'a') },
    expected: { LastTrigger: token('y', 6, 'x', 'a') },
  },
  {
    rule: 'R28',
    name: 'a token that only this one has seen',
    ours: { LastTrigger: token('x', 5) },
    expected: { LastTrigger: token('x', 5) },
  },
  {
    rule: 'R20',
    name: 'deleted and added again while this one was away: a new job',
    ours: after(6, 6, { LastTrigger: token('x', 5) }),
    claims: [5, 6],
    theirs: { CreatedTime: at(8), ExecutionCount: 0, LastRunTime: null, LastRun: null, Status: 'Pending' },
    expected: {
      CreatedTime: at(8),
      ExecutionCount: 0,
      LastRunTime: null,
      LastRun: null,
      Status: 'Pending',
      LastTrigger: token('x', 5),
    },
  },
  {
    rule: 'R22',
    name: 'what each of them missed',
    ours: { Missed: [{ Time: at(2), Reason: 'a' }] },
    theirs: { Missed: [{ Time: at(3), Reason: 'b' }] },
    expected: {
      Missed: [
        { Time: at(3), Reason: 'b' },
        { Time: at(2), Reason: 'a' },
      ],
    },
  },
];

for (const { rule, name, base, ours = {}, theirs = {}, claims = [], tip = NIGHT, expected } of CASES) {
  test(`${rule} two hosts: ${name}`, () => {
    const [own, other] = [
      { ...FACTS, ...ours },
      { ...FACTS, ...theirs },
    ];
    const known = {
      base: base === 'unknown' ? undefined : base === 'none' ? null : { ...FACTS, ...base },
      tip: new Map([['night', jobWith(tip)]]),
      starts: new Map([['night', claims.map((day) => at(day))]]),
    };
    const joined = mergeStatus(own, other, known);
    assert.equal(joined, { ...FACTS, ...expected });
    assert.is(mergeStatus(joined, other, known), joined, 'joined again it stays as it is');
  });
}

function jobWith(Schedule: Status['Schedule']): Job {
  const spec = { ...specOf(FACTS), Schedule };
  return {
    id: 'night',
    spec,
    machines: FACTS.Machines,
    version: version(spec),
    source: { file: 'jobs/night.yaml', document: 0, blob: '' },
    commit: 'c',
  };
}

test('S14 two hosts: with a selector the machines are those of the later run', () => {
  const MachineSelector = { MatchLabels: { rack: 'r7' } };
  const ours = { ...FACTS, ...after(6, 6), MachineSelector, Machines: ['m1', 'm2'] };
  const theirs = { ...FACTS, ...after(5, 5), MachineSelector, Machines: ['m1'] };
  const known = { base: undefined, tip: new Map(), starts: new Map() };
  assert.equal(mergeStatus(ours, theirs, known).Machines, ['m1', 'm2']);
  assert.equal(mergeStatus(theirs, ours, known).Machines, ['m1', 'm2']);
});

test('R28 two hosts: where the tokens are too many, what the other one does not know is kept', () => {
  const many = (prefix: string) => Array.from({ length: 100 }, (_, index) => `${prefix}${index}`);
  const [own, other] = [token('x', 5, ...many('a')), token('y', 6, ...many('b'))];
  const known = { base: FACTS, tip: new Map(), starts: new Map() };
  const joined = mergeStatus({ ...FACTS, LastTrigger: own }, { ...FACTS, LastTrigger: other }, known);
  assert.is(joined.LastTrigger?.Before?.length, 100);
  assert.ok(isUsed(joined, 'x') && isUsed(joined, 'y'));
});

for (const [name, ours, theirs, base, expected] of [
  ['a job that the other one dropped', ['a', 'b'], ['b'], ['a', 'b'], ['b']],
  ['a file that the other one dropped', ['a', 'b'], [], ['a', 'b'], []],
  ['a job that only this one has seen', ['a', 'b'], ['b'], ['b'], ['b', 'a']],
  ['a job that only the other one has seen', ['b'], ['a', 'b'], ['b'], ['a', 'b']],
  ['where they parted is not known', ['a', 'b'], ['b', 'c'], undefined, ['b', 'c', 'a']],
] as const) {
  test(`R20 two hosts, several jobs in a file: ${name}`, () => {
    const facts = (names: readonly string[]) => names.map((Id) => ({ ...FACTS, Id }));
    const known = { base: base && facts(base), tip: new Map(), starts: new Map() };
    const joined = mergeFile(facts(ours), facts(theirs), known);
    assert.equal(
      joined.map(({ Id }) => Id),
      expected,
    );
  });
}

test.run();
