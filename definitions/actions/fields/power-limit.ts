import { isObject, type Json, type JsonObject, own } from '../../values/json.ts';
import type { FieldView } from './view.ts';

/** What Dell shows where nothing is capped, and Lenovo's highest is one below. */
const UNCAPPED = 32_767;
/** A legacy limit below this share of the capacity is asked for twice: many hosts cannot run on it. */
const LOW = 0.3;

/** A power limit, whichever of the three resources of Redfish shows it. */
interface Limit {
  readonly shown: 'Control' | 'Excerpt' | 'Legacy';
  readonly values: JsonObject;
  /** Of the supply, where it is told. */
  readonly capacity: number | undefined;
}

/**
 * A Control, `PowerLimitWatts` of EnvironmentMetrics (an excerpt of one), or the first `PowerControl` of the deprecated
 * Power. @see https://redfish.dmtf.org/schemas/v1/Control.json
 */
function limitOf(body: JsonObject): Limit | undefined {
  if (own(body, 'ControlType') === 'Power') return { shown: 'Control', values: body, capacity: undefined };
  const excerpt = own(body, 'PowerLimitWatts');
  if (isObject(excerpt)) return { shown: 'Excerpt', values: excerpt, capacity: undefined };
  const list = own(body, 'PowerControl');
  const [control] = Array.isArray(list) ? list : [];
  const limit = own(control, 'PowerLimit');
  const capacity = numberOf(own(control, 'PowerCapacityWatts'));
  return isObject(limit) ? { shown: 'Legacy', values: limit, capacity } : undefined;
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

/** Watts, or None where nothing is capped; undefined where it cannot be told. */
function wattsOf({ shown, values, capacity }: Limit): number | 'None' | undefined {
  if (shown === 'Legacy') {
    const watts = own(values, 'LimitInWatts');
    if (watts === undefined) return undefined;
    const limit = numberOf(watts);
    return limit === undefined || limit === UNCAPPED || limit > (capacity ?? UNCAPPED) ? 'None' : limit;
  }
  const [point, mode] = [own(values, 'SetPoint'), own(values, 'ControlMode')];
  if (point === undefined) return undefined;
  // Disabled is off, whatever SetPoint still says; the same control shows Override here and Automatic there
  if (mode !== undefined && mode !== null && mode !== 'Automatic' && mode !== 'Override') return 'None';
  return numberOf(point) ?? 'None';
}

function patchOf(wanted: Json | undefined, { shown, values }: Limit): JsonObject {
  const watts = typeof wanted === 'number' ? wanted : null;
  if (shown === 'Legacy') return { PowerControl: [{ PowerLimit: { LimitInWatts: watts } }] };
  const mode = own(values, 'ControlMode');
  const isOn = mode === undefined || mode === 'Automatic' || mode === 'Override';
  const on = { SetPoint: watts, ...(isOn ? {} : { ControlMode: 'Automatic' }) };
  const off = mode === undefined ? { SetPoint: null } : { ControlMode: 'Disabled' };
  const fields: JsonObject = watts === null ? off : on;
  return shown === 'Control' ? fields : { PowerLimitWatts: fields };
}

function refusalOf(payload: JsonObject, { shown, values, capacity }: Limit): string | null {
  const watts = own(payload, 'LimitInWatts');
  if (typeof watts !== 'number') return null;
  const [least, most] = [numberOf(own(values, 'AllowableMin')), numberOf(own(values, 'AllowableMax')) ?? capacity];
  if ((least !== undefined && watts < least) || (most !== undefined && watts > most)) {
    const range = least === undefined ? `at most ${most}` : `from ${least}${most === undefined ? '' : ` to ${most}`}`;
    return `LimitInWatts ${watts} is not allowed: ${range} W`;
  }
  if (shown !== 'Legacy') return null;
  if (own(values, 'LimitException') === 'HardPowerOff' && own(payload, 'AllowHardPowerOff') !== true) {
    const why = 'its LimitException is HardPowerOff: a host that needs more is switched off';
    return `${why}; AllowHardPowerOff: true allows it`;
  }
  const low = LOW * (capacity ?? 0);
  if (watts >= low || own(payload, 'AllowLow') === true) return null;
  return `LimitInWatts ${watts} is below 30 % of its ${capacity} W; AllowLow: true allows it`;
}

function hintOf(payload: JsonObject, limit: Limit): string | null {
  const [wanted, now] = [own(payload, 'LimitInWatts'), wattsOf(limit)];
  if (typeof wanted !== 'number' || typeof now !== 'number' || wanted === now) return null;
  const power = Math.log10(now / wanted);
  return Math.abs(power - Math.round(power)) < 1e-3 ? 'it differs by a power of ten: this BMC scales it wrongly' : null;
}

/** A power limit as `LimitInWatts`. */
export const POWER_LIMIT: FieldView = {
  owns: ['SetPoint', 'ControlMode', 'PowerLimitWatts', 'PowerControl', 'Reading', 'Sensor'],
  read(body) {
    const limit = limitOf(body);
    const watts = limit && wattsOf(limit);
    return watts === undefined ? {} : { LimitInWatts: watts };
  },
  write(fields, body) {
    const limit = limitOf(body);
    return limit ? patchOf(own(fields, 'LimitInWatts'), limit) : {};
  },
  refusal(payload, body) {
    const limit = limitOf(body);
    return limit ? refusalOf(payload, limit) : null;
  },
  hint(payload, body) {
    const limit = limitOf(body);
    return limit ? hintOf(payload, limit) : null;
  },
};
