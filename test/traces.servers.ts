// Traces as OpenTelemetry's own collector takes them: `otelcol`, built from test/support/otelcol, writes what it got.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CliFleet, createCliFleet, jobText, until } from './support/command.ts';
import { decodeTraces, type ReceivedSpan } from './support/otlp.ts';

const OTELCOL = process.env['OTELCOL'] ?? 'otelcol';

async function freePort(): Promise<number> {
  const listening = createServer().listen(0, '127.0.0.1');
  await until(() => listening.listening, 'a port is free');
  const { port } = listening.address() as { port: number };
  await new Promise((resolve) => listening.close(resolve));
  return port;
}

/** A collector that writes each batch as a line of JSON. */
async function startCollector(folder: string) {
  const endpoint = `127.0.0.1:${await freePort()}`;
  const file = join(folder, 'traces.json');
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint } } } },
    exporters: { file: { path: file, flush_interval: '50ms' } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { traces: { receivers: ['otlp'], exporters: ['file'] } },
    },
  };
  await writeFile(join(folder, 'collector.yaml'), JSON.stringify(config));
  const child = spawn(OTELCOL, ['--config', join(folder, 'collector.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  await until(() => said.includes('Everything is ready'), 'the collector is ready');
  return {
    origin: `http://${endpoint}`,
    /** Ends it: then all is written that it got. */
    async stop(): Promise<readonly ReceivedSpan[]> {
      child.kill('SIGTERM');
      await until(() => child.exitCode !== null || child.signalCode !== null, 'the collector has ended');
      const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
      return lines.flatMap((line) => decodeTraces(Buffer.from(line), 'application/json'));
    },
  };
}

let fleet: CliFleet;
test.before(async () => {
  fleet = await createCliFleet({});
});
test.after(() => fleet.remove());

// The second one finds the job in force: all that its commit changes is the Trigger.
for (const protocol of ['http/protobuf', 'http/json']) {
  test(`#19.5 the collector of OpenTelemetry gets one trace from commit to request, by ${protocol}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bmcron-otelcol-'));
    const token = protocol.replace('/', '-');
    await fleet.write({ 'jobs/nightly.yaml': jobText(['machine-1'], 'PowerSaver', '23:59:59', `Trigger: ${token}`) });
    await fleet.repository.commit(`Trigger ${token}`);
    const commit = (await fleet.repository.ask('rev-parse', 'main')).trim();
    const collector = await startCollector(folder);
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.origin;
    process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] = protocol;
    const { code, stdout } = await fleet.bmcron('run', fleet.repository.clone, '--local', '--once');
    const spans = await collector.stop();
    await rm(folder, { recursive: true, force: true });
    assert.is(code, 0, stdout);
    assert.not.match(stdout, /traces/);
    const under = (parent: string) => spans.filter(({ parentSpanId }) => parentSpanId === parent);
    assert.is(under('')[0]?.attributes['vcs.ref.head.revision'], commit);
    const way: string[] = [];
    let parent = '';
    for (let [span] = under(parent); span !== undefined; [span] = under(parent)) {
      way.push(span.name);
      parent = span.spanId;
    }
    assert.equal(way.slice(0, 3), ['commit', 'run nightly', 'part PatchProfile']);
    assert.match(way[3] ?? '', /^(GET|POST|PATCH|DELETE)$/);
    assert.is(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  });
}

test.run();
