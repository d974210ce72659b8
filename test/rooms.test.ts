// Keeps the plan of the rooms, as docs/architecture.md draws it: floors, doors, sizes. Runs none of the source.
import { dirname } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { controller, definitions, linesWith, none, product } from './support/source-tree.ts';

const MOST_ROOMS = 29;
const MOST_FILES = 16;

test('the tree has been found', () => assert.ok(definitions.length > 20 && controller.length > 30));

/** From the top down: a file imports its own room and what stands below. Rooms of one line do not know each other. */
const FLOORS: readonly (readonly string[])[] = [
  ['main.ts'],
  ['cli'],
  ['demo'],
  ['service.ts'],
  ['controller.ts', 'memory.ts', 'server'],
  ['reconcile'],
  ['backend.ts'],
  ['publish', 'engine'],
  ['snapshot', 'runs', 'notices'],
  ['executors', 'git'],
  ['redfish', 'state'],
  ['events'],
  ['clock.ts', 'credentials.ts', 'signals.ts', 'time-slice.ts', 'v8.ts', 'version.ts'],
  ['file-mode.ts'],
  ['definitions/report', 'definitions/notices'],
  ['definitions/preview'],
  ['definitions/lifecycle'],
  ['definitions/manifest'],
  ['definitions/safety'],
  ['definitions/rollout'],
  ['definitions/schemas'],
  ['definitions/actions', 'definitions/calendar', 'definitions/engine', 'definitions/selection', 'definitions/yaml'],
  ['definitions'],
  ['definitions/values'],
];

/** The room of a file, or the file itself at the root of controller/; the nouns at the root of definitions/ are one. */
function roomOf(path: string): string {
  const [top = '', second = '', ...rest] = path.split('/');
  if (top === 'definitions') return rest.length > 0 ? `definitions/${second}` : 'definitions';
  return second;
}

function floorOf(path: string): number {
  return FLOORS.findIndex((floor) => floor.includes(roomOf(path)));
}

function isOurs(name: string): boolean {
  return /^(definitions|controller)\//.test(name);
}

test('every room stands on a floor', () => {
  none(
    product.filter(({ path }) => floorOf(path) < 0).map(({ path }) => path),
    'draw the room in docs/architecture.md and give it a floor here',
  );
});

test('nobody imports upward, by value or by type', () => {
  const findings = product.flatMap(({ path, imports }) =>
    imports.filter((each) => isOurs(each) && floorOf(each) < floorOf(path)).map((each) => `${path} imports ${each}`),
  );
  none(findings, 'take a type of your own, or move what both need down');
});

test('rooms of one floor do not import one another', () => {
  const findings = product.flatMap(({ path, imports }) =>
    imports
      .filter((each) => isOurs(each) && floorOf(each) === floorOf(path))
      .filter((each) => roomOf(each) !== roomOf(path) && !roomOf(path).includes('.'))
      .map((each) => `${path} imports ${each}`),
  );
  none(findings, 'let who stands above both pass the thing');
});

