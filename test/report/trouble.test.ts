import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reasonOf } from '../../definitions/report/trouble/reason.ts';
import { groupTroubles, type MachineTrouble } from '../../definitions/report/trouble/trouble.ts';

/** What an error says of machine `r1-n07`, and the reason that it shares with others. */
const REASONS: readonly (readonly [error: string, text: string, kind: 'transient' | 'permanent' | null])[] = [
  ['transient: https://10.0.0.7:8443: connection refused', 'connection refused', 'transient'],
  ['transient: https://[fe80::7]: connection refused', 'connection refused', 'transient'],
  [
    'permanent: TLS to https://bmc-7.example refused: its certificate is self-signed; give the machine TLS.CA',
    'TLS refused: its certificate is self-signed; give the machine TLS.CA',
    'permanent',
  ],
  ['permanent: manager bmc: no such manager', 'manager bmc: no such manager', 'permanent'],
  [
    'GuardRefused Identity: Host needs an Identity of its own: r1-n07',
    'GuardRefused Identity: Host needs an Identity of its own: …',
    null,
  ],
  ['permanent: r1-n071 is another machine', 'r1-n071 is another machine', 'permanent'],
  ['permanent: answered 503 to 10.0.0.7 at 2026-03-10T22:00:01Z', 'answered 503 to … at …', 'permanent'],
  ['permanent: task 7f3a9c2e41 of 123456 failed', 'task … of … failed', 'permanent'],
  ['permanent: https://10.0.0.7', 'permanent: https://10.0.0.7', 'permanent'],
  ['', '', null],
];
for (const [error, text, kind] of REASONS) {
  test(`the reason of "${error}"`, () => assert.equal(reasonOf(error, 'r1-n07'), { text, class: kind }));
}

test('a reason is a line of at most 120 characters', () => {
  const { text } = reasonOf(`permanent: ${'a very\nlong story '.repeat(40)}`, 'm');
  assert.is([...text].length, 120);
  assert.not.match(text, /\n/);
});

const trouble = (machine: string, at: string, error: string): MachineTrouble => {
  return { machine, job: 'nightly', run: `nightly@${at}`, error, at, since: at };
};

test('what fails alike is one group, and the newest failure comes first', () => {
  const groups = groupTroubles([
    trouble('m1', '2026-03-10T22:00:00Z', 'transient: https://10.0.0.1: connection refused'),
    trouble('m2', '2026-03-10T22:00:01Z', 'transient: https://10.0.0.2: connection refused'),
    trouble('m3', '2026-03-10T22:05:00Z', 'permanent: no such manager'),
    trouble('m4', '2026-03-10T22:00:01Z', 'transient: https://10.0.0.4: connection refused'),
  ]);
  assert.equal(
    groups.map(({ reason, troubles }) => [reason.text, troubles.map(({ machine }) => machine)]),
    [
      ['no such manager', ['m3']],
      ['connection refused', ['m2', 'm4', 'm1']],
    ],
  );
});

test.run();
