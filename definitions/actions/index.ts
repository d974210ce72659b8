import type { Action } from './action.ts';
import { patchFanController } from './patch-fan-controller.ts';
import { patchFanZone } from './patch-fan-zone.ts';
import { patchManager } from './patch-manager.ts';
import { patchPidController } from './patch-pid-controller.ts';
import { patchProfile } from './patch-profile.ts';

/** Every action, by the name that a manifest gives in `Action`. A new one is a file here and its name in this list. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map(
  [patchProfile, patchManager, patchFanController, patchFanZone, patchPidController].map((each) => [each.name, each]),
);
