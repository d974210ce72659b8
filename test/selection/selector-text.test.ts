// Selectors as people type them for kubectl.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matches } from '../../definitions/selection/labels.ts';
import { parseSelector } from '../../definitions/selection/selector-text.ts';

const LABELS = { rack: 'r7', role: 'compute', 'bmcron/no-restart': 'true', note: 'front row' };

for (const [text, expected] of [
  ['rack=r7', true],
  ['rack==r7', true],
  ['rack = r7', true],
  ['rack=r8', false],
  ['role!=storage', true],
  ['role!=compute', false],
  ['site!=ams', true],
  ['rack in (r6, r7)', true],
  ['rack in (r6)', false],
  ['role notin (storage,gpu)', true],
  ['role notin (compute)', false],
  ['site notin (ams)', true],
  ['rack', true],
  ['site', false],
  ['!site', true],
  ['!rack', false],
  ['! site', true],
  ['rack=r7,role!=storage,rack in (r6,r7), !site', true],
  ['rack=r7,role=storage', false],
  ['bmcron/no-restart', true],
  ['note=front row', true],
] as const) {
  test(`${text}: ${expected ? 'fits' : 'does not fit'}`, () => {
    const selector = parseSelector(text);
    assert.ok(!('fault' in selector), JSON.stringify(selector));
    assert.is(matches(selector as object, LABELS), expected);
  });
}

for (const text of [
  '',
  'rack=',
  '=r7',
  'rack=r7,',
  'rack in r7',
  'rack in ()',
  'rack in (a,)',
  'rack>7',

  '!',
  '!!rack',
  'rack in (a',
  '-x',
]) {
  test(`${JSON.stringify(text)} is no selector`, () => {
    const found = parseSelector(text);
    assert.match('fault' in found ? found.fault : '', /is no requirement of a selector: rack=r7, role!=storage/);
  });
}

test.run();
