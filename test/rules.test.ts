// The rules, by number: each that the code cites exists, and each has a test that names it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RULE_GROUPS, RULES } from '../definitions/rules.ts';

const ROOT = join(import.meta.dirname, '..');
const NUMBER = /\bR\d\d\b/g;
/** `R01–R10` names each rule from the first to the last. */
const RANGE = /\bR(\d\d)–R(\d\d)\b/g;
/** Scenarios of the conformance suite have numbers of their own, R02 to R09 among them. */
const SCENARIO = /\bscenario\('[A-Z]\d\d'/g;
/** Cases whose rules stand in the titles of the tests that are made from them. */
const CASES = /^test\/fixtures\/conformance\/(?:validation|next-run)\.json$/;

/** Each rule that a file below the folders names → the files that name it. */
function citations(...folders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const path of folders.flatMap(filesBelow)) {
    for (const id of new Set(rulesIn(readFileSync(join(ROOT, path), 'utf8')))) {
      found.set(id, [...(found.get(id) ?? []), path]);
    }
  }
  return found;
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path}`)
    .filter((path) => path.endsWith('.ts') || CASES.test(path))
    .filter((path) => path !== 'definitions/rules.ts' && path !== 'test/rules.test.ts');
}

function rulesIn(text: string): string[] {
  const between = [...text.matchAll(RANGE)].flatMap(([, first, last]) => {
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => ruleID(Number(first) + index));
  });
  return [...(text.replaceAll(SCENARIO, '').match(NUMBER) ?? []), ...between];
}

function ruleID(number: number): string {
  return `R${String(number).padStart(2, '0')}`;
}

test('the rules are numbered from R01 on without a gap, each a sentence or more without an end missing', () => {
  const ids = Object.keys(RULES).sort();
  assert.equal(
    ids,
    ids.map((_, index) => ruleID(index + 1)),
  );
  for (const [id, sentences] of Object.entries(RULES)) {
    for (const sentence of sentences) assert.match(sentence, /^[A-Z`].*\.$/, id);
  }
});

test('each rule stands in one group', () => {
  const grouped = Object.values(RULE_GROUPS).flatMap((rules) => Object.keys(rules));
  assert.equal(grouped.sort(), Object.keys(RULES).sort());
});

test('a rule that the code, a rule or a test cites exists', () => {
  const inRules = Object.values(RULES).flatMap((sentences) => rulesIn(sentences.join(' ')));
  const cited = [...citations('controller', 'definitions', 'test').keys(), ...inRules];
  assert.ok(cited.length > 40, 'the citations have been found');
  assert.equal(
    cited.filter((id) => !(id in RULES)),
    [],
    'write the rule into definitions/rules.ts, or cite the one that is meant',
  );
});

test('each rule is cited by a test', () => {
  const cited = citations('test');
  assert.equal(
    Object.keys(RULES).filter((id) => !cited.has(id)),
    [],
    'put the number into the title of the test that proves the rule',
  );
});

test.run();
