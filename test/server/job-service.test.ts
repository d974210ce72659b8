import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openGit } from '../../controller/git/command.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { DEMO_JOBS } from '../support/examples.ts';
import { JOBS, job, openTestService, type TestService, until } from '../support/service.ts';

const SERVICE = '/MultiFish/v1/JobService';
const TOKEN = { token: 'sesame' };
let server: TestService;
test.before(async () => {
  server = await openTestService();
});
test.after(() => server.stop());

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const type = { 'content-type': 'application/json' };
  const init = { method, headers: { ...type, ...headers }, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await server.ask(path, { ...init, ...TOKEN });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: (text === '' ? null : JSON.parse(text)) as JsonObject,
  };
}

const git = (...args: string[]) => server.fleet.repository.ask(...args);
const subjects = async () => (await git('log', '--format=%an|%s', 'main')).trim().split('\n');
const own = async () => (await subjects()).filter((line) => line.startsWith('alice|'));

/** What a person does: pull, change a file, push. */
async function person(path: string, change: (text: string) => string): Promise<void> {
  const { clone, commit } = server.fleet.repository;
  const here = openGit(join(clone, '.git'), process.env, clone);
  await until(async () => {
    await here.text(['fetch', '--quiet', 'origin', 'main']);
    await here.text(['reset', '--quiet', '--hard', 'FETCH_HEAD']);
    await writeFile(join(clone, path), change(await readFile(join(clone, path), 'utf8').catch(() => '')));
    return commit(`Change ${path}`).catch(() => null); // somebody else was first: again on their tip, as people do
  });
}

test('the service tells its capabilities', async () => {
  const { body } = await send('GET', SERVICE);
  const workers = { WorkerPoolSize: 5, ActiveWorkers: 0, AvailableWorkers: 5 };
  assert.equal(body['ServiceCapabilities'], { ...workers, TotalJobs: DEMO_JOBS, RunningJobs: 0, WaitingJobs: 0 });
  assert.is(body['@odata.id'], SERVICE);
});

test('the collection lists its members, a part of them, or all of each', async () => {
  const { body } = await send('GET', JOBS);
  assert.is(body['Members@odata.count'], DEMO_JOBS);
  const members = (of: JsonObject) => (of['Members'] as JsonObject[]).map((each) => each['@odata.id']);
  const part = await send('GET', `${JOBS}?$skip=3&$top=2`);
  assert.equal(members(part.body), members(body).slice(3, 5));
  assert.ok(members(body).includes(`${JOBS}/examples.nightly-powersaver-mode`));
  assert.is(part.body['Members@odata.nextLink'], `${JOBS}?$skip=5&$top=2`);
  const whole = await send('GET', `${JOBS}?$expand=.&$top=1`);
  assert.is((whole.body['Members'] as JsonObject[])[0]?.['Name'], 'Chassis Label');
});

for (const [query, status] of [
  ['$filter=Status eq 1', 501],
  ['$skip=0&$select=Name', 501],
  ['$skip=0&$top=1&other=1', 200],
  ['filter=1', 200],
] as const) {
  test(`#19 DSP0266 7.3: a query of ${query}: ${status}`, async () => {
    const answer = await send('GET', `${JOBS}?${encodeURI(query)}`);
    assert.is(answer.status, status);
    if (status !== 501) return;
    const { code, message } = answer.body['error'] as JsonObject;
    assert.is(code, 'Base.1.18.QueryNotSupportedOnResource');
    assert.match(String(message), /the query parameter \$\w+ is not supported here; there are \$skip, \$top, \$expand/);
    assert.is((await send('GET', `${SERVICE}?$top=1`)).status, 501, 'nor is there a part of what is one');
  });
}

test('a job is created: 201, its address, a commit by the caller that is in force', async () => {
  const { status, headers, body } = await send('POST', JOBS, job());
  assert.is(status, 201);
  assert.is(headers.get('location'), `${JOBS}/evening-balance`);
  assert.is(body['@odata.type'], '#Job.v1_0_0.Job');
  assert.is(body['Id'], 'evening-balance');
  assert.is(body['Status'], 'Pending');
  assert.is(body['ExecutionCount'], 0);
  assert.match(String(body['NextRunTime']), /T23:59:58Z$/);
  assert.is((await own())[0], 'alice|Create job evening-balance');
  const who = await git('log', '-1', '--author=alice', '--format=%ae %cn', 'main');
  assert.is(who.trim(), 'alice@bmcron.invalid bmcron');
  assert.match(await git('show', 'main:jobs/evening-balance.yaml'), /^Name: Evening Balance\nMachines:\n/);
});

