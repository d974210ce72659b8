import { durationMs } from '../../definitions/duration.ts';
import type { JsonObject } from '../../definitions/json.ts';
import { after, type Clock } from '../clock.ts';
import type { Credentials } from '../credentials.ts';
import { connect } from '../redfish/connect.ts';
import type { Context } from '../redfish/context.ts';
import { findManager } from '../redfish/manager.ts';
import { createMemories } from '../redfish/memory.ts';
import type { LiveReader } from './live.ts';

/** People wait for the answer: a BMC that is silent for so long is told as such. */
const LONGEST_MS = 20_000;

/** A reader that asks the BMCs themselves; it changes nothing on them. */
export function createBmcReader({ credentials, clock }: { credentials: Credentials; clock: Clock }): LiveReader {
  const memories = createMemories();
  return async (machine, managers) => {
    const timeoutMs = Math.min(LONGEST_MS, durationMs(machine.Timeout) ?? LONGEST_MS);
    const signal = AbortSignal.timeout(timeoutMs);
    const deadline = after(clock, timeoutMs);
    const context: Context = {
      machine: machine.ID,
      clock,
      deadline,
      met: { answered: false },
      secrets: new Set(),
      signal,
      random: Math.random,
      observe: () => undefined,
    };
    const memory = memories.of(machine.Endpoint);
    const { CredentialsRef, Endpoint, TLS } = machine;
    const login = CredentialsRef === undefined ? undefined : await credentials.get(CredentialsRef, Endpoint);
    const ca = TLS?.CA === undefined ? undefined : await credentials.ca(TLS.CA);
    const session = await connect(
      machine,
      { ...(login && { login }), ...(ca !== undefined && { ca }) },
      context,
      memory,
    );
    try {
      const found = new Map<string, JsonObject | Error>();
      for (const id of managers) {
        const manager = await findManager(session, context, memory, id).catch((error: unknown) => error);
        found.set(id, manager instanceof Error ? manager : (manager as { body: JsonObject }).body);
      }
      return found;
    } finally {
      await session.close();
    }
  };
}
