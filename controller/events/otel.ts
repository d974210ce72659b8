// The door to OpenTelemetry. Its packages are optional: whoever imports this file must be ready for it to fail.
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  RandomIdGenerator,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { after, type Clock } from '../clock.ts';
import type { OpenSpan, SpanID, SpanSink, SpanStart } from './spans.ts';
import type { TraceProtocol } from './traces-wanted.ts';

/** What the sink is given. */
export interface SpanSinkOptions {
  readonly protocol: TraceProtocol;
  readonly version: string;
  readonly clock: Clock;
  /** Hears of spans that are lost: once, until some arrive again. */
  readonly failed: (error: unknown) => void;
}

/** How long the end of the service waits for a collector. */
const CLOSING_MS = 10_000;
const SAMPLED = 1;

/** Sends spans as OTLP; where to, how often and which of them is said by the standard variables of the environment. */
export async function createSpanSink({ protocol, version, clock, failed }: SpanSinkOptions): Promise<SpanSink> {
  const ids = createIDs();
  const own = resourceFromAttributes({ 'service.name': 'bmcron', 'service.version': version });
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(telling(await createExporter(protocol), failed))],
    idGenerator: ids.generator,
  });
  const tracer = provider.getTracer('bmcron', version);
  return {
    start: (span) => open(ids.named(span.id, () => startSpan(tracer, span))),
    async close() {
      const closed = provider.shutdown().catch(() => undefined); // what is lost has been told
      const ended = new AbortController();
      const late = clock.sleep(after(clock, CLOSING_MS), ended.signal).catch(() => undefined);
      await Promise.race([closed, late]);
      ended.abort();
    },
  };
}

async function createExporter(protocol: TraceProtocol): Promise<SpanExporter> {
  if (protocol === 'http/json')
    return new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter();
  return new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter();
}

/** An exporter that says when its spans are lost, and not each time. */
function telling(exporter: SpanExporter, failed: (error: unknown) => void): SpanExporter {
  const state = { isTold: false };
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const isLost = result.code !== 0;
        if (isLost && !state.isTold) failed(result.error ?? new Error('the collector refused them'));
        state.isTold = isLost;
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

/** Any names, and once the ones that a span has to get. */
function createIDs() {
  const random = new RandomIdGenerator();
  const state: { wanted: SpanID | null } = { wanted: null };
  return {
    generator: {
      generateTraceId: () => state.wanted?.traceId ?? random.generateTraceId(),
      generateSpanId: () => state.wanted?.spanId ?? random.generateSpanId(),
    },
    named<Result>(id: SpanID | undefined, work: () => Result): Result {
      state.wanted = id ?? null;
      const result = work();
      state.wanted = null;
      return result;
    },
  };
}

function startSpan(tracer: Tracer, { name, start, isRequest, attributes, parent, link }: SpanStart): Span {
  const kind = isRequest ? SpanKind.CLIENT : SpanKind.INTERNAL;
  const links = link ? [{ context: { ...link, traceFlags: SAMPLED } }] : [];
  return tracer.startSpan(name, { kind, startTime: start, attributes, links }, contextOf(parent));
}

function contextOf(parent: SpanID | null): Context {
  return parent ? trace.setSpanContext(ROOT_CONTEXT, { ...parent, traceFlags: SAMPLED }) : ROOT_CONTEXT;
}

function open(span: Span): OpenSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    id: { traceId, spanId },
    add: (name, at, attributes) => void span.addEvent(name, attributes, at),
    end(at, attributes, failure) {
      span.setAttributes(attributes);
      if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end(at);
    },
  };
}
