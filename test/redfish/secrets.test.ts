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

/** What a BMC says to a PATCH, and how the password stands in it. */
const PARTS: readonly (readonly [string, string | JsonObject])[] = [
  ['right where the text is cut', `${'x'.repeat(480)} ${PASSWORD}`],
  ['where a page is cut', `<p>${'x'.repeat(192)}${PASSWORD}</p>`],
  ['in a message that is cut', { error: { message: `${'x'.repeat(488)}${PASSWORD}` } }],
  [
    'in an argument that is cut',
    {
      error: {
        '@Message.ExtendedInfo': [{ MessageId: 'A.B', MessageArgs: [`${'x'.repeat(90)}${PASSWORD}`], Severity: 'x' }],
      },
    },
  ],
  ['behind the last dot of an ID', { error: { '@Message.ExtendedInfo': [{ MessageId: `A.${PASSWORD.slice(0)}` }] } }],
  ['with tags in it', `<i>${PASSWORD.slice(0, 5)}</i><b>${PASSWORD.slice(5)}</b>`],
  ['in HTML', [...PASSWORD].map((char) => `&#${char.charCodeAt(0)};`).join('')],
  ['for a URL', `?p=${[...PASSWORD].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('')}`],
  ['in JSON', { error: { message: JSON.stringify({ Password: PASSWORD }) } }],
];

for (const status of [400, 500]) {
  for (const [where, body] of PARTS) {
    test(`#20.10 R43 a BMC that repeats the password ${where} (${status})`, async () => {
      const { bmc, run, events, close } = await startMachine({ clock: fastClock(), settleMs: 0 });
      bmc.faults.set({ kind: 'answer', method: 'PATCH', status, body });
      const result = await run('PatchManager', [entry('bmc', { ServiceIdentification: 'rack 7' })]);
      const shown = JSON.stringify([result, events]).replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code));
      assert.is(result.outcome === 'Applied', false);
      assert.not.match(decodeURIComponent(shown.replace(/%(?![0-9a-f]{2})/gi, '%25')), /c0rr|h0rse/);
      await close();
    });
  }
}

for (const status of [400, 401, 403, 429, 500]) {
  test(`#20.10 R43 nothing is quoted of what answers a login (${status})`, async () => {
    const { bmc, run, events, close } = await startMachine({ clock: fastClock(), settleMs: 0 });
    bmc.faults.set({ ...login, status, body: { error: { message: `no ${[...PASSWORD].reverse().join('')}` } } });
    const result = await run('PatchProfile', [entry('bmc', { Profile: 'Balanced' })]);
    assert.match(result.error ?? '', new RegExp(`(login refused:|the login is answered) ${status}`));
    assert.not.match(JSON.stringify([result, events]), /esr0h|no /);
    await close();
  });
}

test('#20.10 R43 names that a BMC has made of the password, cut in an error', async () => {
  const { bmc, run, close } = await startMachine({ clock: fastClock(), settleMs: 0 });
  bmc.put(`Oem/OpenBmc/Fan/FanZones/${'z'.repeat(90)}${PASSWORD}`, { FailSafePercent: 1 });
  const result = await run('PatchFanZone', [entry('bmc', { FailSafePercent: 90 }, { FanZoneID: 'nowhere' })]);
  assert.is(result.outcome, 'Unsupported');
  assert.match(result.error ?? '', /z\[secret\]/);
  assert.not.match(result.error ?? '', /c0rr/);
  await close();
});

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
