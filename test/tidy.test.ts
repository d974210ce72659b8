// Keeps the house: who imports whom, one door for each package, limits, words. Reads the source, runs none of it.
import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = join(import.meta.dirname, '..');
const MOST_LINES = 200;
const LONGEST_LINE = 120;

interface Source {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** Imported module → whether only types are. */
  readonly imports: ReadonlyMap<string, boolean>;
}

function sources(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => read(`${folder}/${path}`));
}

function read(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const imports = new Map<string, boolean>();
  for (const [, keyword, clause = '', from = ''] of text.matchAll(/^(import|export)\s([^;'"]*?)from '([^']+)'/gm)) {
    const onlyTypes = clause.trimStart().startsWith('type ') || /^\{(\s*type [^,}]+,?)*\s*\}\s*$/.test(clause.trim());
    const target = from.startsWith('.') ? normalize(join(path, '..', from)) : from;
    imports.set(target, onlyTypes && keyword !== undefined && (imports.get(target) ?? true));
  }
  for (const [, from = ''] of text.matchAll(/^import '([^']+)'/gm)) imports.set(from, false);
  return { path, text, lines: text.split('\n'), imports };
}

const definitions = sources('definitions');
const controller = sources('controller');
const product = [...definitions, ...controller];
const everything = [...product, ...sources('test')];

function none(findings: readonly string[], advice: string): void {
  assert.is(findings.join('\n'), '', advice);
}

test('the tree has been found', () => assert.ok(definitions.length > 20 && controller.length > 30));

/** Packages and the places that may import them: a door each (house.md §2). */
const DOORS: Readonly<Record<string, RegExp>> = {
  yaml: /^definitions\/(document|tree|edit)\.ts$/,
  ajv: /^definitions\/(manifest|schemas\/.*)\.ts$/,
  croner: /^definitions\/dates\.ts$/,
  'temporal-polyfill': /^definitions\/(calendar|steady)\.ts$/,
  '@sindresorhus/slugify': /^definitions\/fleet\.ts$/,
  chokidar: /^controller\/watch\.ts$/,
  'simple-git': /^controller\/git\//,
  'node-fetch': /^controller\/redfish\/(client|wire|agent)\.ts$/,
  'p-map': /^controller\/runner\.ts$/,
  pino: /^controller\/logger\.ts$/,
  commander: /^controller\/(main|cli\/(arguments|pull-commands))\.ts$/,
  selfsigned: /^controller\/demo\//,
  'prom-client': /^controller\/server\/metrics\.ts$/,
  fastify: /^controller\/server\//,
};

test('each package has one door', () => {
  const findings = product.flatMap(({ path, imports }) =>
    [...imports.keys()]
      .filter((name) => !name.startsWith('node:') && !/^(definitions|controller)\//.test(name))
      .filter((name) => {
        const [key = ''] = name.startsWith('@') ? [name] : name.split('/');
        return !DOORS[key]?.test(path);
      })
      .map((name) => `${path} imports ${name}`),
  );
  none(findings, 'import the package where its door is, or give it one in DOORS');
});

test('definitions import definitions, and of Node the hash', () => {
  const findings = definitions.flatMap(({ path, imports }) =>
    [...imports.keys()]
      .filter((name) => name.startsWith('controller/') || (name.startsWith('node:') && name !== 'node:crypto'))
      .map((name) => `${path} imports ${name}`),
  );
  none(findings, 'IO belongs into controller/');
});

test('definitions are pure: no clock, no chance, no process, no timer', () => {
  const impure =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bset(Timeout|Interval|Immediate)\b|\bperformance\./;
  const findings = definitions.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => (impure.test(code(line)) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
  );
  none(findings, 'pass what is needed as an argument');
});

test('an action imports actions and types alone', () => {
  const findings = definitions
    .filter(({ path }) => path.startsWith('definitions/actions/'))
    .flatMap(({ path, imports }) =>
      [...imports]
        .filter(([name, onlyTypes]) => !name.startsWith('definitions/actions/') && !onlyTypes)
        .map(([name]) => `${path} imports ${name}`),
    );
  none(findings, 'an action is one file that nothing else knows');
});

/** Rooms below controller/ that never import one another but for types. */
const ADAPTERS = ['git', 'redfish', 'server'];
/** What any room may use: time and its pace, events' shapes, this package's own folder. */
const COMMONS = /^controller\/(clock|event|package|pacer)\.ts$/;

test('adapters never import one another', () => {
  const findings = controller.flatMap(({ path, imports }) => {
    const room = path.split('/')[1] ?? '';
    if (!ADAPTERS.includes(room)) return [];
    return [...imports]
      .filter(([name, onlyTypes]) => {
        return (
          name.startsWith('controller/') && !name.startsWith(`controller/${room}/`) && !onlyTypes && !COMMONS.test(name)
        );
      })
      .map(([name]) => `${path} imports ${name}`);
  });
  none(findings, 'take a type, and let main or the assembly pass the thing');
});

test('controller, reconcile, runner and their like know adapters by type', () => {
  const core = /^controller\/(controller|reconcile|runner|intake|work|takeup|writeback|facts|gate)\.ts$/;
  const findings = controller
    .filter(({ path }) => core.test(path))
    .flatMap(({ path, imports }) =>
      [...imports]
        .filter(
          ([name, onlyTypes]) => /^controller\/(git|redfish|executors|server|demo|cli)\//.test(name) && !onlyTypes,
        )
        .map(([name]) => `${path} imports ${name}`),
    );
  none(findings, 'the assembly constructs; the core is given what it needs');
});

test(`no file is longer than ${MOST_LINES} lines without a reason at its top`, () => {
  const findings = everything
    .filter(
      ({ lines }) =>
        lines.length - 1 > MOST_LINES && !/^\/[/*]+ Longer than 200 lines because /m.test(lines.slice(0, 5).join('\n')),
    )
    .map(({ path, lines }) => `${path}: ${lines.length - 1} lines`);
  none(findings, 'find another wall, or say at the top: "Longer than 200 lines because …"');
});

test(`no line is longer than ${LONGEST_LINE} characters`, () => {
  const findings = everything.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => (line.length > LONGEST_LINE && !line.includes('`') ? [`${path}:${index + 1}`] : [])),
  );
  none(findings, 'break it');
});

test('no name that says nothing', () => {
  const findings = everything
    .filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc|types)(\.ts$|\/)/.test(path))
    .map(({ path }) => path);
  none(findings, 'name a file after its purpose');
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

test('every export of the product has a sentence above it', () => {
  const findings = product.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => {
      if (!/^export (async )?(function|const|interface|type (?!\{)|class|abstract)/.test(line)) return [];
      const above = (lines[index - 1] ?? '').trim();
      return above.endsWith('*/') || /^export (const|type|interface)/.test(above)
        ? []
        : [`${path}:${index + 1} ${line}`];
    }),
  );
  none(findings, 'say what it promises, with units, errors and the rule it keeps');
});

function code(line: string): string {
  return line.replace(/^\s*(\*|\/\/|\/\*).*$/, '').replace(/\s\/\/ .*$/, '');
}

test.run();
