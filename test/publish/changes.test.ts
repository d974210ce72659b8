import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openGit } from '../../controller/git/command.ts';
import {
  type CommitBase,
  changesetOn,
  withOwnNames,
  withoutRepeats,
  writtenThrough,
} from '../../controller/publish/changes.ts';
import { blobID } from '../../controller/publish/commit.ts';
import { toRestore } from '../../controller/publish/tip.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { createGitFolder, GIT_ENVIRONMENT, git, result, status, workTree } from '../support/git-folder.ts';

const DAY = 'logs/2026/03/10';
const LOG = `${DAY}/job_machine_PatchProfile_20260310_000001_success.json`;
const SECOND = LOG.replace('.json', '_2.json');
const THIRD = LOG.replace('.json', '_3.json');
const SEGMENT = `${DAY}/mine-4-5.ndjson`;
const SEGMENT_2 = `${DAY}/mine-4-5_2.ndjson`;
const MINE = '.bmcron/mine.json';
const THEIRS = '.bmcron/theirs.json';

/** A tip with these files; a value that is no text is a mode. */
function base(files: Readonly<Record<string, string>>, more: Partial<CommitBase> = {}): CommitBase {
  const entries = Object.entries(files).map(([path, text]) => {
    const isMode = /^\d{6}$/.test(text);
    return [path, { mode: isMode ? text : '100644', id: blobID(text, 40) }] as const;
  });
  return { entries: new Map(entries), prefix: '', journalID: 'mine', hi: 0, unsure: false, ...more };
}

for (const [name, tip, files, restored, expected] of [
  ['#20.8 somebody’s file has that name already', { [LOG]: 'other' }, { [LOG]: 'text' }, [], [SECOND]],
  ['another controller has a log of that name', { [LOG]: 'other', [THEIRS]: '' }, { [LOG]: 'text' }, [], [SECOND]],
  ['#20.8 so has one beside this one’s own', { [LOG]: 'other', [MINE]: '' }, { [LOG]: 'text' }, [], [SECOND]],
  ['nobody has it, and it is free', { [MINE]: '' }, { [LOG]: 'text' }, [], [LOG]],
  ['it is there already', { [LOG]: 'text', [THEIRS]: '' }, { [LOG]: 'text' }, [], [LOG]],
  [
    'it is there already, under another number',
    { [LOG]: 'other', [SECOND]: 'text', [THEIRS]: '' },
    { [LOG]: 'text' },
    [],
    [SECOND],
  ],
  ['the next number is taken too', { [LOG]: 'other', [SECOND]: 'other', [THEIRS]: '' }, { [LOG]: 'text' }, [], [THIRD]],
  [
    'the next number is this commit’s own',
    { [LOG]: 'other', [THEIRS]: '' },
    { [LOG]: 'text', [SECOND]: 'more' },
    [],
    [THIRD, SECOND],
  ],
  ['#20.8 so has a segment', { [SEGMENT]: 'other' }, { [SEGMENT]: 'text' }, [], [SEGMENT_2]],
  [
    '#20.8 a segment is there already, under another number',
    { [SEGMENT]: 'x', [SEGMENT_2]: 'text' },
    { [SEGMENT]: 'text' },
    [],
    [SEGMENT_2],
  ],
  ['people changed it: it is put right', { [LOG]: 'other', [THEIRS]: '' }, { [LOG]: 'text' }, [LOG], [LOG]],
  ['a link is in the way', { [LOG]: '120000', [THEIRS]: '' }, { [LOG]: 'text' }, [], [LOG]],
] as const) {
  test(`R33: ${name}`, () => {
    const own = withOwnNames(new Map(Object.entries(files)), base(tip), new Map(restored.map((path) => [path, ''])));
    assert.equal([...own.keys()], expected);
  });
}

for (const [name, records, conflicts, expected] of [
  ['no conflict: all of them', [status('a', 1), result(1), { kind: 'overview' }], [], 13],
  ['no entries: what was', [], [], 10],
  ['a status file', [status('a', 1), status('b', 1), result(1)], ['jobs/b.status.yaml'], 11],
  ['a log', [status('a', 1), result(1)], [LOG], 11],
  ['a path of none of them', [status('a', 1), result(2)], [LOG], 12],
  ['a segment holds back all results', [status('a', 1), result(1), result(2)], [SEGMENT], 11],
] as const) {
  test(`a conflict holds back what comes after it: ${name}`, () => {
    const entries = (records as readonly JournalRecord[]).map((record, index) => ({ seq: 11 + index, record }));
    assert.is(writtenThrough(entries, conflicts, entries.at(-1)?.seq ?? 10), expected);
  });
}

