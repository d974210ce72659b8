import type { MachineID } from '../../definitions/machine.ts';
import type { RunID } from '../../definitions/run.ts';
import type { FairLimit, KeyedMutex, Place } from './concurrency.ts';
import type { Worker, WorkerShare } from './worker.ts';

/** What keeps BMCs from being asked too much at once (R26). */
export interface BmcLimits {
  /** `MaxConnections` over all runs. */
  readonly connections: FairLimit;
  /** That of the machine's site, whose workers talk to it; null: it is at none. */
  readonly atSite?: (machine: MachineID) => FairLimit | null;
  /** One run at a time on a machine. */
  readonly machines: KeyedMutex;
}

/** What a part holds, besides its machine, while it works. */
export interface PartPlaces {
  readonly worker: WorkerShare;
  readonly connection: Place;
}

/**
 * Parts that wait without their places at once. Each keeps a session, and perhaps an idle connection: past this number
 * a part keeps its places, and what has not begun yet waits in its stead.
 */
const MOST_WAITING = 1_000;

/** Work that may not begin yet: it gives everything back, its machine too, and is tried again when this resolves. */
export interface NotYet {
  readonly notYet: () => Promise<void>;
}

/**
 * Does the work of a run on a machine when the machine's turn has come and a connection is free (R26). In this order: a
 * run that waits for its machine must not hold a connection. Nor may it keep its worker from the run that has the
 * machine and comes back for a second look: each would wait for the other for ever.
 */
export async function onMachine<T>(
  { machines, connections, atSite }: BmcLimits,
  { run, machine, worker }: { readonly run: RunID; readonly machine: MachineID; readonly worker: Worker },
  work: (places: PartPlaces) => Promise<T | NotYet>,
): Promise<T> {
  const share = worker.share();
  const tryOnce = () => {
    const mustWait = machines.isTaken(machine);
    if (mustWait) share.pause('turn');
    return machines.run(machine, async () => {
      if (mustWait) await share.resume();
      const limit = atSite?.(machine) ?? connections;
      return await limit.run(run, (connection) => work({ worker: share, connection }));
    });
  };
  try {
    for (;;) {
      const done = await tryOnce();
      if (!isNotYet(done)) return done;
      share.pause('time');
      await done.notYet();
      await share.resume();
    }
  } finally {
    share.end();
  }
}

function isNotYet(done: unknown): done is NotYet {
  return typeof done === 'object' && done !== null && 'notYet' in done;
}

/** Who waits gives way: from now until `wait` is over a part holds its machine alone; then it goes ahead of new ones. */
export async function giveWay(
  { connections }: BmcLimits,
  { worker, connection }: PartPlaces,
  until: Date,
  wait: () => Promise<void>,
): Promise<void> {
  if (connections.away >= MOST_WAITING) return wait();
  connection.leave();
  worker.pause('time');
  try {
    await wait();
  } finally {
    // also when it was told to stop: it logs out, in its turn
    await worker.resume(until);
    await connection.retake(until);
  }
}
