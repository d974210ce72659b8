import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { newCertificate } from '../../controller/demo/bmc/certificate.ts';

/** A request as a receiver got it. */
export interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of notices: a real server over TLS, by a certificate of its own. */
export interface TestReceiver {
  readonly url: string;
  /** PEM, of the authority that its certificate is from. */
  readonly ca: string;
  readonly calls: ReceivedCall[];
  /** What it answers from now on: a status with headers, or nothing at all. */
  answers: { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | 'cut';
  close(): Promise<void>;
}

/** Opens one that takes everything. */
export async function openTestReceiver(): Promise<TestReceiver> {
  const { key, certificate } = await newCertificate();
  const calls: ReceivedCall[] = [];
  const server = createServer({ key, cert: certificate }, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      calls.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
      const { answers } = receiver;
      if (answers === 'cut') return void request.socket.destroy();
      response.writeHead(answers.status, answers.headers).end('{"secret":"of the receiver"}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const receiver: TestReceiver = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/s3cret-path`,
    ca: certificate,
    calls,
    answers: { status: 200 },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
