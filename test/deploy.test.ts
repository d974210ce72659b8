import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json } from '../definitions/values/json.ts';
import { parse } from '../definitions/yaml/document.ts';

const ROOT = join(import.meta.dirname, '..');
const file = (name: string) => readFile(join(ROOT, 'deploy', name));
const run = promisify(execFile);

/** A value inside a value, by its path. */
function at(value: Json | undefined, ...path: (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, key) => {
    return typeof inner === 'object' && inner !== null ? (inner as Readonly<Record<string, Json>>)[key] : undefined;
  }, value);
}

async function flags(command = 'run'): Promise<readonly string[]> {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'controller/main.ts', command, '--help'], {
    cwd: ROOT,
  });
  return stdout.match(/--[a-z-]+/g) ?? [];
}

test('Kubernetes: one replica, probes, secrets as files, a root that cannot be written', async () => {
  const documents = parse(await file('kubernetes/bmcron.yaml')).map(({ value }) => value);
  const deployment = documents.find((each) => at(each, 'kind') === 'Deployment');
  const pod = at(deployment, 'spec', 'template', 'spec');
  const container = at(pod, 'containers', 0);
  assert.is(at(deployment, 'spec', 'replicas'), 1);
  assert.is(at(deployment, 'spec', 'strategy', 'type'), 'Recreate');
  assert.is(at(container, 'livenessProbe', 'httpGet', 'path'), '/healthz');
  assert.is(at(container, 'readinessProbe', 'httpGet', 'path'), '/readyz');
  assert.is(at(container, 'securityContext', 'readOnlyRootFilesystem'), true);
  assert.is(at(pod, 'securityContext', 'runAsNonRoot'), true);
  assert.ok(Number(at(pod, 'terminationGracePeriodSeconds')) > 30 + 40);
  assert.not.match(JSON.stringify(at(container, 'env')), /secretKeyRef|password|token/i);
  const known = await flags();
  for (const argument of at(container, 'args') as string[]) {
    const [flag = ''] = argument.split('=');
    if (flag.startsWith('--')) assert.ok(known.includes(flag), flag);
  }
});

test('#20 Compose: not root, read-only, no capabilities, limits; the command line that bmcron has', async () => {
  const [document] = parse(await file('compose.yaml')).map(({ value }) => value);
  const service = at(document, 'services', 'bmcron');
  assert.is(at(service, 'user'), '1000:1000');
  assert.is(at(service, 'read_only'), true);
  assert.equal(at(service, 'cap_drop'), ['ALL']);
  assert.equal(at(service, 'security_opt'), ['no-new-privileges:true']);
  for (const limit of ['cpus', 'mem_limit', 'pids_limit']) assert.ok(at(service, limit), limit);
  assert.is(at(service, 'ulimits', 'core'), 0, 'no dump of the memory that passwords are in');
  assert.is(at(service, 'environment'), undefined, 'secrets are files');
  assert.ok(Number.parseInt(String(at(service, 'stop_grace_period')), 10) > 30 + 40);
  for (const port of at(service, 'ports') as string[]) assert.match(port, /^127\.0\.0\.1:/);
  const known = await flags();
  for (const argument of at(service, 'command') as string[]) {
    const [flag = ''] = argument.split('=');
    if (flag.startsWith('--')) assert.ok(known.includes(flag), flag);
  }
});

test('#20 Kubernetes: not root, no capabilities, a profile of system calls, limits', async () => {
  const documents = parse(await file('kubernetes/bmcron.yaml')).map(({ value }) => value);
  const pod = at(
    documents.find((each) => at(each, 'kind') === 'Deployment'),
    'spec',
    'template',
    'spec',
  );
  assert.is(at(pod, 'securityContext', 'runAsUser'), 1000);
  assert.is(at(pod, 'securityContext', 'seccompProfile', 'type'), 'RuntimeDefault');
  assert.is(at(pod, 'automountServiceAccountToken'), false);
  const container = at(pod, 'containers', 0);
  assert.equal(at(container, 'securityContext', 'capabilities', 'drop'), ['ALL']);
  assert.is(at(container, 'securityContext', 'allowPrivilegeEscalation'), false);
  for (const limit of ['cpu', 'memory', 'ephemeral-storage']) assert.ok(at(container, 'resources', 'limits', limit));
});

for (const [command, name, leastSeconds] of [
  ['run', 'bmcron.service', 30 + 40],
  ['worker', 'bmcron-worker.service', 30],
] as const) {
  test(`#20 systemd ${command}: limits, no dump, the command line that it has, time enough to stop`, async () => {
    const unit = (await file(name)).toString('utf8');
    for (const line of ['LimitCORE=0', 'LimitNOFILE=8192', 'TasksMax=512', 'MemoryMax=1G', 'CapabilityBoundingSet='])
      assert.match(unit, new RegExp(`^${line}$`, 'm'));
    const known = await flags(command);
    for (const flag of /^ExecStart=(.*)$/m.exec(unit)?.[1]?.match(/--[a-z-]+/g) ?? ['none'])
      assert.ok(known.includes(flag), flag);
    assert.ok(Number(/^TimeoutStopSec=(\d+)s$/m.exec(unit)?.[1]) > leastSeconds);
  });
}

test('#22.14 systemd: it starts without a file that the unit does not make', async () => {
  const unit = (await file('bmcron.service')).toString('utf8');
  const command = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '';
  const made = [...unit.matchAll(/^(State|Configuration)Directory=(.*)$/gm)].flatMap(([, kind, names = '']) => {
    return names.split(' ').map((name) => `${kind === 'State' ? '/var/lib' : '/etc'}/${name}`);
  });
  for (const [, path = ''] of command.matchAll(/ (\/\S+)/g)) {
    assert.ok(path.startsWith('/var/lib/bmcron/') || made.includes(path), `${path} is made by nobody`);
  }
  assert.match(command, / \$BMCRON_OPTIONS$/, 'what else is wanted is said beside the unit');
});

test('#22.14 Docker: a base that is maintained, the files that it copies are there, and nobody is root', async () => {
  const text = (await file('Dockerfile')).toString('utf8');
  assert.match(text, /^USER 1000:1000$/m);
  // LTS releases have even numbers; 20 and what came before are past their end of life.
  const majors = [...text.matchAll(/^FROM node:(\d+)[-.]/gm)].map(([, major]) => Number(major));
  assert.is(majors.length, 2);
  for (const major of majors) assert.ok(major % 2 === 0 && major >= 24, `node ${major}`);
  assert.match(text, /^ENTRYPOINT .*dist\/controller\/main\.js"\]$/m);
});

test.run();
