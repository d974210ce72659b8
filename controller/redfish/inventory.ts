import type { ManagerInventory } from '../../definitions/machine.ts';
import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { oneLine } from './failure.ts';
import { idOf, type Resource } from './manager.ts';

/** What one manager of a BMC has. */
export interface ProbedManager extends ManagerInventory {
  readonly ID: string;
  /** Null where it does not say. */
  readonly Firmware: string | null;
}

/** What of a manager can be patched, by its resource; the lists are absent where it has no fan data. */
export function inventoryOf(manager: Resource, scrub: (text: string) => string): ProbedManager {
  const { body } = manager;
  const firmware = own(body, 'FirmwareVersion');
  const fan = own(own(own(body, 'Oem'), 'OpenBmc'), 'Fan');
  return {
    ID: idOf(manager),
    Firmware: typeof firmware === 'string' ? oneLine(scrub(firmware), 100) : null,
    ...(isObject(fan) ? listsOf(fan) : {}),
  };
}

function listsOf(fan: JsonObject): ManagerInventory {
  const offered = own(fan, 'Profile@Redfish.AllowableValues');
  const profile = own(fan, 'Profile');
  const profiles = Array.isArray(offered) ? offered.filter(isText) : [];
  return {
    Profiles: profiles.length > 0 || !isText(profile) ? profiles : [profile],
    FanControllers: names(own(fan, 'FanControllers')),
    FanZones: names(own(fan, 'FanZones')),
    PidControllers: names(own(fan, 'PidControllers')),
  };
}

function names(map: Json | undefined): readonly string[] {
  return isObject(map) ? Object.keys(map).filter((key) => !key.includes('@') && isObject(map[key])) : [];
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string';
}