test('no circle of imports, by value or by type', () => {
  const graph = new Map(product.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const findings: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at >= 0) findings.push([...way.slice(at), path].join(' → '));
    if (at >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  none(findings, 'move what both need to a place below both');
});

test(`at most ${MOST_ROOMS} rooms`, () => {
  const rooms = new Set(product.map(({ path }) => roomOf(path)).filter((room) => !room.endsWith('.ts')));
  assert.ok(rooms.size <= MOST_ROOMS, `${rooms.size} rooms: ${[...rooms].join(', ')}`);
});

/** Rooms that hold more files than others do, with the reason. */
const LARGE_ROOMS: Readonly<Record<string, string>> = {
  'controller/cli': 'a file a command: it grows with them',
  'definitions/lifecycle': 'a file a step in the life of a job and of its runs',
};

test(`at most ${MOST_FILES} files in a folder`, () => {
  const folders = new Map<string, number>();
  for (const { path } of product) folders.set(dirname(path), (folders.get(dirname(path)) ?? 0) + 1);
  const large = [...folders].filter(([folder, files]) => files > MOST_FILES && !LARGE_ROOMS[folder]);
  none(
    large.map(([folder, files]) => `${folder}: ${files} files`),
    'find the idea that has grown into a room of its own, or name it in LARGE_ROOMS with the reason',
  );
});

// Doors

/** Packages and the places that may import them: a door each. */
const DOORS: Readonly<Record<string, RegExp>> = {
  yaml: /^definitions\/yaml\//,
  ajv: /^definitions\/manifest\//,
  croner: /^definitions\/calendar\/period\.ts$/,
  'temporal-polyfill': /^definitions\/calendar\//,
  '@sindresorhus/slugify': /^definitions\/manifest\/job-id\.ts$/,
  chokidar: /^controller\/reconcile\/watch\.ts$/,
  'simple-git': /^controller\/git\//,
  'node-fetch': /^controller\/redfish\/http\//,
  nodemailer: /^controller\/notices\/smtp\.ts$/,
  'p-map': /^controller\/runs\/runner\.ts$/,
  pino: /^controller\/events\/logger\.ts$/,
  commander: /^controller\/cli\//,
  selfsigned: /^controller\/demo\//,
  '@nats-io/transport-node': /^controller\/engine\/nats\.ts$/,
  '@nats-io/jetstream': /^controller\/engine\/nats\.ts$/,
  '@opentelemetry/api': /^controller\/events\/otel\.ts$/,
  '@opentelemetry/resources': /^controller\/events\/otel\.ts$/,
  '@opentelemetry/sdk-trace-base': /^controller\/events\/otel\.ts$/,
  '@opentelemetry/exporter-trace-otlp-http': /^controller\/events\/otel\.ts$/,
  '@opentelemetry/exporter-trace-otlp-proto': /^controller\/events\/otel\.ts$/,
  'prom-client': /^controller\/server\/metrics\//,
};

test('each package has one door', () => {
  const findings = product.flatMap(({ path, imports }) =>
    imports
      .filter((name) => !name.startsWith('node:') && !isOurs(name))
      .filter((name) => {
        const [key = ''] = name.startsWith('@') ? [name] : name.split('/');
        return !DOORS[key]?.test(path);
      })
      .map((name) => `${path} imports ${name}`),
  );
  none(findings, 'import the package where its door is, or give it one in DOORS');
});

test('definitions import definitions, and of Node the hash', () => {
  const findings = definitions.flatMap(({ path, imports }) =>
    imports
      .filter((name) => name.startsWith('controller/') || (name.startsWith('node:') && name !== 'node:crypto'))
      .map((name) => `${path} imports ${name}`),
  );
  none(findings, 'IO belongs into controller/');
});

test('definitions are pure: no clock, no chance, no process, no timer', () => {
  const impure =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bset(Timeout|Interval|Immediate)\b|\bperformance\./;
  none(linesWith(impure, definitions), 'pass what is needed as an argument');
});

test('only cli/ names the system clock, the environment and chance', () => {
  // demo/ simulates what is outside of the program, and lives by the host's own time
  const outside = controller.filter(({ path }) => !/^controller\/(cli|demo|main\.ts|clock\.ts)/.test(path));
  none(linesWith(/\bsystemClock\b|\bprocess\.env\b|\bMath\.random\b/, outside), 'take it as an option; cli/ passes it');
});

test('an action imports actions and types alone', () => {
  const findings = definitions
    .filter(({ path }) => path.startsWith('definitions/actions/'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/^import (type )?[^;'"]*?from '([^']+)'/gm)]
        .filter(
          ([, type, from = '']) =>
            !type && !from.startsWith('./') && !/\/(course|fields)\/.* .*\/values\//.test(`${path} ${from}`),
        )
        .map(([, , from]) => `${path} imports ${from}`),
    );
  none(findings, 'an action is one file that nothing else knows; what they share may use values');
});

test.run();
