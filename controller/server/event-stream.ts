import type { ServerResponse } from 'node:http';
import type { Problem } from '../../definitions/problem.ts';
import type { JobRow, MachineRow, Rows, RowsOptions, RunRow } from './rows.ts';

/** What changed; a part that is absent did not. */
export interface Delta {
  readonly seq: number;
  readonly jobs?: readonly JobRow[];
  readonly gone?: readonly string[];
  readonly machines?: readonly MachineRow[];
  readonly machinesGone?: readonly string[];
  readonly running?: readonly RunRow[];
  readonly problems?: readonly Problem[];
  readonly facts?: Facts;
}

/** What fits into the page's head. */
export interface Facts {
  readonly commit: string | null;
  readonly workers: number;
  readonly active: number;
  readonly problems: number;
  readonly unpushed: number;
}

/** Tells pages what changes, as server-sent events. */
export interface EventStream {
  /** Something may have changed. */
  touch(): void;
  /** All there is, as of a number: later deltas bring it up to date. */
  whole(): Promise<Delta & { readonly now: string }>;
  /** Sends deltas from now on; false when too many listen already. */
  join(response: ServerResponse): boolean;
  close(): void;
}

/** What a feed tells of. */
export interface EventStreamOptions extends Pick<RowsOptions, 'inForce' | 'history' | 'now'> {
  readonly rows: Rows;
  readonly facts: () => Facts;
  readonly failed: (error: unknown) => void;
}

const LISTENERS = 100;
const FLUSH_MS = 200;
const ALIVE_MS = 15_000;
/** A listener that is so far behind is let go; it comes back and asks for all. */
const BACKLOG_BYTES = 4 << 20;
const PROBLEMS = 200;

/** A feed without listeners. */
export function createEventStream(options: EventStreamOptions): EventStream {
  const { rows: all, inForce, history, failed } = options;
  const listeners = new Set<ServerResponse>();
  let sent = { jobs: new Map() as ReadonlyMap<string, JobRow>, machines: inForce.machines, problems: inForce.problems };
  let told = { running: '', facts: '' };
  let seq = 0;
  let timer: NodeJS.Timeout | null = null;
  let working: Promise<unknown> = Promise.resolve();
  const alive = setInterval(() => broadcast(': alive\n\n'), ALIVE_MS).unref();

  function broadcast(text: string): void {
    for (const listener of listeners) {
      if (listener.writableLength > BACKLOG_BYTES) listener.destroy();
      else listener.write(text);
    }
  }

  /** What the machines' rows have become: of all that got results, or of an inventory that is another now. */
  function machinesDelta(): Pick<Delta, 'machines' | 'machinesGone'> {
    const changed = new Set(history.takeChanged());
    const gone: string[] = [];
    if (inForce.machines !== sent.machines) {
      for (const [id, machine] of inForce.machines)
        if (sent.machines.get(id)?.Name !== machine.Name || !sent.machines.has(id)) changed.add(id);
      for (const id of sent.machines.keys()) if (!inForce.machines.has(id)) gone.push(id);
    }
    const rows = [...changed].map((id) => all.machine(id)).filter((row) => row !== null);
    return { ...(rows.length > 0 && { machines: rows }), ...(gone.length > 0 && { machinesGone: gone }) };
  }

  async function delta(): Promise<Delta | null> {
    const rows = await all.jobs();
    const jobs = [...rows.values()].filter((row) => sent.jobs.get(row.id) !== row);
    const gone = [...sent.jobs.keys()].filter((id) => !rows.has(id));
    const running = all.running();
    const facts = options.facts();
    const texts = { running: JSON.stringify(running), facts: JSON.stringify(facts) };
    const parts = {
      ...(jobs.length > 0 && { jobs }),
      ...(gone.length > 0 && { gone }),
      ...machinesDelta(),
      ...(texts.running !== told.running && { running }),
      ...(inForce.problems !== sent.problems && { problems: inForce.problems.slice(0, PROBLEMS) }),
      ...(texts.facts !== told.facts && { facts }),
    };
    sent = { jobs: rows, machines: inForce.machines, problems: inForce.problems };
    told = texts;
    if (Object.keys(parts).length === 0) return null;
    seq += 1;
    return { seq, ...parts };
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = working.then(work);
    working = mine.catch(() => undefined);
    return mine;
  }

  async function flush(): Promise<void> {
    const change = await delta();
    if (change) broadcast(`data: ${JSON.stringify(change)}\n\n`);
  }

  return {
    touch() {
      if (listeners.size === 0) return;
      timer ??= setTimeout(() => {
        timer = null;
        inTurn(flush).catch(failed);
      }, FLUSH_MS);
    },
    whole: () =>
      inTurn(async () => {
        await flush();
        const machines = [...inForce.machines.keys()].map((id) => all.machine(id)).filter((row) => row !== null);
        return {
          ...{ seq, now: options.now().toISOString(), jobs: [...sent.jobs.values()], machines },
          ...{ running: all.running(), problems: inForce.problems.slice(0, PROBLEMS), facts: options.facts() },
        };
      }),
    join(response) {
      if (listeners.size >= LISTENERS) return false;
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
      response.write('retry: 1000\n: welcome\n\n');
      return true;
    },
    close() {
      clearInterval(alive);
      if (timer) clearTimeout(timer);
      for (const listener of listeners) listener.end();
    },
  };
}
