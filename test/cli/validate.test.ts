import fs, { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readFolder } from '../../controller/cli/fleet/fleet-folder.ts';
import { openRepositoryView } from '../../controller/cli/fleet/repository-view.ts';
import { wantsColor } from '../../controller/cli/report.ts';
import { type ValidateOptions, validate } from '../../controller/cli/validate.ts';
import { GIT_ENVIRONMENT, git } from '../support/git-folder.ts';
import { captured, MACHINE, NIGHTLY, write } from '../support/printed.ts';

const test = suite('validate', { folder: '' });
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'bmcron-validate-'));
  write(context.folder, { 'machines/rack.yaml': MACHINE, 'jobs/nightly.yaml': NIGHTLY });
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const judge = (folder: string, format: ValidateOptions['format'] = 'text', more: Partial<ValidateOptions> = {}) =>
  captured((streams) => validate({ folder, format, ...more, ...streams }));

test('a valid fleet: exit 0, a line that says so', async ({ folder }) => {
  assert.equal(await judge(folder), { code: 0, out: 'valid: 1 job, 1 machine\n', err: '' });
  assert.equal(JSON.parse((await judge(folder, 'json')).out), { valid: true, problems: [] });
  assert.is((await judge(folder, 'github')).out, '');
});

test('a refused manifest prints with place, path, stage, its line, a caret and what is allowed', async ({ folder }) => {
  write(folder, { 'jobs/nightly.yaml': NIGHTLY.replace('PowerSaver', 'Turbo') });
  const { code, out } = await judge(folder);
  assert.is(code, 1);
  assert.is(
    out,
    `jobs/nightly.yaml:6:25  Payload[0].Payload.Profile  payload
  6 |     Payload: { Profile: Turbo }
    |                         ^^^^^ "Turbo" is not a profile: Performance, Balanced, PowerSaver or Custom

not valid: 1 error in 1 file
`,
  );
});

test('json, github and sarif tell the same problem', async ({ folder }) => {
  write(folder, { 'jobs/nightly.yaml': NIGHTLY.replace('PowerSaver', 'Turbo') });
  const message = '"Turbo" is not a profile: Performance, Balanced, PowerSaver or Custom';
  const place = {
    file: 'jobs/nightly.yaml',
    line: 6,
    column: 25,
    path: 'Payload[0].Payload.Profile',
    stage: 'payload',
  };
  const json = JSON.parse((await judge(folder, 'json')).out);
  assert.equal(json, { valid: false, problems: [{ ...place, rule: 'R02', message, severity: 'error' }] });
  const github = await judge(folder, 'github', { prefix: 'fleet/' });
  const title = 'payload%3A Payload[0].Payload.Profile (R02)';
  assert.is(github.out, `::error file=fleet/jobs/nightly.yaml,line=6,col=25,title=${title}::${message}\n`);
  const [run] = JSON.parse((await judge(folder, 'sarif')).out).runs;
  assert.is(run.results[0].message.text, message);
  assert.equal(run.results[0].locations[0].physicalLocation, {
    artifactLocation: { uri: 'jobs/nightly.yaml' },
    region: { startLine: 6, startColumn: 25 },
  });
});

test('R09: warnings do not fail: a Once job without Day, a Period that is over', async ({ folder }) => {
  write(folder, {
    'jobs/once.yaml': NIGHTLY.replace('Continuous', 'Once').replace('  Period: {}\n', ''),
    'jobs/over.yaml': NIGHTLY.replace('{}', '\n    EndDay: 2026-03-01'),
  });
  const { code, out } = await judge(folder);
  assert.is(code, 0);
  assert.match(out, /jobs\/once\.yaml:8:9 {2}Schedule\.Type {2}schedule warning/);
  assert.match(out, /jobs\/over\.yaml:12:13 {2}Schedule\.Period\.EndDay {2}schedule warning\n.*\n.*no further run/);
  assert.match(out, /valid: 3 jobs, 1 machine, 2 warnings\n$/);
});

