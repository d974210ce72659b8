// What a result says of a change is what the BMC holds: other values than asked, fields that went with it, tasks that
// cannot be followed.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../../controller/demo/bmc.ts';
import { same, vanished } from '../../controller/redfish/compare.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import type { Outcome } from '../../definitions/run.ts';
import type { Json, JsonObject } from '../../definitions/values/json.ts';
import { asked, entry, fastClock, PASSWORD, startMachine } from '../support/bmc.ts';

const PSU = 'Oem/OpenBmc/Fan/PidControllers/PSU1_Temperature';
const zone = (payload: Readonly<Record<string, Json>>) => entry('bmc', payload, { FanZoneID: 'Left' });
const pid = (payload: Readonly<Record<string, Json>>) => entry('bmc', payload, { PidControllerID: 'PSU1_Temperature' });
const acoustic = entry('bmc', { Profile: 'Acoustic' });
const named = entry('bmc', { ServiceIdentification: 'rack 7' });
const MONITOR = { method: 'GET', path: '/TaskMonitors/' } as const;
const TASK = { method: 'GET', path: '/Tasks/' } as const;

interface Case {
  readonly what: string;
  readonly action: string;
  readonly entry: PayloadEntry;
  readonly faults: readonly Fault[];
  readonly before?: Readonly<Record<string, Json>>;
  readonly outcome: Outcome;
  readonly error?: RegExp;
  readonly shows?: Readonly<Record<string, Json>>;
  readonly patches?: number;
}

const CASES: readonly Case[] = [
  {
    what: '#22.19 a value that the BMC clamps is told as it is',
    action: 'PatchPidController',
    entry: pid({ SetPoint: 95 }),
    faults: [{ kind: 'holds', values: { SetPoint: 80 } }],
    outcome: 'NotApplied',
    error: /^permanent: .*: accepted, and another value taken; SetPoint is 80, not 95$/,
    shows: { OldSetPoint: 55, NewSetPoint: 80 },
  },
  {
    what: '#22.19 one clamped, one kept, one applied',
    action: 'PatchPidController',
    entry: pid({ SetPoint: 95, PCoefficient: -2, ICoefficient: 3 }),
    faults: [{ kind: 'holds', values: { SetPoint: 80, PCoefficient: 0 } }],
    before: { [`${PSU}/ICoefficient`]: 0 },
    outcome: 'PartlyApplied',
    error: /applied ICoefficient, not PCoefficient; SetPoint is 80, not 95$/,
  },
  {
    what: '#22.19 a refusal that leaves another value',
    action: 'PatchPidController',
    entry: pid({ SetPoint: 95 }),
    faults: [
      { kind: 'holds', values: { SetPoint: 80 } },
      { kind: 'answer', method: 'PATCH', status: 400, applied: true },
    ],
    outcome: 'Refused',
    error: /400; SetPoint is 80, not 95$/,
  },
  {
    what: '#22.19 a value that the BMC keeps in 32 bits is the value',
    action: 'PatchPidController',
    entry: pid({ SetPoint: 57.3 }),
    faults: [{ kind: 'holds', values: { SetPoint: Math.fround(57.3) } }],
    outcome: 'Applied',
    shows: { NewSetPoint: Math.fround(57.3) },
  },
  {
    what: '#22.24 a zone loses its other field',
    action: 'PatchFanZone',
    entry: zone({ FailSafePercent: 80 }),
    faults: [{ kind: 'replace-oem' }],
    before: { 'Oem/OpenBmc/Fan/FanZones/Left/MinThermalOutput': 30 },
    outcome: 'PartlyApplied',
    error: /^permanent: .*: applied, but the BMC lost .*Left\.MinThermalOutput \(30\)/,
  },
  {
    what: '#22.24 a PID controller loses coefficients and limits',
    action: 'PatchPidController',
    entry: pid({ SetPoint: 57 }),
    faults: [{ kind: 'replace-oem' }],
    before: { [`${PSU}/PCoefficient`]: -3 },
    outcome: 'PartlyApplied',
    error: /PSU1_Temperature\.PCoefficient \(-3\)/,
  },
  {
    what: '#22.17 a monitor at another host name: its path at this BMC is asked',
    action: 'PatchProfile',
    entry: acoustic,
    faults: [{ kind: 'task', end: 'Completed', polls: 2, host: 'https://bmc-7.example' }],
    outcome: 'Applied',
    shows: { NewProfile: 'Acoustic' },
    patches: 1,
  },
  ...[403, 405, 400, 404, 410].map((status): Case => {
    const change: Fault = { kind: 'task', end: 'Completed', polls: 1 };
    const answers: Fault[] = [MONITOR, TASK].map((at) => ({ kind: 'answer', ...at, status }));
    return {
      what: `#22.17 a monitor and a task that answer ${status}: read back with patience, and only that is logged`,
      action: 'PatchProfile',
      entry: acoustic,
      faults: [change, ...answers],
      outcome: status === 400 ? 'Refused' : 'NotApplied',
      error: /Profile unchanged/,
      shows: { OldProfile: 'Performance', NewProfile: 'Performance' },
      patches: 1,
    };
  }),
  {
    what: '#22.17 a monitor that may not be looked at: the task is',
    action: 'PatchProfile',
    entry: acoustic,
    faults: [
      { kind: 'task', end: 'Completed', polls: 1 },
      { kind: 'answer', ...MONITOR, status: 403 },
    ],
    outcome: 'Applied',
    patches: 1,
  },
  ...[403, 405, 400, 302].map(
    (status): Case => ({
      what: `#22.17 a monitor that answers ${status} while the change is made 3 s later: it is applied`,
      action: 'PatchProfile',
      entry: acoustic,
      faults: [
        { kind: 'late', ms: 3000 },
        { kind: 'answer', method: 'PATCH', status: 202, applied: true, headers: { Location: '/redfish/v1/x/1' } },
        {
          kind: 'answer',
          method: 'GET',
          path: '/redfish/v1/x/1',
          status,
          headers: { Location: 'https://elsewhere.example/y' },
        },
      ],
      outcome: 'Applied',
      shows: { NewProfile: 'Acoustic' },
      patches: 1,
    }),
  ),
  ...[401, 403, 404, 405].map(
    (status): Case => ({
      what: `#22.17 ${status} to a PATCH that was made all the same: New is as read, or not known`,
      action: 'PatchManager',
      entry: named,
      faults: [{ kind: 'answer', method: 'PATCH', status, applied: true }],
      outcome: status === 401 ? 'Refused' : 'Applied',
      shows: { OldServiceIdentification: '', NewServiceIdentification: status === 401 ? null : 'rack 7' },
    }),
  ),
];

