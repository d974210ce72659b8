import type { JobID } from '../../definitions/job.ts';
import { nextTry, noticeAlerts } from '../../definitions/notices/delivery.ts';
import { makeNotices, nextGroup } from '../../definitions/notices/grouping.ts';
import { createOutbox, type Outbox } from '../../definitions/notices/outbox.ts';
import { readEntry } from '../../definitions/notices/reading.ts';
import { endRemoved, follow, followReceivers, repeatConditions } from '../../definitions/notices/routing.ts';
import type { RunID } from '../../definitions/run.ts';
import type { Receiver } from '../../definitions/settings.ts';
import { after } from '../clock.ts';
import type { ControllerEvent } from '../events/event.ts';
import { createDeadMan } from './dead-man.ts';
import { deliverAll } from './deliver.ts';
import { createEventConditions } from './event-conditions.ts';
import { createKeeper } from './keeper.ts';
import type { NoticesOptions, NoticesState } from './notices-state.ts';

/** News come in crowds: what comes within so long is read together. */
const PAUSE_MS = 1_000;
/** However little happens: what lasts is told again, what is old given up, and a silent controller noticed. */
const LOOK_AT_LEAST_MS = 60_000;

/** Tells people what they should know without looking. Nothing waits for it, and no failure of it reaches anybody. */
export interface Notices {
  observe(event: ControllerEvent): void;
  /** The journal has more. */
  nudge(): void;
  /** Tells until the signal is aborted; what is not told by then is kept. */
  run(signal: AbortSignal): Promise<void>;
  /** Tells all that there is, at once, while receivers take it and the signal is not aborted; then keeps the rest. */
  flush(signal: AbortSignal): Promise<void>;
  /** Reads the journal to its end once more and keeps what is to be told; the journal is closed after that. */
  save(): Promise<void>;
  /** What STATUS.md says of receivers. */
  alerts(): readonly string[];
}

/** Notices of a controller; nothing is read or sent before `run`, `flush` or `save`. */
export function createNotices(options: NoticesOptions): Notices {
  const { clock, observe, file, pullIntervalMs } = options;
  const state: NoticesState = {
    options,
    conditions: createEventConditions(clock, pullIntervalMs),
    keeper: createKeeper(file, (error) => observe({ event: 'noticesUnsaved', error })),
    deadMan: createDeadMan(options),
    outbox: null,
    begin: null,
    isOld: new Set(),
    underway: new Map(),
    alarm: new AbortController(),
  };
  const wake = () => state.alarm.abort('news');
  return {
    observe(event) {
      state.conditions.observe(event);
      if (event.event === 'passed') {
        state.deadMan.passed();
        noteBegin(state);
      }
      if (['passed', 'published', 'unrecorded', 'diskFull'].includes(event.event)) wake();
    },
    nudge() {
      if (state.outbox) wake();
    },
    run: (signal) => run(state, signal),
    async flush(signal) {
      await look(state, true);
      await Promise.all([deliverAll(state, signal), state.deadMan.settled()]);
      await state.keeper.save(state.outbox, true);
    },
    async save() {
      await Promise.all([...state.underway.values(), state.deadMan.end()]);
      await look(state, false);
      await state.keeper.save(state.outbox, true);
    },
    alerts: () => (state.outbox ? noticeAlerts(state.outbox) : []),
  };
}

async function run(state: NoticesState, signal: AbortSignal): Promise<void> {
  const { clock } = state.options;
  while (!signal.aborted) {
    state.alarm = new AbortController();
    const { alarm } = state;
    await look(state, false);
    void deliverAll(state, signal);
    await clock.sleep(after(clock, PAUSE_MS), signal).catch(() => undefined);
    const woken = AbortSignal.any([alarm.signal, signal]);
    await clock.sleep(nextLook(state), woken).catch(() => undefined); // news, or the end
  }
  await Promise.all(state.underway.values());
}

function nextLook({ options, outbox, underway }: NoticesState): Date {
  const { clock, settings } = options;
  const moments = [after(clock, LOOK_AT_LEAST_MS).getTime()];
  if (outbox) {
    const { Notifications } = settings();
    const group = nextGroup(outbox, Notifications);
    if (group) moments.push(group.getTime());
    for (const { Name } of Notifications) {
      const at = underway.has(Name) ? null : nextTry(outbox, Name);
      if (at !== null) moments.push(Date.parse(at));
    }
  }
  return new Date(Math.min(...moments));
}

/** Takes in what is new, and makes what is durable of it. @param hurry nothing waits for more of its kind */
async function look(state: NoticesState, hurry: boolean): Promise<void> {
  const { options } = state;
  const { clock, settings } = options;
  try {
    const receivers = settings().Notifications;
    const outbox = await openOutbox(state, receivers);
    if (!outbox) return;
    followReceivers(outbox, receivers);
    await readJournal(state, outbox, receivers);
    for (const [source, holding] of state.conditions.holding(options.problems())) {
      follow(outbox, receivers, source, holding, clock.now(), state.isOld.delete(source));
    }
    const jobs = options.jobs();
    if (jobs) endRemoved(outbox, receivers, (id) => jobs.has(id), clock.now());
    repeatConditions(outbox, receivers, clock.now());
    makeNotices(outbox, receivers, clock.now(), hurry);
    await state.keeper.save(outbox);
  } catch (error) {
    options.observe({ event: 'noticesUnsaved', error }); // the journal or the file cannot be read: the next look tries
  }
}

/** No run of the settings that name a receiver has begun yet. */
function noteBegin(state: NoticesState): void {
  const { settings, journal, clock } = state.options;
  if (settings().Notifications.length > 0) state.begin ??= { through: journal.last, at: clock.now() };
}

/** The outbox while anybody is to be told; when nobody is any more, it goes. */
async function openOutbox(state: NoticesState, receivers: readonly Receiver[]): Promise<Outbox | null> {
  const { file, journal, clock } = state.options;
  if (receivers.length === 0) {
    if (state.outbox) await file.remove();
    state.outbox = null;
    state.begin = null;
    return null;
  }
  state.outbox ??= await file.read();
  // Of a state folder that was set back, the numbers of the journal mean something else.
  if (state.outbox && state.outbox.journal.through <= journal.last) return state.outbox;
  const { through, at } = state.begin ?? { through: journal.last, at: clock.now() };
  state.outbox = createOutbox(Math.min(through, journal.last), at);
  state.isOld.add('manifest');
  return state.outbox;
}

async function readJournal(state: NoticesState, outbox: Outbox, receivers: readonly Receiver[]): Promise<void> {
  const { journal, clock } = state.options;
  for await (const entry of journal.since(outbox.journal.through)) {
    const { record } = entry;
    if (record.kind === 'finish') await addAuthor(state, outbox, record);
    // From here to the end of what the entry says nothing waits: what is kept in between holds all of it or nothing.
    readEntry(outbox, receivers, entry, clock.now());
  }
}

/** Of a manual run, who asked for it: people are told when it has failed (N12). */
async function addAuthor(
  { options }: NoticesState,
  { journal }: Outbox,
  { run: id, job }: { readonly run: RunID; readonly job: JobID },
): Promise<void> {
  const run = Object.hasOwn(journal.runs, id) ? journal.runs[id] : undefined;
  if (!run?.token || run.failed === 0) return;
  const who = await options.whoAsked(job, run.token).catch(() => null);
  journal.runs[id] = { ...run, who };
}
