// Acceptance cases of power limits, by their numbers (B13-B17), on each vendor's preset.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PresetName } from '../../controller/demo/presets/index.ts';
import { POWER_LIMIT } from '../../definitions/actions/fields/power-limit.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import type { Outcome } from '../../definitions/run.ts';
import type { Json, JsonObject } from '../../definitions/values/json.ts';
import { asked, fastClock, startMachine, type TestMachine } from '../support/bmc.ts';

interface LimitCase {
  readonly title: string;
  readonly preset: PresetName;
  readonly host?: 'On' | 'Off';
  readonly before?: (machine: TestMachine) => void;
  readonly entry?: Partial<PayloadEntry>;
  readonly payload: JsonObject;
  readonly outcome: Outcome;
  readonly error?: RegExp;
  /** What was sent to. */
  readonly patched?: readonly string[];
  readonly shown?: JsonObject;
}

const METRICS = '/redfish/v1/Chassis/Baseboard/EnvironmentMetrics';
const CONTROL = '/redfish/v1/Chassis/1/Controls/PowerLimit';
const HGX = '/redfish/v1/Chassis/HGX_Chassis_0/Controls/TotalGPU_Power_0';
const DELL = '/redfish/v1/Chassis/System.Embedded.1/Power';
const HPE = '/redfish/v1/Chassis/1/Power';

function limit(LimitInWatts: Json): JsonObject {
  return { LimitInWatts };
}

const CASES: readonly LimitCase[] = [
  {
    title: 'B13 Disabled, and SetPoint as wanted: Disabled is off, so it is sent',
    preset: 'openbmc',
    payload: limit(1200),
    outcome: 'Applied',
    patched: [METRICS],
    shown: { OldLimitInWatts: 'None', NewLimitInWatts: 1200 },
  },
  {
    title: 'B13 None wanted, and Disabled with some SetPoint: Unchanged',
    preset: 'openbmc',
    payload: limit('None'),
    outcome: 'Unchanged',
  },
  {
    title: 'B14 Override in the control, Automatic in the excerpt: Unchanged',
    preset: 'gb300',
    payload: limit(5600),
    outcome: 'Unchanged',
  },
  {
    title: 'B14 the control is written, within a watt it is the same',
    preset: 'gb300',
    payload: limit(5000),
    outcome: 'Applied',
    patched: [HGX],
    shown: { OldLimitInWatts: 5600, NewLimitInWatts: 5000 },
  },
  { title: 'B15 legacy 32767, None wanted: Unchanged', preset: 'idrac', payload: limit('None'), outcome: 'Unchanged' },
  {
    title: 'B16 LimitException HardPowerOff: refused without the flag',
    preset: 'idrac',
    payload: limit(900),
    outcome: 'Refused',
    error: /LimitException is HardPowerOff.*AllowHardPowerOff: true allows it; nothing was sent/,
  },
  {
    title: 'B16 LimitException HardPowerOff: sent with the flag',
    preset: 'idrac',
    payload: { ...limit(900), AllowHardPowerOff: true },
    outcome: 'Applied',
    patched: [DELL],
    shown: { OldLimitInWatts: 'None', NewLimitInWatts: 900 },
  },
  {
    title: 'B17 below AllowableMin: refused before sending, with the range',
    preset: 'gb300',
    payload: limit(10),
    outcome: 'Refused',
    error: /LimitInWatts 10 is not allowed: from \d+ to \d+ W; nothing was sent/,
  },
  {
    title: 'B17 legacy, below 30 % of the capacity: refused without AllowLow',
    preset: 'ilo',
    payload: limit(310),
    outcome: 'Refused',
    error: /below 30 % of its \d+ W; AllowLow: true allows it/,
  },
  {
    title: 'legacy, with AllowLow',
    preset: 'ilo',
    payload: { ...limit(310), AllowLow: true },
    outcome: 'Applied',
    patched: [HPE],
  },
  {
    title: 'a control that is off and has no SetPoint is switched on',
    preset: 'xcc',
    payload: limit(700),
    outcome: 'Applied',
    patched: [CONTROL],
    shown: { OldLimitInWatts: 'None', NewLimitInWatts: 700 },
  },
  {
    title: 'a processor by its name',
    preset: 'gb300',
    payload: { ...limit(900), Target: 'GPU_0' },
    outcome: 'Applied',
    patched: ['/redfish/v1/Systems/HGX_Baseboard_0/Processors/GPU_0/EnvironmentMetrics'],
  },
  {
    title: 'a target that is not there',
    preset: 'gb300',
    payload: { ...limit(900), Target: 'GPU_9' },
    outcome: 'Unsupported',
    error: /^permanent: chassis: no chassis has GPU_9; it has /,
  },
  {
    title: 'nothing to cap, and the host is off: transient, since controls may appear when it is on',
    preset: 'openbmc',
    host: 'Off',
    before: ({ bmc }) => bmc.write(METRICS, 'PowerLimitWatts', undefined),
    payload: limit(900),
    outcome: 'Unsupported',
    error: /^transient: .*and the host is off$/,
  },
];

