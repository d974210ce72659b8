// What a repository may hold that makes git tell another history than the commits do.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openGit } from '../../controller/git/command.ts';
import { gitEnvironment } from '../../controller/git/environment.ts';
import { commitsIn } from '../../controller/git/tree.ts';
import { commit as commitFiles, createGitFolder, GIT_ENVIRONMENT, git, workTree } from '../support/git-folder.ts';
import { job, type SignedFleet, signed, signedTest } from '../support/signed-fleet.ts';

/** The paths of the manifests that take effect. */
async function inEffect({ open }: SignedFleet): Promise<{ readonly paths: string[]; readonly texts: string }> {
  const service = await open();
  const { manifests } = await service.repository.snapshot(() => false);
  await service.close();
  const texts = [...manifests.values()].map(({ bytes }) => Buffer.from(bytes ?? []).toString()).join('');
  return { paths: [...manifests.keys()], texts };
}

for (const [what, name] of [
  ['what began a record', (id: string) => `\x01${id} ${id}`],
  ['the end of a line', (id: string) => `\n${id}`],
  ['a tab and an ID', (id: string) => `\t${id} ${id}`],
  ['a field of diff-tree', (id: string) => `\n:000000 100644 ${'0'.repeat(40)} ${id} A`],
] as const) {
  signedTest(`#20.A1 a file name with ${what} in it lends no signature to the manifest beside it`, async (fleet) => {
    const { human } = fleet;
    const good = git(human, 'rev-parse', 'HEAD');
    signed(human, null, { [`.bmcron/a.json${name(good)}`]: '{}\n', ...job('evil') });
    assert.equal((await inEffect(fleet)).paths, ['jobs/a.yaml']);
  });
}

test('#20.A1 commits and their paths are told apart, whatever a path is', async () => {
  const at = createGitFolder();
  const human = workTree(at.path('human'), { 'jobs/a.yaml': 'a' });
  const root = git(human, 'rev-parse', 'HEAD');
  const odd = [`:000000 100644 ${root} ${root} A`, root, `${root}\n${root}`, '\x01x', ' ', '\u{1f600}', 'two  blanks'];
  for (const path of odd) writeFileSync(join(human, path), 'x');
  git(human, 'add', '--all', '.');
  const next = commitFiles(human, { 'jobs/b.yaml': 'b' }, `${root}\n\n:${root}`);
  const empty = commitFiles(human, {});
  const found = await commitsIn(openGit(`${human}/.git`, GIT_ENVIRONMENT, human), ['HEAD']);
  assert.equal(
    found.map(({ id, parents, changes }) => [id, parents, changes.map(([path]) => path).sort()]),
    [
      [root, [], ['jobs/a.yaml']],
      [next, [root], [...odd, 'jobs/b.yaml'].sort()],
      [empty, [next], []],
    ],
  );
  at.remove();
});

/** An unsigned manifest below a signed one; what makes the fleet's Git folder hide it. */
const HIDDEN: readonly (readonly [what: string, hide: (fleet: SignedFleet, evil: string, top: string) => void])[] = [
  ['a replaced commit', ({ human }, evil) => git(human, 'replace', '-f', evil, `${evil}~`)],
  [
    'a replaced parent of the signed commit',
    ({ human }, evil, top) => git(human, 'replace', '--graft', top, `${evil}~`),
  ],
  [
    'a graft',
    ({ human }, evil, top) => {
      mkdirSync(join(human, '.git/info'), { recursive: true });
      writeFileSync(join(human, '.git/info/grafts'), `${top} ${git(human, 'rev-parse', `${evil}~`)}\n`);
    },
  ],
  ['a shallow history', ({ human }, _evil, top) => writeFileSync(join(human, '.git/shallow'), `${top}\n`)],
  [
    'a commit graph',
    ({ human }, evil, top) =>
      forgeCommitGraph(human, top, (entry, placeOf) => {
        entry.writeUInt32BE(placeOf(git(human, 'rev-parse', `${evil}~`)), 20);
      }),
  ],
];

for (const [what, hide] of HIDDEN) {
  signedTest(`#20.A2 ${what} hides no unsigned commit`, async (fleet) => {
    const { human, keys } = fleet;
    const evil = signed(human, null, job('evil'));
    const top = signed(human, keys['ada@example.com'], job('c'));
    hide(fleet, evil, top);
    assert.equal((await inEffect(fleet)).paths, ['jobs/a.yaml']);
  });
}

signedTest('#20.A2 a signed manifest is read as it was signed, whatever replaces its object', async (fleet) => {
  const { human, keys } = fleet;
  signed(human, keys['ada@example.com'], job('b'));
  writeFileSync(join(human, 'evil'), 'Name: evil\n');
  git(human, 'replace', git(human, 'rev-parse', 'HEAD:jobs/b.yaml'), git(human, 'hash-object', '-w', 'evil'));
  assert.match((await inEffect(fleet)).texts, 'Name: b');
});

test('#20.A2 no command goes by objects that somebody else keeps, or by what replaces them', () => {
  for (const use of ['local', 'network'] as const) {
    const environment = gitEnvironment({ GIT_ALTERNATE_OBJECT_DIRECTORIES: '/x', GIT_OBJECT_DIRECTORY: '/x' }, use);
    assert.is(environment['GIT_ALTERNATE_OBJECT_DIRECTORIES'], undefined);
    assert.is(environment['GIT_OBJECT_DIRECTORY'], undefined);
    assert.is(environment['GIT_NO_REPLACE_OBJECTS'], '1');
    assert.is(environment['GIT_GRAFT_FILE'], '/dev/null');
  }
});

signedTest('#20.A2 a commit graph gives a signed commit no other tree', async ({ human, keys, open }) => {
  const service = await open();
  await service.repository.snapshot(() => false);
  const evil = signed(human, null, job('evil'));
  git(human, 'reset', '--quiet', '--hard', 'HEAD~');
  git(human, 'branch', 'evil', evil);
  const top = signed(human, keys['ada@example.com'], job('c'));
  const tree = git(human, 'rev-parse', `${evil}^{tree}`);
  forgeCommitGraph(human, top, (entry) => Buffer.from(tree, 'hex').copy(entry));
  const { commit, manifests } = await service.repository.snapshot(() => false);
  assert.equal([commit, [...manifests.keys()]], [top, ['jobs/a.yaml', 'jobs/c.yaml']]);
  await service.close();
});

/** Writes a commit graph, and forges what it says of one commit: its tree (20 bytes), its parent's place (4), … */
function forgeCommitGraph(
  folder: string,
  commit: string,
  forge: (entry: Buffer, placeOf: (id: string) => number) => void,
): void {
  git(folder, 'commit-graph', 'write', '--reachable');
  const file = join(folder, '.git/objects/info/commit-graph');
  const graph = readFileSync(file);
  const at = new Map<string, number>();
  for (let index = 0; index < (graph[6] ?? 0); index += 1) {
    const entry = 8 + index * 12;
    at.set(graph.toString('latin1', entry, entry + 4), Number(graph.readBigUInt64BE(entry + 4)));
  }
  const [names = 0, data = 0] = [at.get('OIDL'), at.get('CDAT')];
  const placeOf = (id: string) => (graph.indexOf(Buffer.from(id, 'hex'), names) - names) / 20;
  forge(graph.subarray(data + placeOf(commit) * 36), placeOf);
  createHash('sha1')
    .update(graph.subarray(0, -20))
    .digest()
    .copy(graph, graph.length - 20);
  git(folder, 'config', 'core.commitGraph', 'true');
  rmSync(file, { force: true }); // git leaves it read-only
  writeFileSync(file, graph);
}

test.run();
