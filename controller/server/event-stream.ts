import type { ServerResponse } from 'node:http';
import type { Machine, Machines } from '../../definitions/machine.ts';
import type { Problem } from '../../definitions/problem.ts';
import type { RecentRuns } from './recent-runs.ts';
import { type JobRow, labelsText, type MachineRow, type Rows, type RunRow, type ShownInForce } from './rows.ts';
import { summaryOf, type TroubleSummary, type Troubles } from './views/troubles.ts';

/** What changed; a field that is absent did not. */
export interface Delta {
  readonly seq: number;
  readonly jobs?: readonly JobRow[];
  readonly gone?: readonly string[];
  readonly machines?: readonly MachineRow[];
  readonly machinesGone?: readonly string[];
  readonly running?: readonly RunRow[];
  readonly troubles?: TroubleSummary;
  readonly problems?: readonly Problem[];
  readonly facts?: Facts;
}

/** All there is: a delta from nothing, and the time by the service's clock. */
export type Whole = Delta & { readonly now: string };

/** What fits into the page's head. */
export interface Facts {
  readonly commit: string | null;
  readonly workers: number;
  readonly active: number;
  /** Runs that only wait, and hold no worker. */
  readonly waiting: number;
  readonly problems: number;
  readonly unpushed: number;
  /** What keeps whole classes of jobs, or all of them, from beginning at this moment. */
  readonly holds: readonly string[];
}

/** Sends pages what changes, as server-sent events. */
export interface EventStream {
  /** Something may have changed. */
  touch(): void;
  /** All there is, as of a number: later deltas bring it up to date. */
  whole(): Promise<Whole>;
  /** Sends deltas from now on; false when too many listen already. */
  join(response: ServerResponse): boolean;
  close(): void;
}

export interface EventStreamOptions {
  readonly rows: Rows;
  readonly inForce: ShownInForce;
  readonly recentRuns: Pick<RecentRuns, 'takeChanged'>;
  readonly now: () => Date;
  readonly facts: () => Facts;
  readonly failed: (error: unknown) => void;
}

const MOST_LISTENERS = 100;
const FLUSH_MS = 200;
const ALIVE_MS = 15_000;
/** A listener that is so far behind is let go; it comes back and asks for all. */
const BACKLOG_BYTES = 4 << 20;
/** … and one that has not read all for so long. */
const READING_MS = 30_000;
const MOST_PROBLEMS = 200;

/** Who listens, and what they have been sent. */
interface StreamState {
  /** With the moment at which nothing was left for it to read, in milliseconds. */
  readonly listeners: Map<ServerResponse, number>;
  /** As sent last: what is another object now has changed. */
  sent: {
    readonly jobs: ReadonlyMap<string, JobRow>;
    readonly machines: Machines;
    readonly problems: readonly Problem[];
    readonly troubles: Troubles;
  };
  /** What is small is compared as text. */
  sentText: { readonly running: string; readonly facts: string };
  seq: number;
  flushTimer: NodeJS.Timeout | null;
  /** The work that is done now: one delta is built on the one before, so they are made one after the other. */
  working: Promise<unknown>;
}

/** A stream without listeners. */
export function createEventStream(options: EventStreamOptions): EventStream {
  const { inForce, failed } = options;
  const state: StreamState = {
    listeners: new Map(),
    sent: {
      jobs: new Map(),
      machines: inForce.machines,
      problems: inForce.problems,
      troubles: options.rows.troubles(),
    },
    sentText: { running: '', facts: '' },
    seq: 0,
    flushTimer: null,
    working: Promise.resolve(),
  };
  const aliveTimer = setInterval(() => broadcast(state, ': alive\n\n'), ALIVE_MS).unref();
  return {
    touch() {
      if (state.listeners.size === 0) return;
      state.flushTimer ??= setTimeout(() => {
        state.flushTimer = null;
        inTurn(state, () => flush(state, options)).catch(failed);
      }, FLUSH_MS);
    },
    whole: () => inTurn(state, () => whole(state, options)),
    join(response) {
      if (state.listeners.size >= MOST_LISTENERS) return false;
      state.listeners.set(response, performance.now());
      response.on('close', () => state.listeners.delete(response));
      response.write('retry: 1000\n: welcome\n\n');
      return true;
    },
    close() {
      clearInterval(aliveTimer);
      if (state.flushTimer) clearTimeout(state.flushTimer);
      for (const listener of state.listeners.keys()) listener.end();
    },
  };
}

