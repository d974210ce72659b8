import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

/** Instruments of one registry; every name gets `bmcron_` before it. The door to prom-client. */
export interface Instruments {
  /** Only rises; `_total` is added to the name. */
  counter(name: string, help: string, labels?: readonly string[]): (labels?: Labels, by?: number) => void;
  /** How long things take, in seconds; `_seconds` is added to the name. */
  duration(name: string, help: string, labels?: readonly string[]): (seconds: number, labels?: Labels) => void;
  /** What each scrape reads anew; label values that are not set then are gone. */
  gauge(name: string, help: string, collect: (set: (value: number, labels?: Labels) => void) => void): void;
  /** As `gauge`, with labels. */
  gaugeBy(name: string, help: string, labels: readonly string[], collect: Parameters<Instruments['gauge']>[2]): void;
  /** The exposition, and its content type. */
  print(): Promise<{ readonly type: string; readonly body: string }>;
  /** Lets go of everything. */
  close(): void;
}

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

/** Instruments, with the usual `process_` and `nodejs_` ones. */
export function createInstruments(): Instruments {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  const gaugeBy: Instruments['gaugeBy'] = (name, help, labelNames, collect) => {
    new Gauge({
      name: `bmcron_${name}`,
      help,
      registers,
      labelNames: [...labelNames],
      collect() {
        if (labelNames.length > 0) this.reset();
        collect((value, labels) => (labels ? this.set(labels, value) : this.set(value)));
      },
    });
  };
  return {
    counter(name, help, labelNames = []) {
      const counter = new Counter({ name: `bmcron_${name}_total`, help, labelNames: [...labelNames], registers });
      return (labels = {}, by = 1) => counter.inc(labels, by);
    },
    duration(name, help, labelNames = []) {
      const histogram = new Histogram({
        name: `bmcron_${name}_seconds`,
        help,
        labelNames: [...labelNames],
        buckets: BUCKETS,
        registers,
      });
      return (seconds, labels = {}) => histogram.observe(labels, seconds);
    },
    gauge: (name, help, collect) => gaugeBy(name, help, [], collect),
    gaugeBy,
    print: async () => ({ type: registry.contentType, body: await registry.metrics() }),
    close: () => registry.clear(),
  };
}
