import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openJournal } from '../../controller/state/journal.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { ground, result } from '../support/git-folder.ts';

test('a claim goes before what waits already; the others stay in their order, however much is appended', async () => {
  const at = ground();
  const journal = await openJournal(at.root);
  const claim: JournalRecord = {
    kind: 'claim',
    claim: {
      ...{ run: 'job@1', job: 'job', trigger: 'Schedule', nominal: 'x', start: 'x' },
      ...{ action: 'x', machines: [], commit: 'x' },
    },
  };
  const many = Array.from({ length: 1_000 }, (_, number) => journal.append([result(number)]));
  const large = journal.append(Array.from({ length: 1_000 }, (_, number) => result(number)));
  const claimed = journal.append([claim]);
  assert.ok((await claimed) < 100, `as number ${await claimed}`);
  const others = await Promise.all(many);
  assert.equal(
    others,
    [...others].sort((a, b) => a - b),
  );
  assert.is(await large, 2_001);
  let entries = 0;
  for await (const entry of journal.since(0)) entries += entry.seq > 0 ? 1 : 0;
  assert.is(entries, 2_001);
  await journal.close();
  at.remove();
});

test.run();
