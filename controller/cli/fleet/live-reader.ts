import type { JsonObject } from '../../../definitions/values/json.ts';
import type { Clock } from '../../clock.ts';
import { type Credentials, CredentialsError } from '../../credentials.ts';
import { secretsOf } from '../../executors/local.ts';
import { connect } from '../../redfish/connect.ts';
import { type Context, converse } from '../../redfish/conversation.ts';
import { asFailure } from '../../redfish/failure.ts';
import { findManager } from '../../redfish/manager.ts';
import { createQuirks } from '../../redfish/quirks.ts';
import { redact } from '../../redfish/redact.ts';
import type { LiveReader } from './live-values.ts';

/** People wait for the answer: a BMC that is silent for so long is told as such. */
const LONGEST_MS = 20_000;

/** A reader that asks the BMCs themselves; it changes nothing on them, and repeats no secret that one of them says. */
export function createLiveReader({ credentials, clock }: { credentials: Credentials; clock: Clock }): LiveReader {
  const quirksByMachine = createQuirks();
  return async (machine, managers) => {
    const signal = new AbortController().signal;
    const { context, end } = converse(machine, { clock, signal, mostMs: LONGEST_MS });
    const quirks = quirksByMachine.of(machine.Endpoint);
    const told = (error: unknown) => new Error(redact(reason(error, context), context.secrets));
    try {
      const session = await connect(machine, await secretsOf(credentials, machine), context, quirks);
      try {
        const found = new Map<string, JsonObject | Error>();
        for (const id of managers) {
          const read = findManager(session, context, quirks, id);
          found.set(id, await read.then(({ body }) => redact(body, context.secrets), told));
        }
        return found;
      } finally {
        await session.close();
      }
    } catch (error) {
      throw told(error);
    } finally {
      end();
    }
  };
}

function reason(error: unknown, { signal }: Context): string {
  if (signal.aborted) return 'transient: no answer in time';
  if (error instanceof CredentialsError) return `permanent: ${error.message}`;
  const failure = asFailure(error);
  return `${failure.class}: ${failure.message}`;
}
