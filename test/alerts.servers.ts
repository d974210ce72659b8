// The alerts by promtool, and by a real Prometheus that scrapes the real service: it takes what /metrics says, its
// rules are well, and each query of the dashboard is answered.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTestService, type TestService, until } from './support/service.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');
const RULES = join(ROOT, 'deploy/prometheus');
/** Where Debian's package was unpacked; absent: they are among the programs. */
const FOLDER = process.env['PROMETHEUS_BIN'] ?? '';
const promtool = (...args: string[]) => run(join(FOLDER, 'promtool'), args, { cwd: RULES });

let server: TestService;
test.before(async () => {
  server = await openTestService();
});
test.after(() => server.stop());

test('#19.5 promtool: the rules are well, and each alert comes when it should', async () => {
  assert.match((await promtool('check', 'rules', 'alerts.yaml')).stdout, /SUCCESS: \d+ rules found/);
  assert.match((await promtool('test', 'rules', 'alerts.test.yaml')).stdout, /SUCCESS/);
  const tests = await readFile(join(RULES, 'alerts.test.yaml'), 'utf8');
  const names = [...(await readFile(join(RULES, 'alerts.yaml'), 'utf8')).matchAll(/- alert: (\w+)/g)];
  for (const [, name] of names) {
    assert.match(tests, new RegExp(`alertname: ${name} }`), `${name} is tried on a fleet that is well`);
    assert.match(tests, new RegExp(`alertname: ${name}\n +exp_alerts:`), `${name} is tried on one that is not`);
  }
});

test('#19.5 promtool finds nothing wrong with the metrics', async () => {
  const text = await (await server.ask('/metrics')).text();
  const own = text.split('\n').filter((line) => !/^(# \w+ )?nodejs_/.test(line)); // names of prom-client's own
  const checking = promtool('check', 'metrics');
  checking.child.stdin?.end(own.join('\n'));
  const { stdout, stderr } = await checking;
  assert.equal([stdout, stderr], ['', '']);
});

/** Asks a Prometheus; its answer's data. */
async function ask(origin: string, path: string): Promise<unknown> {
  const { status, data, error } = (await (await fetch(`${origin}/api/v1/${path}`)).json()) as Record<string, unknown>;
  assert.is(status, 'success', `${path}: ${error}`);
  return data;
}

async function freePort(): Promise<number> {
  const listening = createServer().listen(0, '127.0.0.1');
  await until(() => listening.address());
  const { port } = listening.address() as { port: number };
  await new Promise((resolve) => listening.close(resolve));
  return port;
}

test('#19.5 Prometheus scrapes the service, evaluates the rules and answers each query of the dashboard', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bmcron-prometheus-'));
  const origin = `http://127.0.0.1:${await freePort()}`;
  const target = new URL(server.serving.origin).host;
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(RULES, 'alerts.yaml')],
    scrape_configs: [{ job_name: 'bmcron', static_configs: [{ targets: [target] }] }],
  };
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const args = [
    '--config.file=prometheus.yml',
    '--storage.tsdb.path=data',
    `--web.listen-address=${new URL(origin).host}`,
  ];
  const prometheus = spawn(join(FOLDER, 'prometheus'), args, { cwd: folder, stdio: 'ignore' });
  try {
    await until(() =>
      fetch(`${origin}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    await until(async () => {
      const { result } = (await ask(origin, 'query?query=bmcron_build_info')) as { result: unknown[] };
      return result.length === 1;
    });
    const rules = await until(async () => {
      const { groups } = (await ask(origin, 'rules')) as { groups: { rules: { health: string; state: string }[] }[] };
      const all = groups.flatMap((group) => group.rules);
      return all.every(({ health, state }) => health !== 'unknown' && state === 'inactive') ? all : null;
    });
    assert.equal(
      rules.filter(({ health }) => health !== 'ok'),
      [],
    );
    const dashboard = await readFile(join(ROOT, 'deploy/grafana/dashboard.json'), 'utf8');
    const queries = [...dashboard.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(
      ([, text = '']) => JSON.parse(text) as string,
    );
    assert.ok(queries.length > 30);
    for (const query of queries) {
      await ask(origin, `query?query=${encodeURIComponent(query.replaceAll('$instance', '.*'))}`);
    }
  } finally {
    prometheus.kill('SIGTERM');
    await until(() => prometheus.exitCode !== null || prometheus.signalCode !== null);
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
