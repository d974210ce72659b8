import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { createClient, MAX_BODY_BYTES } from '../../controller/redfish/http/client.ts';
import { createConnectionPool } from '../../controller/redfish/http/pool.ts';

const RESOURCE = { '@odata.id': '/redfish/v1', Name: 'Root' };

/** What a server that encodes its answers without being asked makes of a request. */
async function answered(encoding: string, body: Buffer) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': encoding }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const scrub = (text: string) => text;
  const client = createClient({ endpoint, trust: {}, clock: systemClock, pool: createConnectionPool(), scrub });
  try {
    return await client.send('GET', '/redfish/v1', { signal: new AbortController().signal });
  } finally {
    client.close();
    server.close();
  }
}

const text = Buffer.from(JSON.stringify(RESOURCE));
for (const [encoding, body] of [
  ['gzip', gzipSync(text)],
  ['x-gzip', gzipSync(text)],
  ['deflate', deflateSync(text)],
  ['br', brotliCompressSync(text)],
  ['identity', text],
] as const) {
  test(`#22.22 ${encoding} that was not asked for is decoded`, async () => {
    assert.equal((await answered(encoding, body)).body, RESOURCE);
  });
}

test('#22.22 the limit on size is on what is decoded; what cannot be decoded is a failure', async () => {
  const bomb = gzipSync(Buffer.alloc(MAX_BODY_BYTES + 1, ' '));
  assert.ok(bomb.length < MAX_BODY_BYTES / 100);
  const failed = (encoding: string, body: Buffer) => answered(encoding, body).then(({ cut }) => cut?.message ?? '');
  assert.match(await failed('gzip', bomb), 'answered with more than 4 MiB');
  assert.is.not(await failed('gzip', text), '');
});

test.run();
