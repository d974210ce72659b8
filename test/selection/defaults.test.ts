// What the machines of a folder have in common: machines/**/_*.yaml.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Machine } from '../../definitions/machine.ts';
import { readFleet } from '../../definitions/manifest/fleet.ts';
import { kindOf } from '../../definitions/manifest/reading.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { filesOf, fleetOfTexts, problemsOfFleet, type Texts } from '../support/fleet-texts.ts';

const m1 = { ID: 'm1', Endpoint: 'https://10.0.0.1' };
const COMMON = {
  Type: 'Base',
  CredentialsRef: 'rack7',
  Labels: { rack: 'r7', role: 'compute' },
  TLS: { CA: 'rack7-ca' },
};

function only(texts: Texts): Machine | undefined {
  return fleetOfTexts(texts).machines.get('m1');
}

for (const [path, expected] of [
  ['machines/_all.yaml', 'defaults'],
  ['machines/r7/_r7.yml', 'defaults'],
  ['machines/r7/_r7.json', 'defaults'],
  ['machines/_r7/m1.yaml', 'machine'],
  ['machines/r7/m_1.yaml', 'machine'],
  ['jobs/_a.yaml', 'job'],
] as const) {
  test(`R50 ${path} is read as ${expected}`, () => assert.is(kindOf(path), expected));
}

const rows: readonly (readonly [what: string, texts: Texts, expected: JsonObject])[] = [
  [
    'a machine of two lines gets them all',
    { 'machines/r7/_r7.yaml': { Defaults: COMMON }, 'machines/r7/m1.yaml': m1 },
    { ...m1, ...COMMON, Timeout: '60s' },
  ],
  [
    'what a machine says itself stays; labels key by key',
    {
      'machines/r7/_r7.yaml': { Defaults: { ...COMMON, Timeout: '5m' } },
      'machines/r7/m1.yaml': { ...m1, Type: 'Extend', Timeout: '9s', TLS: { Insecure: true }, Labels: { rack: 'r8' } },
    },
    {
      ...m1,
      Type: 'Extend',
      CredentialsRef: 'rack7',
      Labels: { rack: 'r8', role: 'compute' },
      TLS: { Insecure: true },
      Timeout: '9s',
    },
  ],
  [
    'the folder above does not count, nor one beside, nor one below',
    {
      'machines/_all.yaml': { Defaults: COMMON },
      'machines/r8/_r8.yaml': { Defaults: COMMON },
      'machines/r7/deep/_d.yaml': { Defaults: COMMON },
      'machines/r7/m1.yaml': m1,
    },
    { ...m1, Type: 'Extend', Timeout: '60s' },
  ],
  [
    'two files of one folder, each with its own fields and labels',
    {
      'machines/r7/_a.yaml': { Defaults: { Type: 'Base', Labels: { rack: 'r7' } } },
      'machines/r7/_b.yaml': { Defaults: { CredentialsRef: 'rack7', Labels: { role: 'x' } } },
      'machines/r7/m1.yaml': m1,
    },
    { ...m1, Type: 'Base', CredentialsRef: 'rack7', Labels: { rack: 'r7', role: 'x' }, Timeout: '60s' },
  ],
  ['none', { 'machines/r7/m1.yaml': m1 }, { ...m1, Type: 'Extend', Timeout: '60s' }],
];

for (const [what, texts, expected] of rows) {
  test(`R50 Defaults: ${what}`, () => assert.equal(only(texts), expected));
}

const refused: readonly (readonly [what: string, texts: Texts, expected: readonly string[]])[] = [
  [
    'a field that only a machine can have',
    { 'machines/_a.yaml': { Defaults: { ID: 'm1' } } },
    ['machines/_a.yaml Defaults.ID R03 "ID" is not a field here'],
  ],
  [
    'a machine',
    { 'machines/_a.yaml': m1 },
    ['machines/_a.yaml Defaults R02', 'machines/_a.yaml ID R03', 'machines/_a.yaml Endpoint R03'],
  ],
  [
    'a label given twice in a folder',
    {
      'machines/_a.yaml': { Defaults: { Labels: { rack: 'r7' } } },
      'machines/_b.yaml': { Defaults: { Labels: { rack: 'r8' } } },
    },
    ['machines/_b.yaml Defaults.Labels.rack R50 it is also given by machines/_a.yaml:1: give it once'],
  ],
  [
    'a secret that goes over http: by what machine and folder say together',
    { 'machines/_a.yaml': { Defaults: COMMON }, 'machines/m1.yaml': { ...m1, Endpoint: 'http://10.0.0.1' } },
    ['machines/m1.yaml Endpoint R42 with the Defaults of machines/: over http: the password is sent in clear text'],
  ],
  [
    'a name of a secret that leads elsewhere',
    { 'machines/_a.yaml': { Defaults: { CredentialsRef: 'a..b' } } },
    ['machines/_a.yaml Defaults.CredentialsRef R42'],
  ],
];

for (const [what, texts, expected] of refused) {
  test(`R50 Defaults: ${what}: refused`, () => {
    const found = problemsOfFleet(fleetOfTexts(texts));
    assert.is(found.length, expected.length, found.join('\n'));
    for (const [index, text] of expected.entries()) assert.ok(found[index]?.startsWith(text), found[index]);
  });
}

test('R50 refused Defaults: the machines of the folder are not known, and their files count as refused', () => {
  const texts = {
    'machines/r7/_r7.yaml': 'Defaults: [',
    'machines/r7/m1.yaml': m1,
    'machines/r8/m2.yaml': { ...m1, ID: 'm2' },
  };
  const { machines, refused, problems } = fleetOfTexts(texts);
  assert.equal([...machines.keys()], ['m2']);
  assert.equal([...refused].sort(), ['machines/r7/_r7.yaml', 'machines/r7/m1.yaml']);
  assert.equal([...new Set(problems.map(({ file }) => file))], ['machines/r7/_r7.yaml']);
});

test('R50 machines of a folder whose files stay are the same objects; those that a default changes are not', () => {
  const texts: Texts = {
    'machines/r7/_r7.yaml': { Defaults: COMMON },
    'machines/r7/m1.yaml': m1,
    'machines/r8/_r8.yaml': { Defaults: { Labels: { rack: 'r8' } } },
    'machines/r8/m2.yaml': { ...m1, ID: 'm2' },
  };
  const before = fleetOfTexts(texts);
  const changed = { ...texts, 'machines/r8/_r8.yaml': { Defaults: { Labels: { rack: 'r9' } } } };
  const after = readFleet(filesOf(changed), 'c0ffee', { before });
  assert.is(after.machines.get('m1'), before.machines.get('m1'));
  assert.equal(after.machines.get('m2')?.Labels, { rack: 'r9' });
});

test.run();
