import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GitEvent } from '../../controller/events/git-event.ts';
import { type Journal, JournalError, openJournal } from '../../controller/state/journal.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import type { Outcome } from '../../definitions/run.ts';
import { createGitFolder, result, status } from '../support/git-folder.ts';

async function numbers(journal: Journal, after = 0): Promise<number[]> {
  const list: number[] = [];
  for await (const { seq } of journal.since(after)) list.push(seq);
  return list;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^\d+\.ndjson$/.test(name))
    .sort();
}

function claim(run: string, machines: readonly string[] = []): JournalRecord {
  const about = { job: 'job', trigger: 'Schedule', nominal: 'x', start: 'x', action: 'x', commit: 'x' } as const;
  return { kind: 'claim', claim: { run, machines, ...about } };
}

function finish(run: string): JournalRecord {
  return { kind: 'finish', run, job: 'job', end: 'x', succeeded: 1, failed: [], failures: 0 };
}

/** Three records in a journal that was closed, and the file that holds them. */
async function three(folder: string): Promise<string> {
  const journal = await openJournal(folder);
  for (const number of [1, 2, 3]) await journal.append([result(number)]);
  await journal.close();
  return join(folder, filesIn(folder)[0] ?? '');
}

test('appends are numbered, durable and replayed', async () => {
  const at = createGitFolder();
  const journal = await openJournal(at.root);
  const last = await Promise.all([journal.append([result(1), result(2)]), journal.append([status('a', 1)])]);
  assert.equal(last, [2, 3]);
  const again = await openJournal(at.root);
  assert.is(again.last, 3);
  assert.is(again.id, journal.id);
  assert.equal(await numbers(again), [1, 2, 3]);
  assert.equal(await numbers(again, 2), [3]);
  for await (const { record } of again.since(2)) assert.equal(record, status('a', 1));
  await Promise.all([journal.close(), again.close()]);
  at.remove();
});

test('a claim goes before what waits already; the others stay in their order, however much is appended', async () => {
  const at = createGitFolder();
  const journal = await openJournal(at.root);
  const many = Array.from({ length: 1_000 }, (_, number) => journal.append([result(number)]));
  const large = journal.append(Array.from({ length: 1_000 }, (_, number) => result(number)));
  const claimed = journal.append([claim('job@1')]);
  assert.ok((await claimed) < 100, `as number ${await claimed}`);
  const others = await Promise.all(many);
  assert.equal(
    others,
    [...others].sort((a, b) => a - b),
  );
  assert.is(await large, 2_001);
  assert.is((await numbers(journal)).length, 2_001);
  await journal.close();
  at.remove();
});

test('what is durable is heard in order, before the appender goes on; what is not durable is not heard', async () => {
  const at = createGitFolder();
  const heard: number[] = [];
  const records: JournalRecord[] = [];
  const journal = await openJournal(at.root, {
    onAppend(entries) {
      assert.is(entries.at(-1)?.seq, journal.last);
      for (const { seq, record } of entries) {
        heard.push(seq);
        records.push(record);
      }
    },
  });
  const appended = [journal.append([result(1), result(2)]), journal.append([status('a', 1)])];
  assert.equal(heard, []);
  for (const each of appended) assert.ok(heard.includes(await each));
  await journal.append([claim('job@1')]);
  assert.equal(heard, [1, 2, 3, 4]);
  assert.equal(records, [result(1), result(2), status('a', 1), claim('job@1')]);
  await journal.close();
  assert.instance(await journal.append([result(3)]).catch((error) => error), JournalError);
  assert.equal(heard, [1, 2, 3, 4]);
  at.remove();
});

for (const [name, tear, kept, events] of [
  ['half a line', (file: string) => truncateSync(file, statSync(file).size - 5), 2, 1],
  ['a whole line', (file: string) => truncateSync(file, readFileSync(file).lastIndexOf(0x0a, -2) + 1), 2, 0],
  ['garbage behind', (file: string) => appendFileSync(file, Buffer.from([0, 255, 10, 7, 10, 9])), 3, 1],
  ['zeros behind', (file: string) => appendFileSync(file, Buffer.alloc(4_096)), 3, 1],
  ['a flipped bit in the last line', (file: string) => flip(file, -10), 2, 1],
  ['everything', (file: string) => writeFileSync(file, 'nonsense'), 0, 1],
] as const) {
  test(`F16: a tail torn by ${name} is cut to the last good record`, async () => {
    const at = createGitFolder();
    tearAndReport(await three(at.root), tear);
    const seen: GitEvent[] = [];
    const journal = await openJournal(at.root, { observe: (event) => seen.push(event) });
    assert.is(journal.last, kept);
    assert.is(await journal.append([result(9)]), kept + 1);
    await journal.close();
    const again = await openJournal(at.root, { observe: (event) => seen.push(event) });
    assert.is(seen.filter(({ kind }) => kind === 'JournalRepaired').length, events, 'once, and for good');
    assert.equal(
      await numbers(again),
      [...Array(kept + 1).keys()].map((index) => index + 1),
    );
    await again.close();
    at.remove();
  });
}

function tearAndReport(file: string, tear: (file: string) => void): void {
  const before = readFileSync(file);
  tear(file);
  assert.not.equal(readFileSync(file), before);
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  const index = bytes.length + at;
  bytes[index] = (bytes[index] ?? 0) ^ 4;
  writeFileSync(file, bytes);
}

