import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forgeOf } from '../../controller/server/views/forge.ts';

const PLACE = { branch: 'main', prefix: '' };

/** Where commits are, a manifest at one, and a log on the branch. */
const FORGES: readonly (readonly [url: string, commit: string, manifest: string, log: string])[] = [
  [
    'https://github.com/o/r.git',
    'https://github.com/o/r/commit/{commit}',
    'https://github.com/o/r/blob/{commit}/{path}',
    'https://github.com/o/r/blob/main/{path}',
  ],
  [
    'ssh://git@gitlab.example.org:2222/g/s/r.git',
    'https://gitlab.example.org/g/s/r/-/commit/{commit}',
    'https://gitlab.example.org/g/s/r/-/blob/{commit}/{path}',
    'https://gitlab.example.org/g/s/r/-/blob/main/{path}',
  ],
  [
    'https://gitea.example.org/o/r',
    'https://gitea.example.org/o/r/commit/{commit}',
    'https://gitea.example.org/o/r/src/commit/{commit}/{path}',
    'https://gitea.example.org/o/r/src/branch/main/{path}',
  ],
  [
    'https://bitbucket.org/o/r',
    'https://bitbucket.org/o/r/commits/{commit}',
    'https://bitbucket.org/o/r/src/{commit}/{path}',
    'https://bitbucket.org/o/r/src/main/{path}',
  ],
];
for (const [url, commit, manifest, log] of FORGES) {
  test(`where a forge shows ${url}`, () => assert.equal(forgeOf({ url, ...PLACE }), { commit, manifest, log }));
}

for (const url of ['git@github.com:o/r.git', 'https://codeberg.org/o/r', 'https://git.sr.ht/~o/r']) {
  test(`${url} is at a forge`, () => {
    const { commit = '' } = forgeOf({ url, ...PLACE }) ?? {};
    assert.match(commit, /^https:\/\/[a-z.]+\/~?o\/r\/commit\/\{commit\}$/);
  });
}

for (const url of ['https://git.example.org/o/r', '/srv/fleet.git', 'https://github.com/o/r"onclick=x', null]) {
  test(`no forge is known for ${url}`, () => assert.is(forgeOf({ url, ...PLACE }), null));
}

test('a folder in the repository and a branch of another name are part of the addresses', () => {
  const forge = forgeOf({ url: 'https://github.com/o/r', branch: 'bot/status #1', prefix: 'a b/c/' });
  assert.is(forge?.manifest, 'https://github.com/o/r/blob/{commit}/a%20b/c/{path}');
  assert.is(forge?.log, 'https://github.com/o/r/blob/bot/status%20%231/a%20b/c/{path}');
});

test.run();
