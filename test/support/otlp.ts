// What OTLP says of traces, as far as tests look at it: opentelemetry-proto's trace/v1/trace.proto, in both forms.

/** A span as a collector gets it. */
export interface ReceivedSpan {
  readonly resource: Readonly<Record<string, unknown>>;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: it begins a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  /** The traces that it links to. */
  readonly links: readonly string[];
  /** 2: it failed. */
  readonly status: number;
  readonly message: string;
}

/** The spans of an export request. */
export function decodeTraces(bytes: Buffer, type: string): readonly ReceivedSpan[] {
  return type === 'application/json' ? fromJSON(JSON.parse(bytes.toString('utf8'))) : fromProtobuf(bytes);
}

interface JSONAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface JSONSpan extends Omit<ReceivedSpan, 'attributes' | 'events' | 'links' | 'status'> {
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly JSONAttribute[];
  readonly events?: readonly { readonly name: string }[];
  readonly links?: readonly { readonly traceId: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}
interface JSONTraces {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly JSONAttribute[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly JSONSpan[] }[];
  }[];
}

const ms = (nanos: bigint) => Number(nanos / 1_000n) / 1_000;

function fromJSON({ resourceSpans = [] }: JSONTraces): readonly ReceivedSpan[] {
  const read = (list: readonly JSONAttribute[] = []) =>
    Object.fromEntries(list.map(({ key, value }) => [key, number(Object.values(value)[0])]));
  const number = (value: unknown) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value);
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map(({ traceId, spanId, parentSpanId = '', name, kind, ...span }) => ({
        resource: read(resource?.attributes),
        traceId,
        spanId,
        parentSpanId,
        name,
        kind,
        startMs: ms(BigInt(span.startTimeUnixNano)),
        endMs: ms(BigInt(span.endTimeUnixNano)),
        attributes: read(span.attributes),
        events: (span.events ?? []).map((each) => each.name),
        links: (span.links ?? []).map((each) => each.traceId),
        status: span.status?.code ?? 0,
        message: span.status?.message ?? '',
      })),
    ),
  );
}

/** A message of protobuf: the values of each field, numbers as they are and the rest as bytes. */
type Fields = ReadonlyMap<number, readonly (bigint | Buffer)[]>;

function fields(bytes: Buffer): Fields {
  const found = new Map<number, (bigint | Buffer)[]>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const value = [() => varint(), () => take(8), () => take(Number(varint())), null, null, () => take(4)][key & 7]?.();
    if (value === undefined) throw new Error(`no wire type ${key & 7}`);
    found.set(key >> 3, [...(found.get(key >> 3) ?? []), value]);
  }
  return found;
}

const all = (message: Fields, field: number) => (message.get(field) ?? []) as readonly Buffer[];
const bytesOf = (message: Fields, field: number) => all(message, field)[0] ?? Buffer.alloc(0);
const text = (message: Fields, field: number) => bytesOf(message, field).toString('utf8');
const whole = (message: Fields, field: number) => Number((message.get(field)?.[0] as bigint | undefined) ?? 0n);

function attributes(list: readonly Buffer[]): Readonly<Record<string, unknown>> {
  const pairs = list.map(fields).map((pair) => {
    const value = fields(bytesOf(pair, 2));
    const double = all(value, 4)[0];
    const other = value.has(3) ? whole(value, 3) : double?.readDoubleLE();
    return [text(pair, 1), value.has(1) ? text(value, 1) : other];
  });
  return Object.fromEntries(pairs);
}

function fromProtobuf(bytes: Buffer): readonly ReceivedSpan[] {
  return all(fields(bytes), 1).flatMap((resourceSpans) => {
    const of = fields(resourceSpans);
    const resource = attributes(all(fields(bytesOf(of, 1)), 1));
    const spans = all(of, 2).flatMap((scope) => all(fields(scope), 2));
    return spans.map(fields).map((span) => ({
      resource,
      traceId: bytesOf(span, 1).toString('hex'),
      spanId: bytesOf(span, 2).toString('hex'),
      parentSpanId: bytesOf(span, 4).toString('hex'),
      name: text(span, 5),
      kind: whole(span, 6),
      startMs: ms(bytesOf(span, 7).readBigUInt64LE()),
      endMs: ms(bytesOf(span, 8).readBigUInt64LE()),
      attributes: attributes(all(span, 9)),
      events: all(span, 11).map((event) => text(fields(event), 2)),
      links: all(span, 13).map((link) => bytesOf(fields(link), 1).toString('hex')),
      status: whole(fields(bytesOf(span, 15)), 3),
      message: text(fields(bytesOf(span, 15)), 2),
    }));
  });
}
