import type { Action } from '../../../definitions/actions/action.ts';
import type { Course, CourseSeen, Decision, Look, SentValue } from '../../../definitions/actions/course/course.ts';
import { ROOTS } from '../../../definitions/actions/root.ts';
import type { PayloadEntry } from '../../../definitions/job.ts';
import { isObject, type Json, type JsonObject, own } from '../../../definitions/values/json.ts';
import { after } from '../../clock.ts';
import { asFailure, Failure, told } from '../failure.ts';
import type { Answer } from '../http/client.ts';
import type { Resource } from '../manager.ts';
import type { EntryOutcome } from '../outcome.ts';
import type { Session } from '../session.ts';
import { findResource } from '../target/find-resource.ts';
import { glanceAtTask } from '../task.ts';
import { findOffered, type OfferedAction } from './offered.ts';
import { postValue } from './post.ts';

/** Gives the next turn of what must not happen on many machines at one moment. */
export type Turns = (everyMs: number) => Date;

/** Rests until a time with the machine alone; `sofar` is on record meanwhile. */
export type Rest = (until: Date, sofar: EntryOutcome) => Promise<void>;

/** Makes durable what was read; nothing is sent before it resolves. @throws Failure when it cannot be */
export type Before = (sofar: EntryOutcome) => Promise<void>;

/** What an entry asks of whoever carries out its part. */
export interface PartHooks {
  readonly rest: Rest;
  readonly before: Before;
}

/** What no course needs: a bound for decisions that go in a circle. */
const MOST_STEPS = 1_000;
/** The first look, and as many of the last, are kept. */
const MOST_LOOKS = 100;

interface Walk {
  readonly session: Session;
  readonly action: Action;
  readonly course: Course;
  readonly entry: PayloadEntry;
  readonly rest: Rest;
  readonly before: Before;
  /** Gives the turn of a value that is spaced, until it has been taken. */
  turns: Turns | null;
  /** Times of the course count from then. */
  began: Date;
  readonly member: string;
  readonly resource: Resource;
  readonly offered: OfferedAction;
  readonly looks: Look[];
  readonly sent: SentValue[];
  /** A login was refused while the service came back; that happens once. */
  wasRefused: boolean;
  /** The task by which the last value was accepted, until it is known to have failed. */
  task: Answer | undefined;
  note?: string;
}

/** Carries out an entry of an action that has a course: looks, sends, waits, as the course decides. Never rejects. */
export async function followCourse(
  session: Session,
  { action, course, entry }: { readonly action: Action; readonly course: Course; readonly entry: PayloadEntry },
  { rest, before, turns }: PartHooks & { readonly turns: Turns },
): Promise<EntryOutcome> {
  const { connection } = session;
  const { clock, secrets } = connection;
  let walk: Walk | undefined;
  try {
    if (connection.signal.aborted) await connection.rest(async () => undefined); // the last look took all the time
    const began = clock.now();
    const { member, resource } = await findResource(session, action, entry);
    const offered = await findOffered(session, course, resource);
    const looks = [{ atMs: 0, values: watched(course, resource.body) }];
    walk = {
      session,
      action,
      course,
      entry,
      rest,
      before,
      turns,
      began,
      member,
      resource,
      offered,
      looks,
      sent: [],
      wasRefused: false,
      task: undefined,
    };
    await goOn(walk);
    return outcomeOf(walk);
  } catch (error) {
    const failure = told(asFailure(error), secrets.scrub);
    const { aborted } = connection.stop;
    return walk ? { ...outcomeOf(walk), aborted, failure } : { entry, fields: null, sent: false, aborted, failure };
  }
}

/** @throws Failure when the course ends in one */
async function goOn(walk: Walk): Promise<void> {
  const { session, course, entry } = walk;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const decision = course.decide(entry.Payload, seenOf(walk));
    if (decision.step === 'done') {
      if (decision.note !== undefined) walk.note = decision.note;
      return;
    }
    if (decision.step === 'fail') throw new Failure(decision.outcome, decision.class, decision.reason);
    if (decision.step === 'send') {
      if (await isItsTurn(walk, decision.value)) await send(walk, decision.value);
    } else {
      if (!course.takesServiceAway) await session.rest();
      await walk.rest(after(session.connection.clock, decision.afterMs), outcomeOf(walk));
      await look(walk);
    }
  }
  throw new Failure('NotApplied', 'permanent', 'unexpected: no end of it');
}

/** False when it had to be waited for: things may have changed meanwhile, and the course begins again. */
async function isItsTurn(walk: Walk, value: string): Promise<boolean> {
  const { session, course, turns } = walk;
  if (turns === null || !course.spaced?.values.includes(value)) return true;
  walk.turns = null;
  const turn = turns(course.spaced.everyMs);
  if (turn <= session.connection.clock.now()) return true;
  await session.rest();
  await walk.rest(turn, outcomeOf(walk));
  walk.began = session.connection.clock.now();
  await look(walk);
  return false;
}

