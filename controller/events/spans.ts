// Memory: the runs that go on, and what was said to machines whose parts have not ended. Both are bounded.
import type { MachineID } from '../../definitions/machine.ts';
import { type RunID, succeeded } from '../../definitions/run.ts';
import {
  type BoundedMap,
  type BoundedSet,
  createBoundedMap,
  createBoundedSet,
} from '../../definitions/values/bounded-map.ts';
import type { ControllerEvent } from './event.ts';
import type { RedfishEvent } from './redfish-event.ts';

/** What names a span wherever it is: 32 and 16 hex digits. */
export interface SpanID {
  readonly traceId: string;
  readonly spanId: string;
}

/** What is known of a span; no value holds a secret, because no event does (R43). */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A span as it begins. */
export interface SpanStart {
  readonly name: string;
  readonly start: Date;
  /** Whether it is a request to somebody else. */
  readonly isRequest: boolean;
  readonly attributes: SpanAttributes;
  /** What it is a part of; null: it begins a trace. */
  readonly parent: SpanID | null;
  /** What it comes from, without being a part of it. */
  readonly link?: SpanID;
  /** The name that it has to get; absent: any. */
  readonly id?: SpanID;
}

/** A span that goes on. */
export interface OpenSpan {
  readonly id: SpanID;
  /** Something that happened meanwhile. */
  add(name: string, at: Date, attributes: SpanAttributes): void;
  /** @param failure why it failed; null: it did not */
  end(at: Date, attributes: SpanAttributes, failure: string | null): void;
}

/** Takes spans, and sends them when there are some. */
export interface SpanSink {
  start(span: SpanStart): OpenSpan;
  /** Sends what is left; a collector that does not answer is not waited for long. */
  close(): Promise<void>;
}

/** Hears of what happens, and says it in spans. */
export interface SpanRecorder {
  observe(event: ControllerEvent): void;
  observeRedfish(event: RedfishEvent): void;
}

type EventOf<Name extends ControllerEvent['event']> = Extract<ControllerEvent, { event: Name }>;
/** What happened on the way to a machine, and when it ended. */
type Exchange = { readonly at: Date } & Extract<RedfishEvent, { kind: 'request' | 'retry' }>;

interface RecorderState {
  readonly sink: SpanSink;
  readonly now: () => Date;
  readonly runs: BoundedMap<RunID, OpenSpan>;
  readonly exchanges: BoundedMap<MachineID, Exchange[]>;
  /** What the pass that goes on has judged; null: nothing new. */
  judged: EventOf<'reconciled'> | null;
  /** Of runs that somebody asked for: by which commit. */
  readonly asked: BoundedMap<RunID, string>;
  /** Commits that have a span. */
  readonly told: BoundedSet<string>;
}

const RUNS_KEPT = 10_000;
const COMMITS_KEPT = 10_000;
const MACHINES_KEPT = 20_000;
/** Of one part. */
const EXCHANGES_KEPT = 500;
/** Times are told in whole milliseconds: a part's first request may seem to begin that much before it. */
const ROUNDING_MS = 2;
const LONGEST_TEXT = 1_000;

/**
 * Says what happens in spans: a pass that changed something by its commit; a run, its parts, and the requests of each.
 * A run that somebody asked for by a commit is a part of its trace, any other one begins a trace and links to it.
 */
export function createSpanRecorder(sink: SpanSink, now: () => Date): SpanRecorder {
  const state: RecorderState = {
    sink,
    now,
    runs: createBoundedMap(RUNS_KEPT, 'oldest'),
    exchanges: createBoundedMap(MACHINES_KEPT, 'oldest'),
    judged: null,
    asked: createBoundedMap(RUNS_KEPT, 'oldest'),
    told: createBoundedSet(COMMITS_KEPT),
  };
  return {
    observe: (event) => note(state, event),
    observeRedfish(event) {
      if (event.kind !== 'request' && event.kind !== 'retry') return;
      const before = state.exchanges.get(event.machine) ?? [];
      if (before.length < EXCHANGES_KEPT) before.push({ ...event, at: now() });
      state.exchanges.set(event.machine, before);
    },
  };
}

/** The span of a commit is named after it: whatever comes from it finds it, after a restart too. */
export function commitSpan(commit: string): SpanID {
  return { traceId: commit.slice(0, 32), spanId: commit.slice(-16) };
}

function note(state: RecorderState, event: ControllerEvent): void {
  switch (event.event) {
    case 'reconciled':
      state.judged = event;
      break;
    case 'passed':
      notePass(state, event);
      break;
    case 'asked':
      if (event.commit !== null) state.asked.set(event.run, event.commit);
      break;
    case 'started':
      state.runs.set(event.run, startRun(state, event));
      break;
    case 'skipped': {
      const attributes = { 'bmcron.machine': event.machine, 'bmcron.reason': event.reason };
      state.runs.get(event.run)?.add('skipped', state.now(), { ...attributes, 'bmcron.message': cut(event.message) });
      break;
    }
    case 'machine':
      notePart(state, event);
      break;
    case 'finished':
      endRun(state, event);
      break;
  }
}

