import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { githubReport, sarifReport } from '../../controller/cli/report.ts';
import { RULES, type RuleID } from '../../definitions/rules.ts';
import { job, machines, view } from '../support/pull-request.ts';

// The published schema as the npm package @microsoft/jest-sarif 1.0.0-beta.0 (MIT) ships it; its draft-04 keywords are
// `id` alone, so that it is read as a later draft without it.
const {
  id: _,
  $schema: __,
  ...SCHEMA
} = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/sarif/sarif-2.1.0-rtm.5.json'), 'utf8')) as Record<
  string,
  unknown
>;
const validate = new Ajv({ strict: false, unicodeRegExp: false, validateFormats: false, allErrors: true }).compile(
  SCHEMA,
);

const FILES = {
  'machines/all.yaml': machines(1),
  'jobs/turbo.yaml': job({ profile: 'Turbo' }),
  'jobs/odd näme, 100%.yaml': 'Name: [\n',
  'jobs/time.yaml': job({ time: '25:00:00', machines: 'nowhere' }),
  'bmcron.yaml': 'TimeZone: Mars/Olympus\nPassword: x\n',
};

test('SARIF holds to the published 2.1.0 schema', () => {
  const { problems } = view(FILES).fleet;
  assert.ok(problems.length >= 5);
  for (const some of [problems, []]) {
    const log: unknown = JSON.parse(sarifReport(some, 'fleet/'));
    assert.ok(validate(log), JSON.stringify(validate.errors?.slice(0, 3)));
  }
});

test('the schema does refuse', () => {
  const log = JSON.parse(sarifReport(view(FILES).fleet.problems)) as { runs: { results: { level: string }[] }[] };
  const [first] = log.runs[0]?.results ?? [];
  if (first) first.level = 'dreadful';
  assert.not.ok(validate(log));
});

interface Place {
  readonly artifactLocation: { readonly uri: string };
  readonly region: { readonly startLine: number; readonly startColumn: number };
}

interface Described {
  readonly id: RuleID;
  readonly shortDescription: { readonly text: string };
  readonly fullDescription: { readonly text: string };
}

test('SARIF has a result for each problem, at its place, with its rule', () => {
  const { problems } = view(FILES).fleet;
  const [run] = (
    JSON.parse(sarifReport(problems, 'fleet/')) as {
      runs: { results: Record<string, never>[]; tool: { driver: { rules: Described[] } } }[];
    }
  ).runs;
  const places = run?.results.map(({ ruleId, locations }) => {
    const [{ physicalLocation }] = locations as unknown as [{ physicalLocation: Place }];
    const { artifactLocation, region } = physicalLocation;
    return `${ruleId} ${decodeURIComponent(artifactLocation.uri)}:${region.startLine}:${region.startColumn}`;
  });
  assert.equal(
    places,
    problems.map(({ rule, file, line, column }) => `${rule} fleet/${file}:${line}:${column}`),
  );
  const rules = run?.tool.driver.rules ?? [];
  assert.equal(
    rules.map(({ id }) => id),
    [...new Set(problems.map(({ rule }) => rule))].sort(),
  );
  for (const { id, shortDescription, fullDescription } of rules) {
    assert.is(shortDescription.text, RULES[id][0]);
    assert.is(fullDescription.text, RULES[id].join(' '));
  }
});

test("GitHub's workflow commands are one line each, and nothing in them ends one or begins another", () => {
  const lines = githubReport(view(FILES).fleet.problems, 'fleet/').trimEnd().split('\n');
  assert.is(lines.length, view(FILES).fleet.problems.length);
  for (const line of lines) assert.match(line, /^::error file=fleet\/[^,]+,line=\d+,col=\d+,title=[^,:]+::[^\r\n]+$/);
  assert.ok(lines.some((line) => line.includes('odd näme%2C 100%25.yaml')));
});

test.run();