test('R42: a line with a secret is not printed', async ({ folder }) => {
  write(folder, {
    'machines/rack.yaml': '{ ID: machine-1, Endpoint: "https://root:hunter2@h", Password: hunter2, Bogus: 1 }\n',
  });
  for (const format of ['text', 'json', 'github', 'sarif'] as const) {
    const { code, out } = await judge(folder, format);
    assert.is(code, 1);
    assert.match(out, /CredentialsRef/);
    assert.not.match(out, /hunter2/);
  }
});

test('R04: a symbolic link is refused and its target never shown', async ({ folder }) => {
  write(folder, { 'secret.txt': 'Name: hunter2\n' });
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'jobs/link.yaml'));
  const { code, out } = await judge(folder);
  assert.is(code, 1);
  assert.match(out, /^jobs\/link\.yaml:1:1 {2}\$ {2}structure\n {2}a symbolic link/);
  assert.not.match(out, /hunter2/);
});

test('R04: a link that may be a folder of manifests is told, on disk and in Git; one of a README is not', async ({
  folder,
}) => {
  write(folder, { 'elsewhere/a.yaml': NIGHTLY, 'README.md': 'x\n' });
  for (const name of ['night', 'v1.2', '.hidden', 'README.md'])
    symlinkSync(name === 'README.md' ? '../README.md' : '../elsewhere', join(folder, 'jobs', name));
  symlinkSync('../elsewhere', join(folder, 'machines/more'));
  const { code, out } = await judge(folder);
  assert.is(code, 1);
  const told = out.match(/^\S+(?=:1:1 {2}\$ {2}structure\n {2}a symbolic link: its target is never read)/gm);
  assert.equal(told, ['jobs/night', 'jobs/v1.2', 'machines/more']);
  assert.equal(await refusedInGit(folder), told);
});

test('R44: neither a file name nor its content reaches the terminal as control characters', async ({ folder }) => {
  const content = 'Name: "a" \u001b[2J\nMachines: \u202e[]\n\u0007: "日本" \n';
  write(folder, { 'jobs/\u001b[31m.yaml': content });
  for (const format of ['text', 'github'] as const) {
    const { out } = await judge(folder, format);
    assert.not.match(out.replaceAll('\n', ''), /[\p{Cc}\u202e]/u);
  }
});

/** The files that the manifests of a commit are refused for, by `plan`'s view of it. */
async function refusedInGit(folder: string): Promise<string[]> {
  git(folder, 'init', '--quiet');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'links');
  const view = await openRepositoryView(folder, GIT_ENVIRONMENT);
  const { fleet } = await view.at(await view.commit('HEAD'));
  return fleet.problems.map(({ file }) => file).sort();
}

test('R04: what is too large, an LFS pointer and other kinds of entries are told', async ({ folder }) => {
  write(folder, {
    'jobs/large.yaml': Buffer.alloc(1_048_577, '#'),
    'jobs/pointer.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n',
    'jobs/sub/.git': 'gitdir: ../../x\n',
    'jobs/sub/ignored.yaml': '[',
  });
  mkdirSync(join(folder, 'jobs/folder.yaml'));
  const files = readFolder(folder);
  const expected = ['jobs/large.yaml', 'jobs/nightly.yaml', 'jobs/pointer.yaml', 'jobs/sub', 'machines/rack.yaml'];
  assert.equal([...files.keys()], expected);
  const { out } = await judge(folder);
  assert.match(out, /^jobs\/sub:1:1.*\n {2}a submodule: put the manifests themselves here/m);
  assert.match(out, /large\.yaml:1:1.*\n {2}the file is larger than 1 MiB/);
  assert.match(out, /pointer\.yaml:1:1.*\n {2}a Git LFS pointer/);
});

