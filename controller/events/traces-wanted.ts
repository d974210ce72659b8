/** How spans go to a collector. */
export type TraceProtocol = 'http/protobuf' | 'http/json';

/** What the environment says of traces: none, some, or something that cannot be had. */
export type TracesWanted = { readonly protocol: TraceProtocol } | { readonly refused: string } | null;

const PROTOCOLS: readonly TraceProtocol[] = ['http/protobuf', 'http/json'];

/** The packages that traces need; the program comes without them. */
export const TRACE_PACKAGES: Readonly<Record<TraceProtocol, readonly string[]>> = {
  'http/protobuf': packagesWith('@opentelemetry/exporter-trace-otlp-proto'),
  'http/json': packagesWith('@opentelemetry/exporter-trace-otlp-http'),
};

function packagesWith(exporter: string): readonly string[] {
  const sdk = ['@opentelemetry/api@1', '@opentelemetry/resources@2', '@opentelemetry/sdk-trace-base@2'];
  return [...sdk, `${exporter}@0.223`];
}

/**
 * What OpenTelemetry's standard variables ask for. An exporter, or where a collector is, asks for traces; what is empty
 * counts as absent. @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function tracesWanted(environment: NodeJS.ProcessEnv): TracesWanted {
  const value = (name: string) => environment[name]?.trim() || undefined;
  const exporter = value('OTEL_TRACES_EXPORTER');
  const endpoint = value('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? value('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (value('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || exporter === 'none') return null;
  if (exporter === undefined && endpoint === undefined) return null;
  if (exporter !== undefined && exporter !== 'otlp') {
    return { refused: `OTEL_TRACES_EXPORTER is ${exporter}: say otlp, or none` };
  }
  const asked = value('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? value('OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf';
  const protocol = PROTOCOLS.find((each) => each === asked);
  return protocol
    ? { protocol }
    : { refused: `OTEL_EXPORTER_OTLP_PROTOCOL is ${asked}: say ${PROTOCOLS.join(' or ')}` };
}