test('F16: a bit flipped in an early record loses that one alone, and is told', async () => {
  const at = createGitFolder();
  const file = await three(at.root);
  const bytes = readFileSync(file);
  flip(file, 40 - bytes.length);
  const seen: GitEvent[] = [];
  const journal = await openJournal(at.root, { observe: (event) => seen.push(event) });
  assert.equal(await numbers(journal), [2, 3]);
  assert.equal(
    seen.map(({ kind }) => kind),
    ['JournalDamaged'],
  );
  assert.is(await journal.append([result(4)]), 4);
  assert.equal(await numbers(journal, 1), [2, 3, 4]);
  assert.is(await journal.digest(1), null);
  await journal.close();
  at.remove();
});

test('many files: replay goes over all of them, pruning keeps the latest statuses', async () => {
  const at = createGitFolder();
  const journal = await openJournal(at.root, { fileBytes: 500 });
  for (let round = 1; round <= 10; round += 1) await journal.append([result(round), status('a', round)]);
  await journal.append([status('b', 1)]);
  assert.equal(
    await numbers(journal),
    [...Array(21).keys()].map((index) => index + 1),
  );
  const before = filesIn(at.root).length;
  assert.ok(before > 3);
  const digest = await journal.digest(18);
  await journal.prune(18, new Date(0));
  assert.is(filesIn(at.root).length, before, 'too young to go');
  await journal.prune(18, new Date(Date.now() + 60_000));
  assert.ok(filesIn(at.root).length < before);
  assert.ok(journal.pruned > 0 && journal.pruned < 18);
  assert.is(await journal.digest(18), digest, 'the entry at the watermark proves whose journal it is');
  const left = await numbers(journal);
  assert.is(left.filter((seq) => seq <= journal.pruned).length, 1, 'the last status of those that went');
  assert.equal(left.at(-1), 21);
  await journal.close();
  const again = await openJournal(at.root);
  assert.is(again.pruned, journal.pruned);
  assert.equal(await numbers(again), left);
  await again.close();
  at.remove();
});

test('a start reads statuses in force, open runs and the newest entries, however long the journal is', async () => {
  const at = createGitFolder();
  const journal = await openJournal(at.root, { fileBytes: 2_000 });
  await journal.append([claim('job@1'), result(1), status('old', 1)]);
  for (let number = 2; number <= 60; number += 1) {
    await journal.append([claim(`job@${number}`), result(number), finish(`job@${number}`), status('a', number)]);
  }
  await journal.close();
  const again = await openJournal(at.root);
  const replayed = new Map<number, JournalRecord>();
  for await (const { seq, record } of again.replay()) replayed.set(seq, record);
  assert.ok(replayed.size < 60, `${replayed.size} of ${again.last}`);
  assert.equal(replayed.get(1), claim('job@1'));
  assert.equal(replayed.get(2), result(1));
  assert.equal(replayed.get(3), status('old', 1));
  assert.equal(replayed.get(again.last), status('a', 60));
  assert.equal(
    await numbers(again),
    [...Array(again.last).keys()].map((index) => index + 1),
  );
  await again.close();
  at.remove();
});

test('F15: room for a run is asked of the disk, and a failed write leaves no half line', async () => {
  const at = createGitFolder();
  let free = 1e12;
  const journal = await openJournal(at.root, { freeBytes: () => Promise.resolve(free) });
  assert.ok(await journal.hasRoom(1_000));
  free = 20 << 20;
  assert.ok(await journal.hasRoom(1));
  assert.not.ok(await journal.hasRoom(1_000));
  free = 17 << 20;
  assert.ok(await journal.hasRoom(16));
  const machines = Array.from({ length: 10 }, (_, index) => `m${index}`);
  await journal.append([claim('job@9', machines)]);
  assert.not.ok(await journal.hasRoom(16), 'a run that goes on has its part');
  assert.ok(await journal.hasRoom(6));
  await journal.append(machines.map((_, index) => result(100 + index)));
  assert.ok(await journal.hasRoom(16), 'and gives it back');
  free = 0;
  assert.not.ok(await journal.hasRoom(0));
  await journal.append([result(1)]);
  await journal.close();
  const refused = await journal.append([result(2)]).catch((error) => error);
  assert.instance(refused, JournalError);
  const again = await openJournal(at.root);
  assert.equal(
    await numbers(again),
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
  await again.close();
  at.remove();
});

test('R51 a checkpoint keeps what guards count: the latest of a class on each machine, and the breaker', async () => {
  const at = createGitFolder();
  const journal = await openJournal(at.root, { fileBytes: 2_000 });
  const fans = (machine: string, time: string, outcome: Outcome = 'Applied'): JournalRecord => ({
    kind: 'result',
    run: `fans@${time}`,
    outcome,
    path: `logs/${machine}-${time}.json`,
    log: {
      JobID: 'fans',
      MachineID: machine,
      Action: 'PatchFanZone',
      Status: 'success',
      Timestamp: time,
      ExecutionTime: '1.000s',
      Result: null,
      Error: null,
    },
  });
  await journal.append([
    fans('m-old', '2026-01-01T00:00:00Z'),
    fans('m1', '2026-03-10T10:00:00Z'),
    fans('m1', '2026-03-10T11:00:00Z'),
    fans('m2', '2026-03-10T11:00:00Z', 'Unchanged'),
    { kind: 'safety', breaker: { opened: '2026-03-10T11:00:00Z', resumed: null }, guards: null },
  ]);
  for (let n = 1; n <= 60; n += 1) await journal.append([status('a', n)]);
  await journal.close();
  const again = await openJournal(at.root);
  const kept: number[] = [];
  for await (const { seq, record } of again.replay()) if (record.kind !== 'status') kept.push(seq);
  assert.equal(kept, [3, 5]);
  await again.close();
  at.remove();
});

test.run();
