import type { JsonObject } from '../../../definitions/values/json.ts';
import type { Clock } from '../../clock.ts';
import type { Credentials } from '../../credentials.ts';
import { withBmc } from '../../redfish/conversation.ts';
import { asFailure, failureText, told } from '../../redfish/failure.ts';
import { createConnectionPool } from '../../redfish/http/pool.ts';
import { createQuirks } from '../../redfish/quirks.ts';
import type { Session } from '../../redfish/session.ts';
import { findResource } from '../../redfish/target/find-resource.ts';
import { withTwins } from '../../redfish/target/twins.ts';
import type { LivePlace, LiveReader } from './live-values.ts';

/** People wait for the answer: a BMC that is silent for so long is reported as such. */
const LONGEST_MS = 20_000;
const TOO_LATE = 'transient: no answer in time';

export interface LiveReaderOptions {
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** Ends what is asked, and asks no more; the logout still takes place. */
  readonly signal: AbortSignal;
}

/** A reader that asks the BMCs themselves; it changes nothing on them, and repeats no secret that one of them says. */
export function createLiveReader({ credentials, clock, signal }: LiveReaderOptions): LiveReader {
  const quirks = createQuirks();
  const pool = createConnectionPool();
  return async (machine, places) => {
    const answer = await withBmc<Read[] | string>(
      machine,
      { credentials, clock, random: Math.random, signal, quirks, pool, mostMs: LONGEST_MS },
      (session) => readAll(session, [...places.values()]),
      ({ failure, timedOut }) => (timedOut ? TOO_LATE : failureText(failure)),
    );
    if (typeof answer === 'string') throw new Error(answer);
    return new Map([...places.keys()].map((key, index) => [key, asValue(answer[index])]));
  };
}

/** A resource, or why it could not be read; plain JSON, so that no secret stands in either. */
type Read = { readonly body: JsonObject } | { readonly error: string };

async function readAll(session: Session, places: readonly LivePlace[]): Promise<Read[]> {
  const all: Read[] = [];
  for (const { action, entry } of places) {
    try {
      const { resource } = await findResource(session, action, entry);
      all.push({ body: withTwins(action, resource.body) });
    } catch (error) {
      const { secrets, signal } = session.connection;
      all.push({ error: signal.aborted ? TOO_LATE : failureText(told(asFailure(error), secrets.scrub)) });
    }
  }
  return all;
}

function asValue(read: Read | undefined): JsonObject | Error {
  if (!read) return new Error('not read');
  return 'body' in read ? read.body : new Error(read.error);
}