for (const { title, preset, host = 'On', before, entry, payload, outcome, error, ...expected } of CASES) {
  test(`${title} (${preset})`, async () => {
    const machine = await startMachine({
      preset,
      host: { power: host },
      clock: fastClock(60),
      machine: { Type: 'Base' },
    });
    const { bmc, run, close } = machine;
    try {
      before?.(machine);
      const result = await run('SetPowerLimit', [{ ...entry, Payload: payload }]);
      const told = JSON.stringify(result);
      assert.is(result.outcome, outcome, told);
      if (error) assert.match(result.error ?? '', error, told);
      const patched = asked(bmc, 'PATCH').map((each) => each.replace('PATCH ', ''));
      assert.equal([...new Set(patched)], expected.patched ?? [], told);
      for (const [name, value] of Object.entries(expected.shown ?? {}))
        assert.equal(result.entries[0]?.[name], value, told);
      if (outcome !== 'Applied') return;
      assert.is((await run('SetPowerLimit', [{ ...entry, Payload: payload }])).outcome, 'Unchanged', 'R35');
    } finally {
      await close();
    }
  });
}

/** Verify: Consumption. What the BMC shows it draws, before and once it has been waited for; what comes of it. */
const VERIFIED: readonly {
  readonly title: string;
  readonly preset: PresetName;
  readonly drawn?: readonly [before: Json | undefined, later?: Json];
  readonly limit: number;
  readonly outcome: Outcome;
  readonly error?: RegExp;
  readonly PowerWatts?: number;
}[] = [
  {
    title: 'it draws less: Applied at once',
    preset: 'openbmc',
    limit: 600,
    outcome: 'Applied',
    PowerWatts: 310,
  },
  {
    title: 'within five per cent is less',
    preset: 'openbmc',
    drawn: [{ Reading: 630 }],
    limit: 600,
    outcome: 'Applied',
    PowerWatts: 630,
  },
  {
    title: 'it comes down while it is waited for: Applied',
    preset: 'openbmc',
    drawn: [{ Reading: 900 }, { Reading: 590 }],
    limit: 600,
    outcome: 'Applied',
    PowerWatts: 590,
  },
  {
    title: 'it never does: the limit is set, the part failed and may pass',
    preset: 'openbmc',
    drawn: [{ Reading: 631 }],
    limit: 600,
    outcome: 'NotApplied',
    error: /^transient: chassis: the limit is set, and it still draws 631 W after 2m/,
    PowerWatts: 631,
  },
  {
    title: 'nothing shows what it draws',
    preset: 'openbmc',
    drawn: [undefined],
    limit: 600,
    outcome: 'Unsupported',
    error: /set, and then not verified: .*no chassis has a LimitInWatts|does not show what it draws/,
  },
  {
    title: 'a control that shows none: that of its chassis',
    preset: 'gb300',
    limit: 5000,
    outcome: 'Applied',
    PowerWatts: 954.685,
  },
];

for (const { title, preset, drawn, limit: watts, outcome, error, PowerWatts } of VERIFIED) {
  test(`#17 Verify: Consumption: ${title} (${preset})`, async () => {
    const clock = fastClock(60);
    const { bmc, run, close } = await startMachine({ preset, clock, machine: { Type: 'Base' } });
    try {
      if (drawn) bmc.write(METRICS, 'PowerWatts', drawn[0]);
      let waits = 0;
      const wait = async (until: Date) => {
        waits += 1;
        assert.is(bmc.sessions, 0, 'it waits without a session');
        if (drawn?.[1] !== undefined) bmc.write(METRICS, 'PowerWatts', drawn[1]);
        await clock.sleep(until);
      };
      const payload = { ...limit(watts), Verify: 'Consumption', Within: '2m' };
      const result = await run('SetPowerLimit', [{ Payload: payload }], { wait });
      const told = JSON.stringify(result);
      assert.is(result.outcome, outcome, told);
      if (error) assert.match(result.error ?? '', error, told);
      assert.is(result.entries[0]?.['NewLimitInWatts'], watts, told);
      assert.is(result.entries[0]?.['PowerWatts'], PowerWatts, told);
      const isDrawnLate = drawn?.[1] !== undefined || outcome === 'NotApplied';
      assert.is(waits > 0, isDrawnLate, `${waits} waits`);
      if (outcome !== 'NotApplied') return;
      const again = await run('SetPowerLimit', [{ Payload: payload }], { wait });
      assert.is(again.outcome, 'NotApplied', 'a limit that is set already is verified all the same');
    } finally {
      await close();
    }
  });
}

test('a value that differs by a power of ten is explained', () => {
  const power = { PowerControl: [{ PowerLimit: { LimitInWatts: 9000 } }] };
  assert.match(POWER_LIMIT.hint(limit(900), power) ?? '', /power of ten/);
  assert.is(POWER_LIMIT.hint(limit(800), power), null);
});

test.run();
