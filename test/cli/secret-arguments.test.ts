import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refuseSecrets } from '../../controller/cli/secret-arguments.ts';
import { ended } from '../support/command.ts';

const TOKEN = `ghp_${'hush99TOKEN'.repeat(3)}`;

for (const [word, told] of [
  ['https://robot:hush99@example.com/fleet.git', 'https://example.com/fleet.git'],
  ['https://:hush99@example.com/fleet.git', 'https://example.com/fleet.git'],
  ['https://robot:hush99%2Fx@example.com/fleet.git', 'https://example.com/fleet.git'],
  ['https://robot:hush99/word@example.com/fleet.git', 'https://example.com/fleet.git'],
  ['https://robot:hush99@word@example.com/fleet.git', 'https://example.com/fleet.git'],
  ['HTTPS://Robot:hush99@example.com', 'HTTPS://example.com'],
  ['ssh://git:hush99@example.com/fleet.git', 'ssh://example.com/fleet.git'],
  ['--remote=https://robot:hush99@example.com/', '--remote=https://example.com/'],
  ['robot:hush99@example.com/fleet.git', null],
  [`https://${TOKEN}@example.com/fleet.git`, 'https://example.com/fleet.git'],
  [`https://example.com/fleet.git?private_token=hush99`, 'https://example.com/fleet.git'],
  [TOKEN, null],
] as const) {
  test(`#20.C12 ${word.replaceAll(TOKEN, 'TOKEN')} is refused, and not repeated`, () => {
    let message = '';
    try {
      refuseSecrets(['run', word]);
    } catch (error) {
      message = (error as Error).message;
    }
    assert.match(message, '--remote-credentials FILE');
    assert.not.match(message, /hush99/i);
    if (told !== null) assert.ok(message.includes(`${told};`), message);
  });
}

for (const word of [
  'https://example.com/fleet.git',
  'https://robot@example.com/fleet.git',
  'https://example.com:8443/fleet@2.git',
  'https://[::1]:8443/fleet.git',
  'git@example.com:team/fleet.git',
  'ssh://git@example.com:2222/fleet.git',
  'glasgow-powersaver-every-night-at-ten',
  '--listen=127.0.0.1:8080',
  'C:\\fleet',
]) {
  test(`#20.C12 ${word} holds no secret`, () => refuseSecrets(['run', word]));
}

for (const command of ['run', 'validate', 'next', 'plan', 'status', 'trigger', 'init', 'probe', 'nonsense']) {
  test(`#20.C12 bmcron ${command} URL: a password in it is wrong usage, before anything is done with it`, async () => {
    const { code, stdout, stderr } = await ended([command, 'https://robot:hush99@127.0.0.1:9/fleet.git']);
    assert.is(code, 2, stderr);
    assert.match(stderr, 'ps');
    assert.not.match(stdout + stderr, 'hush99');
  });
}

test.run();
