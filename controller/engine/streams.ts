import { LEADER_SUBJECT, type Site, STREAMS } from '../../definitions/engine/names.ts';
import type { Engine, StreamDeclaration, StreamFacts } from './engine.ts';

/** How long the server waits for a word of who has a part; none is delivered a second time. */
export const ACK_WAIT_MS = 15_000;

const DAY_NS = 86_400 * 1e9;
/** Names are locks: the first writer wins, any other is refused. */
const ONE = { discard: 'new', discard_new_per_subject: true, max_msgs_per_subject: 1 } as const;

/** All streams of bmcron. What is stored outlives the longest run by far, and is no history: that is in Git. */
function declarations(): readonly StreamDeclaration[] {
  const all = { storage: 'file', allow_direct: true } as const;
  const limits = { ...all, retention: 'limits', max_age: 30 * DAY_NS } as const;
  return [
    { ...all, ...ONE, name: STREAMS.parts, subjects: ['bmcron.part.*.*'], retention: 'workqueue', max_age: 0 },
    { ...limits, ...ONE, name: STREAMS.starts, subjects: ['bmcron.start.*.*.*'] },
    {
      ...limits,
      name: STREAMS.leases,
      subjects: ['bmcron.lease.*.*.*'],
      discard: 'old',
      discard_new_per_subject: false,
      max_msgs_per_subject: 1,
      max_age: DAY_NS,
    },
    { ...limits, ...ONE, name: STREAMS.results, subjects: ['bmcron.result.*.*.*'] },
    { ...limits, ...ONE, name: STREAMS.claims, subjects: ['bmcron.claim.*', 'bmcron.end.*'] },
    {
      ...limits,
      name: STREAMS.leader,
      subjects: [LEADER_SUBJECT],
      discard: 'old',
      discard_new_per_subject: false,
      max_msgs_per_subject: 1,
      max_age: 0,
    },
  ];
}

/** Tells the engine what to keep. What it knew of each before is in the facts. @throws EngineError */
export async function declareStreams(engine: Engine): Promise<ReadonlyMap<string, StreamFacts>> {
  const facts = new Map<string, StreamFacts>();
  for (const stream of declarations()) facts.set(stream.name, await engine.declareStream(stream));
  return facts;
}

/** Lets workers take the parts of a site, so many at once over all of them. @throws EngineError */
export async function declareSite(engine: Engine, site: Site, connections: number): Promise<void> {
  await engine.declareConsumer(STREAMS.parts, {
    durable_name: site,
    filter_subject: `bmcron.part.${site}.*`,
    ack_policy: 'explicit',
    max_deliver: 1,
    ack_wait: ACK_WAIT_MS * 1e6,
    max_ack_pending: connections,
  });
}

/** The oldest server that has been seen to do all of this right. */
export const LEAST_VERSION = '2.15';

/** Whether a server's version, such as `2.15.3`, is new enough. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = LEAST_VERSION.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
