// What git prints and no git should: found by npm run fuzz -- git. Nothing is made of it but an error.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Git, openGit } from '../../controller/git/command.ts';
import { GitError } from '../../controller/git/error.ts';
import { blobSizes, commitsIn, parseDifferences, parseTree, readBlobs } from '../../controller/git/tree.ts';
import { readLogs } from '../../controller/snapshot/published-logs.ts';
import { fuzzGitOutput } from '../fuzz/git-output.ts';
import { createGitFolder, GIT_ENVIRONMENT, git, workTree } from '../support/git-folder.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

/** A git that prints this, whatever it is asked. */
function saying(...outputs: string[]): Git {
  const next = () => outputs.shift() ?? '';
  return {
    folder: '/nowhere',
    bytes: () => Promise.resolve(Buffer.from(next(), 'latin1')),
    text: () => Promise.resolve(next()),
    network: () => Promise.resolve(''),
    withHelpers: () => Promise.resolve(''),
  };
}

async function failure(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error;
  }
}

const M = `:100644 100644 ${A} ${B} M`;

for (const [what, work] of [
  ['a tree that is cut off', () => parseTree(`100644 blob ${A}\ta\u0000100644 blob ${A}\tb`)],
  ['an entry without an ID', () => parseTree('100644 blob \ta\0')],
  ['an entry without a path', () => parseTree(`100644 blob ${A}\t\0`)],
  ['an entry of another shape', () => parseTree('what is this?\0')],
  ['differences that are cut off', () => parseDifferences(`${M}\0a\0${M}\0`)],
  ['a difference that is none', () => parseDifferences(`a\0${M}\0`)],
  ['a commit whose parent is none', () => commitsIn(saying(`${A} nonsense\n`), ['x'])],
  ['a change of another shape', () => commitsIn(saying(`${A}\n`, `${A}\0:nonsense\0a\0`), ['x'])],
  ['a change without a path', () => commitsIn(saying(`${A}\n`, `${A}\0${M}\0`), ['x'])],
  ['a blob that nobody asked for', () => readBlobs(saying(`${B} blob 1\nx\n`), [A])],
  ['a blob of a size below nothing', () => readBlobs(saying(`${A} blob -60\n${'x'.repeat(80)}\n`), [A])],
  ['a blob of more than there is', () => readBlobs(saying(`${A} blob 99\nx\n`), [A])],
  ['a blob that is a tree', () => readBlobs(saying(`${A} tree 1\nx\n`), [A])],
  ['fewer blobs than were asked for', () => readBlobs(saying(`${A} blob 1\nx\n`), [A, B])],
  ['more blobs than were asked for', () => readBlobs(saying(`${A} blob 1\nx\n${B} blob 1\nx\n`), [A])],
  ['a blob that is missing', () => readBlobs(saying(`${A} missing\n`), [A])],
  ['a size that is none', () => blobSizes(saying(`${A} x\n`), [A])],
  ['a size beyond all numbers', () => blobSizes(saying(`${A} 99999999999999999999\n`), [A])],
  ['the size of something else', () => blobSizes(saying(`${B} 1\n`), [A])],
  ['the size of something that is missing', () => blobSizes(saying(`${A} missing\n`), [A])],
] as const) {
  test(`#20 git prints ${what}: an error`, async () => assert.instance(await failure(work), GitError));
}

test('#20 of no objects nothing is asked: an empty line is no name', async () => {
  const mute = saying('\n missing\n', ' missing\n');
  assert.equal([...(await blobSizes(mute, []))], []);
  assert.equal([...(await readBlobs(mute, []))], []);
});

test('#20 sizes are numbers, and of what was asked for alone: their sum is one', async () => {
  assert.equal(
    [...(await blobSizes(saying(`${A} 1\n${B} 2\n`), [A, B]))],
    [
      [A, 1],
      [B, 2],
    ],
  );
});

test('#20 a day with more logs than a page can show is not read', async () => {
  const at = createGitFolder();
  const log = (day: string) => `logs/2026/03/${day}/job_machine_PatchProfile_202603${day}_220000_success.json`;
  const fleet = workTree(at.path('fleet'), { [log('10')]: 'x'.repeat(33 << 20), [log('11')]: 'small' });
  const asked: string[] = [];
  const plain = openGit(`${fleet}/.git`, GIT_ENVIRONMENT, fleet);
  const bytes: Git['bytes'] = (args, options) => {
    asked.push(String(options?.input ?? ''));
    return plain.bytes(args, options);
  };
  await readLogs({ ...plain, bytes }, git(fleet, 'rev-parse', 'HEAD'), '', ['2026/03/11', '2026/03/10'], () => true);
  assert.equal(asked, [`${git(fleet, 'rev-parse', `HEAD:${log('11')}`)}\n`]);
  at.remove();
});

test('#20 odd names, and outputs that were changed', async () => {
  assert.ok(await fuzzGitOutput({ seed: 20, seconds: 3 }));
});

test.run();
