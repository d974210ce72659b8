import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { killOften } from './kill.ts';

test('R23 R24 50 SIGKILLs at random moments: no occurrence twice, no result lost, the interrupted say so', async () => {
  const { runs, interrupted } = await killOften(50);
  assert.ok(runs > 10 && interrupted > 0, `${runs} runs, ${interrupted} parts interrupted`);
});

test.run();
