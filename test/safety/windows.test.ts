import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JobSpec } from '../../definitions/job.ts';
import type { Machine } from '../../definitions/machine.ts';
import type { GateContext } from '../../definitions/safety/gate.ts';
import { partVerdict, runVerdict } from '../../definitions/safety/gates.ts';
import { blockOf, type WindowAsk } from '../../definitions/safety/windows.ts';
import { type FleetWindow, fitsJob, type Window } from '../../definitions/window.ts';
import { claimOf, jobOf, OPEN_GATES } from '../support/jobs.ts';

const NOW = '2026-12-20T12:00:00Z';
const ACTIVE = { From: '2026-12-18T00:00:00', To: '2027-01-04T05:00:00' };
const LATER = { From: '2026-12-21T00:00:00', To: '2026-12-22T00:00:00' };

function fleetWindow(
  Name: string,
  Kind: Window['Kind'],
  more: Partial<Window>,
  since: string | null = null,
): FleetWindow {
  const window: Window = { Name, Kind, Manual: 'Deny', Overrun: 'Finish', ...more };
  return { window, file: `windows/${Name}.yaml`, since: since === null ? null : new Date(since) };
}

const freeze = (more: Partial<Window> = {}, since?: string) =>
  fleetWindow('freeze', 'Freeze', { ...ACTIVE, ...more }, since ?? null);
const freeze2 = (more: Partial<Window> = {}) =>
  fleetWindow('freeze 2', 'Freeze', { ...ACTIVE, To: '2027-02-01T00:00:00', ...more });
const open = () => fleetWindow('open', 'Allow', { ...ACTIVE, To: '2028-01-01T00:00:00' });
const shut = (more: Partial<Window> = {}) => fleetWindow('shut', 'Allow', { ...LATER, ...more });
const shut2 = (more: Partial<Window> = {}) =>
  fleetWindow('shut 2', 'Allow', { ...LATER, From: '2026-12-21T12:00:00', ...more });
const nightly = (more: Partial<Window> = {}) =>
  fleetWindow('nights', 'Allow', { Time: '22:00:00', Until: '06:00:00', ...more });

const manual = { Manual: 'Allow' } as const;
const stop = { Overrun: 'Stop' } as const;
const SCHEDULED: WindowAsk = { isManual: false, began: null };
const TRIGGER: WindowAsk = { isManual: true, began: null };
const part = (began: string): WindowAsk => ({ isManual: false, began: new Date(began) });

const FROZEN = 'Frozen by freeze until 2027-01-04T05:00:00Z';
const SHUT = 'OutsideWindow shut, opens 2026-12-21T00:00:00Z';

