// A collector of traces as a process of its own: it takes OTLP over HTTP, as JSON and as protobuf, and prints a line of
// JSON for each span that it got. Its first line is its address. otlp-receiver.ts [STATUS: what it answers]
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { decodeTraces, type ReceivedSpan } from './otlp.ts';

const status = Number(process.argv[2] ?? 200);

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const type = request.headers['content-type'] ?? '';
  if (request.method !== 'POST' || request.url !== '/v1/traces' || !/^application\/(json|x-protobuf)$/.test(type)) {
    response.writeHead(404).end();
    return;
  }
  const body = Buffer.concat(chunks);
  const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  if (status === 200) for (const span of decodeTraces(bytes, type)) print({ ...span, type });
  response.writeHead(status, { 'content-type': type }).end(type === 'application/json' ? '{}' : undefined);
});

function print(span: ReceivedSpan & { readonly type: string }): void {
  process.stdout.write(`${JSON.stringify(span)}\n`);
}

server.listen(0, '127.0.0.1', () => {
  const bound = server.address();
  process.stdout.write(`http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}\n`);
});
