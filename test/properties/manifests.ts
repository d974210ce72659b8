import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parseAllDocuments, parse as parseYaml } from 'yaml';
import { parse, print } from '../../definitions/document.ts';
import type { Json } from '../../definitions/json.ts';
import { type Kind, type Reading, readFile, readFleet } from '../../definitions/manifest.ts';
import { schemaOf } from '../../definitions/schema.ts';

/** No single file, however odd, may hold the controller up; generous, for slow machines. */
const LONGEST_MS = 2_000;
const ajv = new Ajv2020({ allowUnionTypes: true, strictTypes: false });
const published = { job: ajv.compile(schemaOf('job')), machine: ajv.compile(schemaOf('machine')) };

const GOOD_JOB = {
  Name: 'Nightly',
  Machines: ['machine-1', 'machine-2'],
  Action: 'PatchFanController',
  Payload: [
    {
      ManagerID: 'bmc',
      FanControllerID: 'cpu',
      Payload: {
        Multiplier: 1.2,
        StepUp: 3,
        Inputs: ['a'],
        Zones: [{ '@odata.id': '/x' }],
        OutLimitMin: 1,
        OutLimitMax: 2,
      },
    },
  ],
  Schedule: {
    Type: 'Continuous',
    Time: '22:00:00',
    TimeZone: 'Europe/Berlin',
    StartingDeadline: '30m',
    Period: { StartDay: '2026-02-10', EndDay: '2026-12-31', DaysOfWeek: ['Monday'], DaysOfMonth: '1, 15' },
  },
  Suspend: false,
  Trigger: 'a.1',
};
const GOOD_MACHINE = {
  ID: 'machine-1',
  Name: 'Rack 1',
  Type: 'Extend',
  Endpoint: 'https://10.0.0.11:8443',
  CredentialsRef: 'rack1',
  TLS: { CA: 'ca', Insecure: false },
  Labels: { rack: 'r1' },
  Timeout: '60s',
  Managers: { bmc: { Profiles: ['Performance'], FanZones: ['z'] } },
};

/** Values that have been somebody's bug before. */
const ODD = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    0,
    -1,
    1e21,
    true,
    [],
    {},
    [null],
    '__proto__',
    'constructor',
    'Once',
    '15',
    15,
  ),
  fc.constantFrom<unknown>(
    '24:00:00',
    '2026-02-30',
    '1,,2',
    'Mon',
    'PatchProfile',
    '\u0000',
    '\u202e',
    'x'.repeat(300),
  ),
  fc.jsonValue(),
);
const KEYS = ['Name', 'Payload', 'Schedule', 'Period', '__proto__', 'toString', 'ManagerID', 'Profile', 'ID', '<<', ''];

/** Somewhere in a good manifest something goes, comes, or becomes odd; now and then in more than one place. */
function mutated(good: object): fc.Arbitrary<unknown> {
  const change = fc.record({
    at: fc.array(fc.nat(), { maxLength: 4 }),
    how: fc.constantFrom('replace', 'remove', 'add'),
    key: fc.constantFrom(...KEYS),
    value: ODD,
  });
  return fc.array(change, { maxLength: 3 }).map((changes) => changes.reduce(changed, structuredClone(good)));
}

interface Change {
  readonly at: readonly number[];
  readonly how: string;
  readonly key: string;
  readonly value: unknown;
}

