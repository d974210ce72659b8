import { durationMs } from '../../values/duration.ts';
import { type Json, type JsonObject, own } from '../../values/json.ts';
import type { Witness } from './witness.ts';

const WITHIN_MS = 300_000;
/** Meters and regulators are so exact. */
const MARGIN = 1.05;

/** What is drawn now, in watts: of EnvironmentMetrics, of a Control's sensor, or of the deprecated Power. */
function wattsDrawn(body: JsonObject): number | undefined {
  const list = own(body, 'PowerControl');
  const [control] = Array.isArray(list) ? list : [];
  const readings: readonly (Json | undefined)[] = [
    own(own(body, 'PowerWatts'), 'Reading'),
    own(own(body, 'Sensor'), 'Reading'),
    own(control, 'PowerConsumedWatts'),
  ];
  return readings.find((each) => typeof each === 'number') as number | undefined;
}

/** Whether what a machine draws has come below its limit: a cap can be lower than what a load can reach. */
export const CONSUMPTION: Witness = {
  sources: [
    { link: 'EnvironmentMetrics', property: 'PowerWatts' },
    { link: 'Power', property: 'PowerControl' },
  ],
  withinMs(payload) {
    const isAsked = own(payload, 'Verify') === 'Consumption' && typeof own(payload, 'LimitInWatts') === 'number';
    const within = own(payload, 'Within');
    return isAsked ? ((typeof within === 'string' ? durationMs(within) : undefined) ?? WITHIN_MS) : null;
  },
  judge(payload, body) {
    const [limit, watts] = [own(payload, 'LimitInWatts'), wattsDrawn(body)];
    if (watts === undefined || typeof limit !== 'number') return null;
    const isBelow = watts <= MARGIN * limit;
    return { shown: { PowerWatts: watts }, late: isBelow ? null : `the limit is set, and it still draws ${watts} W` };
  },
};