function seenOf(walk: Walk): CourseSeen {
  const { session, looks, sent, offered } = walk;
  return { looks, sent, offered: offered.values, nowMs: elapsed(walk), vendor: vendorOf(session) };
}

/** Whose BMC it is, by its service root. */
export function vendorOf({ root }: Session): string {
  const vendor = own(root, 'Vendor');
  return typeof vendor === 'string' ? vendor : (Object.keys(own(root, 'Oem') ?? {})[0] ?? '');
}

function elapsed({ session, began }: Walk): number {
  return session.connection.clock.now().getTime() - began.getTime();
}

/** Sends what the action declares and nothing else; an event once, whatever became of it. */
async function send(walk: Walk, value: string): Promise<void> {
  const { session, course, entry, offered, sent } = walk;
  const isRight = course.declared(entry.Payload).includes(value) && (course.kind === 'State' || sent.length === 0);
  if (!isRight) throw new Failure('NotApplied', 'permanent', `unexpected: ${value} is not to be sent`);
  if (sent.length === 0) {
    const seen = outcomeOf(walk);
    await walk.before({ ...seen, fields: withoutNew(seen.fields), sent: true });
  }
  const placeholder: SentValue = { atMs: elapsed(walk), value, answer: 'Lost', reason: 'cut off' };
  sent.push(placeholder); // a stop in between leaves it at that
  const posted = await postValue(session, course, offered.path, value, () => elapsed(walk));
  sent[sent.length - 1] = posted.sent;
  walk.task = posted.task;
  if (sent.at(-1)?.answer === 'Refused') await look(walk);
}

/** Looks once; a service that does not answer is seen as that, however long it takes to say nothing. */
async function look(walk: Walk): Promise<void> {
  const { session, course, resource, looks } = walk;
  const { connection } = session;
  const renewals = session.renewals;
  let values: JsonObject | null = null;
  try {
    const answer = await session.send('GET', resource.path);
    if (answer.status === 200 && isObject(answer.body)) values = watched(course, answer.body);
    if (values !== null && walk.task) await glance(walk, walk.task);
  } catch (error) {
    connection.stop.throwIfAborted();
    const failure = asFailure(error);
    const isRefused = failure.class === 'permanent' && !connection.signal.aborted;
    if (isRefused && (walk.wasRefused || failure.details.status !== 401 || walk.sent.length === 0)) throw failure;
    if (isRefused) {
      walk.wasRefused = true; // right after a restart a login may be refused that is right
      session.forgive();
    }
  }
  looks.push({ atMs: elapsed(walk), values, ...(session.renewals > renewals && { isNewSession: true }) });
  if (looks.length > MOST_LOOKS) looks.splice(1, 1);
}

/** A task that failed has not done what it was for, whatever was said when it was accepted. */
async function glance(walk: Walk, task: Answer): Promise<void> {
  const { session, sent } = walk;
  const reason = await glanceAtTask(session, task);
  const last = sent.at(-1);
  if (reason === null || last?.answer !== 'Accepted') return;
  walk.task = undefined;
  sent[sent.length - 1] = { ...last, answer: 'Refused', reason };
}

function watched({ watched: names }: Course, body: JsonObject): JsonObject {
  const values = names.flatMap((name): [string, Json][] => {
    const value = own(body, name);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(values);
}

function outcomeOf({ action, course, entry, member, looks, sent, note }: Walk): EntryOutcome {
  const [old, now] = [looks[0]?.values, looks.findLast(({ values }) => values !== null)?.values];
  const shown = course.shown.flatMap((field): [string, Json][] => [
    [`Old${field}`, own(old ?? undefined, field) ?? null],
    [`New${field}`, own(now ?? undefined, field) ?? null],
  ]);
  const taken = sent.filter(({ answer }) => answer !== 'Refused').map(({ value }) => value);
  const fields = {
    [ROOTS[action.root].field]: member,
    ...Object.fromEntries(shown),
    ...(taken.length > 0 && { Sent: taken }),
    ...(note !== undefined && { Note: note }),
  };
  return { entry, fields, sent: taken.length > 0 };
}

/** What it will be is not known. */
function withoutNew(fields: JsonObject | null): JsonObject {
  const values = Object.entries(fields ?? {}).map(([key, value]): [string, Json] => [
    key,
    key.startsWith('New') ? null : value,
  ]);
  return Object.fromEntries(values);
}

/** What comes first of a course, and why it would fail before anything is sent. @throws Failure */
export async function foreseeCourse(
  session: Session,
  { action, course, entry }: { readonly action: Action; readonly course: Course; readonly entry: PayloadEntry },
): Promise<Decision> {
  const { resource } = await findResource(session, action, entry);
  const offered = await findOffered(session, course, resource);
  const looks = [{ atMs: 0, values: watched(course, resource.body) }];
  const decision = course.decide(entry.Payload, {
    looks,
    sent: [],
    offered: offered.values,
    nowMs: 0,
    vendor: vendorOf(session),
  });
  if (decision.step === 'fail') throw new Failure(decision.outcome, decision.class, decision.reason);
  return decision;
}
