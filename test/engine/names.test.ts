import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  isSite,
  leaseSubject,
  machineOfPart,
  partNameOf,
  partSubject,
  resultSubject,
  startSubject,
} from '../../definitions/engine/names.ts';

const NAME = { site: 'fra1', run: 'nightly.fans@2026-02-10T22:00:00Z', machine: 'rack-1.node_7' };

test('R23 a name is one subject, whatever stands in it', () => {
  assert.is(startSubject(NAME), 'bmcron.start.fra1.nightly%2Efans%402026-02-10T22%3A00%3A00Z.rack-1%2Enode_7');
  assert.is(partSubject(NAME), 'bmcron.part.fra1.rack-1%2Enode_7');
});

test('R23 two names are never one subject, and no name says more than its tokens', () => {
  const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
  fc.assert(
    fc.property(text, text, (run, machine) => {
      const name = { site: 'fra1', run, machine };
      for (const subject of [startSubject(name), leaseSubject(name), resultSubject(name)]) {
        assert.match(subject, /^bmcron\.[a-z]+\.fra1\.[A-Za-z0-9_%-]+\.[A-Za-z0-9_%-]+$/);
        assert.equal(partNameOf(subject), name);
      }
      assert.equal(machineOfPart(partSubject(name)), { site: 'fra1', machine });
    }),
  );
});

for (const subject of [
  'bmcron.start.fra1.a',
  'bmcron.start.fra1.a.b.c',
  'bmcron.start.fra 1.a.b',
  'bmcron.start.fra1.%zz.b',
  'bmcron.start.fra1.%61.b',
  'bmcron.part.fra1.a.b',
  'other.start.fra1.a.b',
  '',
]) {
  test(`${subject || 'nothing'} names no part`, () => assert.is(partNameOf(subject), null));
}

test('a site is a word that may stand in subjects and permissions as it is', () => {
  for (const name of ['fra1', 'FRA_1-b', 'x'.repeat(63)]) assert.ok(isSite(name), name);
  for (const name of ['', 'fra.1', 'fra 1', '*', '>', 'ü', 'x'.repeat(64)]) assert.not.ok(isSite(name), name);
});

test.run();
