import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openOutbox } from '../../controller/engine/outbox.ts';

test('R40 a result stays on the disk until the engine has it, and another process finds it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bmcron-outbox-'));
  try {
    const outbox = await openOutbox(join(folder, 'outbox'));
    assert.ok(await outbox.hasRoom());
    const [one, two] = ['a', 'b'].map((subject) => ({ subject, text: `{"of":"${subject}"}` }));
    if (!one || !two) throw new Error('two results');
    await outbox.add(one);
    await outbox.add(one);
    await outbox.add(two);
    writeFileSync(join(folder, 'outbox', 'torn.json'), '{"subject"');
    const other = await openOutbox(join(folder, 'outbox'));
    const found = [...(await other.all())].sort((a, b) => (a.subject < b.subject ? -1 : 1));
    assert.equal(found, [one, two]);
    await other.remove(one);
    await other.remove(one);
    assert.equal(await outbox.all(), [two]);
    assert.is(readdirSync(join(folder, 'outbox')).length, 2, 'what cannot be read is left alone');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
