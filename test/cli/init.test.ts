import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { programSource } from '../../controller/cli/init/program-source.ts';
import { init } from '../../controller/cli/init.ts';
import { validate } from '../../controller/cli/validate.ts';
import { printSchema, SCHEMA_KINDS } from '../../definitions/schemas/index.ts';
import { type Json, own } from '../../definitions/values/json.ts';
import { parse } from '../../definitions/yaml/document.ts';
import { createGitFolder } from '../support/git-folder.ts';
import { sink } from '../support/pull-request.ts';

const at = createGitFolder();
test.after(() => at.remove());

const DIGEST = 'ab'.repeat(32);
const IMAGE = `registry.example/ops/bmcron:1.2.3@sha256:${DIGEST}`;
const TARBALL = `https://releases.example/v1.2.3/bmcron-1.2.3.tgz#sha256=${DIGEST}`;

async function begun(root: string, prefix = '', format: 'text' | 'json' = 'json', ciFrom: string | null = IMAGE) {
  const [out, err] = [sink(), sink()];
  const code = await init({ root, prefix, format, ciFrom: ciFrom === null ? null : programSource(ciFrom), out, err });
  return { code, text: out.text, err: err.text };
}

for (const prefix of ['', 'a/fleet/']) {
  test(`init ${prefix || '.'}: what it writes is valid as it is`, async () => {
    const root = at.path(`new-${prefix.length}`);
    assert.is((await begun(root, prefix)).code, 0);
    const out = sink();
    const code = await validate({
      folder: join(root, prefix),
      format: 'json',
      now: new Date('2026-03-10T12:00:00Z'),
      out,
      err: sink(),
    });
    assert.equal(JSON.parse(out.text), { valid: true, problems: [] });
    assert.is(code, 0);
    for (const kind of SCHEMA_KINDS) {
      assert.is(readFileSync(join(root, prefix, `schemas/${kind}.schema.json`), 'utf8'), printSchema(kind));
    }
    const settings = JSON.parse(readFileSync(join(root, '.vscode/settings.json'), 'utf8')) as {
      'yaml.schemas': Record<string, string[]>;
    };
    for (const path of Object.keys(settings['yaml.schemas']))
      assert.ok(readFileSync(join(root, path)).length > 0, path);
  });

  test(`init ${prefix || '.'}: the modelines lead to the schemas`, () => {
    const root = join(at.path(`new-${prefix.length}`), prefix);
    const manifests = [
      'bmcron.yaml',
      ...['jobs', 'machines'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)),
    ];
    assert.is(manifests.length, 5);
    for (const path of manifests) {
      const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(join(root, path), 'utf8'))?.[1];
      assert.ok(readFileSync(join(root, path, '..', schema ?? 'none')).length > 0, path);
    }
  });

  test(`init ${prefix || '.'}: CI validates and plans, in YAML that is YAML`, () => {
    const root = at.path(`new-${prefix.length}`);
    for (const path of ['.github/workflows/bmcron.yml', '.gitlab-ci.yml']) {
      const text = readFileSync(join(root, path), 'utf8');
      const [document, ...more] = parse(Buffer.from(text));
      assert.equal([document?.faults, more], [[], []], path);
      const where = prefix ? ` --path ${prefix.slice(0, -1)}` : '';
      assert.match(text, `bmcron validate${where}`);
      assert.match(text, `bmcron plan${where} --format markdown --base`);
      for (const folder of ['jobs', 'machines', 'windows']) assert.match(text, `${prefix}${folder}/**`);
      assert.not.match(text, 'npx');
      assert.match(text, IMAGE);
    }
    const github = parse(readFileSync(join(root, '.github/workflows/bmcron.yml')))[0]?.value;
    assert.equal(own(github, 'permissions'), { contents: 'read', 'pull-requests': 'write' });
    const steps = own(own(own(github, 'jobs'), 'manifests'), 'steps') as readonly Json[];
    const scripts = steps.map((step) => own(step, 'run') ?? '').join('\n');
    assert.match(scripts, 'gh api');
    assert.not.match(scripts, '${{', 'what others write never becomes part of a script');
  });
}

