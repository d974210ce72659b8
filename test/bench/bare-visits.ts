import { Agent } from 'node:https';
import fetch from 'node-fetch';
import type { Machine } from '../../definitions/machine.ts';

/** Who may log in to the BMCs of the benchmarks. */
export const LOGIN = { username: 'root', password: '0penBmc' };
/** The profiles that laps set in turn, so that each has something to change. */
export const PROFILES = ['Performance', 'Balanced', 'PowerSaver'];

const ROOT = '/redfish/v1/';
const SESSIONS = '/redfish/v1/SessionService/Sessions';
const MANAGER = '/redfish/v1/Managers/bmc';

/** How a bare loop visits BMCs. */
export interface BareVisits {
  readonly profile: string;
  /** So many are talked to at once. */
  readonly atOnce: number;
  /** Milliseconds between a change and a second look at it; 0: there is none. */
  readonly settleMs: number;
}

/**
 * The requests that a change takes, made with the same agents, and nothing else. A visit that waits for its second look
 * gives its place to another one, keeps its connection, and comes before those that have not begun.
 */
export async function bareVisits(machines: readonly Machine[], options: BareVisits): Promise<void> {
  const places = createPlaces(options.atOnce);
  await Promise.all(machines.map(({ Endpoint }) => visit(Endpoint, options, places)));
}

async function visit(endpoint: string, { profile, settleMs }: BareVisits, places: Places): Promise<void> {
  await places.take('begins');
  const agent = new Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0, rejectUnauthorized: false });
  const ask = async (method: string, path: string, headers: Record<string, string>, body?: object) => {
    const more = body ? { body: JSON.stringify(body) } : {};
    const all = { Accept: 'application/json', ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers };
    const response = await fetch(endpoint + path, { method, agent, headers: all, redirect: 'manual', ...more });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return { response, body: text === '' ? null : JSON.parse(text) };
  };
  await ask('GET', ROOT, {});
  const { response } = await ask('POST', SESSIONS, {}, { UserName: LOGIN.username, Password: LOGIN.password });
  const session = { 'X-Auth-Token': response.headers.get('x-auth-token') ?? '' };
  const look = async () => {
    const { body } = await ask('GET', MANAGER, session);
    return body.Oem.OpenBmc.Fan.Profile;
  };
  await look();
  await ask('PATCH', MANAGER, session, { Oem: { OpenBmc: { Fan: { Profile: profile } } } });
  let found = await look();
  if (settleMs > 0) {
    places.give();
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    await places.take('comes back');
    found = await look();
  }
  if (found !== profile) throw new Error(`${endpoint} has ${found}`);
  await ask('DELETE', new URL(response.headers.get('location') ?? SESSIONS, endpoint).pathname, session);
  agent.destroy();
  places.give();
}

interface Places {
  take(why: 'begins' | 'comes back'): Promise<void>;
  give(): void;
}

function createPlaces(count: number): Places {
  let free = count;
  const waiting = { begins: [] as (() => void)[], 'comes back': [] as (() => void)[] };
  return {
    take(why) {
      if (free === 0) return new Promise((resolve) => waiting[why].push(resolve));
      free -= 1;
      return Promise.resolve();
    },
    give() {
      const next = waiting['comes back'].shift() ?? waiting.begins.shift();
      if (next) next();
      else free += 1;
    },
  };
}
