// Bytes that may be HTTP against a running service: npm run fuzz -- http [seed] [seconds]. Whatever comes, it answers
// what it may, fails at nothing, and goes on answering.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../simulate/random.ts';
import { openTestService, type TestService } from '../support/service.ts';
import type { FuzzOptions } from './fuzz.ts';
import { type Conversation, conversation } from './http-requests.ts';

const AT_ONCE = 12;
const HOOK_SECRET = 'a shared secret';
/** What the answers to one conversation may take, and what a whole run may take of memory. */
const ANSWER_MS = 250;
const MOST_BYTES = 600 << 20;
/**
 * A head of an answer: each begins so. The service is short of something (503, 504), or was asked by a query for what
 * it has not got (501); it says nothing else of 500 and more.
 */
const STATUS_LINE = /HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n/g;
const GOOD = /^(?:[1-4]\d\d|50[134])$/;
/** What no answer may hold: files of the host, and secrets. */
const NEVER = [/root:x?:0/, /"devDependencies"/, /sesame/, /a shared secret/];

/** Runs it; false when it has found something. */
export async function fuzzHTTP({ seed, seconds }: FuzzOptions): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'bmcron-http-'));
  await writeFile(join(folder, 'secret'), `${HOOK_SECRET}\n`, { mode: 0o600 });
  const limits = { writes: { burst: 1_000_000, perSecond: 1_000_000 } };
  const server = await openTestService({ serving: { hookSecret: join(folder, 'secret'), limits } });
  const findings: string[] = [];
  const unhandled = (error: unknown) => findings.push(`unhandled: ${String(error)}`);
  process.on('unhandledRejection', unhandled);
  process.on('uncaughtExceptionMonitor', unhandled);
  try {
    const tried = await tryAll(server, { seed, seconds }, findings);
    console.log(`${tried} conversations in HTTP`);
    for (const event of server.events) if (event.event === 'serveFailed') findings.push(`failed: ${event.error}`);
    const { rss } = process.memoryUsage();
    if (rss > MOST_BYTES) findings.push(`it has taken ${rss >> 20} MiB`);
  } finally {
    process.off('unhandledRejection', unhandled).off('uncaughtExceptionMonitor', unhandled);
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
  for (const finding of findings.slice(0, 20)) console.log(finding);
  return findings.length === 0;
}

/** Conversation `n` of a seed is always the same, whichever were held beside it. */
async function tryAll(server: TestService, { seed, seconds }: FuzzOptions, findings: string[]): Promise<number> {
  const port = Number(new URL(server.serving.origin).port);
  const ends = Date.now() + seconds * 1_000;
  const statuses = new Map<string, number>();
  let next = 0;
  const one = async () => {
    while (Date.now() < ends && findings.length === 0) {
      const number = next;
      next += 1;
      const said = conversation(createRandom(seed + number));
      const heard = await hold(port, said);
      const wrong = judge(heard);
      for (const status of statusesIn(heard.toString('latin1'))) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (wrong !== null) findings.push(`${wrong}\nnpm run fuzz -- http ${seed + number}:\n${shown(said, heard)}`);
      if (number % 100 === 99) await mustBeWell(server, number, findings);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  await mustBeWell(server, next, findings);
  console.log(
    `answers: ${[...statuses]
      .sort()
      .map((each) => each.join(' ×'))
      .join(', ')}`,
  );
  return next;
}

/** Sends bytes as they are cut, and hears what comes until nothing does. */
function hold(port: number, { pieces, end }: Conversation): Promise<Buffer> {
  return new Promise((resolve) => {
    const heard: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    const timer = setTimeout(() => socket.destroy(), ANSWER_MS);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => heard.push(chunk));
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(heard));
    });
    socket.on('connect', () => {
      for (const piece of pieces) socket.write(piece);
      if (end === 'close') socket.end();
      if (end === 'reset') socket.resetAndDestroy();
    });
  });
}

/** What is wrong with what the service said; null when nothing is. */
function judge(heard: Buffer): string | null {
  if (heard.length === 0) return null; // it waits for more, or was left
  const text = heard.toString('latin1');
  if (text.search(STATUS_LINE) !== 0) return 'the answer does not begin as one';
  for (const status of statusesIn(text)) if (!GOOD.test(status)) return `an answer is ${status}`;
  const secret = NEVER.find((each) => each.test(text));
  return secret ? `an answer holds ${secret}` : null;
}

function statusesIn(text: string): string[] {
  return [...text.matchAll(STATUS_LINE)].map(([, status = '']) => status);
}

async function mustBeWell(server: TestService, number: number, findings: string[]): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  const health = await server.ask('/healthz', { signal }).catch((error) => String(error));
  if (typeof health === 'string' || health.status !== 200) findings.push(`after ${number} it is not well: ${health}`);
  else await health.text();
}

function shown({ pieces }: Conversation, heard: Buffer): string {
  const text = (bytes: Buffer) => JSON.stringify(bytes.toString('latin1').slice(0, 2_000));
  return `sent ${text(Buffer.concat(pieces))}\nheard ${text(heard)}`;
}
