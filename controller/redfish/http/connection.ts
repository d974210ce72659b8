import type { MachineID } from '../../../definitions/machine.ts';
import type { Secrets } from '../../../definitions/values/redact.ts';
import { after, type Clock } from '../../clock.ts';
import type { RedfishEvent } from '../../events/redfish-event.ts';
import { asFailure, Failure, told } from '../failure.ts';
import type { Answer, Client, Method, Sent } from './client.ts';

/** The line to one machine's BMC, which ends when the machine's Timeout is over. */
export interface Connection {
  readonly machine: MachineID;
  readonly client: Client;
  readonly clock: Clock;
  /** The machine's Timeout ends here; a `pause` moves it. */
  readonly deadline: Date;
  /**
   * Lets `wait` go on until `until` or later without the BMC: what it takes beyond that is nothing that the BMC can
   * help, and goes on top of the machine's Timeout.
   */
  readonly pause: (until: Date, wait: () => Promise<void>) => Promise<void>;
  /**
   * Waits for minutes without the BMC. None of it counts: the machine's Timeout begins anew with what comes after, also
   * when it was over before.
   */
  readonly rest: (wait: () => Promise<void>) => Promise<void>;
  /** Aborted at the deadline, or when the service stops. */
  readonly signal: AbortSignal;
  /** Aborted when the service stops. */
  readonly stop: AbortSignal;
  /** Called right before each request that changes something. @throws where nothing may be changed any more */
  readonly fence: () => void;
  /** In [0, 1); spreads retries. */
  readonly random: () => number;
  readonly observe: (event: RedfishEvent) => void;
  /** Texts that no result, error or event may hold (R43): passwords, tokens, headers made of them. */
  readonly secrets: Secrets;
  /** Whether the BMC has answered at all: one that did and falls silent is restarting, and is waited for. */
  answered: boolean;
}

/** Sends one request and reports it. @throws Failure when no answer comes; any status is an answer */
export async function request(
  connection: Connection,
  method: Method,
  path: string,
  sent: Partial<Sent> = {},
): Promise<Answer> {
  const { machine, client, clock, signal, observe } = connection;
  const startedMs = clock.now().getTime();
  const report = (status: number | null) => {
    const ms = clock.now().getTime() - startedMs;
    observe({ kind: 'request', machine, method, path, status, ms });
  };
  try {
    const answer = await client.send(method, path, { signal, ...sent });
    connection.answered = true;
    report(answer.status);
    return answer;
  } catch (error) {
    report(null);
    throw error;
  }
}

const MAX_ATTEMPTS = 5;
/** A BMC that has not answered at all is tried less often: the next run comes. */
const MAX_ATTEMPTS_UNREACHABLE = 3;
const MAX_ATTEMPTS_RESTARTING = 8;
/** A BMC that says when to come back is asked until the time is up; this bounds those that say "at once". */
const MAX_ATTEMPTS_ASKED_TO_WAIT = 30;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 8_000;

/** Does something until it succeeds, fails for good, or the time or the attempts are used up. @throws Failure */
export async function withRetries<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      connection.signal.throwIfAborted();
      const failure = asFailure(error);
      if (failure.class === 'permanent' || attempt >= attemptsFor(connection, failure)) throw failure;
      await pauseFor(connection, failure, attempt);
    }
  }
}

function attemptsFor({ answered }: Connection, { outcome, details }: Failure): number {
  if (details.waitMs !== undefined) return MAX_ATTEMPTS_ASKED_TO_WAIT;
  if (outcome !== 'Unreachable') return MAX_ATTEMPTS;
  return answered ? MAX_ATTEMPTS_RESTARTING : MAX_ATTEMPTS_UNREACHABLE;
}

/** Waits as the BMC asked, else longer each time with jitter. @throws Failure at once when the deadline comes first */
export async function pauseFor(connection: Connection, failure: Failure, attempt: number): Promise<void> {
  const { machine, clock, deadline, signal, observe } = connection;
  const growing = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  const waitMs = failure.details.waitMs ?? growing * (0.5 + connection.random() / 2);
  const until = after(clock, waitMs);
  if (until > deadline) {
    const asked = failure.details.waitMs === undefined ? '' : ` (it asks to wait ${Math.ceil(waitMs / 1000)} s)`;
    throw new Failure(failure.outcome, 'transient', `${failure.message}; no time left to try again${asked}`);
  }
  const reason = told(failure, connection.secrets.scrub).message;
  observe({ kind: 'retry', machine, reason, attempt, waitMs });
  await clock.sleep(until, signal);
}
