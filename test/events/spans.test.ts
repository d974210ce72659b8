import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commitSpan, createSpanRecorder, type SpanSink, type SpanStart } from '../../controller/events/spans.ts';
import { type TracesWanted, tracesWanted } from '../../controller/events/traces-wanted.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const PROTOBUF: TracesWanted = { protocol: 'http/protobuf' };

/** Variables → what is wanted. */
const WANTED: readonly (readonly [Readonly<Record<string, string>>, TracesWanted | RegExp])[] = [
  [{}, null],
  [{ OTEL_SERVICE_NAME: 'x' }, null],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, null],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, PROTOBUF],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces' }, PROTOBUF],
  [{ OTEL_TRACES_EXPORTER: 'otlp' }, PROTOBUF],
  [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, { protocol: 'http/json' }],
  [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, null],
  [{ OTEL_SDK_DISABLED: 'TRUE', OTEL_TRACES_EXPORTER: 'otlp' }, null],
  [{ OTEL_TRACES_EXPORTER: 'console' }, /OTEL_TRACES_EXPORTER is console: say otlp, or none/],
  [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /is grpc: say http\/protobuf or http\/json/],
];
for (const [variables, wanted] of WANTED) {
  const words = JSON.stringify(variables);
  test(`#19.5 ${words}: ${wanted instanceof RegExp ? 'refused' : JSON.stringify(wanted)}`, () => {
    const found = tracesWanted(variables);
    if (!(wanted instanceof RegExp)) return assert.equal(found, wanted);
    assert.match(found && 'refused' in found ? found.refused : '', wanted);
  });
}

/** A sink that keeps what it was given: names, parents, links and failures. */
function createKeptSink() {
  const spans: (SpanStart & { ended: boolean; failure: string | null; added: string[] })[] = [];
  const sink: SpanSink = {
    start(start) {
      const span = { ...start, ended: false, failure: null as string | null, added: [] as string[] };
      spans.push(span);
      return {
        id: start.id ?? { traceId: start.parent?.traceId ?? `trace ${spans.length}`, spanId: `span ${spans.length}` },
        add: (name) => void span.added.push(name),
        end: (_at, _attributes, failure) => void Object.assign(span, { ended: true, failure }),
      };
    },
    close: async () => undefined,
  };
  const clock = { nowMs: 1_000_000 };
  return { spans, clock, recorder: createSpanRecorder(sink, () => new Date(clock.nowMs)) };
}

const RUN = { event: 'started', job: 'a', run: 'a@x', nominal: 'x', start: 'x', machines: 1, delayMs: 0 } as const;
const WHAT = { action: 'PatchProfile', commit: COMMIT } as const;
const PART = { event: 'machine', job: 'a', run: 'a@x', machine: 'm1', action: 'PatchProfile', path: 'logs/x' } as const;
const REQUEST = { kind: 'request', machine: 'm1', method: 'GET', path: '/redfish/v1?token=x', ms: 5 } as const;

const ASKING = 'f'.repeat(40);

test('#19.5 a run of its schedule begins a trace and links to the commit of its version', () => {
  const { spans, recorder } = createKeptSink();
  recorder.observe({ ...RUN, ...WHAT, trigger: 'Schedule' });
  assert.equal([spans.length, spans[0]?.parent, spans[0]?.link], [1, null, commitSpan(COMMIT)]);
});

test('#19.5 a run that a commit asked for is a part of its trace, also where its pass changed nothing', () => {
  const { spans, recorder } = createKeptSink();
  recorder.observe({ event: 'asked', run: 'a@x', commit: ASKING });
  recorder.observe({ ...RUN, ...WHAT, trigger: 'Manual' });
  const [commit, run] = spans;
  assert.equal([commit?.name, commit?.id], ['commit', commitSpan(ASKING)]);
  assert.equal([run?.name, run?.parent, run?.link], ['run a', commitSpan(ASKING), undefined]);
});

test('#19.5 a part has the requests that were made since it began, without their queries, and its retries', () => {
  const { spans, clock, recorder } = createKeptSink();
  recorder.observe({ ...RUN, ...WHAT, trigger: 'Schedule' });
  recorder.observeRedfish({ ...REQUEST, status: 200 }); // of a check, before the part
  clock.nowMs += 1_000;
  recorder.observeRedfish({ ...REQUEST, status: 503 });
  recorder.observeRedfish({ kind: 'retry', machine: 'm1', reason: 'HTTP 503', attempt: 1, waitMs: 1 });
  recorder.observeRedfish({ ...REQUEST, status: null });
  recorder.observe({
    ...PART,
    outcome: 'Unreachable',
    began: new Date(1_000_500),
    elapsedMs: 500,
    error: 'no answer (transient)',
  });
  recorder.observe({
    event: 'finished',
    job: 'a',
    run: 'a@x',
    succeeded: 0,
    failed: 1,
    skipped: 0,
    status: 'Failed',
    elapsedMs: 1,
  });
  const [run, part, ...requests] = spans;
  assert.equal([run?.failure, run?.ended], ['1 failed, 0 skipped', true]);
  assert.equal([part?.failure, part?.added], ['no answer (transient)', ['retry']]);
  assert.equal(
    requests.map(({ failure }) => failure),
    ['HTTP 503', 'no answer'],
  );
  assert.equal(requests[0]?.attributes['url.path'], '/redfish/v1');
});

test('#19.5 a pass that changes nothing is no span', () => {
  const { spans, recorder } = createKeptSink();
  const judged = { event: 'reconciled', commit: COMMIT, jobs: 1, machines: 1, problems: 0 } as const;
  recorder.observe({ ...judged, changes: {} });
  recorder.observe({ event: 'passed', commit: COMMIT, elapsedMs: 3 });
  assert.is(spans.length, 0);
  recorder.observe({ ...judged, changes: { add: 1 } });
  recorder.observe({ event: 'passed', commit: COMMIT, elapsedMs: 3 });
  recorder.observe({ event: 'passed', commit: COMMIT, elapsedMs: 3 });
  assert.equal(
    spans.map(({ name, id }) => [name, id]),
    [['commit', commitSpan(COMMIT)]],
  );
});

test.run();
