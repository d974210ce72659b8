import type { Action } from '../../../definitions/actions/action.ts';
import { lookPauseMs } from '../../../definitions/actions/course/course.ts';
import { durationText } from '../../../definitions/actions/course/parameter.ts';
import type { Testimony, Witness } from '../../../definitions/actions/fields/witness.ts';
import type { PayloadEntry } from '../../../definitions/job.ts';
import { after } from '../../clock.ts';
import { asFailure, Failure, told } from '../failure.ts';
import { type Resource, readResource } from '../manager.ts';
import type { EntryOutcome } from '../outcome.ts';
import type { Session } from '../session.ts';
import { findSource } from '../target/sources.ts';
import type { Rest } from './follow.ts';

/** What an entry came to, and the resource that it is about. */
export interface Carried {
  readonly outcome: EntryOutcome;
  /** The entry with its options. */
  readonly given: PayloadEntry;
  readonly path: string;
}

/** Waits until what an action's witness must see has come true, where a payload asks for it and nothing has failed. */
export async function hearWitness(
  session: Session,
  action: Action,
  { outcome, given, path }: Carried,
  rest: Rest,
): Promise<EntryOutcome> {
  const { witness } = action;
  const withinMs = witness?.withinMs(given.Payload) ?? null;
  if (!witness || withinMs === null || outcome.failure || outcome.staged) return outcome;
  const { clock } = session.connection;
  const began = clock.now().getTime();
  let now = outcome;
  try {
    let place = await whereShown(session, action, { witness, given, path });
    for (;;) {
      const seen = judged(witness, given, place);
      now = { ...outcome, fields: { ...outcome.fields, ...seen.shown } };
      if (seen.late === null) return now;
      const waitedMs = clock.now().getTime() - began;
      if (waitedMs >= withinMs)
        return {
          ...now,
          failure: new Failure('NotApplied', 'transient', `${seen.late} after ${durationText(withinMs)}`),
        };
      await session.rest();
      await rest(after(clock, Math.min(lookPauseMs(waitedMs), withinMs - waitedMs)), now);
      place = await readResource(session, place.path);
    }
  } catch (error) {
    session.connection.stop.throwIfAborted();
    const { outcome: kind, class: how, message } = asFailure(error);
    const failure = new Failure(kind, how, `set, and then not verified: ${message}`);
    return { ...now, failure: told(failure, session.connection.secrets.scrub) };
  }
}

/** The resource that shows it: that of the fields, else one of the witness' own sources. */
async function whereShown(
  session: Session,
  action: Action,
  { witness, given, path }: { readonly witness: Witness; readonly given: PayloadEntry; readonly path: string },
): Promise<Resource> {
  const resource = await readResource(session, path);
  if (witness.judge(given.Payload, resource.body)) return resource;
  const { resource: other } = await findSource(session, { ...action, sources: witness.sources }, given);
  return other;
}

function judged(witness: Witness, { Payload }: PayloadEntry, { body }: Resource): Testimony {
  const seen = witness.judge(Payload, body);
  if (seen) return seen;
  throw new Failure('Unsupported', 'permanent', 'this BMC does not show what it draws');
}
