// The metrics that the service has, as it declares them: name, labels, and nothing of Prometheus.
import { installCounters } from '../../controller/server/metrics/counters.ts';
import { type GaugeOptions, installGauges } from '../../controller/server/metrics/gauges.ts';
import type { Instruments } from '../../controller/server/metrics/instruments.ts';
import { installPerJob } from '../../controller/server/metrics/per-job.ts';
import { createRecentRuns } from '../../controller/server/recent-runs.ts';
import { createAgenda } from '../../definitions/lifecycle/agenda.ts';

/** The gauges of a fleet with nothing in it. */
export const NOTHING: GaugeOptions = {
  version: '1',
  now: () => new Date(0),
  agenda: createAgenda(),
  machines: () => 0,
  lastOutcomes: () => [],
  blocked: () => 0,
  nextOpening: () => null,
  workers: () => 5,
  running: () => 0,
  waiting: () => 0,
  connections: { most: () => 50, active: () => 0, waiting: () => 0 },
  sites: () => [],
  problems: () => [],
  unpushed: () => ({ count: 0, oldest: null }),
};

/** Each series that can be asked for, `bmcron_run_duration_seconds_bucket` too, with its labels. */
export function declaredMetrics(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>();
  const declare = (name: string, labels: readonly string[] = []) => void found.set(`bmcron_${name}`, new Set(labels));
  const instruments: Instruments = {
    counter(name, _help, labels) {
      declare(`${name}_total`, labels);
      return () => undefined;
    },
    duration(name, _help, labels = []) {
      declare(`${name}_seconds_bucket`, [...labels, 'le']);
      for (const suffix of ['sum', 'count']) declare(`${name}_seconds_${suffix}`, labels);
      return () => undefined;
    },
    gauge: (name) => declare(name),
    gaugeBy: (name, _help, labels) => declare(name, labels),
    print: () => Promise.reject(new Error('nothing is measured')),
    close: () => undefined,
  };
  installGauges(instruments, NOTHING);
  installCounters(instruments, NOTHING);
  installPerJob(instruments, { ...NOTHING, recentRuns: createRecentRuns(), most: () => 0 });
  return found;
}
