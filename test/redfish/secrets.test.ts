import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../../controller/demo/bmc.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { entry, fastClock, PASSWORD, startMachine } from '../support/bmc.ts';

const TOKEN = 'tok3n-of-a-session';
const BASIC = Buffer.from(`root:${PASSWORD}`).toString('base64');
const repeats: JsonObject = {
  error: {
    '@Message.ExtendedInfo': [
      {
        MessageId: `Base.1.0.Wrong ${PASSWORD}`,
        Message: `Authorization: Basic ${BASIC}, X-Auth-Token ${TOKEN}`,
        MessageArgs: [PASSWORD],
        Severity: 'Critical',
      },
    ],
  },
};
const login = { kind: 'answer', method: 'POST' } as const;
const welcome = { 'X-Auth-Token': TOKEN, Location: '/redfish/v1/SessionService/Sessions/1' };

const TROUBLES: readonly (readonly [string, readonly Fault[]])[] = [
  ['nothing', []],
  ['a login refused with the password in the message', [{ ...login, status: 401, body: repeats }]],
  ['a login that fails with the password in the message', [{ ...login, status: 500, body: repeats }]],
  ['a PATCH refused with all of them', [{ kind: 'answer', method: 'PATCH', status: 400, body: repeats }]],
  ['a token in the answers', [{ ...login, status: 201, headers: welcome }]],
  ['a page that repeats them', [{ kind: 'answer', method: 'GET', status: 400, body: `<p>${PASSWORD} ${BASIC}</p>` }]],
  ['a redirect that names them', [{ ...login, status: 307, headers: { Location: `/${PASSWORD}/${BASIC}` } }]],
  ['Basic alone', [{ ...login, status: 405 }]],
  ['a 503 that repeats them', [{ kind: 'answer', method: 'PATCH', status: 503, body: repeats }]],
];

for (const [what, faults] of TROUBLES) {
  test(`R43 no password, token or header in a result, an event or the BMC's own list: ${what}`, async () => {
    const { bmc, run, events, close } = await startMachine({ clock: fastClock(), settleMs: 10 });
    bmc.put('ServiceIdentification', what === 'nothing' ? PASSWORD : '');
    bmc.faults.set(...faults);
    const written: string[] = [];
    const streams = [process.stdout, process.stderr];
    const before = streams.map((stream) => stream.write);
    for (const stream of streams) stream.write = ((text: string) => written.push(text) > 0) as typeof stream.write;
    const result = await run('PatchManager', [entry('bmc', { ServiceIdentification: 'rack 7' })]);
    streams.forEach((stream, index) => {
      stream.write = before[index] as typeof stream.write;
    });
    const shown = JSON.stringify([result, events, bmc.requests, written]);
    for (const secret of [PASSWORD, BASIC, ...(what.startsWith('a token') ? [TOKEN] : [])]) {
      assert.not.ok(shown.includes(secret), `${secret} in ${shown}`);
    }
    assert.ok(events.length > 0);
    await close();
  });
}

test.run();
