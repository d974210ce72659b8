import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFleet } from '../../definitions/manifest/fleet.ts';
import { readFile } from '../../definitions/manifest/read.ts';
import { parse } from '../../definitions/yaml/document.ts';

const MIB = 1_048_576;
/** Of the processor's time, the best of three: other tests run beside this one. */
const LONGEST_MS = 100;
const MOST_GROWTH_BYTES = 100 * MIB;

const letters = [...'abcdefghi'];
const job = (name: string) => `Name: ${name}
Machines: [m]
Action: PatchProfile
Payload: { ManagerID: bmc, Payload: { Profile: Custom } }
Schedule: { Type: Once, Time: 14:00:00 }
`;
const numbered = (count: number, item: (index: number) => string, glue = '') =>
  Array.from({ length: count }, (_, index) => item(index)).join(glue);

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'an alias bomb': `a: &a [${Array(9).fill('x').join(',')}]\n${letters
    .slice(1)
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${letters[index]}`).join(',')}]`)
    .join('\n')}\n`,
  'an alias bomb of mappings': `a: &b0 {x: 1}\n${numbered(99, (n) => `k${n}: &b${n + 1} {l: *b${n}, r: *b${n}}\n`)}`,
  '101 aliases': `a: &a x\nb: [${Array(101).fill('*a').join(', ')}]\n`,
  'an alias to itself': 'a: &a [1, *a]\n',
  'an alias to its parent': '&root\na: { b: *root }\n',
  '1 MiB of [': '['.repeat(MIB),
  '1 MiB of {': '{'.repeat(MIB),
  '1 MiB of "- "': '- '.repeat(MIB / 2),
  '1 MiB of "? "': '? '.repeat(MIB / 2),
  '1 MiB of "a: "': 'a: '.repeat(MIB / 3),
  '1 MiB of quotes': '"'.repeat(MIB),
  '1 MiB of anchors': '&a '.repeat(MIB / 3),
  '1 MiB of tags': '!a '.repeat(MIB / 3),
  '1 MiB of ]': ']'.repeat(MIB),
  '1 MiB of commas': `[${','.repeat(MIB - 1)}`,
  '1 MiB of comments': '#\n'.repeat(MIB / 2),
  '1 MiB of directives': '%A\n'.repeat(MIB / 3),
  '1 MiB of aliases': `[${'*a,'.repeat(MIB / 3 - 1)}]`,
  '1 MiB of small lists': numbered(4000, (n) => `k${n}: [${'a,'.repeat(100)}]\n`),
  'a 20 000-key map': numbered(20_000, (n) => `k${n}: v\n`),
  'a 20 000-key map in one line': `{${numbered(20_000, (n) => `k${n}: v`, ',')}}`,
  'a key 20 000 times': 'k: v\n'.repeat(20_000),
  '10 000 documents': '---\na: 1\n'.repeat(10_000),
  '10 000 empty documents': '---\n'.repeat(10_000),
  '10 000 document ends': '...\n'.repeat(10_000),
  'nesting of 5000': `a: ${'['.repeat(5000)}${']'.repeat(5000)}\n`,
  'nesting by indentation': numbered(700, (n) => `${' '.repeat(n)}a:\n`),
  'over 1 MiB': job('x') + '#'.repeat(MIB),
  'bytes that are not UTF-8': Uint8Array.from([0x4e, 0x61, 0xff, 0xfe, 0x0a]),
  'an overlong NUL': Uint8Array.from([0x4e, 0x3a, 0x20, 0xc0, 0x80]),
  'UTF-16': Buffer.from('\ufeffName: x\n', 'utf16le'),
  '__proto__ with everything': `__proto__:\n${job('x').replaceAll(/^/gm, '  ')}`,
  'constructor.prototype': `${job('x')}constructor: { prototype: { polluted: 1 } }\n`,
  'an escape sequence in a name': job('"\\e[2J\\e]0;owned\\a"'),
  'a NUL in a name': job('"a\\0b"'),
  'a raw escape in a name': job('a\u001b[31mb'),
  'a bidirectional override in a name': job('"\u202egnp.exe"'),
  'half a surrogate pair in a name': job('"\\ud800"'),
  'a merge key': 'base: &b { Name: x }\n<<: *b\n',
  'a %YAML 1.1 directive': `%YAML 1.1\n---\n${job('x')}`,
  'a timestamp tag': job('!!timestamp 2026-01-01'),
  'a binary tag': job('!!binary aGVsbG8='),
  'a set': `${job('x')}Labels: !!set { a, b }\n`,
  'an unknown tag': job('!ruby/object:Gem::Installer x'),
};

