// What a pull request says of guards, before anything is refused at night.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFleet } from '../../definitions/manifest/fleet.ts';
import { readEntry } from '../../definitions/manifest/read.ts';
import { printGuards } from '../../definitions/report/guards.ts';
import { DEFAULT_SETTINGS } from '../../definitions/settings.ts';
import type { Json } from '../../definitions/values/json.ts';
import { parse } from '../../definitions/yaml/document.ts';

const SCHEDULE = { Type: 'Continuous', Time: '22:00:00', Period: {} };
const access = {
  Action: 'PatchNetworkProtocol',
  Payload: { ManagerID: 'bmc', Payload: { NTP: { ProtocolEnabled: true } } },
};
const fans = {
  Action: 'PatchFanZone',
  Payload: { ManagerID: 'bmc', FanZoneID: 'z', Payload: { MinThermalOutput: 30 } },
};
const power = (PowerState: string) => ({ Action: 'SetPowerState', Payload: { Payload: { PowerState } } });
const restore = (PowerRestorePolicy: string) => ({
  Action: 'PatchSystem',
  Payload: { Payload: { PowerRestorePolicy } },
});
const services = (Payload: Json) => ({ Action: 'PatchNetworkProtocol', Payload: { ManagerID: 'bmc', Payload } });
const ids = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`);

/** The problems of a job in a fleet of so many machines of rack r7. */
function problemsOf(job: Readonly<Record<string, Json>>, machines = 4, settings: Json = {}): string[] {
  const documents = ids(machines).map((ID) =>
    JSON.stringify({ ID, Endpoint: `https://${ID}.example`, Labels: { rack: 'r7' } }),
  );
  const texts = {
    'bmcron.yaml': JSON.stringify(settings),
    'jobs/a.json': JSON.stringify({ Name: 'A', Schedule: SCHEDULE, ...job }),
    'machines/all.yaml': documents.join('\n---\n'),
  };
  const files = new Map(
    Object.entries(texts).flatMap(([path, text]) => {
      const entry = readEntry(path, new TextEncoder().encode(text));
      return entry ? [[path, entry] as const] : [];
    }),
  );
  const { problems } = readFleet(files, 'c1', { warnings: true });
  return problems
    .filter(({ rule }) => rule === 'R51')
    .map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
}

const RACK = { MachineSelector: { MatchLabels: { rack: 'r7' } } };

const CASES: readonly (readonly [string, string[], RegExp | null])[] = [
  [
    'G03 a selector of class Access without Confirm is refused',
    problemsOf({ ...access, ...RACK }),
    /^error MachineSelector: a selector for an action of class Access .* Confirm: \{ Machines: N \}$/,
  ],
  ['G03 with Confirm it is not', problemsOf({ ...access, ...RACK, Confirm: { Machines: 4 } }), null],
  ['G03 a list is its own confirmation', problemsOf({ ...access, Machines: ids(4) }), null],
  ['G03 switching on needs none', problemsOf({ ...power('On'), ...RACK }), null],
  ['G03 switching off does', problemsOf({ ...power('Off'), ...RACK }), /^error MachineSelector: .* class Host /],
  ['G03 Thermal needs none', problemsOf({ ...fans, ...RACK }), null],
  [
    'G01 a list longer than the guard allows is told',
    problemsOf({ ...fans, Machines: ids(101) }, 101),
    /^warning Machines: each run will be refused: would reach 101, Thermal allows 100 an hour$/,
  ],
  [
    'G01 by the guards of this bmcron.yaml',
    problemsOf({ ...fans, Machines: ids(3) }, 4, { Guards: [{ Class: 'Thermal', MaxMachines: 2 }] }),
    /would reach 3, Thermal allows 2 an hour/,
  ],
  [
    'G04 the selector has grown past Confirm',
    problemsOf({ ...fans, ...RACK, Confirm: { Machines: 3 } }),
    /^warning Confirm: each run will be refused: would reach 4 machines, its Confirm allows 3/,
  ],
  [
    'G04 fewer than half of Confirm',
    problemsOf({ ...fans, ...RACK, Confirm: { Machines: 9 } }),
    /^warning Confirm: it reaches 4, fewer than half of the 9 that Confirm allows$/,
  ],
  [
    'G06 required, and not in the inventory',
    problemsOf({ ...fans, ...RACK }, 4, { Guards: [{ Class: 'Thermal', Identity: 'Required' }] }),
    /^warning Machines: each run will be refused: Thermal needs an Identity of its own for m0, m1, m2 and 1 more/,
  ],
  [
    '#17 hosts that all start when power returns are told for more than 20',
    problemsOf({ ...restore('AlwaysOn'), Machines: ids(21) }, 21),
    /^warning Payload: PowerRestorePolicy AlwaysOn: after the next outage 21 hosts start at one moment$/,
  ],
  ['#17 not for 20', problemsOf({ ...restore('AlwaysOn'), Machines: ids(20) }, 21), null],
  ['#17 nor for another policy', problemsOf({ ...restore('LastState'), Machines: ids(21) }, 21), null],
  [
    '#17 SSH and IPMI both off',
    problemsOf({
      ...services({ SSH: { ProtocolEnabled: false }, IPMI: { ProtocolEnabled: false } }),
      Machines: ids(1),
    }),
    /^warning Payload\.Payload: with SSH and IPMI both off nobody gets at this BMC but over HTTPS/,
  ],
  ['#17 SSH alone', problemsOf({ ...services({ SSH: { ProtocolEnabled: false } }), Machines: ids(1) }), null],
  [
    '#17 SSH off, IPMI on',
    problemsOf({ ...services({ SSH: { ProtocolEnabled: false }, IPMI: { ProtocolEnabled: true } }), Machines: ids(1) }),
    null,
  ],
];

for (const [name, found, expected] of CASES) {
  test(name, () => {
    assert.is(found.length, expected ? 1 : 0, found.join('\n'));
    if (expected) assert.match(found[0] ?? '', expected);
  });
}

test('G05 a selector that fits nothing is a problem, unless AllowEmpty is true: asked of the selection', () => {
  const none = { MachineSelector: { MatchLabels: { rack: 'r8' } } };
  const of = (more: Readonly<Record<string, Json>>) => {
    const text = JSON.stringify({ Name: 'A', Schedule: SCHEDULE, ...fans, ...none, ...more });
    const entry = readEntry('jobs/a.json', new TextEncoder().encode(text));
    return readFleet(new Map(entry ? [['jobs/a.json', entry]] : []), 'c1').problems.map(({ message }) => message);
  };
  assert.match(of({})[0] ?? '', /^it fits no machine of the inventory/);
  assert.equal(of({ AllowEmpty: true }), []);
});

test('R51 the guards that hold are printed as bmcron.yaml would write them', () => {
  const text = printGuards(DEFAULT_SETTINGS);
  const [document] = parse(new TextEncoder().encode(text));
  const written = document?.value as { Guards: { Class: string; MaxMachines: number | null }[] };
  assert.equal(
    written.Guards.map(({ Class, MaxMachines }) => [Class, MaxMachines]),
    [
      ['None', null],
      ['Access', 20],
      ['Thermal', 100],
      ['Manager', 50],
      ['Host', 10],
    ],
  );
});

test.run();
