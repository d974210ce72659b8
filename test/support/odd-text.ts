import fc from 'fast-check';
import type { Json } from '../../definitions/values/json.ts';
import { print } from '../../definitions/yaml/document.ts';

/** A job with most of what a job can have. */
export const GOOD_JOB = {
  Name: 'Nightly',
  Machines: ['machine-1', 'machine-2'],
  Action: 'PatchFanController',
  Payload: [
    {
      ManagerID: 'bmc',
      FanControllerID: 'cpu',
      Payload: {
        Multiplier: 1.2,
        StepUp: 3,
        Inputs: ['a'],
        Zones: [{ '@odata.id': '/x' }],
        OutLimitMin: 1,
        OutLimitMax: 2,
      },
    },
  ],
  Schedule: {
    Type: 'Continuous',
    Time: '22:00:00',
    TimeZone: 'Europe/Berlin',
    StartingDeadline: '30m',
    Period: { StartDay: '2026-02-10', EndDay: '2026-12-31', DaysOfWeek: ['Monday'], DaysOfMonth: '1, 15' },
  },
  Suspend: false,
  Trigger: 'a.1',
};

/** A window manifest as an object: each field that there is for one that recurs. */
export const GOOD_WINDOW = {
  Name: 'Nights',
  Kind: 'Allow',
  Suspend: false,
  Applies: {
    Classes: ['Host', 'Manager'],
    MachineSelector: { MatchLabels: { site: 'ams' }, MatchExpressions: [{ Key: 'role', Operator: 'Exists' }] },
    Jobs: ['rollout.*'],
  },
  Time: '22:00:00',
  Until: '06:00:00',
  Period: { StartDay: '2026-02-10', EndDay: null, DaysOfWeek: ['Friday'], DaysOfMonth: null },
  TimeZone: 'Europe/Berlin',
  Manual: 'Allow',
  Overrun: 'Stop',
};

/** A machine with everything. */
export const GOOD_MACHINE = {
  ID: 'machine-1',
  Name: 'Rack 1',
  Type: 'Extend',
  Endpoint: 'https://10.0.0.11:8443',
  CredentialsRef: 'rack1',
  TLS: { CA: 'ca', Insecure: false },
  Labels: { rack: 'r1' },
  Timeout: '60s',
  Managers: { bmc: { Profiles: ['Performance'], FanZones: ['z'] } },
};

/** Values that have been somebody's bug before. */
const ODD = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    0,
    -1,
    1e21,
    true,
    [],
    {},
    [null],
    '__proto__',
    'constructor',
    'Once',
    '15',
    15,
  ),
  fc.constantFrom<unknown>(
    '24:00:00',
    '2026-02-30',
    '1,,2',
    'Mon',
    'PatchProfile',
    '\u0000',
    '\u202e',
    'x'.repeat(300),
  ),
  fc.jsonValue(),
);
const KEYS = ['Name', 'Payload', 'Schedule', 'Period', '__proto__', 'toString', 'ManagerID', 'Profile', 'ID', '<<', ''];

/** Somewhere in a good manifest something goes, comes, or becomes odd; now and then in more than one place. */
function mutated(good: object): fc.Arbitrary<unknown> {
  const change = fc.record({
    at: fc.array(fc.nat(), { maxLength: 4 }),
    how: fc.constantFrom('replace', 'remove', 'add'),
    key: fc.constantFrom(...KEYS),
    value: ODD,
  });
  return fc.array(change, { maxLength: 3 }).map((changes) => changes.reduce(changed, structuredClone(good)));
}

interface Change {
  readonly at: readonly number[];
  readonly how: string;
  readonly key: string;
  readonly value: unknown;
}

function changed(root: unknown, { at, how, key, value }: Change): unknown {
  let holder = { root } as Record<string, unknown>;
  let name = 'root';
  for (const step of at) {
    const inner = holder[name];
    const names = typeof inner === 'object' && inner !== null ? Object.keys(inner) : [];
    if (names.length === 0) break;
    holder = inner as Record<string, unknown>;
    name = names[step % names.length] ?? name;
  }
  const target = how === 'add' ? holder[name] : holder;
  if (typeof target !== 'object' || target === null) return root;
  if (how === 'remove') delete holder[name];
  else {
    const field = how === 'add' ? key : name;
    Object.defineProperty(target, field, {
      value: structuredClone(value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return holder['root'] ?? root;
}

const PIECES = [
  'Name: x\n',
  'Payload:\n',
  '  - ',
  '---\n',
  '&a ',
  '*a ',
  '[',
  ']',
  '{',
  '}',
  ': ',
  '- ',
  '? ',
  '|\n',
  '>-\n',
  '"',
  "'",
];
const MORE_PIECES = [
  '#',
  '%YAML 1.1\n',
  '!!binary ',
  '!x ',
  '\t',
  '\r\n',
  '\u0000',
  '\u2028',
  '<<: ',
  ',',
  '...\n',
  '  ',
  '\n',
  '@',
  '`',
];

/** Bytes: good and odd manifests as JSON and YAML, what looks like YAML, and what looks like nothing. */
export function bytes(good: object): fc.Arbitrary<Uint8Array> {
  const pieces = fc.array(fc.constantFrom(...PIECES, ...MORE_PIECES), { maxLength: 60 }).map((all) => all.join(''));
  const text = fc.oneof(
    { weight: 4, arbitrary: mutated(good).map((value) => JSON.stringify(value) ?? '') },
    { weight: 4, arbitrary: mutated(good).map((value) => print([value as Json])) },
    { weight: 2, arbitrary: pieces },
    { weight: 1, arbitrary: fc.tuple(mutated(good), pieces).map(([value, tail]) => print([value as Json]) + tail) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
  const encoded = text.map((each): Uint8Array => Buffer.from(each));
  return fc.oneof({ weight: 12, arbitrary: encoded }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) });
}
