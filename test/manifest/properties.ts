import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { readFleet } from '../../definitions/manifest/fleet.ts';
import { readFile } from '../../definitions/manifest/read.ts';
import type { ManifestKind, Reading } from '../../definitions/manifest/reading.ts';
import { schemaOf } from '../../definitions/schemas/index.ts';
import { parse } from '../../definitions/yaml/document.ts';
import { bytes, GOOD_JOB, GOOD_MACHINE, GOOD_WINDOW } from '../support/odd-text.ts';

const PATHS: Readonly<Record<ManifestKind, string>> = {
  job: 'jobs/a.yaml',
  machine: 'machines/a.yaml',
  defaults: 'machines/_a.yaml',
  window: 'windows/a.yaml',
  settings: 'bmcron.yaml',
};

/** No single file, however odd, may hold the controller up; generous, for slow machines. */
const LONGEST_MS = 2_000;
const ajv = new Ajv2020({ allowUnionTypes: true, strictTypes: false });
const published = {
  job: ajv.compile(schemaOf('job')),
  machine: ajv.compile(schemaOf('machine')),
  defaults: ajv.compile(schemaOf('defaults')),
  window: ajv.compile(schemaOf('window')),
};

/**
 * Reads random files. Nothing throws or hangs, nothing is accepted that the published schema refuses, every problem
 * has a place and a harmless text, and a reading survives being kept as JSON.
 */
export function checkManifests(numRuns: number, seed: number): { readonly accepted: number } {
  let accepted = 0;
  const file = fc.oneof(
    fc.record({ kind: fc.constant<ManifestKind>('job'), content: bytes(GOOD_JOB) }),
    fc.record({ kind: fc.constant<ManifestKind>('machine'), content: bytes(GOOD_MACHINE) }),
    fc.record({ kind: fc.constant<ManifestKind>('window'), content: bytes(GOOD_WINDOW) }),
    fc.record({
      kind: fc.constant<ManifestKind>('defaults'),
      content: bytes({ Defaults: { Type: 'Base', CredentialsRef: 'rack7', Labels: { rack: 'r7' } } }),
    }),
    fc.record({
      kind: fc.constant<ManifestKind>('settings'),
      content: bytes({ WorkerPoolSize: 5, Logs: { KeepDays: 3 } }),
    }),
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
  const path = PATHS[reading.kind];
  const fleet = readFleet(new Map([[path, { blob: 'b', reading }]]), 'c');
  for (const { message } of fleet.problems) assert.not.match(message, /[\p{Cc}\p{Surrogate}]/u);
  return accepted;
}
