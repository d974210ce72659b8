import { constants, promises, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createGitFolder, status } from '../support/git-folder.ts';

// A power cut cannot be had in a test. What can be seen is the order in which the system is asked for durability: all
// that the program asks of files is recorded here on its way to the real ones. The modules are loaded afterwards.
const asked: string[] = [];
const real = { open: promises.open, rename: promises.rename, rm: promises.rm };

function name(path: unknown): string {
  return basename(String(path)).replace(/\.\d+\.tmp$/, '.tmp');
}

promises.open = async (path, flags, ...rest) => {
  const handle = await real.open(path, flags, ...rest);
  /** Each write through it is over when the disk has it. */
  const isDurable = typeof flags === 'number' && (flags & constants.O_DSYNC) !== 0;
  for (const does of ['sync', 'datasync', 'writeFile', 'write'] as const) {
    const really = handle[does].bind(handle) as (...args: unknown[]) => Promise<unknown>;
    const seen = async (...args: unknown[]) => {
      const done = await really(...args);
      asked.push(`${does} ${name(path)}`);
      if (does === 'write' && isDurable) asked.push(`datasync ${name(path)}`);
      return done;
    };
    Object.assign(handle, { [does]: seen });
  }
  return handle;
};
promises.rename = async (from, to) => {
  await real.rename(from, to);
  asked.push(`rename ${name(from)} ${name(to)}`);
};
promises.rm = async (path, options) => {
  await real.rm(path, options);
  asked.push(`rm ${name(path)}`);
};
syncBuiltinESMExports();

const { makeFolder, writeAtomically } = await import('../../controller/state/atomic-file.ts');
const { openJournal } = await import('../../controller/state/journal.ts');

/** What was asked since the last time. */
function news(): string[] {
  return asked.splice(0);
}

test('a file is replaced so that a power cut leaves the old one or the new one', async () => {
  const at = createGitFolder();
  await makeFolder(at.path('folder'));
  news();
  await writeAtomically(at.path('folder', 'file'), 'text');
  assert.equal(news(), ['writeFile file.tmp', 'sync file.tmp', 'rename file.tmp file', 'sync folder']);
  at.remove();
});

test('the name of a new journal is durable before anything is called by it', async () => {
  const at = createGitFolder();
  news();
  const journal = await openJournal(at.path('state', 'journal'));
  const named = ['writeFile id.tmp', 'sync id.tmp', 'rename id.tmp id', 'sync journal'];
  const folders = [`sync ${basename(at.root)}`, 'sync state'];
  assert.equal(news(), [...folders, ...named, 'sync journal'], 'so are the folders above it, and its first file');
  await journal.renew();
  assert.equal(news(), named);
  await journal.close();
  at.remove();
});

test('an append is over when the disk has it, and so is a new file of the journal', async () => {
  const at = createGitFolder();
  const journal = await openJournal(at.path('journal'), { fileBytes: 1 });
  news();
  await journal.append([status('a', 1)]);
  assert.equal(news(), ['write 000000000001.ndjson', 'datasync 000000000001.ndjson']);
  await journal.append([status('a', 2)]);
  const second = news().filter((line) => !line.includes('checkpoint'));
  assert.equal(second.slice(0, 3), ['sync journal', 'write 000000000002.ndjson', 'datasync 000000000002.ndjson']);
  await journal.close();
  at.remove();
});

test('an old checkpoint goes when the new one is durable', async () => {
  const at = createGitFolder();
  const journal = await openJournal(at.path('journal'), { fileBytes: 1 });
  for (let count = 1; count <= 4; count += 1) await journal.append([status('a', count)]);
  await journal.close();
  const lines = news().filter((line) => line.includes('checkpoint') || line === 'sync journal');
  const removed = lines.findIndex((line) => line.startsWith('rm checkpoint'));
  const made = lines.slice(0, removed).findLastIndex((line) => line.startsWith('rename checkpoint'));
  assert.ok(removed > 0 && lines.slice(made, removed).includes('sync journal'), lines.join('\n'));
  at.remove();
});

test('#20 a folder that takes none is a failure and not tried for ever; one that is there is none', async () => {
  const at = createGitFolder();
  for (const place of ['/proc/bmcron/state', at.path('file', 'inside')]) {
    writeFileSync(at.path('file'), 'x');
    const { code } = await makeFolder(place).then(
      () => ({ code: 'made' }),
      (error: NodeJS.ErrnoException) => error,
    );
    assert.match(code ?? '', /^(ENOENT|ENOTDIR|EACCES|EPERM)$/);
  }
  await makeFolder(at.path('a', 'b'));
  await makeFolder(at.path('a', 'b'));
  at.remove();
});

test.run();
