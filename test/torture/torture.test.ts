import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { torture } from './run.ts';

// That enough SIGKILLs, lost answers, force-pushes, edits and outages happened is among what `faults` would report.
test('F01–F04, F06, F08, F11, F19, K02, K04, B03, B04: twenty seconds of torture lose nothing', async () => {
  const { faults, said, ...numbers } = await torture(20, 11);
  if (faults.length > 0) console.error(said);
  assert.equal(faults, []);
  assert.ok(numbers.claims > 0 && numbers.published > 0 && numbers.results > 0, JSON.stringify(numbers));
  assert.ok(numbers.kills >= 1 && numbers.starts >= 2, 'F01: killed at random, and ready again');
});

test.run();
