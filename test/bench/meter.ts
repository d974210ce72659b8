// Preloaded into a measured process: answers the parent's questions about what it has used so far.
import { Session } from 'node:inspector/promises';

/** What a process has used so far. */
export interface Reading {
  /** Milliseconds of CPU, user and system, of this process alone. */
  readonly cpuMs: number;
  /** With all garbage collected. */
  readonly rssMiB: number;
  /** As it was found. */
  readonly foundMiB: number;
  /** The most that it ever was. */
  readonly peakMiB: number;
  readonly heapMiB: number;
  /** The functions that hold most, where the heap is sampled: MiB, and where. */
  readonly top: readonly string[];
}

interface Node {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly selfSize: number;
  readonly children: readonly Node[];
}

const session = process.env['BENCH_HEAP'] ? new Session() : null;
if (session) {
  session.connect();
  await session.post('HeapProfiler.startSampling', { samplingInterval: 16_384 });
}

async function read(): Promise<Reading> {
  const { user, system } = process.cpuUsage(); // before what is asked for here adds to it
  const peakMiB = process.resourceUsage().maxRSS / 1024; // and these
  const foundMiB = process.memoryUsage.rss() / 2 ** 20;
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    cpuMs: (user + system) / 1000,
    rssMiB: rss / 2 ** 20,
    foundMiB,
    peakMiB,
    heapMiB: heapUsed / 2 ** 20,
    top: await top(),
  };
}

async function top(): Promise<string[]> {
  if (!session) return [];
  const { profile } = await session.post('HeapProfiler.getSamplingProfile');
  const sizes = new Map<string, number>();
  const add = ({ callFrame, selfSize, children }: Node): void => {
    const file = callFrame.url.replace(/^.*\/(?=(controller|definitions|node_modules)\/)/, '');
    const key = `${callFrame.functionName || '(anonymous)'} ${file}:${callFrame.lineNumber + 1}`;
    sizes.set(key, (sizes.get(key) ?? 0) + selfSize);
    for (const child of children) add(child);
  };
  add(profile.head);
  const largest = [...sizes].sort(([, a], [, b]) => b - a).slice(0, 10);
  return largest.map(([where, bytes]) => `${(bytes / 2 ** 20).toFixed(1)} MiB ${where}`);
}

process.on('message', () => void read().then((reading) => process.send?.(reading)));
process.channel?.unref();