test('a second job of that Name gets an ID of its own', async () => {
  assert.is((await send('POST', JOBS, job())).headers.get('location'), `${JOBS}/evening-balance-2`);
  const nameless = await send('POST', JOBS, job({ Name: '☀' }));
  assert.match(nameless.headers.get('location') ?? '', /\/Jobs\/[a-z0-9-]+$/);
});

const REFUSED: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  [
    'all problems of all stages at once',
    {
      Machines: ['machine-9'],
      Payload: { ManagerID: 'bmc', Payload: { Profile: 'Turbo' } },
      Schedule: { Type: 'Once', Time: '25:00:00' },
    },
    ['R02 #/Machines/0', 'R02 #/Payload/Payload/Profile', 'R08 #/Schedule/Time'],
  ],
  ['what the service owns', { Status: 'Completed' }, ['R03 #/Status']],
  ['an unknown field', { Colour: 'red' }, ['R03 #/Colour']],
  ['a prototype', JSON.parse('{"__proto__": {"a": 1}}') as JsonObject, ['R03 #/__proto__']],
];
for (const [name, fields, expected] of REFUSED) {
  test(`R01: refused with 400 and without a commit: ${name}`, async () => {
    const before = (await own()).length;
    const value = Object.assign(Object.create(null) as object, job());
    for (const [key, each] of Object.entries(fields))
      Object.defineProperty(value, key, { value: each, enumerable: true });
    const { status, body } = await send('POST', JOBS, value);
    assert.is(status, 400);
    const error = body['error'] as JsonObject;
    const told = (error['@Message.ExtendedInfo'] as JsonObject[]).map((each) => {
      const rule = ((each['Oem'] as JsonObject)['Bmcron'] as JsonObject)['Rule'];
      return `${rule} ${(each['RelatedProperties'] as string[])[0]}`;
    });
    assert.equal(told, expected);
    assert.is((await own()).length, before);
  });
}

test('PATCH edits in place: comments and the other documents stay, byte for byte', async () => {
  const before = await git('show', 'main:jobs/examples.yaml');
  const patch = { Schedule: { Time: '21:30:00', Period: { EndDay: '2027-01-31' } }, Suspend: true };
  const { status, body } = await send('PATCH', `${JOBS}/examples.nightly-powersaver-mode`, patch);
  assert.is(status, 200);
  assert.is(body['Suspended'], true);
  const after = await git('show', 'main:jobs/examples.yaml');
  assert.is(
    after,
    before
      .replace('"22:00:00"', '"21:30:00"')
      .replace('EndDay: null #', 'EndDay: "2027-01-31" #')
      .replace('    DaysOfMonth: null\n', '    DaysOfMonth: null\nSuspend: true\n'),
  );
  const again = await send('PATCH', `${JOBS}/examples.nightly-powersaver-mode`, {
    Suspend: null,
    Schedule: { TimeZone: 'Asia/Tokyo' },
  });
  assert.is(again.body['Suspended'], false);
  assert.match(String(again.body['NextRunTime']), /T12:30:00Z$/);
});

test('PATCH that changes nothing makes no commit', async () => {
  const before = (await own()).length;
  const { status } = await send('PATCH', `${JOBS}/evening-balance`, { Name: 'Evening Balance' });
  assert.is(status, 200);
  assert.is((await own()).length, before);
});

test('PATCH of a Name in a file of several documents leads to the new ID (R17)', async () => {
  const { status, headers } = await send('PATCH', `${JOBS}/examples.cooler-cpu-zone`, { Name: 'Cool CPU' });
  assert.is(status, 200);
  assert.is(headers.get('location'), `${JOBS}/examples.cool-cpu`);
});

test('PATCH with the ETag of an older manifest is 412', async () => {
  const etag = (await send('GET', `${JOBS}/evening-balance`)).headers.get('etag') ?? '';
  assert.is((await send('PATCH', `${JOBS}/evening-balance`, { Suspend: true }, { 'if-match': etag })).status, 200);
  assert.is((await send('PATCH', `${JOBS}/evening-balance`, { Suspend: null }, { 'if-match': etag })).status, 412);
});

for (const body of [{ WorkerPoolSize: 7 }, { ServiceCapabilities: { WorkerPoolSize: 9 } }]) {
  test(`the worker pool is resized by ${JSON.stringify(body)}`, async () => {
    const { status, body: told } = await send('PATCH', SERVICE, body);
    const size = 'WorkerPoolSize' in body ? body.WorkerPoolSize : body.ServiceCapabilities?.WorkerPoolSize;
    assert.is(status, 200);
    assert.is((told['ServiceCapabilities'] as JsonObject)['WorkerPoolSize'], size);
    assert.is(await git('show', 'main:bmcron.yaml'), `TimeZone: UTC\nWorkerPoolSize: ${size}\n`);
  });
}

