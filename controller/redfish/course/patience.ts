import { after } from '../../clock.ts';
import { asFailure, Failure } from '../failure.ts';
import type { Session } from '../session.ts';

/** How long a BMC may be away, and how one waits for it meanwhile. */
export interface Patience {
  readonly withinMs: number;
  /** Waits with the machine alone. */
  readonly rest: (until: Date) => Promise<void>;
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Reads from a BMC that may restart by itself: while it is away nothing has failed, and right after a restart a login
 * may be refused that is right, once. @throws Failure
 */
export async function patiently<T>(session: Session, patience: Patience | null, read: () => Promise<T>): Promise<T> {
  const { connection } = session;
  if (!patience) return read();
  const end = after(connection.clock, patience.withinMs);
  let isForgiven = false;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
    try {
      return await read();
    } catch (error) {
      connection.stop.throwIfAborted();
      const failure = connection.signal.aborted ? gone(patience) : asFailure(error);
      const isRefused = failure.details.status === 401 && !isForgiven;
      const next = after(connection.clock, pauseMs);
      if ((failure.class === 'permanent' && !isRefused) || next > end) throw failure;
      if (isRefused) {
        isForgiven = true;
        session.forgive();
      }
      await patience.rest(next);
    }
  }
}

function gone({ withinMs }: Patience): Failure {
  return new Failure('Unreachable', 'transient', `the BMC has not answered within ${withinMs / 60_000}m`);
}
