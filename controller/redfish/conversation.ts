import type { Machine, MachineID } from '../../definitions/machine.ts';
import { durationMs } from '../../definitions/values/duration.ts';
import { after, type Clock } from '../clock.ts';
import type { RedfishEvent } from '../events/redfish-event.ts';
import { asFailure, Failure } from './failure.ts';
import { redact } from './redact.ts';

/** What all steps of one machine's part share. */
export interface Context {
  readonly machine: MachineID;
  readonly clock: Clock;
  /** The machine's Timeout ends here. */
  readonly deadline: Date;
  /** Aborted at the deadline, or when the service stops. */
  readonly signal: AbortSignal;
  /** In [0, 1). */
  readonly random: () => number;
  readonly observe: (event: RedfishEvent) => void;
  /** Texts that must not be told, whoever repeats them: passwords, tokens, headers made of them. */
  readonly secrets: Set<string>;
  /** Whether the BMC has answered in this run: one that did and falls silent is restarting, and is waited for. */
  readonly met: { answered: boolean };
}

/** A conversation with one machine, bounded by its Timeout. */
export interface Conversation {
  readonly context: Context;
  /** Whether the machine's Timeout is over. */
  late(): boolean;
  /** Lets the clock forget the Timeout. */
  end(): void;
}

/** What a conversation may be told beside the machine and the clock. */
export interface ConversationOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Shortens the machine's Timeout. */
  readonly mostMs?: number;
  readonly random?: (() => number) | undefined;
  readonly observe?: ((event: RedfishEvent) => void) | undefined;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/** Begins a conversation; its Timeout runs from now. Events are told without the secrets that it learns. */
export function converse(machine: Machine, options: ConversationOptions): Conversation {
  const { clock, signal, observe } = options;
  const late = new AbortController();
  const done = new AbortController();
  const timeoutMs = durationMs(machine.Timeout) ?? DEFAULT_TIMEOUT_MS;
  const deadline = after(clock, Math.min(timeoutMs, options.mostMs ?? timeoutMs));
  clock.sleep(deadline, done.signal).then(
    () => late.abort(),
    () => undefined, // ended in time
  );
  const secrets = new Set<string>();
  const context: Context = {
    machine: machine.ID,
    clock,
    deadline,
    signal: AbortSignal.any([signal, late.signal]),
    random: options.random ?? Math.random,
    observe: (event) => observe?.(redact(event, secrets)),
    secrets,
    met: { answered: false },
  };
  return { context, late: () => late.signal.aborted, end: () => done.abort('done') };
}

const MAX_ATTEMPTS = 5;
/** A BMC that has not answered at all is tried less often: the next run comes. */
const MAX_UNREACHABLE = 3;
const MAX_RESTARTING = 8;
/** A BMC that says when to come back is asked until the time is up; this bounds those that say "at once". */
const MAX_ASKED_TO_WAIT = 30;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 8_000;

/** Does something until it succeeds, fails for good, or the time or the attempts are used up. */
export async function withRetries<T>(context: Context, work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      context.signal.throwIfAborted();
      const failure = asFailure(error);
      if (failure.class === 'permanent' || attempt >= attemptsFor(context, failure)) throw failure;
      await pauseFor(context, failure, attempt);
    }
  }
}

function attemptsFor({ met }: Context, { outcome, details }: Failure): number {
  if (details.waitMs !== undefined) return MAX_ASKED_TO_WAIT;
  if (outcome !== 'Unreachable') return MAX_ATTEMPTS;
  return met.answered ? MAX_RESTARTING : MAX_UNREACHABLE;
}

/** Waits as the BMC asked, else longer each time with jitter; fails at once when that would pass the deadline. */
export async function pauseFor(context: Context, failure: Failure, attempt: number): Promise<void> {
  const growing = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  const waitMs = failure.details.waitMs ?? growing * (0.5 + context.random() / 2);
  const until = after(context.clock, waitMs);
  if (until > context.deadline) {
    const asked = failure.details.waitMs === undefined ? '' : ` (it asks to wait ${Math.ceil(waitMs / 1000)} s)`;
    throw new Failure(failure.outcome, 'transient', `${failure.message}; no time left to try again${asked}`);
  }
  context.observe({ kind: 'retry', machine: context.machine, reason: failure.message, attempt, waitMs });
  await context.clock.sleep(until, context.signal);
}
