import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCache } from '../../controller/state/cache.ts';
import { createGitFolder } from '../support/git-folder.ts';

test('a cache comes back whole, or not at all', async () => {
  const at = createGitFolder();
  const values = new Map([
    ['b', { n: 2 }],
    ['a', { n: 1 }],
  ]);
  await createCache<{ n: number }>(at.path('cache'), '1').save(values);
  const again = createCache<{ n: number }>(at.path('cache'), '1');
  assert.equal([...(await again.load())].sort(), [...values].sort());
  assert.is((await createCache(at.path('cache'), '2').load()).size, 0, 'made by another version');
  writeFileSync(at.path('cache'), 'torn', { flag: 'a' });
  assert.is((await createCache(at.path('cache'), '1').load()).size, 0);
  at.remove();
});

test.run();
