import type { Machine } from '../../definitions/machine.ts';
import { durationMs } from '../../definitions/values/duration.ts';
import { createSecrets, type Secrets } from '../../definitions/values/redact.ts';
import { after, type Clock } from '../clock.ts';
import { type Credentials, CredentialsError } from '../credentials.ts';
import type { RedfishEvent } from '../events/redfish-event.ts';
import { asFailure, Failure, told } from './failure.ts';
import { createClient } from './http/client.ts';
import type { Connection } from './http/connection.ts';
import { type ConnectionPool, createConnectionPool } from './http/pool.ts';
import type { Login } from './login.ts';
import { createQuirks, type QuirksByMachine } from './quirks.ts';
import { openSession, type Session } from './session.ts';

/** How a conversation is held. */
export interface ConversationOptions {
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** Ends the conversation early; the logout still takes place. */
  readonly signal: AbortSignal;
  /** What earlier conversations learned; without it nothing is known. */
  readonly quirks?: QuirksByMachine;
  /** What its connection shares with those of other conversations; without it nothing is shared. */
  readonly pool?: ConnectionPool;
  /** Called right before each request that changes something. @throws where nothing may be changed any more */
  readonly fence?: (() => void) | undefined;
  /** Shortens the machine's Timeout, in milliseconds. */
  readonly mostMs?: number;
  /** In [0, 1); spreads retries. */
  readonly random: () => number;
  /** Hears of each request and retry; no event holds a secret. */
  readonly observe?: (event: RedfishEvent) => void;
}

/** Why a conversation ended before its work was done. */
export interface ConversationFailure {
  readonly failure: Failure;
  /** The machine's Timeout was over. */
  readonly timedOut: boolean;
  /** The BMC has answered something. */
  readonly answered: boolean;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Holds one conversation with a machine's BMC: reads its secrets, connects, logs in, does the work, logs out whatever
 * happened. Returns what `work` returns or, when it could not be done, what `failed` makes of the reason. Both are
 * plain JSON, out of which the secrets of this conversation are taken. Never rejects.
 */
export async function withBmc<T>(
  machine: Machine,
  options: ConversationOptions,
  work: (session: Session) => Promise<T>,
  failed: (reason: ConversationFailure) => T,
): Promise<T> {
  const { pool = createConnectionPool() } = options;
  await pool.turn(); // not on the machine's Timeout: it is this process that is busy
  const limit = startTimeout(machine, options); // the machine's Timeout covers the secrets' reading too
  const quirks = (options.quirks ?? createQuirks()).of(machine.Endpoint);
  const secrets = createSecrets();
  let connection: Connection | undefined;
  try {
    const { login, ca } = await secretsOf(machine, options.credentials);
    if (login) withhold(login, secrets);
    connection = connect(machine, ca, { ...options, pool }, limit, secrets);
    const session = await openSession(connection, login, quirks);
    try {
      return secrets.redact(await work(session));
    } finally {
      await session.close();
    }
  } catch (error) {
    const failure = told(failureOf(error), secrets.scrub);
    return secrets.redact(failed({ failure, timedOut: limit.over(), answered: connection?.answered ?? false }));
  } finally {
    connection?.client.close();
    limit.end();
  }
}

/** What a machine's manifest only refers to: a login where the BMC asks for one, its authority's certificates. */
async function secretsOf(
  { CredentialsRef, Endpoint, TLS }: Machine,
  credentials: Credentials,
): Promise<{ login: Login | undefined; ca: string | undefined }> {
  const login = CredentialsRef === undefined ? undefined : await credentials.get(CredentialsRef, Endpoint);
  const ca = TLS?.CA === undefined ? undefined : await credentials.ca(TLS.CA);
  return { login, ca };
}

function withhold({ username, password }: Login, secrets: Secrets): void {
  secrets.add(password);
  secrets.add(Buffer.from(`${username}:${password}`).toString('base64'));
}

function connect(
  machine: Machine,
  ca: string | undefined,
  { clock, random, observe, pool, signal, fence }: ConversationOptions & { readonly pool: ConnectionPool },
  limit: TimeLimit,
  secrets: Secrets,
): Connection {
  const { Fingerprint, Insecure } = machine.TLS ?? {};
  const trust = { ca, fingerprint: Fingerprint, insecure: Insecure };
  return {
    machine: machine.ID,
    client: createClient({ endpoint: machine.Endpoint, trust, clock, pool, scrub: secrets.scrub }),
    clock,
    get deadline() {
      return limit.deadline;
    },
    pause: limit.pause,
    rest: limit.rest,
    get signal() {
      return limit.signal;
    },
    stop: signal,
    fence: () => fence?.(),
    random,
    observe: (event) => observe?.(secrets.redact(event)),
    secrets,
    answered: false,
  };
}

interface TimeLimit extends Pick<Connection, 'deadline' | 'pause' | 'rest' | 'signal'> {
  over(): boolean;
  /** Lets the clock forget the deadline. */
  end(): void;
}

/** A machine's Timeout, running from now. */
function startTimeout(machine: Machine, { clock, signal, mostMs }: ConversationOptions): TimeLimit {
  const timeoutMs = durationMs(machine.Timeout) ?? DEFAULT_TIMEOUT_MS;
  const end = () => after(clock, Math.min(timeoutMs, mostMs ?? timeoutMs));
  const begin = () => {
    const late = new AbortController();
    return { deadline: end(), done: new AbortController(), late, signal: AbortSignal.any([signal, late.signal]) };
  };
  let timer = begin();
  const start = () => {
    const { late } = timer;
    timer.done = new AbortController();
    clock.sleep(timer.deadline, timer.done.signal).then(
      () => late.abort(),
      () => undefined, // ended in time
    );
  };
  start();
  return {
    get deadline() {
      return timer.deadline;
    },
    get signal() {
      return timer.signal;
    },
    async pause(until, wait) {
      timer.done.abort('paused');
      await wait();
      const beyondMs = Math.max(0, clock.now().getTime() - until.getTime());
      timer.deadline = new Date(timer.deadline.getTime() + beyondMs);
      start();
    },
    async rest(wait) {
      timer.done.abort('paused');
      signal.throwIfAborted();
      await wait();
      timer = begin();
      start();
    },
    over: () => timer.late.signal.aborted,
    end: () => timer.done.abort('done'),
  };
}

function failureOf(error: unknown): Failure {
  return error instanceof CredentialsError ? new Failure('Refused', 'permanent', error.message) : asFailure(error);
}
