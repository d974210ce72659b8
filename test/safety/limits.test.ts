// G12: a limit that is raised holds later, a stricter one at once.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BUILT_IN_GUARDS, type Guard, type Guards } from '../../definitions/guard.ts';
import { afterSettings, settled, stricterGuard } from '../../definitions/safety/limits.ts';

const NOW = new Date('2026-03-10T22:00:00Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const host = (more: Partial<Guard>): Guards => ({ ...BUILT_IN_GUARDS, Host: { ...BUILT_IN_GUARDS.Host, ...more } });
const START = { inForce: BUILT_IN_GUARDS, coming: null };
const mostAt = (limits: ReturnType<typeof afterSettings>, seconds: number) =>
  settled(limits, later(seconds)).inForce.Host.MaxMachines;

test('G12 a limit that is raised holds a minute after it was seen, and not before', () => {
  const raised = afterSettings(START, host({ MaxMachines: 100 }), NOW);
  assert.equal(
    [0, 59, 60, 3600].map((seconds) => mostAt(raised, seconds)),
    [10, 10, 100, 100],
  );
});

test('G12 further looks at the same settings do not begin the minute anew, other settings do', () => {
  const raised = afterSettings(START, host({ MaxMachines: 100 }), NOW);
  assert.is(mostAt(afterSettings(raised, host({ MaxMachines: 100 }), later(30)), 60), 100);
  assert.is(mostAt(afterSettings(raised, host({ MaxMachines: 200 }), later(30)), 60), 10);
  assert.is(mostAt(afterSettings(raised, host({ MaxMachines: 200 }), later(30)), 90), 200);
});

test('G12 a stricter limit holds at once, also beside one that is raised', () => {
  assert.is(mostAt(afterSettings(START, host({ MaxMachines: 5 }), NOW), 0), 5);
  const both = afterSettings(
    START,
    { ...host({ MaxMachines: 5 }), Manager: { ...BUILT_IN_GUARDS.Manager, MaxMachines: 99 } },
    NOW,
  );
  assert.equal([both.inForce.Host.MaxMachines, both.inForce.Manager.MaxMachines], [5, 50]);
  assert.is(settled(both, later(60)).inForce.Manager.MaxMachines, 99);
});

test('G12 a raise that is taken back before it holds never held', () => {
  const back = afterSettings(afterSettings(START, host({ MaxMachines: 100 }), NOW), BUILT_IN_GUARDS, later(10));
  assert.is(back.coming, null);
  assert.is(mostAt(back, 3600), 10);
});

const STRICTER: readonly (readonly [string, Partial<Guard>, Partial<Guard>, Partial<Guard>])[] = [
  ['fewer machines', { MaxMachines: 5 }, { MaxMachines: null }, { MaxMachines: 5 }],
  ['a smaller share', { MaxPercent: '10%' }, { MaxPercent: '9.5%' }, { MaxPercent: '9.5%' }],
  ['counted for longer', { Per: '90m' }, { Per: '1h' }, { Per: '90m' }],
  ['left alone for longer', { MinInterval: null }, { MinInterval: '2h' }, { MinInterval: '2h' }],
  ['an identity', { Identity: 'Optional' }, { Identity: 'Required' }, { Identity: 'Required' }],
  [
    'fewer of one label, and those without it',
    { MaxPerDomain: { Label: 'rack', Count: 1, Unlabelled: 'Unlimited' } },
    { MaxPerDomain: { Label: 'rack', Count: 2, Unlabelled: 'OneDomain' } },
    { MaxPerDomain: { Label: 'rack', Count: 1, Unlabelled: 'OneDomain' } },
  ],
  [
    'of two labels the one in force',
    { MaxPerDomain: { Label: 'rack', Count: 2, Unlabelled: 'OneDomain' } },
    { MaxPerDomain: { Label: 'row', Count: 1, Unlabelled: 'OneDomain' } },
    { MaxPerDomain: { Label: 'rack', Count: 2, Unlabelled: 'OneDomain' } },
  ],
];

for (const [name, a, b, expected] of STRICTER) {
  test(`G12 the stricter of two: ${name}`, () => {
    const base = { ...BUILT_IN_GUARDS.None, MaxPerDomain: null };
    assert.equal(stricterGuard({ ...base, ...a }, { ...base, ...b }), { ...base, ...expected });
  });
}

test.run();
