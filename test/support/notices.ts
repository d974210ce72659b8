// Notices without a network: a journal that a test writes, receivers that take what comes or do not.
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { type Attempt, type GivenUp, nextNotice, noteAttempt, tidy } from '../../definitions/notices/delivery.ts';
import type { Holding } from '../../definitions/notices/fact.ts';
import { makeNotices } from '../../definitions/notices/grouping.ts';
import { createOutbox, type Notice, type Outbox, readOutbox } from '../../definitions/notices/outbox.ts';
import { readEntry } from '../../definitions/notices/reading.ts';
import { endRemoved, follow, followReceivers, repeatConditions } from '../../definitions/notices/routing.ts';
import { noticeText } from '../../definitions/notices/text.ts';
import type { Claim, Outcome } from '../../definitions/run.ts';
import { logPath, logRecord } from '../../definitions/run-log.ts';
import { RECEIVER_DEFAULTS, type Receiver } from '../../definitions/settings.ts';
import type { Status } from '../../definitions/status.ts';
import { durationMs } from '../../definitions/values/duration.ts';
import { claimOf, jobOf, factsOf as statusOf } from './jobs.ts';

const START = Date.parse('2026-03-10T10:00:00Z');

/** A receiver with the defaults and what a test says. */
export function receiver(more: Partial<Receiver> = {}): Receiver {
  return { Name: 'oncall', Format: 'Webhook', SecretRef: 'oncall', ...RECEIVER_DEFAULTS, ...more };
}

/** What holds while the breaker is open. */
export const OPEN_BREAKER: Holding = {
  event: 'BreakerOpen',
  subject: 'breaker open',
  cause: 'Open',
  job: null,
  detail: 'the breaker is open',
};

/** What was sent to whom, in words: `oncall: nightly failed on …`. */
export interface TellingTest {
  readonly outbox: Outbox;
  readonly sent: string[];
  readonly notices: Notice[];
  readonly givenUp: GivenUp[];
  readonly now: Date;
  /** The journal gets more. */
  append(...records: readonly JournalRecord[]): void;
  /** All of the journal is read once more, as by a process that lost its place. */
  readAgain(): void;
  /** What holds now of a source of conditions. */
  holds(source: string, ...holding: readonly Holding[]): void;
  /** These are the jobs that there are. */
  jobs(...ids: readonly string[]): void;
  /** Time passes, a look a minute; each receiver answers. */
  pass(duration: string, answer?: (notice: Notice) => Attempt): void;
  /** A process ends at any moment, and another one reads what it kept. */
  restart(): void;
}

const TAKEN: Attempt = { outcome: 'Delivered' };

/** What a receiver answers that does not take a notice. */
export function refusal(reason = 'ECONNREFUSED', isPermanent = false, waitMs: number | null = null): Attempt {
  return { outcome: 'Failed', reason, isPermanent, waitMs };
}

/** Telling that begins at 10:00. */
export function createTellingTest(...receivers: readonly Receiver[]): TellingTest {
  const state = { outbox: createOutbox(0, new Date(START)), now: START, seq: 0 };
  const journal: JournalRecord[] = [];
  const [sent, notices, givenUp]: [string[], Notice[], GivenUp[]] = [[], [], []];
  const now = () => new Date(state.now);
  const read = (record: JournalRecord, seq: number) => {
    readEntry(state.outbox, receivers, { seq, record }, now());
  };
  const look = (answer: (notice: Notice) => Attempt) => {
    repeatConditions(state.outbox, receivers, now());
    makeNotices(state.outbox, receivers, now());
    for (const { Name } of receivers) {
      const inbox = state.outbox.receivers[Name];
      if (!inbox) continue;
      givenUp.push(...tidy(Name, inbox, now()));
      for (let notice = nextNotice(inbox, now()); notice; notice = nextNotice(inbox, now())) {
        const attempt = answer(notice);
        noteAttempt(inbox, notice, attempt, now());
        notices.push(notice);
        if (attempt.outcome === 'Delivered') sent.push(`${Name}: ${noticeText(notice).title}`);
        givenUp.push(...tidy(Name, inbox, now()));
      }
    }
  };
  followReceivers(state.outbox, receivers);
  return {
    get outbox() {
      return state.outbox;
    },
    get now() {
      return now();
    },
    sent,
    notices,
    givenUp,
    append(...records) {
      for (const record of records) read(record, journal.push(record));
    },
    readAgain() {
      for (const [index, record] of journal.entries()) read(record, index + 1);
    },
    holds: (source, ...holding) => follow(state.outbox, receivers, source, holding, now()),
    jobs: (...ids) => endRemoved(state.outbox, receivers, (id) => ids.includes(id), now()),
    pass(duration, answer = () => TAKEN) {
      for (const end = state.now + (durationMs(duration) ?? 0); state.now < end; look(answer))
        state.now = Math.min(end, state.now + 60_000);
    },
    restart() {
      const read = readOutbox(JSON.stringify(state.outbox));
      if (!read) throw new Error('what was kept cannot be read');
      state.outbox = read;
    },
  };
}

/** What the journal says of a run: how each machine's part came out. */
export function runOf(
  job: string,
  nominal: string,
  parts: Readonly<Record<string, Outcome>>,
  more: Partial<Claim> = {},
): readonly JournalRecord[] {
  const claim = claimOf(jobOf(job, { Machines: Object.keys(parts) }), nominal, more);
  const ends = Object.entries(parts).map(([machine, outcome]): JournalRecord => {
    const isGood = outcome === 'Applied' || outcome === 'Unchanged';
    const error = isGood ? null : 'https://10.9.8.7 said [click](https://evil.example) \u001b[31m';
    const log = logRecord(claim, { machine, outcome, entries: [], error }, 1, new Date(claim.start), 1000);
    return { kind: 'result', run: claim.run, outcome, path: logPath(log), log };
  });
  const failed = ends.filter((each) => each.kind === 'result' && each.log.Status === 'failed');
  const failures = failed.length;
  const counts = { succeeded: ends.length - failures, failures, failed: failed.map(() => 'm: no answer') };
  return [{ kind: 'claim', claim }, ...ends, { kind: 'finish', run: claim.run, job, end: nominal, ...counts }];
}

/** The facts of a job as the journal has them. */
export function statusRecord(job: string, more: Partial<Status>): JournalRecord {
  return { kind: 'status', path: `jobs/${job}.status.yaml`, documents: [statusOf(jobOf(job), more)] };
}
