import { isSite, type Site } from '../../definitions/engine/names.ts';
import { machinesBySite } from '../../definitions/engine/site.ts';
import { type HereMessage, readHere } from '../../definitions/engine/wire.ts';
import type { Machines } from '../../definitions/machine.ts';
import type { Settings } from '../../definitions/settings.ts';
import type { EngineEvent } from '../events/engine-event.ts';
import type { Engine } from './engine.ts';
import type { EngineLink } from './link.ts';
import type { ServedSites, SiteState } from './served-sites.ts';
import type { Stopwatch } from './stopwatch.ts';
import { declareSite, declareStreams } from './streams.ts';

/** A worker that said nothing for so long is none: it says something every five seconds. */
const GONE_MS = 11_000;
const LOOK_MS = 1_000;
/** A worker that is told of by nobody any more is forgotten; a flood of made-up ones stays small. */
const MOST_WORKERS = 10_000;

/** The sites of a fleet as a controller sees them: it tells the engine what is in force, and hears who serves them. */
export interface Sites extends ServedSites {
  /** What has to be declared before parts can be handed out. @throws EngineError */
  prepare(engine: Engine): Promise<void>;
  close(): void;
}

export interface SitesOptions {
  readonly link: () => EngineLink;
  readonly stopwatch: Stopwatch;
  /** What is in force now. */
  readonly inForce: () => { readonly settings: Settings; readonly machines: Machines };
  /** How many parts of a site have been handed out and have not ended. */
  readonly waiting: (site: Site) => number;
  readonly observe: (event: EngineEvent) => void;
}

interface HeardWorker {
  readonly here: HereMessage;
  readonly sinceMs: () => number;
}

interface SitesState {
  readonly options: SitesOptions;
  readonly declared: Map<Site, number>;
  /** By site and process. */
  readonly workers: Map<string, HeardWorker>;
  /** Sites that were told to have none. */
  readonly without: Set<Site>;
  readonly listeners: (() => void)[];
  /** Since the engine was ready. */
  sinceReady: (() => number) | null;
}

/** Nothing is known of who serves a site until workers have had the time to say so. */
export function createSites(options: SitesOptions): Sites {
  const state: SitesState = {
    options,
    declared: new Map(),
    workers: new Map(),
    without: new Set(),
    listeners: [],
    sinceReady: null,
  };
  const heard = new WeakSet<Engine>();
  const timer = setInterval(() => {
    judge(state);
    const { engine } = options.link();
    // What fails is declared again: at the next look, or when the engine is back.
    if (engine) declareAll(state, engine).catch(() => state.declared.clear());
  }, LOOK_MS);
  timer.unref();
  return {
    async prepare(engine) {
      state.declared.clear();
      const facts = await declareStreams(engine);
      if ([...facts.values()].some(({ replicas }) => replicas === 1)) options.observe({ kind: 'OneReplica' });
      await declareAll(state, engine);
      if (!heard.has(engine)) {
        heard.add(engine);
        engine.hear('bmcron.here.*', ({ subject, text }) => hear(state, subject, text));
      }
      engine.tell('bmcron.who', '');
      state.sinceReady = options.stopwatch.start();
    },
    get states() {
      return statesOf(state);
    },
    onChange: (listener) => void state.listeners.push(listener),
    close: () => clearInterval(timer),
  };
}

async function declareAll({ options, declared }: SitesState, engine: Engine): Promise<void> {
  for (const [site, { MaxConnections }] of Object.entries(options.inForce().settings.Sites)) {
    if (declared.get(site) === MaxConnections || !isSite(site)) continue;
    await declareSite(engine, site, MaxConnections);
    declared.set(site, MaxConnections);
  }
}

function hear({ options, workers }: SitesState, subject: string, text: string): void {
  const reading = readHere(text);
  if (!('message' in reading) || subject !== `bmcron.here.${reading.message.site}`) return;
  const { message } = reading;
  const key = `${message.site} ${message.id}`;
  if (workers.size < MOST_WORKERS || workers.has(key)) {
    workers.set(key, { here: message, sinceMs: options.stopwatch.start() });
  }
}

function statesOf({ options, workers, without }: SitesState): readonly SiteState[] {
  const { settings, machines } = options.inForce();
  const counts = new Map<Site, number>();
  for (const [key, { here, sinceMs }] of workers) {
    if (sinceMs() > GONE_MS) workers.delete(key);
    else counts.set(here.site, (counts.get(here.site) ?? 0) + 1);
  }
  return [...machinesBySite(machines, settings.Sites)].map(([site, count]) => {
    const isWithout = without.has(site);
    return { site, workers: counts.get(site) ?? 0, machines: count, waiting: options.waiting(site), isWithout };
  });
}

/** Says which sites nobody serves, once, and which are served again. */
function judge(state: SitesState): void {
  const { options, without, sinceReady } = state;
  if (!options.link().engine || sinceReady === null || sinceReady() < GONE_MS) return;
  const before = [...without].join();
  const states = statesOf(state);
  for (const { site, workers, machines } of states) {
    const isWithout = workers === 0 && machines > 0;
    if (isWithout && !without.has(site)) options.observe({ kind: 'NoWorker', site, machines });
    if (!isWithout && without.delete(site)) options.observe({ kind: 'WorkersBack', site });
    if (isWithout) without.add(site);
  }
  for (const site of without) if (!states.some((each) => each.site === site)) without.delete(site);
  if ([...without].join() !== before) for (const listener of state.listeners) listener();
}
