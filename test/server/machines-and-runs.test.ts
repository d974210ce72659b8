import { Ajv2020 } from 'ajv/dist/2020.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../definitions/values/json.ts';
import { JOBS, openTestService, type TestService, until } from '../support/service.ts';

const ROOT = '/MultiFish/v1';
const RUN = { method: 'POST', token: 'sesame' };
const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** Two runs of a job of three machines. */
let server: TestService;
test.before(async () => {
  server = await openTestService();
  ajv.addSchema({ ...((await (await server.ask('/openapi.json')).json()) as JsonObject), $id: 'openapi' });
  for (let run = 1; run <= 2; run += 1) {
    await until(async () => (await server.ask(`${JOBS}/first-run/Actions/Trigger`, RUN)).status === 202);
    await until(() => server.events.filter(({ event }) => event === 'finished').length === run);
  }
});
test.after(() => server.stop());

/** What stands at an address of the API; it is what the document says of it. */
async function read(path: string, schema: string): Promise<JsonObject> {
  const answer = await server.ask(path);
  assert.is(answer.status, 200, path);
  assert.is(answer.headers.get('odata-version'), '4.0');
  const body = (await answer.json()) as JsonObject;
  const validate = ajv.compile({ $ref: `openapi#/components/schemas/${schema}` });
  assert.ok(validate(body), ajv.errorsText(validate.errors));
  return body;
}

const link = (value: unknown) => String((value as JsonObject)['@odata.id']);
const members = (body: JsonObject) => body['Members'] as JsonObject[];

test('#19.8 from the root to what became of a machine, by links alone', async () => {
  const root = await read(ROOT, 'ServiceRoot');
  const runs = await read(link(root['Runs']), 'RunCollection');
  assert.is(runs['Members@odata.count'], 2);
  const run = await read(link(members(runs)[0]), 'Run');
  assert.is(run['RunStatus'], 'Completed');
  assert.equal(
    [run['Trigger'], run['Action'], run['MachineCount'], run['Succeeded']],
    ['Manual', 'PatchProfile', 3, 3],
  );
  const parts = await read(link(run['Parts']), 'PartCollection');
  assert.is(parts['Members@odata.count'], 3);
  const part = await read(link(members(parts)[0]), 'Part');
  assert.equal([part['PartStatus'], part['Error']], ['success', null]);
  assert.match(String(part['LogFile']), /^logs\/\d{4}\/\d\d\/\d\d\/first-run_machine-1_/);
  assert.ok('NewProfile' in (part['Result'] as JsonObject));
  const machine = await read(link((part['Links'] as JsonObject)['Machine']), 'Machine');
  assert.is(machine['Id'], 'machine-1');
  assert.match(String(machine['Endpoint']), /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(
    (machine['Days'] as JsonObject[]).map(({ Succeeded }) => Succeeded),
    [2],
  );
  const jobs = ((machine['Links'] as JsonObject)['Jobs'] as JsonObject[]).map(link);
  assert.ok(jobs.includes(`${JOBS}/first-run`));
  await read(`${JOBS}/first-run`, 'Job');
});

test('#19.8 the newest run is first', async () => {
  const runs = members(await read(`${ROOT}/Runs?$expand=.`, 'RunCollection'));
  assert.is(runs.length, 2);
  const { LastRun } = await read(`${JOBS}/first-run`, 'Job');
  assert.is(runs[0]?.['Id'], (LastRun as JsonObject)['RunID']);
  const [first] = members(await read(`${ROOT}/Runs?$top=1`, 'RunCollection'));
  assert.is(link(first), link(runs[0]));
});

test('#19.8 the name of a secret is not told', async () => {
  const text = await (await server.ask(`${ROOT}/Machines?$expand=.`)).text();
  assert.match(text, /machine-3/);
  assert.not.match(text, /Credentials|Fingerprint|TLS/);
});

test('#19.8 members come in parts, whole ones too; each link leads to the part after it', async () => {
  const seen: unknown[] = [];
  let next = `${ROOT}/Machines?$top=2&$expand=.`;
  for (let pages = 0; pages < 2; pages += 1) {
    const page = await read(next, 'MachineCollection');
    seen.push(...members(page).map(({ Id }) => Id));
    next = String(page['Members@odata.nextLink'] ?? '');
  }
  assert.equal(seen, ['machine-1', 'machine-2', 'machine-3']);
  assert.is(next, '');
});

for (const [path, status] of [
  ['/Machines/machine-9', 404],
  ['/Machines/__proto__', 404],
  ['/Runs/first-run', 404],
  ['/Runs/x/Parts', 404],
  ['/Machines?$filter=x', 501],
  ['/Runs?$select=Id', 501],
  ['/Machines/machine-1?$top=1', 501],
  ['/Machines?$top=x', 400],
] as const) {
  test(`#19.8 ${path} is ${status}, as Redfish says it`, async () => {
    const answer = await server.ask(ROOT + path);
    assert.is(answer.status, status);
    assert.match(JSON.stringify(await answer.json()), /"code":"Base\.1\.18\.\w+"/);
  });
}

test('#19.8 what is read there is not written there', async () => {
  for (const path of ['/Machines', '/Runs', '/Machines/machine-1'])
    assert.is((await server.ask(ROOT + path, RUN)).status, 405);
});

test.run();
