import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type TriggerOptions, trigger } from '../../controller/cli/trigger.ts';
import { own } from '../../definitions/values/json.ts';
import { parse } from '../../definitions/yaml/document.ts';
import { withTrigger } from '../../definitions/yaml/edit.ts';
import { createFakeClock } from '../support/clock.ts';
import { commit, createGitFolder, GIT_ENVIRONMENT, git, remoteAndClone, workTree } from '../support/git-folder.ts';
import { job, machines, sink } from '../support/pull-request.ts';

const TOKEN = '20260310T120000Z-beef';
const JSON_TEXT = JSON.stringify({ Name: 'J', Action: 'PatchProfile', Machines: ['m1'] }, null, 2);

interface Case {
  readonly name: string;
  readonly text: string;
  readonly document?: number;
  /** The line that is new, or the one that takes another's place. */
  readonly line: string;
}

const CASES: readonly Case[] = [
  {
    name: 'a new field, after Action',
    text: '# top\nName: a\nAction: PatchProfile # why\n# about Payload\nPayload: {}\n',
    line: `Trigger: ${TOKEN}`,
  },
  {
    name: 'a token takes the place of another, comment and all',
    text: 'Name: a\nTrigger:   old-1   # asked by Ada\nAction: x\n',
    line: `Trigger:   ${TOKEN}   # asked by Ada`,
  },
  { name: 'double quotes stay', text: 'Trigger: "old"\nAction: x\n', line: `Trigger: "${TOKEN}"` },
  { name: 'single quotes stay', text: "Action: x\nTrigger: 'old'\n", line: `Trigger: '${TOKEN}'` },
  { name: 'CRLF stays', text: 'Name: a\r\nAction: x\r\nMachines: [m]\r\n', line: `Trigger: ${TOKEN}\r` },
  { name: 'a byte order mark stays', text: '\ufeffAction: x\nName: a\n', line: `Trigger: ${TOKEN}` },
  { name: 'no line break at the end', text: 'Name: a\nAction: x', line: `Trigger: ${TOKEN}` },
  {
    name: 'the second document',
    text: '---\n# one\nAction: x\nTrigger: mine\n---\n\n---\nAction: x\nTrigger: theirs # two\n...\n',
    document: 1,
    line: `Trigger: ${TOKEN} # two`,
  },
  { name: 'an indented mapping', text: '---\n  Name: a\n  Action: x\n  Machines: [m]\n', line: `  Trigger: ${TOKEN}` },
  { name: 'a value on the next line', text: 'Action:\n  x\nName: a\n', line: `Trigger: ${TOKEN}` },
  { name: 'JSON over several lines', text: `${JSON_TEXT}\n`, line: `  "Trigger": "${TOKEN}",` },
  {
    name: 'JSON on one line',
    text: '{"Name": "a", "Action": "x"}\n',
    line: `{"Name": "a", "Trigger": "${TOKEN}", "Action": "x"}`,
  },
  {
    name: 'a flow mapping',
    text: '{ Name: a, Action: x } # short\n',
    line: `{ Name: a, Trigger: ${TOKEN}, Action: x } # short`,
  },
  {
    name: 'a Trigger inside a text is none',
    text: 'Name: |\n  Trigger: no\n  Action: no\nAction: x\nMachines: [m]\n',
    line: `Trigger: ${TOKEN}`,
  },
  { name: 'quoted keys', text: '"Name": a\n"Action": "x"\n"Machines": [m]\n', line: `"Trigger": "${TOKEN}"` },
];

for (const { name, text, document = 0, line } of CASES) {
  test(`one line: ${name}`, () => {
    const edited = withTrigger(text, document, TOKEN);
    assert.ok(edited !== null);
    const [before, after] = [text.split('\n'), (edited ?? '').split('\n')];
    const at = after.findIndex((each, index) => each !== before[index]);
    assert.is(after[at], line);
    const rest = before.length === after.length ? before.toSpliced(at, 1) : before;
    assert.equal(after.toSpliced(at, 1), rest, 'every other line is as it was');
    assert.is(own(parse(Buffer.from(edited ?? ''))[document]?.value, 'Trigger'), TOKEN);
  });
}

