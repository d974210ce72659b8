import type { Action } from './action.ts';
import { patchChassis } from './patch-chassis.ts';
import { patchFanController } from './patch-fan-controller.ts';
import { patchFanZone } from './patch-fan-zone.ts';
import { patchManager } from './patch-manager.ts';
import { patchNetworkProtocol } from './patch-network-protocol.ts';
import { patchPidController } from './patch-pid-controller.ts';
import { patchProfile } from './patch-profile.ts';
import { patchSystem } from './patch-system.ts';
import { resetManager } from './reset-manager.ts';
import { resetSystem } from './reset-system.ts';
import { setPowerLimit } from './set-power-limit.ts';
import { setPowerState } from './set-power-state.ts';

/** Every action, by the name that a manifest gives in `Action`. A new one is a file here and its name in this list. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map(
  [
    patchProfile,
    patchManager,
    patchFanController,
    patchFanZone,
    patchPidController,
    patchSystem,
    patchChassis,
    patchNetworkProtocol,
    setPowerState,
    setPowerLimit,
    resetSystem,
    resetManager,
  ].map((each) => [each.name, each]),
);