/** A commit that changes nothing has no span: the service's own, and those of a start. */
function notePass(state: RecorderState, { commit, elapsedMs }: EventOf<'passed'>): void {
  const { judged } = state;
  state.judged = null;
  if (judged?.commit !== commit) return;
  const { changes, jobs, machines, problems } = judged;
  if (Object.keys(changes).length === 0 && problems === 0) return;
  const ops = Object.entries(changes).map(([op, count]) => [`bmcron.changes.${op}`, count]);
  const facts = { 'bmcron.jobs': jobs, 'bmcron.machines': machines, 'bmcron.problems': problems };
  noteCommit(state, commit, before(state.now(), elapsedMs), { ...facts, ...Object.fromEntries(ops) });
}

/** Once for each: what somebody asked for by a commit has a parent, though its pass changed nothing in force. */
function noteCommit({ sink, now, told }: RecorderState, commit: string, start: Date, facts: SpanAttributes): void {
  if (told.has(commit)) return;
  told.add(commit);
  const attributes = { 'vcs.ref.head.revision': commit, ...facts };
  const id = commitSpan(commit);
  sink.start({ name: 'commit', start, isRequest: false, attributes, parent: null, id }).end(now(), {}, null);
}

function startRun(state: RecorderState, event: EventOf<'started'>): OpenSpan {
  const { job, run, trigger, nominal, machines, action, commit, delayMs } = event;
  const asking = state.asked.get(run);
  if (asking !== undefined) noteCommit(state, asking, state.now(), {});
  state.asked.delete(run);
  return state.sink.start({
    name: `run ${job}`,
    start: state.now(),
    isRequest: false,
    attributes: {
      'bmcron.job': job,
      'bmcron.run': run,
      'bmcron.trigger': trigger,
      'bmcron.nominal': nominal,
      'bmcron.action': action,
      'bmcron.machines': machines,
      'bmcron.delay_ms': delayMs,
      'vcs.ref.head.revision': commit,
    },
    parent: asking === undefined ? null : commitSpan(asking),
    ...(asking === undefined && { link: commitSpan(commit) }),
  });
}

function endRun({ runs, now }: RecorderState, event: EventOf<'finished'>): void {
  const { run, succeeded: good, failed, skipped, status } = event;
  const counts = { 'bmcron.succeeded': good, 'bmcron.failed': failed, 'bmcron.skipped': skipped };
  const failure = status === 'Failed' ? `${failed} failed, ${skipped} skipped` : null;
  runs.get(run)?.end(now(), counts, failure);
  runs.delete(run);
}

function notePart(state: RecorderState, event: EventOf<'machine'>): void {
  const { machine, run, action, outcome, began, elapsedMs, error, path } = event;
  const exchanges = state.exchanges.get(machine) ?? [];
  state.exchanges.delete(machine);
  const parent = state.runs.get(run);
  if (!parent) return; // it began before there was a recorder
  const part = state.sink.start({
    name: `part ${action}`,
    start: began,
    isRequest: false,
    attributes: { 'bmcron.job': event.job, 'bmcron.run': run, 'bmcron.machine': machine, 'bmcron.action': action },
    parent: parent.id,
  });
  // what was said before is not of this part: a guard may have asked, or a check
  for (const each of exchanges.filter(({ at }) => at.getTime() + ROUNDING_MS >= began.getTime())) {
    if (each.kind === 'request') noteRequest(state, part.id, each);
    else part.add('retry', each.at, { 'bmcron.attempt': each.attempt, 'bmcron.reason': cut(each.reason) });
  }
  const facts = { 'bmcron.outcome': outcome, 'bmcron.log': path };
  part.end(new Date(began.getTime() + elapsedMs), facts, succeeded(outcome) ? null : cut(error ?? outcome));
}

function noteRequest({ sink }: RecorderState, parent: SpanID, event: Extract<Exchange, { kind: 'request' }>): void {
  const { machine, method, path, status, ms, at } = event;
  const span = sink.start({
    name: method,
    start: before(at, ms),
    isRequest: true,
    attributes: { 'bmcron.machine': machine, 'http.request.method': method, 'url.path': withoutQuery(path) },
    parent,
  });
  const answer: SpanAttributes = status === null ? {} : { 'http.response.status_code': status };
  span.end(at, answer, status === null ? 'no answer' : status >= 400 ? `HTTP ${status}` : null);
}

function before(at: Date, ms: number): Date {
  return new Date(at.getTime() - Math.max(0, ms));
}

function withoutQuery(path: string): string {
  return path.split('?', 1)[0] ?? '';
}

function cut(text: string): string {
  return text.slice(0, LONGEST_TEXT);
}
