import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { torture } from './torture/run.ts';

test('F01–F04, F06, F08, F11, F19, K02, K04, B03, B04: twenty seconds of torture lose nothing', async () => {
  const { faults, said, claims, kills, published, ...rest } = await torture(20, 11);
  if (faults.length > 0) console.error(said);
  assert.equal(faults, []);
  assert.ok(claims > 0 && published > 0 && kills > 0, JSON.stringify({ claims, kills, published, ...rest }));
});

test.run();
