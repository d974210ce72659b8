import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, get } from 'node:http';
import { compare, rowOf, timed } from './measure.ts';
import type { Case } from './row.ts';
import { MAIN } from './service.ts';

const CONCURRENCY = 50;
const JOB = '/MultiFish/v1/JobService/Jobs/first-run';
const BARE = `
  const body = Buffer.from(process.argv[1], 'base64');
  const server = require('node:http').createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  });
  server.listen(0, '127.0.0.1', () => console.log('at http://127.0.0.1:' + server.address().port + '/,'));`;

interface Running {
  readonly origin: string;
  stop(): Promise<void>;
}

/** A process that says `at http://…/,` when it listens; it is ready when it has said `ready` too. */
async function start(args: readonly string[], ready: RegExp): Promise<Running> {
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => reject(new Error(`it ended: ${told}`)));
    child.stdout?.on('data', (chunk) => {
      told += chunk;
      if (ready.test(told) && /at (http:\S+)\/,/.test(told)) resolve();
    });
  });
  return {
    origin: /at (http:\S+)\/,/.exec(told)?.[1] ?? '',
    async stop() {
      child.kill('SIGINT');
      await closed;
    },
  };
}

/** The demonstration, once its first run is over. */
function startDemo(): Promise<Running> {
  return start([MAIN, 'demo', '--listen', '127.0.0.1:0'], /first-run completed/);
}

/** So many GETs at once as `CONCURRENCY` allows, until `n` are answered. @throws when one is not a 200 */
async function load(url: string, n: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  let left = n;
  const one = () =>
    new Promise<void>((resolve, reject) => {
      get(url, { agent }, (response) => {
        response.resume();
        if (response.statusCode !== 200) reject(new Error(`answer ${response.statusCode}`));
        response.on('end', resolve);
      }).on('error', reject);
    });
  const worker = async () => {
    while (left-- > 0) await one();
  };
  try {
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  } finally {
    agent.destroy();
  }
}

/**
 * So many GETs of a path beside a bare server of the same bytes, and how much later a run begins that falls due then.
 */
function caseOf(name: string, path: string): Case {
  return {
    name,
    what: `N GETs of ${path} / of a bare node:http server that sends the same bytes; delay: of a run due then / at rest`,
    unit: 'ms',
    bar: null,
    sizes: { full: [10_000], short: [100] },
    async measure(n, scale) {
      const ours = await startDemo();
      try {
        const body = await (await fetch(ours.origin + path)).text();
        const floor = await start(['-e', BARE, Buffer.from(body).toString('base64')], /at/);
        const gets = (url: string) => () => timed(() => load(url, n));
        const laps = { ours: gets(ours.origin + path), floor: gets(`${floor.origin}/`) };
        const row = await compare({ case: name, n, ...laps, rounds: scale === 'full' ? 3 : 1 });
        await floor.stop();
        const { loadedMs, idleMs } = await delayOf(ours.origin, path, n);
        return [row, rowOf(`${name} (delay)`, n, [loadedMs], [idleMs])];
      } finally {
        await ours.stop();
      }
    },
  };
}

/** The JobService API. */
export const api: Case = caseOf('api', JOB);
/** The dashboard. */
export const page: Case = caseOf('page', '/');

/** How late a due run began, in milliseconds: with nothing else to do, and while `n` GETs were answered. */
export async function benchDelay(n: number): Promise<{ readonly idleMs: number; readonly loadedMs: number }> {
  const { origin, stop } = await startDemo();
  try {
    return await delayOf(origin, JOB, n);
  } finally {
    await stop();
  }
}

async function delayOf(origin: string, path: string, n: number) {
  const idleMs = await lateness(origin, `Idle ${path}`, async () => {});
  const loadedMs = await lateness(origin, `Loaded ${path}`, () => load(origin + path, n));
  return { idleMs, loadedMs };
}

/**
 * Creates a job that is due in some seconds, works from shortly before until it has begun, and tells how late that
 * was.
 */
async function lateness(origin: string, Name: string, work: () => Promise<void>): Promise<number> {
  const before = await delays(origin);
  const due = Math.ceil(Date.now() / 1000) * 1000 + 3_000;
  const Schedule = { Type: 'Once', Time: new Date(due).toISOString().slice(11, 19) };
  const Payload = { ManagerID: 'bmc', Payload: { Profile: 'Balanced' } };
  const body = JSON.stringify({ Name, Machines: ['machine-3'], Action: 'PatchProfile', Payload, Schedule });
  const headers = { authorization: 'Bearer demo', 'content-type': 'application/json' };
  const answer = await fetch(`${origin}/MultiFish/v1/JobService/Jobs`, { method: 'POST', headers, body });
  if (answer.status !== 201) throw new Error(await answer.text());
  await new Promise((resolve) => setTimeout(resolve, due - Date.now() - 300));
  do await work();
  while (Date.now() < due + 200);
  for (;;) {
    const after = await delays(origin);
    if (after.count > before.count) return (after.sum - before.sum) * 1000;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function delays(origin: string): Promise<{ readonly count: number; readonly sum: number }> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const value = (name: string) =>
    Number(new RegExp(`^bmcron_run_start_delay_seconds_${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return { count: value('count'), sum: value('sum') };
}
