// Keeps the house tidy: limits and words, as docs/architecture.md names them. Reads the source, runs none of it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { everything, linesWith, none, product, ROOT } from './support/source-tree.ts';

const MOST_LINES = 300;
/** Files that are one idea and longer, with the reason. */
const LONG_FILES: Readonly<Record<string, string>> = {
  'definitions/rules.ts': 'a table: all rules by number',
};
const LONGEST_LINE = 120;

// Limits

test(`no file is longer than ${MOST_LINES} lines`, () => {
  const findings = everything
    .filter(({ path, lines }) => lines.length - 1 > MOST_LINES && !LONG_FILES[path])
    .map(({ path, lines }) => `${path}: ${lines.length - 1} lines`);
  none(findings, 'it holds more than one idea: give the other one a file');
});

test('no function is longer than biome.json allows, its inner functions counted with it', () => {
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  const options = ['--only=complexity/noExcessiveLinesPerFunction', '--reporter=github', '--max-diagnostics=none'];
  const lint = spawnSync(process.execPath, [biome, 'lint', ...options, '.'], { cwd: ROOT, encoding: 'utf8' });
  assert.ok(lint.status === 0 || lint.stdout !== '', lint.stderr);
  none(lint.stdout.match(/file=[^,]+,line=\d+/g) ?? [], 'it does more than one thing: give the other one a name');
});

test(`no line is longer than ${LONGEST_LINE} characters`, () => {
  const findings = everything.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => (line.length > LONGEST_LINE && !line.includes('`') ? [`${path}:${index + 1}`] : [])),
  );
  none(findings, 'break it');
});

test('no literal is squeezed into another to save lines', () => {
  none(linesWith(/\.\.\.\{/, everything), 'give each property its line');
});

// Words

test('no name that says nothing', () => {
  const findings = everything
    .filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc|types)(\.ts$|\/)/.test(path))
    .map(({ path }) => path);
  none(findings, 'name a file after its purpose');
});

/** Exported types by name, with the files that export them. */
function exportedTypes(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { path, text } of product) {
    for (const [, name = ''] of text.matchAll(/^export (?:interface|type|(?:abstract )?class) ([A-Za-z]+)/gm)) {
      found.set(name, [...(found.get(name) ?? []), path]);
    }
  }
  return found;
}

test('no two exported types have one name', () => {
  const findings = [...exportedTypes()].filter(([, paths]) => paths.length > 1);
  none(
    findings.map(([name, paths]) => `${name}: ${paths.join(', ')}`),
    'name each after what it is',
  );
});

/** Words that had several meanings: the one that each has now, by the file that declares it; null: none alone. */
const ONE_MEANING: Readonly<Record<string, string | null>> = {
  Part: 'definitions/run.ts',
  Claim: 'definitions/run.ts',
  Session: 'controller/redfish/session.ts',
  Entry: null,
  Segment: null,
  Source: null,
  Draft: null,
  Step: null,
};

test('no forbidden second meaning of a word', () => {
  const types = exportedTypes();
  const findings = Object.entries(ONE_MEANING).flatMap(([name, file]) =>
    (types.get(name) ?? []).filter((path) => path !== file).map((path) => `${path} exports ${name}`),
  );
  none(findings, 'say which one: a journal entry, a manifest source');
});

test('nothing unfinished, nothing silenced', () => {
  const silenced = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|expect-error|nocheck)|biome-ignore|\bas any\b|\.(skip|only)\(/;
  const findings = everything
    .filter(({ path }) => path !== 'test/tidy.test.ts')
    .flatMap(({ path, lines }) =>
      lines.flatMap((line, index) => (silenced.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
    );
  none(findings, 'finish it, or file it');
});

/** `createBackoff` and `printLog` say what they do: their types say the rest. */
const EXPLAINED = /^export (async )?function (create|print)[A-Z]/;

test('every exported function, constant and class whose name does not explain it has a sentence above it', () => {
  const findings = product.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => {
      if (!/^export (async )?(function|const|class|abstract)/.test(line) || EXPLAINED.test(line)) return [];
      const above = (lines[index - 1] ?? '').trim();
      return above.endsWith('*/') || /^export const/.test(above) ? [] : [`${path}:${index + 1} ${line}`];
    }),
  );
  none(findings, 'say what it promises, with units, errors and the rule it keeps');
});

test('no comment that only fills the line', () => {
  const filler = /^\s*(\/\*\*|\*|\/\/) What (an? |the )?[\w ]{1,40} (works with|is made from|takes)[.:]?( \*\/)?$/;
  const findings = product.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => (filler.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
  );
  none(findings, 'leave it out, or say why');
});

test.run();