function broadcast({ listeners }: StreamState, text: string): void {
  const nowMs = performance.now();
  for (const [listener, readAtMs] of listeners) {
    if (listener.writableLength === 0) listeners.set(listener, nowMs);
    else if (listener.writableLength > BACKLOG_BYTES || nowMs - readAtMs > READING_MS) {
      listener.destroy();
      continue;
    }
    listener.write(text);
  }
}

function inTurn<T>(state: StreamState, work: () => Promise<T>): Promise<T> {
  const mine = state.working.then(work);
  state.working = mine.catch(() => undefined);
  return mine;
}

async function flush(state: StreamState, options: EventStreamOptions): Promise<void> {
  const change = await delta(state, options);
  if (change) broadcast(state, `data: ${JSON.stringify(change)}\n\n`);
}

/** What has changed since the last delta, which is then taken as sent; null when nothing has. */
async function delta(state: StreamState, options: EventStreamOptions): Promise<Delta | null> {
  const { inForce } = options;
  const rows = await options.rows.jobs();
  const { sent, sentText } = state;
  const jobs = [...rows.values()].filter((row) => sent.jobs.get(row.id) !== row);
  const gone = [...sent.jobs.keys()].filter((id) => !rows.has(id));
  const running = options.rows.running();
  const facts = options.facts();
  const troubles = options.rows.troubles();
  const texts = { running: JSON.stringify(running), facts: JSON.stringify(facts) };
  const changed = {
    ...(jobs.length > 0 && { jobs }),
    ...(gone.length > 0 && { gone }),
    ...machinesDelta(state, options, troubles),
    ...(texts.running !== sentText.running && { running }),
    ...(troubles !== sent.troubles && { troubles: summaryOf(troubles) }),
    ...(inForce.problems !== sent.problems && { problems: inForce.problems.slice(0, MOST_PROBLEMS) }),
    ...(texts.facts !== sentText.facts && { facts }),
  };
  state.sent = { jobs: rows, machines: inForce.machines, problems: inForce.problems, troubles };
  state.sentText = texts;
  if (Object.keys(changed).length === 0) return null;
  state.seq += 1;
  return { seq: state.seq, ...changed };
}

/** What the machines' rows have become: of all that got results or fail otherwise, or of another inventory. */
function machinesDelta(
  { sent }: StreamState,
  { rows, inForce, recentRuns }: EventStreamOptions,
  { byMachine }: Troubles,
): Pick<Delta, 'machines' | 'machinesGone'> {
  const changed = new Set(recentRuns.takeChanged());
  const gone: string[] = [];
  if (byMachine !== sent.troubles.byMachine) {
    for (const [id, reasons] of byMachine) if (sent.troubles.byMachine.get(id) !== reasons) changed.add(id);
    for (const id of sent.troubles.byMachine.keys()) if (!byMachine.has(id)) changed.add(id);
  }
  if (inForce.machines !== sent.machines) {
    for (const [id, machine] of inForce.machines) if (!isShownSo(sent.machines.get(id), machine)) changed.add(id);
    for (const id of sent.machines.keys()) if (!inForce.machines.has(id)) gone.push(id);
  }
  const machines = rows.machines(changed);
  return { ...(machines.length > 0 && { machines }), ...(gone.length > 0 && { machinesGone: gone }) };
}

function isShownSo(was: Machine | undefined, { Name, Labels }: Machine): boolean {
  return was !== undefined && was.Name === Name && labelsText(was.Labels) === labelsText(Labels);
}

/** All there is, once whoever listens has what leads to it: no delta may be missing between the two. */
async function whole(state: StreamState, options: EventStreamOptions): Promise<Whole> {
  const { rows, inForce } = options;
  await flush(state, options);
  const machines = rows.machines(inForce.machines.keys());
  return {
    seq: state.seq,
    now: options.now().toISOString(),
    jobs: [...state.sent.jobs.values()],
    machines,
    running: rows.running(),
    troubles: summaryOf(state.sent.troubles),
    problems: inForce.problems.slice(0, MOST_PROBLEMS),
    facts: options.facts(),
  };
}