/** Windows that apply, who asks → begins, or why not; and until when. */
const ROWS: readonly (readonly [string, readonly FleetWindow[], WindowAsk, string, string?])[] = [
  ['F01 no window', [], SCHEDULED, 'begins'],
  ['F01 some, of which one is active', [shut(), open()], SCHEDULED, 'begins'],
  ['F01 a freeze that is not active', [freeze(LATER)], SCHEDULED, 'begins'],
  ['F01 a suspended freeze', [freeze({ Suspend: true })], SCHEDULED, 'begins'],
  ['F02 none active', [shut()], SCHEDULED, SHUT, '2026-12-21T00:00:00Z'],
  ['F02 the one that opens first is named', [shut2(), shut()], SCHEDULED, SHUT, '2026-12-21T00:00:00Z'],
  [
    'F02 none that opens again',
    [shut({ From: '2020-01-01T00:00:00', To: '2020-01-02T00:00:00' })],
    SCHEDULED,
    'OutsideWindow shut, which opens no more',
    '-',
  ],
  ['F03 a trigger, all say Manual: Allow', [shut(manual), shut2(manual)], TRIGGER, 'begins'],
  ['F03 a trigger, one says Deny', [shut(), shut2(manual)], TRIGGER, SHUT],
  ['F03 no trigger: Manual is none of its matter', [shut(manual)], SCHEDULED, SHUT],
  ['F04 a freeze wins over an Allow', [open(), freeze()], SCHEDULED, FROZEN, '2027-01-04T05:00:00Z'],
  [
    'F04 the freeze that lasts longest is named',
    [freeze(), freeze2()],
    SCHEDULED,
    'Frozen by freeze 2 until 2027-02-01T00:00:00Z',
    '2027-02-01T00:00:00Z',
  ],
  [
    'F04 one without an end',
    [fleetWindow('freeze 2', 'Freeze', { From: '2026-12-18T00:00:00' })],
    SCHEDULED,
    'Frozen by freeze 2 until it is taken out',
    '-',
  ],
  [
    'F04 after it, when an Allow opens',
    [freeze({ To: '2026-12-20T20:00:00' }), nightly()],
    SCHEDULED,
    'Frozen by freeze until 2026-12-20T20:00:00Z',
    '2026-12-20T22:00:00Z',
  ],
  ['F05 a trigger, all active ones say Manual: Allow', [freeze(manual), freeze2(manual)], TRIGGER, 'begins'],
  [
    'F05 a trigger, one says Deny',
    [freeze(manual), freeze2()],
    TRIGGER,
    'Frozen by freeze 2 until 2027-02-01T00:00:00Z',
  ],
  ['F05 a trigger, one that is not active says Deny', [freeze(manual), freeze2(LATER)], TRIGGER, 'begins'],
  ['F05 no trigger', [freeze(manual)], SCHEDULED, FROZEN],
  ['F06 a part of a run that began inside, all say Finish', [nightly()], part('2026-12-20T05:59:00Z'), 'begins'],
  [
    'F06 one says Stop',
    [nightly(), shut(stop)],
    part('2026-12-20T05:59:00Z'),
    'OutsideWindow nights, opens 2026-12-20T22:00:00Z',
  ],
  [
    'F06 it says Stop itself',
    [nightly(stop)],
    part('2026-12-20T05:59:00Z'),
    'OutsideWindow nights, opens 2026-12-20T22:00:00Z',
  ],
  [
    'F06 a run that did not begin inside',
    [nightly()],
    part('2026-12-20T07:00:00Z'),
    'OutsideWindow nights, opens 2026-12-20T22:00:00Z',
  ],
  ['F07 a part of a run that began before, it says Finish', [freeze()], part('2026-12-17T23:59:59Z'), 'begins'],
  ['F07 all say Finish', [freeze(), freeze2()], part('2026-12-17T23:59:59Z'), 'begins'],
  [
    'F07 one says Stop',
    [freeze(), freeze2(stop)],
    part('2026-12-17T23:59:59Z'),
    'Frozen by freeze 2 until 2027-02-01T00:00:00Z',
  ],
  [
    'F07 a run that began during it, by a trigger that another window let through',
    [freeze()],
    part('2026-12-19T00:00:00Z'),
    FROZEN,
  ],
  ['F08 committed before the run', [freeze({}, '2026-12-17T10:00:00Z')], part('2026-12-17T23:59:59Z'), 'begins'],
  [
    'F08 committed during the run: whatever Overrun says',
    [freeze({}, '2026-12-20T11:59:00Z')],
    part('2026-12-17T23:59:59Z'),
    FROZEN,
  ],
  [
    'F08 committed during the run, and a trigger that may',
    [freeze(manual, '2026-12-20T11:59:00Z')],
    { ...part('2026-12-17T23:59:59Z'), isManual: true },
    'begins',
  ],
];

for (const [title, windows, ask, expected, until] of ROWS) {
  test(`#16.2 R54 ${title}: ${expected}${until ? `, asked again ${until}` : ''}`, () => {
    const judged = blockOf(
      windows.filter(({ window }) => !window.Suspend),
      ask,
      new Date(NOW),
      'UTC',
    );
    assert.is(judged?.block.message ?? 'begins', expected);
    if (judged) assert.is(judged.block.reason, expected.split(' ')[0]);
    if (until) assert.is(judged?.until?.toISOString().replace('.000', '') ?? '-', until);
  });
}

const machine = (ID: string, Labels: Record<string, string> = {}): Machine => {
  return { ID, Type: 'Extend', Endpoint: 'https://192.0.2.1', Timeout: '60s', Labels };
};
const m1 = machine('m1', { site: 'ams' });
const m2 = machine('m2', { site: 'fra' });

function gates(windows: readonly FleetWindow[], more: Partial<GateContext> = {}): GateContext {
  const machines = new Map([m1, m2].map((each) => [each.ID, each]));
  return { ...OPEN_GATES, machines, windows: new Map(windows.map((each) => [each.window.Name, each])), ...more };
}

function verdictOf(
  windows: readonly FleetWindow[],
  spec: Partial<JobSpec> = {},
  more: Partial<GateContext> = {},
  token?: string,
): string {
  const job = jobOf('rollout.a', { Machines: ['m1', 'm2'], ...spec });
  const claim = claimOf(job, NOW, token === undefined ? {} : { token, trigger: 'Manual' });
  const judged = runVerdict({ job, claim }, new Date(NOW), gates(windows, more));
  return judged.verdict === 'begin' ? 'begin' : `${judged.verdict} ${judged.block.message}`;
}

const ams = { MachineSelector: { MatchLabels: { site: 'ams' } } };
const of = (Applies: Window['Applies']) => freeze({ ...(Applies && { Applies }) });

