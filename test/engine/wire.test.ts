import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Received,
  readCancel,
  readHere,
  readPart,
  readRest,
  readResult,
  readStart,
  writeCancel,
  writeHere,
  writePart,
  writeRest,
  writeResult,
  writeStart,
} from '../../definitions/engine/wire.ts';
import type { Part, Result } from '../../definitions/run.ts';

const PART: Part = {
  run: 'job@2026-02-10T22:00:00Z',
  job: 'job',
  action: 'PatchProfile',
  machine: { ID: 'node-1', Type: 'Extend', Endpoint: 'https://10.0.0.11', CredentialsRef: 'lab', Timeout: '60s' },
  identity: { SerialNumber: 'A1' },
  payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
};
const RESULT: Result = { machine: 'node-1', outcome: 'Applied', entries: [{ ManagerID: 'bmc' }], error: null };
const AT = new Date('2026-02-10T22:01:00Z');
const HERE = { site: 'fra1', id: 'w', host: 'h', version: '1', places: 5, busy: 1, outbox: 0 };

function message<T>(received: Received<T>): T {
  assert.ok('message' in received, 'fault' in received ? received.fault : '');
  return received.message;
}

test('what one program writes another reads', () => {
  const part = { part: PART, site: 'fra1', startBy: AT };
  assert.equal(message(readPart(writePart(part))), part);
  const start = { by: 'worker', id: 'w.1' } as const;
  assert.equal(message(readStart(writeStart(start))), start);
  const result = { result: RESULT, by: 'controller', id: 'c' } as const;
  assert.equal(message(readResult(writeResult(result), 'node-1')), result);
  assert.equal(message(readHere(writeHere(HERE))), HERE);
  const cancel = { run: PART.run, machine: 'node-1' };
  assert.equal(message(readCancel(writeCancel(cancel))), cancel);
  const rest = { ...cancel, until: AT, seen: RESULT };
  assert.equal(message(readRest(writeRest(rest))), rest);
});

test('R42 R62 a part names a secret, and holds none', () => {
  const text = writePart({ part: PART, site: 'fra1', startBy: AT });
  assert.match(text, /"CredentialsRef":"lab"/);
  assert.not.match(text, /username|password/i);
});

/** What is wrong → what is said; each is a part with something changed. */
const FAULTS: readonly (readonly [string, object, RegExp])[] = [
  ['another version', { v: 2 }, /of version 2, and this program reads version 1/],
  ['no version', { v: undefined }, /of version null/],
  ['a site that is none', { site: 'fra.1' }, /site is none/],
  ['no time', { startBy: 'soon' }, /startBy is no time/],
  ['no part', { part: null }, /payload is no list/],
  [
    'an endpoint that is no origin',
    { part: { ...PART, machine: { ...PART.machine, Endpoint: 'file:///etc' } } },
    /Endpoint/,
  ],
  [
    'a way out of the secrets',
    { part: { ...PART, machine: { ...PART.machine, CredentialsRef: '../x' } } },
    /CredentialsRef/,
  ],
  ['an ID that is none', { part: { ...PART, machine: { ...PART.machine, ID: '../x' } } }, /machine's ID/],
  ['a payload that is none', { part: { ...PART, payload: [7] } }, /payload/],
  ['an identity that is none', { part: { ...PART, identity: { UUID: 7 } } }, /identity/],
  ['TLS that is a text', { part: { ...PART, machine: { ...PART.machine, TLS: 'no' } } }, /TLS is no mapping/],
  ['a run without end', { part: { ...PART, run: 'x'.repeat(600) } }, /run is no text/],
];

for (const [what, change, fault] of FAULTS) {
  test(`a part with ${what} is refused with a word`, () => {
    const written = JSON.parse(writePart({ part: PART, site: 'fra1', startBy: AT }));
    const received = readPart(JSON.stringify({ ...written, ...change }));
    assert.match('fault' in received ? received.fault : 'read', fault);
  });
}

test('a part of another version says whose it is, so that it can be refused by its name', () => {
  const received = readPart(JSON.stringify({ v: 9, part: { run: 'job@x', more: [] } }));
  assert.is('run' in received ? received.run : null, 'job@x');
});

test('a result that contradicts itself, or is of another machine, is none', () => {
  const of = (change: object) =>
    readResult(JSON.stringify({ v: 1, by: 'worker', id: 'w', result: { ...RESULT, ...change } }), 'node-1');
  for (const change of [
    { machine: 'node-2' },
    { outcome: 'Done' },
    { error: 'transient' },
    { outcome: 'Unreachable' },
    { entries: {} },
    { error: 7 },
  ]) {
    assert.ok('fault' in of(change), JSON.stringify(change));
  }
  assert.ok('message' in of({}));
});

test('no text whatever throws, and none is believed that is not whole', () => {
  const readers = [readPart, readStart, readHere, readCancel, readRest, (text: string) => readResult(text, 'node-1')];
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((each) => `{"v":1,"part":${each}}`),
      ),
      (text) => {
        for (const read of readers) assert.ok('fault' in read(text));
      },
    ),
  );
  for (const read of readers) assert.match(JSON.stringify(read('['.repeat(5_000))), /deeper/);
});

test.run();
