import { statSync } from 'node:fs';
import type { InForce } from '../../definitions/lifecycle/in-force.ts';
import type { GateContext } from '../../definitions/safety/gate.ts';
import { after } from '../clock.ts';
import type { Deps } from '../events/deps.ts';
import type { RunnerEvent } from '../events/event.ts';

/** How long after it came or went a hold file is noticed by what waits; what begins looks at that moment. */
const LOOK_MS = 1_000;

/** The file whose existence keeps everything from beginning: for the hour when Git itself is down. */
export interface Hold {
  /** Whether it is there now. */
  readonly isHeld: boolean;
  /** Reports when it comes and goes, until the signal. */
  watch(signal: AbortSignal, changed: () => void): Promise<void>;
}

/** @param path null: nobody can hold this service */
export function createHold(path: string | null, { clock, observe }: Deps<RunnerEvent>): Hold {
  return {
    get isHeld() {
      return path !== null && exists(path);
    },
    async watch(signal, changed) {
      if (path === null) return;
      for (let was = false; !signal.aborted; ) {
        const isHeld = exists(path);
        if (isHeld !== was) {
          observe({ event: 'hold', path, isHeld });
          changed();
        }
        was = isHeld;
        await clock.sleep(after(clock, LOOK_MS), signal).catch(() => undefined);
      }
    },
  };
}

/** What cannot be looked at may be there: whoever put it there wants nothing to begin. */
function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/** What the gates go by, besides what is in force and the hold. */
type Known = Pick<GateContext, 'guards' | 'versions'> & { readonly inForce: InForce };

/** What the gates go by, read anew for each question. */
export function gatesOf({ inForce, guards, versions }: Known, hold: Pick<Hold, 'isHeld'>): () => GateContext {
  return () => {
    const { machines, windows, brokenWindows, settings } = inForce;
    return { machines, guards, windows, brokenWindows, timeZone: settings.TimeZone, isHeld: hold.isHeld, versions };
  };
}
