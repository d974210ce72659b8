// Traces as an operator gets them: the program as a process, the standard variables, a collector that is a process too.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CliFleet, createCliFleet, jobText, machineText, until } from '../support/command.ts';
import type { ReceivedSpan } from '../support/otlp.ts';
import { TEST_SECRETS } from '../support/secrets.ts';

const HEADER_SECRET = 'what-the-collector-knows';
type Span = ReceivedSpan & { readonly type: string };

/** A collector; what it got is read until it ends. */
async function startCollector(status = 200) {
  const receiver = join(import.meta.dirname, '../support/otlp-receiver.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', receiver, String(status)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  await until(() => printed.includes('\n'), 'the collector listens');
  return {
    origin: printed.trim(),
    spans: () =>
      printed
        .split('\n')
        .slice(1, -1)
        .map((line) => JSON.parse(line) as Span),
    async stop() {
      child.kill('SIGTERM');
      await until(() => child.exitCode !== null || child.signalCode !== null, 'the collector has ended');
    },
  };
}

/** `bmcron run --once` with these variables beside its own. */
async function runOnce(variables: Readonly<Record<string, string>>) {
  Object.assign(process.env, variables);
  try {
    return await fleet.bmcron('run', fleet.repository.clone, '--local', '--once');
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

/** The fleet's `machine-2` is at an address where nobody is. */
const NOBODY = { endpoint: 'https://127.0.0.1:9', fingerprint: `sha256:${'0'.repeat(64)}` };

let fleet: CliFleet;
test.before(async () => {
  fleet = await createCliFleet({ 'machines/two.yaml': machineText('machine-2', NOBODY) });
});
test.after(() => fleet.remove());

/** Has the job run on these machines, by a commit; its hash. */
async function trigger(token: string, ...machines: string[]): Promise<string> {
  await fleet.write({ 'jobs/nightly.yaml': jobText(machines, 'PowerSaver', '23:59:59', `Trigger: ${token}`) });
  await fleet.repository.commit(`Trigger ${token}`);
  return (await fleet.repository.ask('rev-parse', 'main')).trim();
}

test('#19.5 one trace from the commit to each request, and nothing secret in it', async () => {
  const collector = await startCollector();
  const commit = await trigger('t1', 'machine-1', 'machine-2');
  const { code, stdout, stderr } = await runOnce({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${HEADER_SECRET}`,
    OTEL_SERVICE_NAME: 'fleet-ams',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  });
  const spans = collector.spans();
  await collector.stop();
  assert.is(code, 1, stdout + stderr); // machine-2 fails
  const under = (parent: Span | undefined) => spans.filter(({ parentSpanId }) => parentSpanId === parent?.spanId);
  assert.ok(spans.length > 0, stdout + stderr);
  const [root, ...otherRoots] = spans.filter(({ parentSpanId }) => parentSpanId === '');
  assert.equal([root?.name, root?.attributes['vcs.ref.head.revision'], otherRoots.length], ['commit', commit, 0]);
  assert.equal([...new Set(spans.map(({ traceId }) => traceId))], [commit.slice(0, 32)]);
  const [run, ...otherRuns] = under(root);
  assert.equal(
    [run?.name, run?.status, run?.attributes['bmcron.succeeded'], otherRuns.length],
    ['run nightly', 2, 1, 0],
  );
  const parts = new Map(under(run).map((part) => [part.attributes['bmcron.machine'], part]));
  const [one, two] = [parts.get('machine-1'), parts.get('machine-2')];
  assert.is(parts.size, 2);
  assert.match(String(one?.attributes['bmcron.outcome']), /^(Applied|Unchanged)$/);
  assert.equal([two?.attributes['bmcron.outcome'], two?.status], ['Unreachable', 2]);
  assert.match(two?.message ?? '', /refused/);
  const requests = under(one);
  assert.ok(requests.some(({ name, attributes }) => name === 'GET' && attributes['http.response.status_code'] === 200));
  for (const { kind, startMs, endMs } of requests) {
    assert.is(kind, 3, 'a client asks');
    assert.ok(one && startMs >= one.startMs - 2 && endMs <= one.endMs);
  }
  assert.equal([root?.resource['service.name'], root?.resource['deployment.environment.name']], ['fleet-ams', 'test']);
  assert.is(root?.type, 'application/x-protobuf');
  const all = JSON.stringify(spans) + stdout + stderr;
  for (const secret of [...TEST_SECRETS, HEADER_SECRET]) assert.not.ok(all.includes(secret), secret);
});

test('#19.5 a collector that refuses is told of once, and changes nothing of the run', async () => {
  const collector = await startCollector(400);
  await trigger('t2', 'machine-1');
  const { code, stdout } = await runOnce({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
    OTEL_BSP_SCHEDULE_DELAY: '20',
  });
  await collector.stop();
  assert.is(code, 0, stdout);
  assert.is(stdout.match(/traces could not be sent: /g)?.length, 1, stdout);
});

const WITHOUT = join(import.meta.dirname, '../support/without-opentelemetry.mjs');

test('#19.5 missing packages are named, and the job runs', async () => {
  await trigger('t3', 'machine-1');
  const { code, stdout } = await runOnce({ OTEL_TRACES_EXPORTER: 'otlp', NODE_OPTIONS: `--import ${WITHOUT}` });
  assert.is(code, 0, stdout);
  assert.match(stdout, /no traces: .*@opentelemetry\/\S+ is not installed: npm install @opentelemetry\/api@1 /);
  assert.match(stdout, /nightly completed/);
});

for (const [variables, events] of [
  [{}, []],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, ['tracesOff']],
] as const) {
  test(`#19.5 with ${Object.keys(variables)[0] ?? 'no variable'} the packages are looked for ${events.length} times`, () => {
    const traces = JSON.stringify(join(import.meta.dirname, '../../controller/cli/traces.ts'));
    const script = `const { openTraces } = await import(${traces});
      await openTraces(${JSON.stringify(variables)}, ({ event }) => console.log(event));`;
    const args = ['--import', 'tsx', '--import', WITHOUT, '--input-type=module', '-e', script];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal([stdout.split('\n').slice(0, -1), stderr], [[...events], '']);
  });
}

test.run();
