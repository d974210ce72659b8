import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Fleet, readFleet } from '../../definitions/manifest/fleet.ts';
import { readFile } from '../../definitions/manifest/read.ts';

interface Case {
  readonly name: string;
  readonly manifest?: unknown;
  readonly manifestParts?: readonly (string | { readonly repeat: string; readonly times: number })[];
  readonly manifestBase64?: string;
  readonly valid: boolean;
  readonly errors: readonly { readonly stage: string; readonly path: string }[];
  readonly rules?: readonly string[];
}

interface Conformance {
  readonly platform: { readonly machines: Readonly<Record<string, object>> };
  readonly cases: readonly Case[];
}

const file = new URL('../fixtures/conformance/validation.json', import.meta.url);
const { platform, cases } = JSON.parse(readFileSync(file, 'utf8')) as Conformance;
const inventory = Object.entries(platform.machines)
  .map(([ID, machine]) => JSON.stringify({ ID, Endpoint: `https://${ID}.example.net`, ...machine }))
  .join('\n---\n');

function bytesOf({ manifest, manifestParts, manifestBase64 }: Case): Uint8Array {
  if (manifestBase64 !== undefined) return Buffer.from(manifestBase64, 'base64');
  if (manifestParts) {
    return Buffer.from(
      manifestParts.map((part) => (typeof part === 'string' ? part : part.repeat.repeat(part.times))).join(''),
    );
  }
  return Buffer.from(typeof manifest === 'string' ? manifest : JSON.stringify(manifest, null, 2));
}

function judge(each: Case): Fleet {
  const files = new Map([
    ['machines/all.yaml', { blob: 'm', reading: readFile('machine', Buffer.from(inventory)) }],
    ['jobs/job.yaml', { blob: 'j', reading: readFile('job', bytesOf(each)) }],
  ]);
  return readFleet(files, 'c0ffee');
}

const places = (problems: readonly { stage: string; path: string }[]) =>
  [...new Set(problems.map(({ stage, path }) => `${stage} ${path}`))].sort();

for (const each of cases) {
  test(`${each.rules?.join(', ') ?? 'R02'}: ${each.name}`, () => {
    const { jobs, problems } = judge(each);
    const errors = problems.filter(({ severity }) => severity === 'error');
    assert.equal(places(errors), places(each.errors));
    assert.is(jobs.has('job'), each.valid);
    const spots = errors.map(({ path, stage, line }) => `${stage} ${path} ${path === '$' ? line : ''}`);
    assert.is(errors.length, new Set(spots).size, 'one problem a place');
    for (const { file, line, column, message, rule } of errors) {
      assert.is(file, 'jobs/job.yaml');
      assert.ok(line >= 1 && column >= 1);
      assert.match(message, /^[^\p{Cc}]{5,}$/u);
      assert.match(rule, /^R\d\d$/);
    }
  });
}

test.run();
