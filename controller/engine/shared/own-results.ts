import { ownResultSubject } from '../../../definitions/engine/names.ts';
import { writeResult } from '../../../definitions/engine/wire.ts';
import type { Part, Result } from '../../../definitions/run.ts';
import { timestamp } from '../../../definitions/values/time.ts';
import { after, type Clock } from '../../clock.ts';
import type { Executor, Fence } from '../../executors/executor.ts';
import type { EngineLink } from '../link.ts';
import { ownResult } from './shared-runs.ts';

export interface OwnResultsOptions {
  readonly local: Executor;
  readonly link: EngineLink;
  readonly clock: Clock;
  readonly id: string;
  /** Whether this controller may still change anything. */
  readonly leads: () => boolean;
}

const RETRY_MS = 500;

/**
 * The executor of a controller that another may take over from: a result of its own counts once the engine has it, so
 * that whoever leads next tells the same of it. Where a verdict was first, that one stands. Nothing is changed on a
 * machine once the lease is over.
 */
export function withOwnResults(options: OwnResultsOptions): Executor {
  const { local, leads, clock } = options;
  const within = (fence: Fence | undefined): Fence => {
    return () => {
      if (!leads()) throw new Error('nothing may be changed any more: another controller may lead');
      fence?.();
    };
  };
  return {
    async execute(part, signal, wait, before, fence) {
      const began = clock.now();
      return stored(options, part, began, await local.execute(part, signal, wait, before, within(fence)));
    },
    recover: (part, signal, fence) => local.recover(part, signal, within(fence)),
  };
}

/** The result that counts for a part, once the engine has it. */
async function stored(
  { link, clock, id }: OwnResultsOptions,
  { run, machine }: Part,
  began: Date,
  result: Result,
): Promise<Result> {
  const elapsedMs = clock.now().getTime() - began.getTime();
  const told: Result = { ...result, carriedOut: { began: timestamp(began), elapsedMs } };
  const text = writeResult({ result: told, by: 'controller', id });
  for (;;) {
    try {
      const { engine } = link;
      if (engine && (await engine.put(ownResultSubject(run, machine.ID), text)) !== null) return told;
      if (engine) return (await ownResult(engine, run, machine.ID)) ?? told;
    } catch {
      // tried again: without the engine this controller does not lead for long
    }
    await clock.sleep(after(clock, RETRY_MS));
  }
}
