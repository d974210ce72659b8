// A site as the tests of the engine need it: a server, a worker in this process, and the executor of a controller.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../controller/clock.ts';
import type { Engine } from '../../../controller/engine/engine.ts';
import { type EngineLink, openLink } from '../../../controller/engine/link.ts';
import { connectEngine } from '../../../controller/engine/nats.ts';
import { openOutbox } from '../../../controller/engine/outbox.ts';
import { createRemoteExecutor } from '../../../controller/engine/remote.ts';
import { createStopwatch } from '../../../controller/engine/stopwatch.ts';
import { declareSite, declareStreams } from '../../../controller/engine/streams.ts';
import { createSiteWorker, type SiteWorker } from '../../../controller/engine/worker.ts';
import type { EngineEvent } from '../../../controller/events/engine-event.ts';
import type { Executor } from '../../../controller/executors/executor.ts';
import { createRouter } from '../../../controller/executors/router.ts';

export const SITE = 'fra1';

export const stopwatch = createStopwatch(systemClock);

export interface TestLine {
  readonly link: EngineLink;
  /** The executor of a controller with an engine. */
  readonly executor: Executor;
  /** The engine, once it is ready. */
  engine(): Promise<Engine>;
  close(): Promise<void>;
}

/** A controller's side of the engine. @param local for machines that are at no site */
export function openLine(url: string, local: Executor, startWithin = '60s', credentials?: string): TestLine {
  const link = openLink({
    connect: () => connectEngine({ url, name: 'controller', credentials }),
    async prepare(engine) {
      await declareStreams(engine);
      await declareSite(engine, SITE, 50);
    },
    clock: systemClock,
    observe: () => undefined,
  });
  const remote = createRemoteExecutor({ link, clock: systemClock, stopwatch, id: 'controller-1' });
  const sites = () => ({ [SITE]: { MaxConnections: 50, StartWithin: startWithin } });
  return {
    link,
    executor: createRouter({ local, remote, sites }),
    async engine() {
      const engine = await link.within(10_000);
      if (!engine) throw new Error('no engine within ten seconds');
      return engine;
    },
    close: () => link.close(),
  };
}

export interface TestWorker {
  readonly worker: SiteWorker;
  readonly events: readonly EngineEvent[];
  close(): Promise<void>;
}

/** A worker in this process. */
export async function startWorker(
  url: string,
  executor: Executor,
  id = 'worker-1',
  credentials?: string,
): Promise<TestWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'bmcron-worker-'));
  const engine = await connectEngine({ url, name: id, credentials, inbox: `_INBOX_${SITE}` });
  const events: EngineEvent[] = [];
  const worker = createSiteWorker({
    engine,
    executor,
    id,
    places: 10,
    stopwatch,
    site: SITE,
    host: 'test',
    version: '0',
    clock: systemClock,
    outbox: await openOutbox(folder),
    observe: (event) => void events.push(event),
  });
  const running = worker.run();
  return {
    worker,
    events,
    async close() {
      await worker.stop(0);
      await running;
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
