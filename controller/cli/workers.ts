import { type Command, Option } from 'commander';
import { readLeader } from '../../definitions/engine/claim-message.ts';
import { LEADER_SUBJECT, STREAMS } from '../../definitions/engine/names.ts';
import { type HereMessage, readHere } from '../../definitions/engine/wire.ts';
import { printable } from '../../definitions/values/text.ts';
import { timestamp } from '../../definitions/values/time.ts';
import { after, systemClock } from '../clock.ts';
import type { Engine } from '../engine/engine.ts';
import { streams, withExitCode } from './arguments.ts';
import { type EngineOptions, engineAddress, engineFault } from './engine-options.ts';
import { type ExitCode, UsageError } from './exit-code.ts';
import type { Output } from './report.ts';
import { table } from './table.ts';

interface WorkersFlags {
  readonly engine: string;
  readonly engineCredentials?: string;
  readonly format: 'text' | 'json';
}

/** Workers are asked, and answer at once; who is slow has this long. */
const ANSWERS_MS = 2_000;

/** Declares `workers`. */
export function addWorkers(program: Command): void {
  program
    .command('workers')
    .description('lists the workers of all sites as they answer now, and which controller leads')
    .requiredOption('--engine <url>', 'the NATS server between controllers and workers: tls://HOST:4222')
    .option('--engine-credentials <file>', 'NATS credentials, or the seed of an NKey, for the engine')
    .addOption(
      new Option('--format <format>', 'text for people, json for programs').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', '\nExample: bmcron workers --engine tls://hub:4222 --engine-credentials hub.creds')
    .action(
      withExitCode(({ engine, engineCredentials, format }: WorkersFlags) =>
        workers({ url: engine, credentials: engineCredentials }, format, streams()),
      ),
    );
}

interface ListedWorker extends HereMessage {
  /** When it answered. */
  readonly seen: string;
}

/** Where it prints. */
interface Printing {
  readonly out: Output;
  readonly err: Output;
}

/** @returns the exit code: 0 listed, 1 nobody has answered; an engine that cannot be had is an EngineError */
async function workers(options: EngineOptions, format: 'text' | 'json', { out, err }: Printing): Promise<ExitCode> {
  const fault = await engineFault(options);
  if (fault !== null) throw new UsageError(fault);
  const { connectEngine } = await import('../engine/nats.ts');
  const engine = await connectEngine(engineAddress(options, 'workers'));
  try {
    const listed = await answers(engine);
    const leader = await leaderOf(engine);
    if (format === 'json') {
      out.write(`${JSON.stringify({ leader, workers: listed }, null, 2)}\n`);
    } else {
      if (leader !== null) out.write(`leader: ${printable(leader)}\n`);
      if (listed.length > 0) out.write(tableOf(listed));
    }
    if (listed.length > 0) return 0;
    err.write(`no worker has answered within ${ANSWERS_MS / 1000} s\n`);
    return 1;
  } finally {
    await engine.close();
  }
}

async function answers(engine: Engine): Promise<readonly ListedWorker[]> {
  const heard = new Map<string, ListedWorker>();
  const end = engine.hear('bmcron.here.*', ({ subject, text }) => {
    const reading = readHere(text);
    if (!('message' in reading) || subject !== `bmcron.here.${reading.message.site}`) return;
    heard.set(reading.message.id, { ...reading.message, seen: timestamp(systemClock.now()) });
  });
  engine.tell('bmcron.who', '');
  await systemClock.sleep(after(systemClock, ANSWERS_MS));
  end();
  return [...heard.values()].sort((a, b) => (`${a.site} ${a.host}` < `${b.site} ${b.host}` ? -1 : 1));
}

/** Who has the lease; null where nobody has, or no controller with `--standby` was ever there. */
async function leaderOf(engine: Engine): Promise<string | null> {
  const there = await engine.last(STREAMS.leader, LEADER_SUBJECT).catch(() => null);
  return there && readLeader(there.text).holder;
}

function tableOf(listed: readonly ListedWorker[]): string {
  const head = ['SITE', 'HOST', 'VERSION', 'PLACES', 'BUSY', 'OUTBOX', 'SEEN'];
  const rows = listed.map(({ site, host, version, places, busy, outbox, seen }) =>
    [site, host, version, places, busy, outbox, seen].map((each) => printable(String(each))),
  );
  return table(head, rows);
}
