import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pinnable } from '../../controller/cli/probe/pins.ts';
import { probe } from '../../controller/cli/probe.ts';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { startBmc } from '../../controller/demo/bmc.ts';
import type { Probed } from '../../controller/executors/prober.ts';
import type { Machine } from '../../definitions/machine.ts';
import { loopbackSecret, PASSWORD } from '../support/bmc.ts';
import { createCliFleet } from '../support/command.ts';
import { temporary } from '../support/temporary-folder.ts';

const machine = (id: string, endpoint: string, more = '') =>
  `ID: ${id} # as on the sticker\nEndpoint: ${endpoint}\nCredentialsRef: lab\nTimeout: 10s\n${more}`;
const OTHER = `sha256:${'0'.repeat(64)}`;

/** A fleet of one file, what `probe` says of it, and the questions that were asked. */
function fleet(inventory: string, answer = false) {
  const dir = temporary({ 'machines/rack.yaml': inventory });
  const said = { out: '', err: '', asked: 0 };
  const run = (options: { machines?: string[]; format?: 'text' | 'json'; pin?: boolean; yes?: boolean }) => {
    Object.assign(said, { out: '', err: '', asked: 0 });
    return probe({
      folder: dir.path,
      machines: [],
      format: 'text',
      write: options.pin === true,
      pin: false,
      yes: false,
      ...options,
      credentials: createCredentials({ env: loopbackSecret() }),
      clock: systemClock,
      signal: new AbortController().signal,
      ask: async () => {
        said.asked += 1;
        return answer;
      },
      out: { write: (text: string) => (said.out += text) },
      err: { write: (text: string) => (said.err += text) },
    });
  };
  return { said, run, text: () => readFileSync(join(dir.path, 'machines/rack.yaml'), 'utf8'), remove: dir.remove };
}

test('#19.3 a certificate that is not trusted is shown, in text and JSON; nothing is sent', async () => {
  const bmc = await startBmc({ password: PASSWORD });
  const { said, run, text, remove } = fleet(machine('m1', bmc.endpoint));
  const before = text();
  assert.is(await run({}), 1);
  assert.match(said.out, /^m1 {2}permanent: TLS to https:.* refused: its certificate is self-signed; give the machine/);
  assert.match(said.out, `\n  certificate  ${bmc.fingerprint}\n  subject      CN=`);
  assert.match(said.out, /\n {2}issuer {7}CN=.*\n {2}valid {8}\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d\n/);
  await run({ format: 'json' });
  const [{ certificate, error }] = JSON.parse(said.out);
  assert.is(certificate.fingerprint, bmc.fingerprint);
  assert.match(error, /TLS to/);
  assert.is(bmc.requests.length, 0);
  assert.equal([text(), said.asked], [before, 0]);
  remove();
  await bmc.close();
});

test('#19.3 --write --pin asks, writes the fingerprint and what the BMC then says; a no writes nothing', async () => {
  const bmc = await startBmc({ password: PASSWORD });
  const inventory = machine('m1', bmc.endpoint);
  const no = fleet(inventory, false);
  assert.is(await no.run({ pin: true }), 1);
  assert.equal([no.text(), no.said.asked, bmc.requests.length], [inventory, 1, 0]);
  assert.match(no.said.err, `1 certificate to pin:\nMACHINE  FINGERPRINT`);
  assert.match(no.said.err, bmc.fingerprint);
  no.remove();
  const yes = fleet(inventory, true);
  assert.is(await yes.run({ pin: true }), 0, yes.said.out);
  assert.match(yes.said.out, /^m1 {2}reachable\n/);
  assert.match(yes.text(), /^ID: m1 # as on the sticker\n/);
  assert.match(yes.text(), new RegExp(`TLS:\\s+\\{? ?Fingerprint: "?${bmc.fingerprint}`));
  assert.match(yes.text(), /FanZones: \[ ?cpu_zone, sys_zone ?\]/);
  assert.is(await yes.run({ pin: true }), 0);
  assert.equal([yes.said.asked, yes.said.err], [0, ''], 'what is trusted is not offered again');
  yes.remove();
  await bmc.close();
});

test('#19.3 --yes takes all without a question, but no pin that fails, unless its machine is named', async () => {
  const bmc = await startBmc({ password: PASSWORD });
  const pinned = machine('m2', bmc.endpoint, `TLS: { Fingerprint: "${OTHER}" }\n`);
  const { said, run, text, remove } = fleet(`${machine('m1', bmc.endpoint)}---\n${pinned}`);
  assert.is(await run({ pin: true, yes: true }), 1);
  assert.equal([said.asked, text().includes(OTHER)], [0, true]);
  assert.match(said.out, /m2 {2}permanent: .*its certificate is sha256:.*, not the pinned/);
  assert.match(text(), bmc.fingerprint);
  assert.is(await run({ pin: true, yes: true, machines: ['m2'] }), 0, said.out + said.err);
  assert.match(said.err, 'INSTEAD OF THE PINNED ONE');
  assert.not.ok(text().includes(OTHER));
  remove();
  await bmc.close();
});

test('#19.3 what is no certificate at all is not offered; an authority is not overruled', async () => {
  const plain = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await once(plain.listen(0, '127.0.0.1'), 'listening');
  const { port } = plain.address() as { port: number };
  const none = fleet(machine('m1', `https://127.0.0.1:${port}`));
  assert.is(await none.run({ pin: true, yes: true }), 1);
  assert.match(none.said.out, /^m1 {2}permanent: TLS to .*\n$/);
  none.remove();
  plain.close();
  const certificate = { fingerprint: OTHER, subject: 'CN=x', issuer: 'CN=x', validFrom: null, validTo: null };
  const probed = { machine: 'm1', certificate } as Probed;
  const offered = (TLS: Machine['TLS']) => pinnable(new Map([['m1', { ID: 'm1', TLS } as Machine]]), [probed], ['m1']);
  assert.equal([offered({ CA: 'lab' }).length, offered(undefined).length], [0, 1]);
});

test('#19.3 more than a few machines are counted on standard error', async () => {
  const bmc = await startBmc({ password: PASSWORD });
  const ids = Array.from({ length: 11 }, (_, index) => `m${index}`);
  const { said, run, remove } = fleet(ids.map((id) => machine(id, bmc.endpoint)).join('---\n'));
  await run({});
  assert.is(said.err, '11 of 11 machines\n');
  remove();
  await bmc.close();
});

test('#19.3 --pin where nobody can be asked, without --write, --yes alone: exit 2, and what to say', async () => {
  const fleet = await createCliFleet({});
  for (const [args, words] of [
    [['--write', '--pin'], /asks before it writes, and nobody can be asked here: add --yes/],
    [['--pin', '--yes'], /say --write --pin/],
    [['--write', '--yes'], /answers the question of --pin/],
  ] as const) {
    const { code, stderr } = await fleet.bmcron('probe', ...args, fleet.repository.clone);
    assert.is(code, 2, stderr);
    assert.match(stderr, words);
  }
  await fleet.remove();
});

test.run();