test('init never writes over a file, nor through a link', async () => {
  const root = at.path('kept');
  mkdirSync(join(root, 'jobs'), { recursive: true });
  writeFileSync(join(root, 'README.md'), 'mine');
  const outside = at.path('outside');
  symlinkSync(outside, join(root, 'bmcron.yaml'));
  const { code, text } = await begun(root);
  assert.is(code, 0);
  const told = JSON.parse(text) as { written: string[]; kept: string[] };
  assert.equal(told.kept, ['README.md', 'bmcron.yaml']);
  assert.is(readFileSync(join(root, 'README.md'), 'utf8'), 'mine');
  assert.throws(() => readFileSync(outside));
  assert.equal(
    (JSON.parse((await begun(root)).text) as { written: string[] }).written,
    [],
    'a second time there is nothing to write',
  );
});

test('#19.6 --ci-from a tarball: fetched, compared with its checksum, installed without its scripts', async () => {
  const root = at.path('tarball');
  await begun(root, '', 'json', TARBALL);
  for (const path of ['.github/workflows/bmcron.yml', '.gitlab-ci.yml']) {
    const text = readFileSync(join(root, path), 'utf8');
    assert.equal(parse(Buffer.from(text))[0]?.faults, [], path);
    const [curl, sum, install] = ['curl ', 'sha256sum --check --strict', 'npm install --global --ignore-scripts'].map(
      (word) => text.indexOf(word),
    ) as [number, number, number];
    assert.ok(curl > 0 && curl < sum && sum < install, path);
    assert.match(text, `${DIGEST}  `);
    assert.not.match(text, '#sha256');
    assert.not.match(text, 'npx');
  }
});

test('#19.6 without --ci-from no workflow is written, since nobody may own what it runs; that is told', async () => {
  const root = at.path('no-ci');
  assert.match((await begun(root, '', 'text', null)).text, /let CI judge each pull request: bmcron init --ci-from/);
  for (const path of ['.github', '.gitlab-ci.yml']) assert.not.ok(existsSync(join(root, path)), path);
  const { written } = JSON.parse((await begun(root)).text) as { written: string[] };
  assert.equal(written, ['.github/workflows/bmcron.yml', '.gitlab-ci.yml'], 'it is added later');
});

for (const text of [
  'bmcron',
  'bmcron:latest',
  `bmcron@sha256:${DIGEST.slice(1)}`,
  `bm cron@sha256:${DIGEST}`,
  `a"; rm -rf /;"@sha256:${DIGEST}`,
  'https://releases.example/bmcron.tgz',
  `http://releases.example/bmcron.tgz#sha256=${DIGEST}`,
  `https://releases.example/$(id).tgz#sha256=${DIGEST}`,
  `https://releases.example/a.tgz#sha256=${DIGEST}\n- run: x`,
]) {
  test(`#19.6 --ci-from ${JSON.stringify(text).slice(0, 60)} is refused, with what is allowed`, () => {
    assert.throws(() => programSource(text), /name an image by its digest .* or a tarball with its checksum/);
  });
}

test('#20 init writes nothing through a link, and no path into CI that a shell would read', async () => {
  const root = at.path('linked');
  mkdirSync(at.path('outside-machines'));
  mkdirSync(root);
  symlinkSync(at.path('outside-machines'), join(root, 'machines'));
  const { code, err } = await begun(root);
  assert.is(code, 3);
  assert.match(err, /machines\/.* is not written: a folder on the way to it is a link or a file/);
  assert.equal(readdirSync(at.path('outside-machines')), []);
  for (const prefix of ['fleet one/', "a'b/", '$(id)/', '-x/', 'a;b/'])
    assert.throws(() => programSource(IMAGE, prefix), /a workflow can name it with letters, digits/);
});

test('init says what to do next', async () => {
  const { text } = await begun(at.path('told'), '', 'text');
  for (const word of ['git init', 'bmcron validate', 'git push', 'bmcron run --remote origin'])
    assert.match(text, word);
});

test('init where nothing can be written: exit 3', async () => {
  writeFileSync(at.path('file'), 'x');
  const { code, err } = await begun(at.path('file'));
  assert.is(code, 3);
  assert.match(err, 'bmcron init: ');
});

test.run();