for (const [name, text] of [
  ['a Trigger that is an alias', 'Name: &n a\nTrigger: *n\nAction: x\n'],
  ['not YAML', 'Action: [\n'],
  ['a list', '- Action: x\n'],
] as const) {
  test(`one line is not enough: ${name}`, () => assert.is(withTrigger(text, 0, TOKEN), null));
}

const at = createGitFolder();
test.after(() => at.remove());
const FILES = {
  'machines/all.yaml': machines(1),
  'jobs/nightly.yaml': `# keep me\n${job()}`,
  'jobs/other.yaml': job({ time: '03:00:00' }),
};
const PERSON = {
  GIT_AUTHOR_NAME: 'Bo',
  GIT_AUTHOR_EMAIL: 'bo@example.com',
  GIT_COMMITTER_NAME: 'Bo',
  GIT_COMMITTER_EMAIL: 'bo@example.com',
};
let made = 0;

async function triggered(folder: string, options: Partial<TriggerOptions> = {}) {
  const [out, err] = [sink(), sink()];
  const environment = { ...GIT_ENVIRONMENT, ...PERSON };
  const given = {
    folder,
    job: 'nightly',
    format: 'json' as const,
    push: true,
    environment,
    wait: false,
    timeoutMs: 0,
    clock: createFakeClock('2026-03-10T12:00:00Z'),
  };
  const code = await trigger({ ...given, ...options, out, err });
  const told = (code === 0 ? JSON.parse(out.text) : {}) as { job: string; token: string; commit: string };
  return { code, told, err: err.text };
}

function pair() {
  made += 1;
  return remoteAndClone({ ...at, path: (...parts: string[]) => at.path(`${made}-${parts.join('-')}`) }, FILES);
}

const shown = (folder: string, ref: string) => git(folder, 'show', '--format=%an %s', '--numstat', ref);

test('R28 trigger: one line is committed by its person, pushed, and brought to the work tree', async () => {
  const { bare, human } = pair();
  const { code, told } = await triggered(human);
  assert.is(code, 0);
  assert.match(told.token, /^20260310T120000Z-[0-9a-f]{4}$/);
  assert.is(told.job, 'nightly');
  assert.is(git(bare, 'rev-parse', 'main'), told.commit);
  assert.is(shown(bare, 'main'), 'Bo Trigger nightly\n\n1\t0\tjobs/nightly.yaml');
  assert.is(git(human, 'rev-parse', 'main'), told.commit);
  assert.is(git(human, 'status', '--porcelain'), '');
  assert.match(readFileSync(join(human, 'jobs/nightly.yaml'), 'utf8'), `\nTrigger: ${told.token}\n`);
});

test('trigger: a remote that has moved keeps what others pushed, and local work is left alone', async () => {
  const { bare, human } = pair();
  const other = at.path(`${made}-other`);
  git(at.root, 'clone', '--quiet', bare, other);
  commit(other, { 'jobs/theirs.yaml': job({ time: '04:00:00' }) });
  git(other, 'push', '--quiet');
  commit(human, { 'jobs/mine.yaml': job({ time: '05:00:00' }) }, 'not pushed');
  writeFileSync(join(human, 'jobs/nightly.yaml'), `${FILES['jobs/nightly.yaml']}# an edit\n`);
  const { code, told, err } = await triggered(human);
  assert.is(code, 0);
  assert.match(err, 'git pull');
  assert.is(shown(bare, told.commit), 'Bo Trigger nightly\n\n1\t0\tjobs/nightly.yaml');
  assert.equal(git(bare, 'log', '--format=%s', 'main').split('\n'), ['Trigger nightly', 'change', 'begin']);
  assert.is(git(human, 'log', '-1', '--format=%s'), 'not pushed');
  assert.match(readFileSync(join(human, 'jobs/nightly.yaml'), 'utf8'), '# an edit');
});

