// The client against what other real servers answered: a server that gives the recorded answers of one sequence, in
// order, and what else it needs from the rest of that recording (test/fixtures/redfish).
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCredentials } from '../../controller/credentials.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import type { Outcome } from '../../definitions/run.ts';
import { canonical, type Json } from '../../definitions/values/json.ts';
import { type Exchange, recording } from '../demo/recorded.ts';
import { entry, fastClock, loopbackSecret, machineOf } from '../support/bmc.ts';

interface Case {
  readonly id: string;
  readonly what: string;
  readonly server: string;
  readonly sequence: string;
  readonly action: string;
  readonly payload: PayloadEntry;
  readonly outcome: Outcome;
  readonly error?: RegExp;
  /** Methods and how often. */
  readonly counts: Readonly<Record<string, number>>;
}

const acoustic = entry('bmc', { Profile: 'Acoustic' });
const SUSHY = '27946b59-9e44-4fa7-8e91-f3527a1ef094';
const pid = (payload: Readonly<Record<string, Json>>, id = 'PSU1_Temperature') =>
  entry('bmc', payload, { PidControllerID: id });
const zone = entry('bmc', { MinThermalOutput: 35 }, { FanZoneID: 'Left' });

const CASES: readonly Case[] = [
  {
    id: 'A01',
    what: 'bmcweb 2023: 200 with an empty body',
    server: 'bmcweb-2023',
    sequence: 'profile-ok',
    action: 'PatchProfile',
    payload: acoustic,
    outcome: 'Applied',
    counts: { PATCH: 1, DELETE: 1 },
  },
  {
    id: 'A02',
    what: 'DMTF mockup server: 204',
    server: 'mockup-server',
    sequence: 'profile-ok',
    action: 'PatchProfile',
    payload: acoustic,
    outcome: 'Applied',
    counts: { PATCH: 1, DELETE: 1 },
  },
  {
    id: 'A05',
    what: 'sushy-tools: no sessions, no fan data',
    server: 'sushy-tools',
    sequence: 'service-root',
    action: 'PatchFanZone',
    payload: { ...zone, ManagerID: SUSHY },
    outcome: 'Unsupported',
    error: /it has no Oem.OpenBmc.Fan/,
    counts: { PATCH: 0 },
  },
  {
    id: 'A05',
    what: 'iLO emulator: its login wants Basic too and names the session in a sentence; no fan data',
    server: 'ilo-emulator',
    sequence: 'sessions',
    action: 'PatchFanZone',
    payload: { ...zone, ManagerID: '1' },
    outcome: 'Unsupported',
    error: /it has no Oem.OpenBmc.Fan/,
    counts: { PATCH: 0, POST: 3, DELETE: 1 }, // one of them without a password: a guarded login answers all alike
  },
  {
    id: 'A07',
    what: 'bmcweb 2023: every zone write fails',
    server: 'bmcweb-2023',
    sequence: 'zone-ok',
    action: 'PatchFanZone',
    payload: zone,
    outcome: 'NotApplied',
    error: /transient: .*500 InternalError.*MinThermalOutput unchanged/,
    counts: { PATCH: 3 },
  },
  {
    id: 'A10',
    what: 'bmcweb 2023: two numbers',
    server: 'bmcweb-2023',
    sequence: 'pid-ok',
    action: 'PatchPidController',
    payload: pid({ SetPoint: 57.5, PCoefficient: -2 }),
    outcome: 'Applied',
    counts: { PATCH: 1 },
  },
  {
    id: 'A12',
    what: 'bmcweb 2023: blanks for underscores',
    server: 'bmcweb-2023',
    sequence: 'fan-controller-ok',
    action: 'PatchFanController',
    payload: entry('bmc', { Inputs: ['Fan_4a'] }, { FanControllerID: 'Fan_4' }),
    outcome: 'Applied',
    counts: { PATCH: 1 },
  },
  {
    id: 'A21',
    what: 'bmcweb 2023: no ServiceIdentification',
    server: 'bmcweb-2023',
    sequence: 'service-identification',
    action: 'PatchManager',
    payload: entry('bmc', { ServiceIdentification: 'rack-7 bay_2' }),
    outcome: 'Unsupported',
    error: /has no ServiceIdentification/,
    counts: { PATCH: 0 },
  },
  {
    id: 'A01',
    what: 'bmcweb HEAD itself',
    server: 'bmcweb-head',
    sequence: 'profile-ok',
    action: 'PatchProfile',
    payload: acoustic,
    outcome: 'Applied',
    counts: { PATCH: 1 },
  },
  {
    id: 'A32',
    what: 'bmcweb 2023: an expired password, told at the root of the body',
    server: 'bmcweb-2023',
    sequence: 'expired-password',
    action: 'PatchProfile',
    payload: acoustic,
    outcome: 'Refused',
    error: /permanent: .*the password has expired and must be changed: 403 PasswordChangeRequired/,
    counts: { PATCH: 0 },
  },
  {
    id: 'A04',
    what: 'bmcweb 2023 without a thermal mode',
    server: 'bmcweb-2023',
    sequence: 'profile-no-thermalmode',
    action: 'PatchProfile',
    payload: acoustic,
    outcome: 'Unsupported',
    error: /has no Profile/,
    counts: { PATCH: 0 },
  },
];

