import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { machineResource } from '../../controller/server/api/machines.ts';
import { openAPI } from '../../controller/server/api/openapi.ts';
import { jobResource, serviceResource } from '../../controller/server/api/resources.ts';
import { version } from '../../definitions/job-version.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import { readFile } from '../../definitions/manifest/read.ts';
import { type JsonObject, own } from '../../definitions/values/json.ts';
import { job } from '../support/service.ts';

const document = openAPI('1.2.3');
const schemas = own(own(document, 'components'), 'schemas') as JsonObject;
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'openapi', components: { schemas } });

function complaints(schema: string, value: unknown): string {
  const validate = ajv.compile({ $ref: `openapi#/components/schemas/${schema}` });
  return validate(value) ? '' : ajv.errorsText(validate.errors);
}

function refs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => (key === '$ref' ? [String(each)] : refs(each)));
}

test('it is OpenAPI 3.1, and each reference leads somewhere', () => {
  assert.match(String(document['openapi']), /^3\.1\./);
  const asked = refs(document);
  assert.ok(asked.length > 20);
  for (const ref of asked) assert.ok(own(schemas, ref.replace('#/components/schemas/', '')), ref);
});

test("#19.8 the document is clean under redocly's recommended rules", async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config });
  const found = problems.map(({ ruleId, message, location: [at] }) => `${ruleId} at ${at?.pointer}: ${message}`);
  assert.equal(found, []);
  const broken = JSON.stringify({ ...document, servers: [] });
  assert.ok((await lintFromString({ source: broken, absoluteRef: 'openapi.json', config })).length > 0);
});

test('each operation has a name of its own, and answers', () => {
  const operations = Object.values(own(document, 'paths') as JsonObject).flatMap((path) =>
    Object.values(path as JsonObject).filter((each) => own(each, 'operationId') !== undefined),
  );
  const names = operations.map((each) => own(each, 'operationId'));
  assert.is(names.length, 15);
  assert.is(new Set(names).size, names.length);
  for (const each of operations)
    assert.ok(Object.keys(own(each, 'responses') as JsonObject).some((code) => code < '300'));
});

for (const name of Object.keys(schemas)) {
  test(`the schema ${name} compiles`, () => assert.type(complaints(name, {}), 'string'));
}

test('what the JobService answers is what the document says', () => {
  const reading = readFile('job', new TextEncoder().encode(JSON.stringify(job())));
  const spec = reading.kind === 'job' ? reading.documents[0]?.spec : null;
  assert.ok(spec);
  if (!spec) return;
  const source = { file: 'jobs/a.yaml', document: 0, blob: 'b'.repeat(40) };
  const one = { id: 'a', spec, machines: spec.Machines ?? [], version: version(spec), source, commit: 'c'.repeat(40) };
  const status = accepted(one, new Date(0), new Date(1_000));
  assert.is(complaints('Job', jobResource(one, status)), '');
  assert.is(complaints('JobService', serviceResource({ workers: 5, running: 0, waiting: 2, jobs: 9 })), '');
  const machine = {
    ID: 'm1',
    Type: 'Base',
    Endpoint: 'https://10.0.0.1',
    CredentialsRef: 'rack1',
    Timeout: '60s',
  } as const;
  assert.is(complaints('Machine', machineResource(machine, [[20_000, 1, 0]])), '');
  assert.not.match(JSON.stringify(machineResource(machine, [])), /rack1/);
});

test('what may be sent is what the manifests may say', () => {
  assert.is(complaints('JobManifest', job()), '');
  assert.is.not(complaints('JobManifest', job({ Colour: 'red' })), '');
  assert.is(complaints('JobPatch', { Schedule: { Time: '10:00:00' }, Suspend: null }), '');
  assert.is.not(complaints('JobPatch', { Status: 'Completed' }), '');
  assert.is(complaints('JobServicePatch', { WorkerPoolSize: 10 }), '');
  assert.is.not(complaints('JobServicePatch', { WorkerPoolSize: 0 }), '');
});

test('#20 each operation tells of what the guard and the table of routes may answer', () => {
  for (const [path, methods] of Object.entries(own(document, 'paths') as JsonObject)) {
    for (const [method, operation] of Object.entries(methods as JsonObject)) {
      const responses = own(operation, 'responses');
      if (responses === undefined) continue; // the parameters of a path
      const codes = Object.keys(responses as JsonObject);
      for (const code of ['400', '401', '403', '404', '405', '421', '429']) {
        assert.ok(codes.includes(code), `${method} ${path}: ${code}`);
      }
    }
  }
});

test('#20 a manifest is one of several, by its action: each with the payload of that action alone', () => {
  const manager = { ManagerID: 'bmc', Payload: { ServiceIdentification: 'rack 1' } };
  assert.is(complaints('JobManifest', job({ Action: 'PatchManager', Payload: manager })), '');
  assert.is.not(complaints('JobManifest', job({ Action: 'PatchProfile', Payload: manager })), '');
  assert.is.not(complaints('JobManifest', job({ Action: 'PatchNothing' })), '');
  const { oneOf, discriminator } = schemas['JobManifest'] as JsonObject;
  assert.is((oneOf as JsonObject[]).length, Object.keys(own(discriminator, 'mapping') as JsonObject).length);
  assert.not.match(JSON.stringify(schemas['PatchProfileJob']), '"const":"PatchManager"');
});

test.run();
