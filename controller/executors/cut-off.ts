import type { Action } from '../../definitions/actions/action.ts';
import { valuesOf } from '../../definitions/actions/action.ts';
import { type CutOffPart, interrupted, type Result } from '../../definitions/run.ts';
import { shownBeside } from '../../definitions/safety/revert/entry.ts';
import { type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { some } from '../../definitions/values/text.ts';
import { difference } from '../redfish/compare.ts';
import { type Failure, failureText } from '../redfish/failure.ts';
import { targetOf } from '../redfish/outcome.ts';
import type { Session } from '../redfish/session.ts';
import { findResource } from '../redfish/target/find-resource.ts';
import { withTwins } from '../redfish/target/twins.ts';
import { type Begun, putBack, withPutBack } from './put-back.ts';
import { placeOf } from './result.ts';

/**
 * Reads what became of a part that a crash cut off, and tells of each field whether it is as it was set, as it was
 * before, or neither (V11); puts back what the part owes. @throws Failure
 */
export async function lookAgain(session: Session, action: Action, part: CutOffPart): Promise<Result> {
  const begun = begunOf(action, part);
  const entries: JsonObject[] = [];
  const told: string[] = [];
  for (const { entry, shown } of begun) {
    const { resource } = await findResource(session, action, entry);
    const now = action.course ? resource.body : targetOf(action, entry, withTwins(action, resource.body));
    const values = Object.keys(shown)
      .filter((key) => key.startsWith('New'))
      .map((key): [string, Json] => [key, own(now, key.slice('New'.length)) ?? null]);
    entries.push({ ...shown, ...Object.fromEntries(values) });
    for (const [field, wanted] of valuesOf(action, entry)) {
      if (own(shown, `Old${field}`) === undefined) continue; // what a restart is told is no value of the BMC
      const isLike = (value: Json) => Object.keys(difference(action, { [field]: value }, now)).length === 0;
      const was = own(shown, `Old${field}`) ?? null;
      told.push(
        `${placeOf(part, entry)} ${field} ${isLike(wanted) ? 'as it was set' : isLike(was) ? 'as it was before' : 'neither as it was set nor as before'}`,
      );
    }
  }
  const found = told.length === 0 ? 'its values were read' : some(told, MOST_TOLD);
  const error = `interrupted (transient: looked at again at the start of the service: ${found})`;
  const result: Result = { machine: part.machine.ID, outcome: 'Interrupted', entries, error };
  return part.onFailure === 'Revert' ? withPutBack(result, await putBack(session, action, begun, part)) : result;
}

const MOST_TOLD = 20;

function begunOf(action: Action, { payload, seen }: CutOffPart): readonly Begun[] {
  const beside = shownBeside(action, payload, seen);
  return payload.flatMap((entry, index) => {
    const shown = beside[index];
    return shown ? [{ entry, shown }] : [];
  });
}

/** What is known of a part that was cut off and could not be looked at again. */
export function notSeenAgain(part: CutOffPart, failure: Failure): Result {
  const { machine, error } = interrupted(part.machine.ID);
  const why = `${error}; looked at again at the start of the service, in vain: ${failureText(failure)}`;
  const result: Result = { machine, outcome: 'Interrupted', entries: part.seen, error: why };
  return part.onFailure === 'Revert' ? { ...result, outcome: 'RestoreFailed', error: `${why}; RestoreFailed` } : result;
}
