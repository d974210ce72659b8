import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { killOnWire } from './images.ts';

test('V11 R61 8 SIGKILLs while BMCs are changed: what each held before a change is in its log', async () => {
  const { changes, interrupted } = await killOnWire(8);
  assert.ok(changes > 5 && interrupted > 0, `${changes} changes, ${interrupted} parts interrupted`);
});

test.run();