test('a worker pool of no size is refused with what is allowed', async () => {
  for (const WorkerPoolSize of [0, 10_001, 1.5])
    assert.is((await send('PATCH', SERVICE, { WorkerPoolSize })).status, 400);
  assert.is((await send('PATCH', SERVICE, { WorkerPoolSize: 5, Other: 1 })).status, 400);
});

test('Trigger writes a token, runs the job once, and a token runs once, ever (R28)', async () => {
  const first = await send('POST', `${JOBS}/first-run/Actions/Trigger`, { Token: 'maintenance-1' });
  assert.is(first.status, 202);
  assert.is((first.body['LastTrigger'] as JsonObject)['Token'], 'maintenance-1');
  assert.match(await git('show', 'main:jobs/first-run.yaml'), /^# Runs once[\s\S]*\nTrigger: maintenance-1\n$/);
  await until(async () => (await send('GET', `${JOBS}/first-run`)).body['Status'] === 'Completed');
  assert.is((await send('POST', `${JOBS}/first-run/Actions/Trigger`, { Token: 'maintenance-1' })).status, 409);
  assert.is((await send('GET', `${JOBS}/first-run`)).body['ExecutionCount'], 1);
  assert.is((await send('POST', `${JOBS}/first-run/Actions/Trigger`, { Token: 'no blanks' })).status, 400);
  assert.is((await send('POST', `${JOBS}/first-run/Actions/Trigger`, { When: 'now' })).status, 400);
});

test('others who push at the same time are no hindrance: done again on the new tip', async () => {
  const both = await Promise.all([
    person('jobs/by-hand.yaml', () => JSON.stringify(job({ Name: 'By hand' }))),
    ...['a', 'b', 'c'].map((name) => send('POST', JOBS, job({ Name: `Raced ${name}` }))),
  ]);
  assert.equal(
    both.slice(1).map((each) => each && (each as { status: number }).status),
    [201, 201, 201],
  );
  await until(async () => (await send('GET', `${JOBS}/by-hand`)).status === 200);
});

test('DELETE takes the file, or the document, and leaves the other jobs what they are', async () => {
  assert.is((await send('DELETE', `${JOBS}/evening-balance-2`)).status, 204);
  assert.is((await send('GET', `${JOBS}/evening-balance-2`)).status, 404);
  await person(
    'jobs/pair.yaml',
    () => `# first\n${JSON.stringify(job({ Name: 'One' }))}\n---\n# second\n${JSON.stringify(job({ Name: 'Two' }))}\n`,
  );
  await until(async () => (await send('GET', `${JOBS}/pair.two`)).status === 200);
  const created = (await send('GET', `${JOBS}/pair.two`)).body['CreatedTime'];
  assert.is((await send('DELETE', `${JOBS}/pair.one`)).status, 204);
  const left = await send('GET', `${JOBS}/pair.two`);
  assert.is(left.body['CreatedTime'], created);
  assert.is((left.body['Manifest'] as JsonObject)['File'], 'jobs/pair.two.yaml');
  assert.match(await git('show', 'main:jobs/pair.two.yaml'), /^# second\n/);
});

test('a push that the repository refuses is 403, and nothing is half done', async () => {
  const { remote } = server.fleet.repository;
  await mkdir(join(remote, 'hooks'), { recursive: true });
  const hook = join(remote, 'hooks', 'pre-receive');
  await writeFile(hook, '#!/bin/sh\necho "only by pull request" >&2\nexit 1\n');
  await chmod(hook, 0o755);
  const before = (await own()).length;
  const { status, body } = await send('POST', JOBS, job({ Name: 'Refused' }));
  assert.is(status, 403);
  assert.match(String((body['error'] as JsonObject)['message']), /refuses the push, nothing was changed/);
  assert.is((await send('GET', `${JOBS}/refused`)).status, 404);
  assert.is((await own()).length, before);
  await writeFile(hook, '#!/bin/sh\nexit 0\n');
  assert.is((await send('POST', JOBS, job({ Name: 'Refused' }))).status, 201);
});

test('nobody else’s commit is lost, and the service’s own files stay its own', async () => {
  const changed = await git('log', '--author=alice', '--name-only', '--format=', 'main');
  for (const path of changed.trim().split('\n').filter(Boolean)) {
    assert.not.match(path, /\.status\.yaml$|^logs\/|^\.bmcron\/|^STATUS/);
  }
  assert.match((await subjects()).join('\n'), /Change jobs\/by-hand\.yaml/);
});

test.run();
