import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OUTCOMES } from '../definitions/run.ts';
import { isObject, type Json, type JsonObject } from '../definitions/values/json.ts';
import { parse } from '../definitions/yaml/document.ts';
import { declaredMetrics } from './support/metrics.ts';

const ROOT = join(import.meta.dirname, '..');
const [alerts] = parse(await readFile(join(ROOT, 'deploy/prometheus/alerts.yaml')));
const dashboard = JSON.parse(await readFile(join(ROOT, 'deploy/grafana/dashboard.json'), 'utf8')) as JsonObject;
const docs = await readFile(join(ROOT, 'docs/operating.md'), 'utf8');
const declared = declaredMetrics();

/** The values of a key, wherever it stands. */
function all(value: Json | undefined, key: string): Json[] {
  if (Array.isArray(value)) return value.flatMap((each) => all(each, key));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => (name === key ? [inner] : all(inner, key)));
}

/** What is wrong with a query: metrics that are not there, labels that one has not got, words that are no outcome. */
function faults(query: string): string[] {
  const asked = [...query.matchAll(/\b((?:bmcron|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)];
  if (asked.length === 0) return ['it asks for no metric'];
  return asked.flatMap(([, name = '', selector = '']) => {
    if (name === 'process_resident_memory_bytes') return [];
    const labels = declared.get(name);
    if (!labels) return [`there is no ${name}`];
    return [...selector.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].flatMap(([, label = '', , values = '']) => {
      if (label === 'instance') return [];
      if (!labels.has(label)) return [`${name} has no ${label}`];
      return values.split('|').flatMap((each) => (known(name, each) ? [] : [`${label} of ${name} is never ${each}`]));
    });
  });
}

/** Words that stand for how something went. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  bmcron_job_last_outcome: ['completed', 'failed', 'missed', 'pending'],
  bmcron_machines_by_last_outcome: [...OUTCOMES, 'success', 'failed', 'none'],
  bmcron_problems: ['error', 'warning'],
  bmcron_jobs: ['Pending', 'Running', 'Completed', 'Failed'],
};
const known = (metric: string, value: string) => WORDS[metric]?.includes(value) ?? false;

const rules = all(alerts?.value, 'rules').flat() as JsonObject[];
test('#19.5 there is an alert for each thing that an operator is woken for', () => {
  const names = rules.map((rule) => String(rule['alert']));
  assert.is(new Set(names).size, names.length);
  for (const word of ['Absent', 'Reconciling', 'Publishing', 'RunFailed', 'JobNotSuccessful', 'Unreachable', 'Breaker'])
    assert.ok(
      names.some((name) => name.includes(word)),
      word,
    );
  for (const word of ['ClockOff', 'InvalidManifests', 'NotRecording']) assert.ok(names.includes(`Bmcron${word}`), word);
});

for (const rule of rules) {
  const name = String(rule['alert']);
  test(`#19.5 ${name} asks for metrics that exist, says how bad it is, and the documents say what to do`, () => {
    assert.equal(faults(String(rule['expr'])), []);
    assert.match(String((rule['labels'] as JsonObject)['severity']), /^(critical|warning)$/);
    assert.equal(Object.keys(rule['annotations'] as JsonObject), ['summary', 'description']);
    assert.ok(docs.includes(`| \`${name}\` |`), 'docs/operating.md has a row for it');
  });
}

test('#19.5 each query of the dashboard names metrics and labels that exist', () => {
  const queries = [...all(dashboard, 'expr'), ...all(dashboard, 'definition')].map(String);
  assert.ok(queries.length > 30);
  assert.equal(
    queries.flatMap((query) => faults(query).map((fault) => `${query}: ${fault}`)),
    [],
  );
  assert.equal(faults('rate(bmcron_nothing_total[5m])'), ['there is no bmcron_nothing_total']);
  assert.equal(faults('bmcron_jobs{colour="red"}'), ['bmcron_jobs has no colour']);
  assert.equal(faults('bmcron_jobs{status="red"}'), ['status of bmcron_jobs is never red']);
});

test('#19.5 the dashboard asks the data source that is chosen, its panels have numbers of their own and words', () => {
  const panels = dashboard['panels'] as JsonObject[];
  assert.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const panel of panels.filter(({ type }) => type !== 'row')) {
    assert.ok(panel['title'] && panel['description'], String(panel['id']));
    assert.equal(panel['datasource'], { type: 'prometheus', uid: '${' + 'datasource}' });
  }
});

test.run();
