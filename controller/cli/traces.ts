import { systemClock } from '../clock.ts';
import type { ControllerEvent } from '../events/event.ts';
import { createSpanRecorder, type SpanRecorder, type SpanSink } from '../events/spans.ts';
import { TRACE_PACKAGES, type TraceProtocol, tracesWanted } from '../events/traces-wanted.ts';
import { VERSION } from '../version.ts';

/** What makes spans of events, where the environment asks for it. */
export interface Traces extends SpanRecorder {
  close(): Promise<void>;
}

const NONE: Traces = {
  observe: () => undefined,
  observeRedfish: () => undefined,
  close: async () => undefined,
};

/**
 * Traces as the environment asks for them. Where they cannot be had, that is told and the service goes on: jobs do not
 * wait for who watches them. Nothing is loaded where nobody asks.
 */
export async function openTraces(
  environment: NodeJS.ProcessEnv,
  observe: (event: ControllerEvent) => void,
): Promise<Traces> {
  const wanted = tracesWanted(environment);
  if (wanted === null) return NONE;
  if ('refused' in wanted) {
    observe({ event: 'tracesOff', reason: wanted.refused });
    return NONE;
  }
  const sink = await loadSink(wanted.protocol, observe);
  if (sink === null) return NONE;
  return { ...createSpanRecorder(sink, () => systemClock.now()), close: sink.close };
}

async function loadSink(protocol: TraceProtocol, observe: (event: ControllerEvent) => void): Promise<SpanSink | null> {
  const failed = (error: unknown) => observe({ event: 'tracesFailed', error });
  try {
    const { createSpanSink } = await import('../events/otel.ts');
    return await createSpanSink({ protocol, version: VERSION, clock: systemClock, failed });
  } catch (error) {
    observe({ event: 'tracesOff', reason: whyNot(error, protocol) });
    return null;
  }
}

function whyNot(error: unknown, protocol: TraceProtocol): string {
  const message = error instanceof Error ? error.message : String(error);
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  if (!isMissing) return `OpenTelemetry cannot be loaded: ${message}`;
  const name = /'(@opentelemetry\/[^']+)'/.exec(message)?.[1] ?? 'OpenTelemetry';
  const packages = TRACE_PACKAGES[protocol].join(' ');
  return `the environment asks for them (OTEL_…), and ${name} is not installed: npm install ${packages} beside bmcron`;
}
