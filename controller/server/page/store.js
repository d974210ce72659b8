const QUIET_MS = 40_000;
const TOKEN = 'bmcron-token';

/** What is known of the fleet, kept up to date by the service. */
export function createStore({ changed, linked, refused }) {
  const state = nothingKnown();
  let seq = 0;

  function apply(delta) {
    if (delta.seq < seq) return;
    seq = delta.seq;
    for (const row of delta.jobs ?? []) state.jobs.set(row.id, row);
    for (const id of delta.gone ?? []) state.jobs.delete(id);
    for (const row of delta.machines ?? []) state.machines.set(row.id, row);
    for (const id of delta.machinesGone ?? []) state.machines.delete(id);
    state.running = delta.running ?? state.running;
    state.troubles = delta.troubles ?? state.troubles;
    state.problems = delta.problems ?? state.problems;
    state.facts = delta.facts ?? state.facts;
    changed(delta);
  }

  function replace({ service, now, ...whole }) {
    Object.assign(state, { service, skewMs: Date.parse(now) - Date.now() });
    state.heardAt = Date.parse(now);
    state.jobs = new Map();
    state.machines = new Map();
    seq = 0;
    apply(whole);
  }

  /** One connection: deltas are kept until the whole is there, so that none is missed in between. */
  async function follow() {
    const quiet = createAlarm(QUIET_MS);
    const response = await ask('/page/events', quiet.signal);
    const waiting = [];
    let ready = false;
    const take = (delta) => (ready ? apply(delta) : waiting.push(delta));
    const reading = readEvents(response.body, take, () => {
      quiet.reset();
      if (ready) state.heardAt = Date.now() + state.skewMs;
    });
    const whole = ask('/page/state', quiet.signal).then((answer) => answer.json());
    reading.catch(() => undefined);
    replace(await whole);
    ready = true;
    for (const delta of waiting) apply(delta);
    linked('live');
    await reading;
  }

  async function run() {
    for (let failures = 0; ; failures += 1) {
      const began = Date.now();
      try {
        await follow();
      } catch (error) {
        if (error instanceof Denied) await refused();
      }
      if (Date.now() - began > 10_000) failures = 0;
      linked('reconnecting');
      await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, 500 * 2 ** failures)));
    }
  }

  return { state, run, now: () => Date.now() + state.skewMs };
}

function nothingKnown() {
  return {
    service: { version: '', host: '', fleet: '', forge: null, prefix: '', segments: false, readOnly: 'not known yet' },
    /** When the service was last heard of, by its clock; null: never. */
    heardAt: null,
    jobs: new Map(),
    machines: new Map(),
    running: [],
    troubles: { total: 0, machines: 0, groups: [], reasons: 0 },
    problems: [],
    facts: { commit: null, workers: 0, active: 0, waiting: 0, problems: 0, unpushed: 0, holds: [] },
    skewMs: 0,
  };
}

class Denied extends Error {}

/** Asks the service, with the token that the visitor has given, if any. */
export async function ask(path, signal) {
  const response = await fetch(path, { headers: authorization(), signal, cache: 'no-store', credentials: 'omit' });
  if (response.status === 401 || response.status === 403)
    throw new Denied(told(await response.text()) ?? 'not allowed');
  if (!response.ok) throw new Error(told(await response.text()) ?? `answer ${response.status}`);
  return response;
}

/** Asks it to change something; the answer says what is wrong where it does not. @throws Error with that text */
export async function send(method, path, body) {
  const headers = { ...authorization(), 'content-type': 'application/json' };
  const response = await fetch(path, { method, headers, body: JSON.stringify(body), credentials: 'omit' });
  if (response.ok) return;
  const text = await response.text();
  throw new Error(told(text) ?? `answer ${response.status}`);
}

/** The sentences of a Redfish error; the text itself where it is none. */
function told(text) {
  try {
    const { error } = JSON.parse(text);
    const messages = (error['@Message.ExtendedInfo'] ?? []).map(({ Message }) => Message);
    return messages.length > 0 ? messages.join(' ') : error.message;
  } catch {
    return text.trim() || null;
  }
}

function authorization() {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { authorization: `Bearer ${token}` } : {};
}

export function hasToken() {
  return sessionStorage.getItem(TOKEN) !== null;
}

/** Keeps a token for as long as this tab lives. */
export function keepToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

export function dropToken() {
  sessionStorage.removeItem(TOKEN);
}

/** Reads server-sent events by hand: EventSource can carry no token. */
async function readEvents(body, take, heard) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    const events = (rest + value).split('\n\n');
    rest = events.pop();
    for (const event of events) {
      const data = event
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice(6))
        .join('\n');
      if (data !== '' && !event.startsWith('event: full')) take(JSON.parse(data));
    }
  }
}

/** Aborts when nothing was heard for so long: a dead connection says nothing. */
function createAlarm(delayMs) {
  const controller = new AbortController();
  let timer = setTimeout(() => controller.abort(), delayMs);
  return {
    signal: controller.signal,
    reset() {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(), delayMs);
    },
  };
}
