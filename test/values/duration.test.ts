import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { durationMs } from '../../definitions/values/duration.ts';

for (const [text, expected] of [
  ['30s', 30_000],
  ['2h', 7_200_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['0s', 0],
  ['', undefined],
  ['30', undefined],
  ['-1s', undefined],
  ['1.5h', undefined],
  ['30 s', undefined],
  ['99999d', undefined],
] as const) {
  test(`duration ${JSON.stringify(text)} is ${expected} ms`, () => assert.is(durationMs(text), expected));
}

test.run();
