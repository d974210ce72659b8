import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createZoneMemo } from '../../controller/reconcile/zone-memo.ts';

/** Saved before, in force, whether all could be recorded → what is saved before the record and after it, and known. */
for (const [title, saved, zone, isAll, before, after] of [
  ['the same zone', 'UTC', 'UTC', true, 'UTC', 'UTC'],
  ['another zone is forgotten first, then remembered', 'UTC', 'Asia/Taipei', true, undefined, 'Asia/Taipei'],
  ['another zone, and some facts must wait for the disk', 'UTC', 'Asia/Taipei', false, undefined, undefined],
  ['the same zone, and some facts must wait', 'UTC', 'UTC', false, 'UTC', 'UTC'],
  ['nothing known', undefined, 'UTC', true, undefined, 'UTC'],
] as const) {
  test(`R11 ${title}`, async () => {
    let stored = new Map(saved === undefined ? [] : [['zone', saved as string]]);
    const seen: (string | undefined)[] = [];
    const memo = createZoneMemo({
      cache: {
        load: async () => new Map(stored),
        async save(values) {
          stored = new Map(values);
        },
      },
      zone: () => zone,
      async record() {
        seen.push(stored.get('zone'));
        return isAll;
      },
    });
    await memo.load();
    assert.is(memo.zone, saved ?? null);
    await memo.record(['jobs/a.yaml']);
    assert.equal([...seen, stored.get('zone')], [before, after]);
    assert.is(memo.zone, after ?? null);
  });
}

test('R11 a zone that cannot be saved is known to this process', async () => {
  const memo = createZoneMemo({
    cache: { load: async () => new Map(), save: () => Promise.reject(new Error('ENOSPC')) },
    zone: () => 'UTC',
    record: async () => true,
  });
  await memo.record([]);
  assert.is(memo.zone, 'UTC');
});

test.run();