function changed(root: unknown, { at, how, key, value }: Change): unknown {
  let holder = { root } as Record<string, unknown>;
  let name = 'root';
  for (const step of at) {
    const inner = holder[name];
    const names = typeof inner === 'object' && inner !== null ? Object.keys(inner) : [];
    if (names.length === 0) break;
    holder = inner as Record<string, unknown>;
    name = names[step % names.length] ?? name;
  }
  const target = how === 'add' ? holder[name] : holder;
  if (typeof target !== 'object' || target === null) return root;
  if (how === 'remove') delete holder[name];
  else {
    const field = how === 'add' ? key : name;
    Object.defineProperty(target, field, {
      value: structuredClone(value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return holder['root'] ?? root;
}

const PIECES = [
  'Name: x\n',
  'Payload:\n',
  '  - ',
  '---\n',
  '&a ',
  '*a ',
  '[',
  ']',
  '{',
  '}',
  ': ',
  '- ',
  '? ',
  '|\n',
  '>-\n',
  '"',
  "'",
];
const MORE_PIECES = [
  '#',
  '%YAML 1.1\n',
  '!!binary ',
  '!x ',
  '\t',
  '\r\n',
  '\u0000',
  '\u2028',
  '<<: ',
  ',',
  '...\n',
  '  ',
  '\n',
  '@',
  '`',
];

/** Bytes: good and odd manifests as JSON and YAML, what looks like YAML, and what looks like nothing. */
function bytes(good: object): fc.Arbitrary<Uint8Array> {
  const pieces = fc.array(fc.constantFrom(...PIECES, ...MORE_PIECES), { maxLength: 60 }).map((all) => all.join(''));
  const text = fc.oneof(
    { weight: 4, arbitrary: mutated(good).map((value) => JSON.stringify(value) ?? '') },
    { weight: 4, arbitrary: mutated(good).map((value) => print([value as Json])) },
    { weight: 2, arbitrary: pieces },
    { weight: 1, arbitrary: fc.tuple(mutated(good), pieces).map(([value, tail]) => print([value as Json]) + tail) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
  const encoded = text.map((each): Uint8Array => Buffer.from(each));
  return fc.oneof({ weight: 12, arbitrary: encoded }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) });
}

/**
 * Reads random files. Nothing throws or hangs, nothing is accepted that the published schema refuses, every problem
 * has a place and a harmless text, and a reading survives being kept as JSON.
 */
export function checkManifests(numRuns: number, seed: number): { readonly accepted: number } {
  let accepted = 0;
  const file = fc.oneof(
    fc.record({ kind: fc.constant<Kind>('job'), content: bytes(GOOD_JOB) }),
    fc.record({ kind: fc.constant<Kind>('machine'), content: bytes(GOOD_MACHINE) }),
    fc.record({ kind: fc.constant<Kind>('settings'), content: bytes({ WorkerPoolSize: 5, Logs: { KeepDays: 3 } }) }),
  );
  fc.assert(
    fc.property(file, ({ kind, content }) => {
      const started = performance.now();
      const reading = readFile(kind, content);
      assert.ok(performance.now() - started < LONGEST_MS, 'too slow');
      const kept = JSON.stringify(reading);
      assert.is(JSON.stringify(JSON.parse(kept)), kept);
      accepted += judgeReading(reading, content);
    }),
    { numRuns, seed },
  );
  return { accepted };
}

function judgeReading(reading: Reading, content: Uint8Array): number {
  const lines = Buffer.from(content)
    .toString('utf8')
    .split(/\r\n|\r|\n/).length;
  const values = parse(content);
  let accepted = 0;
  for (const [index, document] of reading.documents.entries()) {
    for (const { line, column, path, message } of document.problems) {
      assert.ok(line >= 1 && line <= lines && column >= 1, `${line}:${column} of ${lines}`);
      assert.not.match(path + message, /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\u202a-\u202e]/u);
    }
    if (document.problems.length > 0 || reading.kind === 'settings') continue;
    assert.ok(published[reading.kind](values[index]?.value), ajv.errorsText(published[reading.kind].errors));
    accepted += 1;
  }
  const path = { job: 'jobs/a.yaml', machine: 'machines/a.yaml', settings: 'bmcron.yaml' }[reading.kind];
  const fleet = readFleet(new Map([[path, { blob: 'b', reading }]]), 'c');
  for (const { message } of fleet.problems) assert.not.match(message, /[\p{Cc}\p{Surrogate}]/u);
  return accepted;
}

/** Prints random values and reads them back, also as YAML 1.1 would: strings stay strings. */
export function checkPrinting(numRuns: number, seed: number): void {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom(...'0123456789:-.eExX_~+oOnNyYfFtT= \n\t#"\'&*![]{},|>%@`\u0085\u2028\ufeff') }),
  );
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 1e21, 22),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), (documents) => {
      const printed = print(documents);
      const back = parse(Buffer.from(printed));
      assert.equal(
        back.flatMap(({ faults }) => faults),
        [],
      );
      // As text: `equal` takes an own `__proto__` for another prototype.
      assert.is(JSON.stringify(back.map((each) => each.value)), JSON.stringify(documents));
      assert.is(print(documents), printed);
      for (const [index, each] of parseAllDocuments(printed, { version: '1.1', merge: true }).entries()) {
        const old = each.toJS({ maxAliasCount: 0 }) as unknown;
        if (typeof documents[index] === 'string') assert.is(old, documents[index]);
      }
      const wrapped = print([{ field: documents[0] ?? null }]);
      if (typeof documents[0] === 'string') assert.is(parseYaml(wrapped, { version: '1.1' }).field, documents[0]);
    }),
    { numRuns, seed },
  );
}