test('trigger: somebody who pushes in between is a reason to try again, and loses nothing', async () => {
  const { bare, human } = pair();
  const [other, flag] = [at.path(`${made}-other`), at.path(`${made}-flag`)];
  git(at.root, 'clone', '--quiet', bare, other);
  const theirs = commit(other, { 'jobs/theirs.yaml': job({ time: '04:00:00' }) });
  git(other, 'push', '--quiet', 'origin', `${theirs}:refs/heads/side`);
  // The first push is refused, as a race refuses it: the branch has become another meanwhile.
  const hook = `#!/bin/sh\n[ -e '${flag}' ] && exit 0\ntouch '${flag}'\nunset GIT_QUARANTINE_PATH\ngit update-ref refs/heads/main ${theirs}\nexit 1\n`;
  writeFileSync(join(bare, 'hooks/pre-receive'), hook, { mode: 0o755 });
  const { code, told } = await triggered(human);
  assert.is(code, 0);
  assert.ok(existsSync(flag));
  assert.equal(git(bare, 'log', '--format=%s', told.commit).split('\n'), ['Trigger nightly', 'change', 'begin']);
});

test('trigger: a remote that refuses is told, after one attempt', async () => {
  const { bare, human } = pair();
  const count = at.path(`${made}-count`);
  writeFileSync(
    join(bare, 'hooks/pre-receive'),
    `#!/bin/sh\necho x >> '${count}'\necho 'main is protected' >&2\nexit 1\n`,
    { mode: 0o755 },
  );
  const { code, err } = await triggered(human);
  assert.is(code, 3);
  assert.match(err, 'main is protected');
  assert.is(readFileSync(count, 'utf8'), 'x\n');
});

test('trigger --no-push commits here; a manifest with edits of its own is not touched', async () => {
  const folder = workTree(at.path('local'), FILES);
  const { code, told } = await triggered(folder, { push: false });
  assert.is(code, 0);
  assert.is(git(folder, 'rev-parse', 'HEAD'), told.commit);
  assert.is(git(folder, 'status', '--porcelain'), '');
  writeFileSync(join(folder, 'jobs/nightly.yaml'), job({ time: '21:00:00' }));
  const dirty = await triggered(folder, { push: false });
  assert.is(dirty.code, 3);
  assert.match(dirty.err, 'jobs/nightly.yaml has edits that are not committed');
  assert.is(readFileSync(join(folder, 'jobs/nightly.yaml'), 'utf8'), job({ time: '21:00:00' }));
});

test('#22.22 trigger under core.autocrlf leaves the work tree as Git would, pushed or not', async () => {
  for (const push of [true, false]) {
    const { human } = pair();
    const path = join(human, 'jobs/nightly.yaml');
    git(human, 'config', 'core.autocrlf', 'true');
    rmSync(path);
    git(human, 'checkout', '--', 'jobs/nightly.yaml');
    assert.match(readFileSync(path, 'utf8'), '\r\n');
    const { code, told } = await triggered(human, { push });
    assert.is(code, 0);
    const text = readFileSync(path, 'utf8');
    assert.match(text, `Trigger: ${told.token}\r\n`);
    assert.not.match(text, /[^\r]\n/);
    assert.not.match(git(human, 'cat-file', 'blob', 'HEAD:jobs/nightly.yaml'), '\r');
    assert.is(git(human, 'status', '--porcelain'), '');
  }
});

test('trigger: no such job, with the one that was meant', async () => {
  const { code, err } = await triggered(workTree(at.path('unknown'), FILES), { job: 'nihgtly' });
  assert.is(code, 1);
  assert.match(err, 'did you mean "nightly"?');
});

test('#22.12 trigger: a job that is not there says which are; a suspended one says that it stays so', async () => {
  const { human } = pair();
  const unknown = await triggered(human, { job: 'reboot-everything' });
  assert.is(unknown.code, 1);
  assert.match(unknown.err, /no valid job "reboot-everything" in commit [0-9a-f]{10}: there are nightly, other\n/);
  assert.match((await triggered(human, { job: 'nihgtly' })).err, 'did you mean "nightly"?');
  commit(human, { 'jobs/nightly.yaml': `${job()}Suspend: true\n`, 'jobs/torn.yaml': '[' });
  const suspended = await triggered(human, { push: false });
  assert.equal(
    [suspended.code, suspended.err],
    [0, 'nightly is suspended: this runs it once, and its schedule stays suspended\n'],
  );
  const refused = await triggered(human, { push: false, job: 'nope' });
  assert.match(refused.err, 'one that is refused cannot be triggered, see bmcron validate');
});

test.run();