test('#22.6 no folder, or no fleet in it: exit 3; a fleet without manifests: told, and not enough', async ({
  folder,
}) => {
  const none = await judge(join(folder, 'nowhere'));
  assert.is(none.code, 3);
  assert.match(none.err, /cannot read the fleet: there is no folder/);
  mkdirSync(join(folder, 'empty'));
  for (const format of ['text', 'json', 'github', 'sarif'] as const) {
    const wrong = await judge(join(folder, 'empty'), format);
    assert.is(wrong.code, 3);
    assert.is(wrong.out, '');
    assert.match(wrong.err, /no fleet in .*neither jobs\/, machines\/ nor bmcron.yaml/);
  }
  mkdirSync(join(folder, 'empty', 'jobs'), { recursive: true });
  const empty = await judge(join(folder, 'empty'));
  assert.is(empty.code, 0);
  assert.match(empty.err, /no manifest in/);
  const asked = await judge(join(folder, 'empty'), 'text', { minJobs: 1 });
  assert.is(asked.code, 1);
  assert.match(asked.err, /0 valid jobs: --min-jobs asks for 1/);
  assert.is((await judge(folder, 'text', { minJobs: 1 })).code, 0);
  assert.is((await judge(folder, 'text', { minJobs: 2 })).code, 1);
  write(folder, { 'jobs/nightly.yaml': NIGHTLY.replace('PowerSaver', 'Turbo') });
  assert.match((await judge(folder, 'text', { minJobs: 1 })).err, /0 valid jobs/, 'a job that is refused is none');
});

/** A name of the disk that is no UTF-8. */
const latin = (...names: string[]) => Buffer.from(names.join('/'), 'latin1');

test('#22.21 names of files and folders that are not UTF-8: a problem each, the others are judged', async ({
  folder,
}) => {
  writeFileSync(latin(folder, 'jobs', 'caf\u00e9.yaml'), NIGHTLY);
  writeFileSync(latin(folder, 'machines', 'caf\u00e9.yaml'), MACHINE.replace(/^ID: .*/m, 'ID: other'));
  mkdirSync(latin(folder, 'jobs', 't\u00e9am'));
  writeFileSync(latin(folder, 'jobs', 't\u00e9am', 'a.yaml'), NIGHTLY);
  const { code, out } = await judge(folder, 'json');
  assert.is(code, 1);
  const problems = JSON.parse(out).problems as readonly { file: string; message: string }[];
  assert.equal(
    problems.map(({ file }) => file),
    ['jobs/caf\ufffd.yaml', 'jobs/t\ufffdam/a.yaml', 'machines/caf\ufffd.yaml'],
  );
  for (const { message } of problems) assert.match(message, /not UTF-8 text: rename it/);
  assert.ok(readFolder(folder).get('jobs/nightly.yaml') instanceof Uint8Array);
});

test('#22.21 a file that vanishes between listing and reading is one problem', async ({ folder }) => {
  write(folder, { 'jobs/other.yaml': NIGHTLY });
  const lists = fs.readdirSync;
  fs.readdirSync = ((...args: Parameters<typeof lists>) => {
    const found = lists(...args);
    if (args[0] === join(folder, 'jobs')) rmSync(join(folder, 'jobs/other.yaml'));
    return found;
  }) as typeof lists;
  syncBuiltinESMExports();
  try {
    const { out } = await judge(folder, 'json');
    const problems = JSON.parse(out).problems as readonly { file: string; message: string }[];
    assert.equal(
      problems.map(({ file }) => file),
      ['jobs/other.yaml'],
    );
    assert.match(problems[0]?.message ?? '', /is gone: look again/);
  } finally {
    fs.readdirSync = lists;
    syncBuiltinESMExports();
  }
});

test('colour only on a terminal, and never with NO_COLOR', async ({ folder }) => {
  const terminal = { write: () => true, isTTY: true };
  assert.equal(
    [wantsColor(terminal, {}), wantsColor(terminal, { NO_COLOR: '1' }), wantsColor({ write: () => true }, {})],
    [true, false, false],
  );
  write(folder, { 'jobs/nightly.yaml': '[' });
  assert.ok((await judge(folder, 'text', { color: true })).out.includes('\u001b['));
  assert.not.ok((await judge(folder)).out.includes('\u001b['));
});

test.run();
