import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { killOnWire } from './images.ts';

test('V11 R61 R66 8 SIGKILLs while BMCs are changed: no before-image is lost, nothing is put back twice', async () => {
  const { changes, interrupted, reverted } = await killOnWire(8);
  assert.ok(
    changes > 2 && interrupted > 0 && reverted > 0,
    `${changes}, ${interrupted} interrupted, ${reverted} put back`,
  );
});

test.run();