const withoutSlash = (path: string) => path.replace(/\/$/, '');

/** Answers as recorded: the chosen sequence from where the last change left it, then its past, then the others. */
function answerer(all: readonly Exchange[], sequence: string) {
  const chosen = all.filter((each) => each.sequence === sequence);
  const others = all.filter((each) => each.sequence !== sequence && !/expired|roles|killed/.test(each.sequence));
  let at = 0;
  return (method: string, path: string, text: string, basic: boolean): Exchange | undefined => {
    const fits = ({ request, response }: Exchange): boolean => {
      if (!response || request.method !== method) return false;
      if (withoutSlash(request.path) !== withoutSlash(path)) return false;
      const login = method === 'POST';
      if (method === 'PATCH' && canonical(request.body) !== canonical(JSON.parse(text) as Json)) return false;
      const had = request.headers.some(([name, value]) => /^authorization$/i.test(name) && value === '<basic root>');
      if (login && text.includes('"Password"') && !/"Password":"<password>"/.test(JSON.stringify(request.body)))
        return false;
      return login ? had === basic : response.status !== 401 && response.status !== 412;
    };
    const ordered = [...chosen.slice(at), ...chosen.slice(0, at).reverse(), ...others].filter(fits);
    const found = ordered.find(({ request }) => request.path === path) ?? ordered[0];
    if (found && method === 'PATCH' && chosen.includes(found)) at = Math.max(at, chosen.indexOf(found) + 1);
    return found;
  };
}

async function serve(name: string, sequence: string): Promise<{ server: Server; origin: string; got: string[] }> {
  const find = answerer(recording(name).exchanges, sequence);
  const got: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      got.push(method);
      const session = url.replace(/Sessions\/s-1$/, 'Sessions/<session id>');
      const found = find(method, session, Buffer.concat(chunks).toString('utf8'), Boolean(headers.authorization));
      if (!found?.response) return void response.writeHead(404).end();
      const { status, headers: sent, body, bodyKind } = found.response;
      const filled = (text: string) => text.replace(/<token>/g, 't-1').replace(/<session id>/g, 's-1');
      for (const [header, value] of sent) {
        if (!/^(content-length|date|connection|transfer-encoding)$/i.test(header))
          response.setHeader(header, filled(value));
      }
      response.writeHead(status);
      response.end(bodyKind === 'empty' ? '' : filled(bodyKind === 'json' ? JSON.stringify(body) : String(body)));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got };
}

for (const { id, what, server: name, sequence, action, payload, ...expected } of CASES) {
  test(`${id} ${what}`, async () => {
    const { server, origin, got } = await serve(name, sequence);
    const credentials = createCredentials({ env: loopbackSecret() });
    const executor = createLocalExecutor({ random: Math.random, credentials, clock: fastClock(), settleMs: 0 });
    const machine = machineOf({ endpoint: origin, fingerprint: '' });
    const part = { run: 'r', job: 'j', action, machine, payload: [payload] };
    const result = await executor.execute(part, new AbortController().signal);
    assert.is(result.outcome, expected.outcome, result.error ?? '');
    if (expected.error) assert.match(result.error ?? '', expected.error);
    for (const [method, count] of Object.entries(expected.counts)) {
      assert.is(got.filter((each) => each === method).length, count, `${method} in ${got.join(' ')}`);
    }
    server.close();
    server.closeAllConnections();
  });
}

test.run();
