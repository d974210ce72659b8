import { type JsonObject, own } from '../../values/json.ts';

/** Whether a host is on or off, and whether it stays so; null where `PowerState` says neither (`Paused`, absent). */
export interface PowerNow {
  readonly heads: 'On' | 'Off';
  readonly isSettled: boolean;
}

/** What `PowerState` means. @see https://redfish.dmtf.org/schemas/v1/Resource.json, PowerState */
export function powerOf(values: JsonObject | null): PowerNow | null {
  switch (own(values ?? undefined, 'PowerState')) {
    case 'On':
      return { heads: 'On', isSettled: true };
    case 'PoweringOn':
      return { heads: 'On', isSettled: false };
    case 'Off':
      return { heads: 'Off', isSettled: true };
    case 'PoweringOff':
      return { heads: 'Off', isSettled: false };
    default:
      return null;
  }
}

/** How far a host has booted; undefined where the BMC does not say. */
export function bootStage(values: JsonObject | null): string | undefined {
  const stage = own(own(values ?? undefined, 'BootProgress'), 'LastState');
  return typeof stage === 'string' ? stage : undefined;
}

const AFTER_POST = new Set(['OSBootStarted', 'OSRunning', 'OEM', 'None', 'SystemHardwareInitializationComplete']);

/** Whether a host is in its firmware, where no operating system hears anything. */
export function isInPost(values: JsonObject | null): boolean {
  const stage = bootStage(values);
  return stage !== undefined && !AFTER_POST.has(stage);
}
