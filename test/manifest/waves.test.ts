// What is refused of a Rollout, and where that is said (R63).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json, JsonObject } from '../../definitions/values/json.ts';
import { fleetOfTexts, problemsOfFleet } from '../support/fleet-texts.ts';

const MACHINES = Object.fromEntries(
  ['m1', 'm2', 'm3'].map((ID) => [`machines/${ID}.yaml`, { ID, Endpoint: `https://${ID}.example` }]),
);
const CANARY = { Name: 'canary', Machines: ['m1'] };
const REST = { Name: 'rest', Rest: true };

function job(Rollout: Json, Schedule: JsonObject = { Type: 'Continuous', Time: '22:00:00', Period: {} }): JsonObject {
  const Payload = { ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } };
  return { Name: 'A job', Machines: ['m1', 'm2', 'm3'], Action: 'PatchProfile', Payload, Schedule, Rollout };
}

const waves = (...Waves: readonly Json[]) => job({ Waves });
const LAST = 'the last wave, and only it, has `Rest: true`';
const ONE = 'a wave has Machines, a MachineSelector or Rest: true, and one of them alone';

const rows: readonly (readonly [what: string, job: JsonObject, found: readonly string[]])[] = [
  ['the least', waves(CANARY, REST), []],
  [
    'all of it',
    job({
      Scope: 'EveryRun',
      Advance: 'InRun',
      Waves: [
        { ...CANARY, Soak: '30m' },
        { ...REST, MaxFailures: '2.5%', MaxConcurrent: 2 },
      ],
      FailureBudget: { Failed: 0, Unreachable: '10%' },
      OnHalt: 'Hold',
      Resume: '2026-03-02 fixed',
    }),
    [],
  ],
  ['no waves', job({}), ['Rollout.Waves R63 Waves is missing']],
  ['W10 no rest', waves(CANARY), [`Rollout.Waves R63 ${LAST}`]],
  ['W10 a rest that is not the last', waves(REST, CANARY), [`Rollout.Waves R63 ${LAST}`]],
  [
    'W10 a wave of two kinds',
    waves({ ...CANARY, Rest: true }, REST),
    [`Rollout.Waves R63 ${LAST}`, `Rollout.Waves[0] R63 ${ONE}`],
  ],
  ['a wave of none', waves({ Name: 'canary' }, REST), [`Rollout.Waves[0] R63 ${ONE}`]],
  [
    'a name twice',
    waves(CANARY, { ...REST, Name: 'canary' }),
    ['Rollout.Waves[1].Name R63 the wave is named twice, first as Waves[0]'],
  ],
  [
    'a machine of another job',
    waves({ Name: 'canary', Machines: ['m9'] }, REST),
    [`Rollout.Waves[0].Machines[0] R63 "m9" is none of the job's Machines`],
  ],
  [
    'a selector that asks for nothing',
    waves({ Name: 'canary', MachineSelector: {} }, REST),
    ['Rollout.Waves[0].MachineSelector R63 a selector that asks for no label'],
  ],
  [
    'W06 more than all',
    waves({ ...CANARY, MaxFailures: '101%' }, REST),
    ['Rollout.Waves[0].MaxFailures R63 MaxFailures must be a number of machines, or a share such as 5%'],
  ],
  ['a soak that is none', waves({ ...CANARY, Soak: 'long' }, REST), ['Rollout.Waves[0].Soak R63 ']],
  ['none at once', waves({ ...CANARY, MaxConcurrent: 0 }, REST), ['Rollout.Waves[0].MaxConcurrent R63 ']],
  ['what OnHalt cannot', job({ Waves: [CANARY, REST], OnHalt: 'Explode' }), ['Rollout.OnHalt R63 "Explode" is not ']],
  ['an unknown field', job({ Waves: [CANARY, REST], Wave: 1 }), ['Rollout.Wave R03 ']],
  [
    'a Once job has no next run',
    job({ Waves: [CANARY, REST], Advance: 'NextRun' }, { Type: 'Once', Time: '22:00:00' }),
    ['Rollout.Advance R63 a Once job has no next run: its waves come InRun'],
  ],
];

for (const [what, manifest, expected] of rows) {
  test(`R63 ${what}: ${expected.length === 0 ? 'valid' : 'refused'}`, () => {
    const found = problemsOfFleet(fleetOfTexts({ ...MACHINES, 'jobs/a.yaml': manifest }));
    assert.is(found.length, expected.length, found.join('\n'));
    for (const [index, text] of expected.entries()) {
      assert.ok(found[index]?.startsWith(`jobs/a.yaml ${text}`), `${found[index]}\nis not\n${text}`);
    }
  });
}

test('W09 a first wave that fits no machine is warned of before it is merged', () => {
  const selected = { Name: 'canary', MachineSelector: { MatchLabels: { rack: 'r9' } } };
  const fleet = fleetOfTexts({ ...MACHINES, 'jobs/a.yaml': waves(selected, REST) }, { warnings: true });
  const told = 'each run will be refused: NoCanary: the first wave, canary, has no machine';
  assert.ok(problemsOfFleet(fleet)[0]?.startsWith(`jobs/a.yaml Rollout.Waves[0] R51 ${told}`));
});

test.run();
