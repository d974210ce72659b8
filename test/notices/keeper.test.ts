// What was told is kept whenever it changes, and a full disk keeps nobody from being told.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createKeeper } from '../../controller/notices/keeper.ts';
import { createOutboxFile } from '../../controller/notices/outbox-file.ts';
import { createOutbox, createReceiverState } from '../../definitions/notices/outbox.ts';

const NOW = new Date('2026-03-10T10:00:00Z');

test('an outbox is written when it changes, and not for its place in the journal alone', async () => {
  const written: string[] = [];
  const failed: unknown[] = [];
  const disk = { isFull: false };
  const file = {
    read: async () => null,
    remove: async () => undefined,
    async write(text: string) {
      if (disk.isFull) throw new Error('ENOSPC');
      written.push(text);
    },
  };
  const { save } = createKeeper(file, (error) => void failed.push(error));
  const outbox = createOutbox(7, NOW);
  await save(outbox);
  outbox.journal.through = 100;
  await save(outbox);
  assert.is(written.length, 1);
  await save(outbox, true);
  outbox.journal.through = 3_000;
  await save(outbox);
  assert.is(written.length, 3, 'at the end, and after many entries');
  disk.isFull = true;
  outbox.receivers['oncall'] = createReceiverState();
  await save(outbox);
  assert.is(failed.length, 1);
  disk.isFull = false;
  await save(outbox);
  assert.match(written.at(-1) ?? '', '"oncall"', 'what could not be kept is kept at the next save');
});

test('the file is its own alone; one that cannot be read is set aside', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bmcron-outbox-'));
  const path = join(folder, 'notices.json');
  const file = createOutboxFile(path);
  assert.is(await file.read(), null);
  const outbox = createOutbox(7, NOW);
  await file.write(JSON.stringify(outbox));
  assert.is((await stat(path)).mode & 0o077, 0);
  assert.equal(await file.read(), outbox);
  for (const text of ['', '{', '[]', '{"version":1}', JSON.stringify({ ...outbox, receivers: { a: {} } })]) {
    await writeFile(path, text);
    assert.is(await file.read(), null, text);
    assert.ok(await stat(`${path}.unreadable`));
  }
  await file.remove();
  await rm(folder, { recursive: true });
});

test.run();
