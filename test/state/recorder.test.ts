import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createRecorder } from '../../controller/state/recorder.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { createFakeClock } from '../support/clock.ts';

const START = '2026-03-10T10:00:00Z';
const settled = async () => {
  for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate);
};

/** A recorder on a disk that is full, or slow: then what is appended waits for `release`. */
function createDisk() {
  const disk = { isFull: false, isSlow: false, release: () => {}, written: [] as string[], failed: [] as string[] };
  const clock = createFakeClock(START);
  const { record, missing } = createRecorder({
    clock,
    facts: (path): JournalRecord => ({ kind: 'status', path, documents: [] }),
    async append(records) {
      if (disk.isSlow) await new Promise<void>((resolve) => Object.assign(disk, { release: resolve }));
      if (disk.isFull) throw new Error('ENOSPC');
      for (const each of records) if (each.kind === 'status') disk.written.push(each.path);
    },
    recorded: () => undefined,
    failed: (file) => void disk.failed.push(file),
  });
  return { disk, clock, record, missing };
}

test('R40 facts are durable, and that is said', async () => {
  const { disk, record } = createDisk();
  assert.is(await record(['a', 'b', 'a']), true);
  assert.equal(disk.written, ['a', 'b']);
  assert.is(await record([]), true);
});

test('R40 on a full disk facts wait, that is said, and they are written ten seconds later', async () => {
  const { disk, clock, record } = createDisk();
  disk.isFull = true;
  assert.is(await record(['a']), false);
  assert.equal(disk.failed, ['a']);
  disk.isFull = false;
  clock.advance(new Date('2026-03-10T10:00:09.999Z'));
  await settled();
  assert.equal(disk.written, []);
  clock.advance(new Date('2026-03-10T10:00:10Z'));
  await settled();
  assert.equal(disk.written, ['a']);
});

test('R30 R40 what waits is written with whatever comes next, even when nothing does', async () => {
  for (const next of [['b'], []]) {
    const { disk, record } = createDisk();
    disk.isFull = true;
    await record(['a']);
    disk.isFull = false;
    assert.is(await record(next), true);
    assert.equal(disk.written, ['a', ...next]);
  }
});

test('R40 what another is still writing is not durable yet', async () => {
  const { disk, record } = createDisk();
  disk.isSlow = true;
  const first = record(['a']);
  assert.is(await record([]), false);
  disk.release();
  assert.is(await first, true);
});

test('R23 R40 a claim takes along what a new job lacks, and what could not be written', async () => {
  const { disk, clock, record, missing } = createDisk();
  const asked = () => [missing('a', false).length, missing('a', true).length];
  assert.equal(asked(), [0, 0]);
  disk.isSlow = true;
  const recording = record(['a']);
  assert.equal(asked(), [1, 0], 'on its way: a claim may overtake it');
  disk.release();
  await recording;
  assert.equal(asked(), [0, 0], 'durable');
  Object.assign(disk, { isSlow: false, isFull: true });
  await record(['a']);
  assert.equal(asked(), [1, 1], 'not written');
  disk.isFull = false;
  clock.advance(new Date('2026-03-10T10:00:10Z'));
  await settled();
  assert.equal(asked(), [0, 0]);
});

test.run();