for (const [name, tip, files, restored, expected] of [
  ['a new file', {}, { a: '1' }, {}, { changes: ['a'] }],
  ['a file that is so already', { a: '1' }, { a: '1' }, {}, { changes: [] }],
  ['a file that differs', { a: '1' }, { a: '2' }, {}, { changes: ['a'] }],
  ['one that goes', { a: '1' }, { a: null }, {}, { changes: ['a'] }],
  ['one that is gone already', {}, { a: null }, {}, { changes: [] }],
  ['one that runs becomes one that does not', { a: '100755' }, { a: '100755' }, {}, { changes: ['a'] }],
  ['a link is in the way', { a: '120000' }, { a: '1', b: '1' }, {}, { changes: ['b'], conflicts: ['a'] }],
  ['a file is where a folder is needed', { 'a/b': '100644' }, { 'a/b/c': '1' }, {}, { conflicts: ['a/b/c'] }],
  [
    'segments are written all or none',
    { a: '120000' },
    { 'a/1.ndjson': '1', 'b/2.ndjson': '2', c: '3' },
    {},
    { changes: ['c'], conflicts: ['a/1.ndjson'] },
  ],
  ['what others changed is put right', { a: '1' }, {}, { a: '2' }, { changes: ['a'], overridden: ['a'] }],
  ['what is right already is not', { a: '2' }, {}, { a: '2' }, { changes: [] }],
  ['a newer text counts before the old one', { a: '1' }, { a: '3' }, { a: '2' }, { changes: ['a'], overridden: ['a'] }],
] as const) {
  test(`R37: ${name}`, async () => {
    const objects = Object.entries(restored).map(([path, text]) => [path, blobID(text, 40)] as const);
    const wanted = {
      files: new Map<string, string | null>(Object.entries(files)),
      restored: new Map(objects),
      old: [],
    };
    const found = await changesetOn(base(tip), wanted);
    assert.equal(
      { ...found, changes: found.changes.map(({ path }) => path) },
      { changes: [], conflicts: [], overridden: [], ...expected },
    );
  });
}

for (const [name, tip, path, shared, expected] of [
  ['a log', {}, LOG, true, true],
  ['a status file whose manifest is there', { 'jobs/a.yaml': '' }, 'jobs/a.status.yaml', true, true],
  ['one that went with its manifest', {}, 'jobs/a.status.yaml', true, false],
  ['one that is there, without a manifest', { 'jobs/a.status.yaml': '' }, 'jobs/a.status.yaml', true, true],
  ['one on a branch of its own', {}, 'jobs/a.status.yaml', false, true],
] as const) {
  test(`R37: ${name} is ${expected ? '' : 'not '}put back`, () => {
    const restored = toRestore(new Map([[path, 'id']]), base(tip).entries, '', shared);
    assert.equal([...restored.keys()], expected ? [path] : []);
  });
}

for (const [name, segment, more, expected] of [
  ['another’s segment, and no doubt', 'theirs-1-3', {}, 'a\nb\n'],
  ['the journal was set back', 'theirs-1-3', { unsure: true }, 'b\n'],
  ['its own beyond the watermark', 'mine-1-3', { hi: 2 }, 'b\n'],
  ['its own below the watermark', 'mine-1-3', { hi: 3 }, 'a\nb\n'],
] as const) {
  test(`a record is in one segment: ${name}`, async () => {
    const at = createGitFolder();
    const folder = workTree(at.path('fleet'), { [`${DAY}/${segment}.ndjson`]: 'a\n' });
    const id = git(folder, 'rev-parse', `HEAD:${DAY}/${segment}.ndjson`);
    const tip = base({}, { ...more, entries: new Map([[`${DAY}/${segment}.ndjson`, { mode: '100644', id }]]) });
    const repository = openGit(`${folder}/.git`, GIT_ENVIRONMENT, folder);
    const files = await withoutRepeats(repository, new Map([[SEGMENT, 'a\nb\n']]), tip);
    assert.is(files.get(SEGMENT), expected);
    at.remove();
  });
}

test.run();