for (const [what, content] of Object.entries(FILES)) {
  test(`R04: ${what} is refused, quickly and cheaply`, () => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const before = process.memoryUsage().heapUsed;
    const times = [1, 2, 3].map(() => {
      const started = process.cpuUsage();
      const reading = readFile('job', bytes);
      const { jobs, problems } = readFleet(new Map([['jobs/a.yaml', { blob: 'b', reading }]]), 'c');
      const { user, system } = process.cpuUsage(started);
      assert.is(jobs.size, 0);
      assert.ok(problems.length > 0 && problems.length < 10_000, `${problems.length} problems`);
      for (const { message, path } of problems) assert.not.match(message + path, /\p{Cc}|\u202e/u);
      return (user + system) / 1000;
    });
    assert.ok(Math.min(...times) < LONGEST_MS, `took ${times.map(Math.round)} ms`);
    assert.ok(process.memoryUsage().heapUsed - before < MOST_GROWTH_BYTES, 'memory grows without bound');
  });
}

test('R44: a key that would act on a terminal is escaped in path and message', () => {
  const machine = 'ID: m\nEndpoint: https://h\nManagers: { "\u2028\u202e\\e[2J": 1 }\n';
  const [problem] = readFile('machine', Buffer.from(machine)).documents.flatMap(({ problems }) => problems);
  assert.is(problem?.path, 'Managers.\\u2028\\u202e\\u001b[2J');
  const what = 'must be text of one line without control characters, and not blank';
  assert.is(problem?.message, `\\u2028\\u202e\\u001b[2J ${what}`);
});

test('R04: too deep is told as too deep', () => {
  const [only] = parse(Buffer.from(`a: ${'['.repeat(200)}${']'.repeat(200)}\n`));
  assert.is(only?.faults[0]?.message, 'nested deeper than 100 levels');
});

test('R03: nothing read changes a prototype', () => {
  assert.is(({} as Record<string, unknown>)['polluted'], undefined);
  assert.is(({} as Record<string, unknown>)['Name'], undefined);
});

test('R04: what is large and honest is read: 1000 machines, 1000 documents, long comments', () => {
  const machines = numbered(1000, (n) => `  - machine-${n}\n`);
  const long = job('x').replace('[m]', `\n${machines}`) + '# a remark\n'.repeat(3000);
  for (const text of [long, numbered(900, (n) => job(`job ${n}`), '---\n')]) {
    for (const { problems } of readFile('job', Buffer.from(text)).documents) assert.equal(problems, []);
  }
});

test('R04: all of them together fit into a small heap', () => {
  const script = `
    import { parse } from ${JSON.stringify(new URL('../../definitions/yaml/document.ts', import.meta.url).href)};
    for (const text of ['[', '- ', '"', '&a ', ']', '#\\n', '%A\\n', ',', 'a: b\\n']) {
      parse(Buffer.from(text.repeat(${MIB} / text.length)));
      parse(Buffer.from('[' + text.repeat((${MIB} - 1) / text.length)));
    }`;
  const options = ['--max-old-space-size=64', '--import', 'tsx', '--input-type=module', '-e', script];
  execFileSync(process.execPath, options, { timeout: 60_000, stdio: 'pipe' });
  assert.ok(parse(Buffer.from('a: 1')).length === 1);
});

test.run();