for (const { what, action, entry: given, faults, before = {}, shows = {}, ...expected } of CASES) {
  test(what, async () => {
    const { bmc, run, close } = await startMachine({ preset: 'openbmc', clock: fastClock() });
    try {
      for (const [path, value] of Object.entries(before)) bmc.put(path, value);
      bmc.faults.set(...faults);
      const result = await run(action, [given]);
      assert.is(result.outcome, expected.outcome, result.error ?? 'no error');
      if (expected.error) assert.match(result.error ?? '', expected.error);
      else if (expected.outcome === 'Applied') assert.is(result.error, null);
      for (const [key, value] of Object.entries(shows)) assert.equal(result.entries[0]?.[key], value, key);
      if (expected.patches) assert.is(asked(bmc, 'PATCH').length, expected.patches, asked(bmc).join());
      assert.is(bmc.sessions, 0, 'no session left');
    } finally {
      await close();
    }
  });
}

for (const [wanted, current, equal] of [
  [57.3, Math.fround(57.3), true],
  [-0.1, Math.fround(-0.1), true],
  [33.3333333, 33.33333, true],
  [1e6 + 0.1, Math.fround(1e6 + 0.1), true],
  [57.3, 57.3001, false],
  [95, 80, false],
  [16_777_215, 16_777_214, false],
  [100, 99, false],
  [0.5, 0, false],
] as const) {
  test(`#22.19 ${wanted} and ${current} are ${equal ? 'one value' : 'two values'}`, () => {
    assert.is(same('SetPoint', wanted, current), equal);
  });
}

test('#20.11 a value of megabytes is cut after its secrets are out, with a digest of the rest', async () => {
  const { bmc, run, close } = await startMachine({ preset: 'openbmc', clock: fastClock() });
  const long = `${'é'.repeat(2_040)} ${PASSWORD.repeat(300_000)}`;
  bmc.put('ServiceIdentification', long);
  bmc.put(
    `${PSU}/Inputs`,
    Array.from({ length: 2_000 }, (_, index) => `fan_${index}`),
  );
  const { entries, outcome } = await run('PatchManager', [named]);
  assert.is(outcome, 'Applied');
  const old = String(entries[0]?.['OldServiceIdentification']);
  assert.match(old, /… and \d+ bytes more, sha256:[0-9a-f]{64}$/);
  assert.ok(Buffer.byteLength(old) < 4_300, `${Buffer.byteLength(old)}`);
  assert.not.match(old, /c0r/);
  assert.is(entries[0]?.['NewServiceIdentification'], 'rack 7');
  const listed = await run('PatchPidController', [pid({ Inputs: ['fan_1'] })]);
  assert.ok(String(listed.entries[0]?.['OldInputs']).length < 4_300);
  assert.equal(listed.entries[0]?.['NewInputs'], ['fan 1']);
  await close();
});

test('#22.24 a list that lost items is a loss in a target that has a name and beside it, not elsewhere', () => {
  const action = ACTIONS.get('PatchPidController');
  if (!action) throw new Error('no such action');
  const setPoint = pid({ SetPoint: 57 });
  const body = (mine: readonly string[], others: readonly string[], links: readonly string[]): JsonObject => {
    const controllers = { [setPoint.PidControllerID ?? '']: { SetPoint: 57, Inputs: mine }, Other: { Inputs: others } };
    return { Oem: { OpenBmc: { Fan: { PidControllers: controllers } } }, Links: { ManagerForServers: links } };
  };
  const lost = (now: JsonObject) => vanished(action, setPoint, body(['a', 'b'], ['c', 'd'], ['e', 'f']), now);
  assert.equal(lost(body(['a', 'b'], ['c', 'd'], ['e'])), [], 'servers come and go');
  assert.equal(lost(body(['b', 'a'], ['c', 'd', 'x'], ['e', 'f'])), []);
  assert.match(lost(body(['a'], ['c', 'd'], ['e', 'f']))[0]?.name ?? '', /^items of .*Inputs$/);
  assert.match(lost(body(['a', 'b'], ['d'], ['e', 'f']))[0]?.name ?? '', /^items of .*Other\.Inputs$/);
});

test.run();
