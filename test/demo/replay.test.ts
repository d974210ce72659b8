// Every request that was recorded on a real bmcweb is put to the simulated BMC, in order, and must be answered alike:
// status, headers, body; with times, tokens, session ids and the text of ETags masked, but equal ETags stay equal.
import { Agent } from 'node:https';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bmc, type Fault, startBmc } from '../../controller/demo/bmc.ts';
import { fill, type Gathered, gather, headersOf, judge, ROOT_PASSWORD, USERS } from './judge.ts';
import { bodyOf, type Exchange, recording, sendRaw, sequences } from './recorded.ts';

const HTML = 'answers JSON whatever Accept says: a page for browsers is no part of what clients use';
const HTTP2 = 'speaks HTTP/1.1 alone';
const HEAD = 'sends no body after HEAD: bmcweb breaks HTTP there';
const LACKS = 'has an account service; bmcweb answered 500 because its stand-in services lacked one';

/** What the simulated BMC leaves out on purpose. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'head.manager-get.17': HTML,
  'head.session-errors.20': HTML,
  'head.misc-headers.5': HTML,
  'head.manager-get.18': 'speaks no CBOR',
  'head.managers-collection.4': HEAD,
  'head.manager-get.3': HEAD,
  'head.manager-missing.4': HEAD,
  'head.http2.1': HTTP2,
  'head.http2.2': HTTP2,
  'head.http2.3': HTTP2,
  'head.http2.4': HTTP2,
  'head.http2.5': HTTP2,
  'head.expired-password.7': LACKS,
  'head.neighbours.11': LACKS,
};

/** The faults that stand for the hooks of a recording. */
function faultsFor(setup: string): Fault[] {
  if (/(removed|no hook|progress = 1\.0)/.test(setup)) return [];
  if (setup.includes('no-thermalmode')) return [{ kind: 'no-thermalmode' }];
  if (setup.includes('em-set-fail = SetPoint')) return [{ kind: 'set-fails', property: 'SetPoint' }];
  if (setup.includes('em-set-fail')) return [{ kind: 'set-fails' }];
  if (setup.includes('em-slow = 28')) return [{ kind: 'slow', ms: 50 }, { kind: 'set-fails' }];
  if (setup.includes('em-slow')) return [{ kind: 'slow', ms: 50 }];
  if (setup.includes('ntp-on')) return [{ kind: 'ntp' }];
  if (setup.includes('expired-root')) return [{ kind: 'password-expired' }];
  if (setup.includes('progress = 0.4')) return [{ kind: 'starting' }];
  return setup.includes('is a string on D-Bus') ? [{ kind: 'odd-property' }] : [];
}

async function step(bmc: Bmc, agent: Agent, exchange: Exchange, gathered: Gathered): Promise<string | undefined> {
  bmc.faults.clear();
  bmc.faults.set(...faultsFor(exchange.setup));
  const { request } = exchange;
  const user = typeof request.body === 'object' && request.body !== null ? Object(request.body)['UserName'] : undefined;
  const sent = {
    method: request.method,
    path: fill(request.path, gathered),
    headers: headersOf(exchange, gathered),
    body: bodyOf(exchange, (text) => fill(text, gathered, typeof user === 'string' ? user : 'root')),
  };
  const endpoint = request.base ? bmc.endpoint.replace('https', 'http') : bmc.endpoint;
  if (request.connection === 'new') agent.destroy(); // closes what is open; the next request opens anew
  const received = await sendRaw(endpoint, request.base ? undefined : agent, sent);
  if (received) gather(exchange, received, gathered);
  return judge(exchange, received, gathered);
}

const recorded = recording('bmcweb-head');
const differences = new Map<string, string>();
for (const [sequence, exchanges] of sequences(recorded)) {
  test(`bmcweb HEAD: ${sequence} (${exchanges.length} exchanges)`, async () => {
    const bmc = await startBmc({ preset: 'openbmc', password: ROOT_PASSWORD, accounts: USERS });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const gathered: Gathered = { values: new Map(), etags: new Map(), same: new Map() };
    try {
      for (const exchange of exchanges) {
        const difference = await step(bmc, agent, exchange, gathered);
        if (difference) differences.set(exchange.id, difference);
      }
    } finally {
      agent.destroy();
      await bmc.close();
    }
    const unexpected = exchanges.filter(({ id }) => differences.has(id) && !LEFT_OUT[id]);
    assert.equal(
      unexpected.map(({ id }) => `${id}: ${differences.get(id)}`),
      [],
    );
  });
}

test('at least 95 % are answered alike, and the list of what is left out is true', () => {
  const total = recorded.exchanges.length;
  assert.ok(differences.size <= total * 0.05, `${differences.size} of ${total} differ`);
  const alike = Object.keys(LEFT_OUT).filter((id) => !differences.has(id));
  assert.equal(alike, [], 'these are answered alike and need no excuse');
  console.log(`${total - differences.size} of ${total} exchanges answered alike`);
});

test.run();