/** What a window is about, and a run of rollout.a on m1 (ams) and m2 (fra) → the verdict. */
const SCOPES: readonly (readonly [string, readonly FleetWindow[], Partial<JobSpec>, string])[] = [
  ['about everything', [of(undefined)], {}, `missed ${FROZEN}`],
  ['about its class', [of({ Classes: ['Thermal'] })], { Action: 'PatchFanZone' }, `missed ${FROZEN}`],
  ['about another class', [of({ Classes: ['Host', 'Manager'] })], {}, 'begin'],
  ['PatchManager is of class None', [of({ Classes: ['None'] })], { Action: 'PatchManager' }, `missed ${FROZEN}`],
  [
    'an action that this version does not know is of the gravest',
    [of({ Classes: ['Host'] })],
    { Action: 'Explode' },
    `missed ${FROZEN}`,
  ],
  ['about its name', [of({ Jobs: ['rollout.*'] })], {}, `missed ${FROZEN}`],
  ['about another name', [of({ Jobs: ['rollout', 'rollout.b*'] })], {}, 'begin'],
  ['all that is given must fit', [of({ Classes: ['None'], Jobs: ['other'] })], {}, 'begin'],
  ['F09 about half of its machines: the others run', [of(ams)], {}, 'begin'],
  ['F09 about all of its machines', [of(ams)], { Machines: ['m1'] }, `missed ${FROZEN}`],
  [
    'F09 each by another window',
    [
      of(ams),
      fleetWindow('fra', 'Freeze', {
        ...ACTIVE,
        To: '2026-12-21T00:00:00',
        Applies: { MachineSelector: { MatchLabels: { site: 'fra' } } },
      }),
    ],
    {},
    'missed Frozen by fra until 2026-12-21T00:00:00Z',
  ],
  ['F09 a machine that is gone has no labels', [of(ams)], { Machines: ['m9'] }, 'begin'],
  ['F10 Skip', [freeze()], { OnBlocked: 'Skip' }, `missed ${FROZEN}`],
  ['F11 Wait', [freeze()], { OnBlocked: 'Wait' }, `wait ${FROZEN}`],
];

for (const [title, windows, spec, expected] of SCOPES) {
  test(`#16.2 ${title}: ${expected}`, () => assert.is(verdictOf(windows, spec), expected));
}

for (const [action, expected] of [
  ['PatchProfile', 'begin'],
  ['PatchManager', 'begin'],
  ['Explode', 'missed WindowBroken windows/x.yaml: classes Host, Manager, Access do not run until it is mended'],
] as const) {
  test(`#16.2 F14 while a new window is refused, ${action}: ${expected}`, () => {
    assert.is(verdictOf([], { Action: action }, { brokenWindows: new Set(['windows/x.yaml']) }), expected);
  });
}

test('#16.2 R56 the hold file lets a due run wait, whatever its OnBlocked, and a part, and refuses a trigger', () => {
  const held = "wait Hold, the service's hold file is there";
  assert.is(verdictOf([], {}, { isHeld: true }), held);
  assert.is(verdictOf([freeze(manual)], {}, { isHeld: true }, 't1'), held);
  assert.is(partOf([], { isHeld: true }), held);
});

function partOf(windows: readonly FleetWindow[], more: Partial<GateContext> = {}, isRestore?: true): string {
  const job = jobOf('a', { Machines: ['m1'] });
  const claim = claimOf(job, NOW);
  const asked = { job, claim, machine: m1, waitsSince: null, ...(isRestore && { isRestore }) };
  const judged = partVerdict(asked, new Date(NOW), gates(windows, more));
  return judged.verdict === 'begin' ? 'begin' : `${judged.verdict} ${judged.block.message}`;
}

test('#16.2 F15 what puts back is stopped by no freeze and no hold file; what does not is', () => {
  assert.is(partOf([freeze()]), `skip ${FROZEN}`);
  assert.is(partOf([freeze()], {}, true), 'begin');
  assert.is(partOf([freeze()], { isHeld: true }, true), 'begin');
});

for (const [pattern, id, fits] of [
  ['a', 'a', true],
  ['a', 'ab', false],
  ['a*', 'ab', true],
  ['*', 'x.y', true],
  ['a.*', 'a', false],
  ['*.b', 'a.b', true],
  ['a*a', 'a', false],
  ['a*b*c', 'axbxc', true],
  ['a*b*c', 'axcxb', false],
  ['a*bc*c', 'abc', false],
  ['*a*a*', 'a', false],
  ['[a]', 'a', false],
] as const) {
  test(`#16.2 R53 Jobs: ${pattern} ${fits ? 'fits' : 'does not fit'} ${id}`, () =>
    assert.is(fitsJob(pattern, id), fits));
}

test.run();
