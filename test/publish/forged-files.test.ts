// What somebody who may push puts in the service's place, by hand or as if a controller had (#20.A3, R37).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commit, createGitFolder, git, status, workTree } from '../support/git-folder.ts';
import { openTestPublisher, type TestPublisher } from '../support/publisher.ts';

const FILES = { 'jobs/a.yaml': 'Name: A\n' };
const STATUS = 'jobs/a.status.yaml';

/** A checkout in which the service has published the status of a job, and what its text is. */
function publishedTest(
  name: string,
  body: (human: string, service: TestPublisher, left: string) => Promise<void>,
): void {
  test(name, async () => {
    const at = createGitFolder();
    const human = workTree(at.path('human'), FILES);
    const service = await openTestPublisher({ fleet: human, stateDir: at.path('state') });
    try {
      await service.journal.append([status('a', 1)]);
      assert.is((await service.publisher.publish()).outcome, 'Pushed');
      await body(human, service, git(human, 'show', `HEAD:${STATUS}`));
    } finally {
      await service.close();
      at.remove();
    }
  });
}

for (const hi of [0, 999_999]) {
  publishedTest(
    `#20.A3 a watermark that somebody set to ${hi} is put right, and renames no journal`,
    async (human, service) => {
      const { journal, publisher } = service;
      const { id } = journal;
      const mark = `.bmcron/${id}.json`;
      commit(human, { [mark]: `${JSON.stringify({ hi, digest: '00000000' })}\n` });
      await journal.append([status('a', 2)]);
      assert.is((await publisher.publish()).outcome, 'Pushed');
      assert.is(JSON.parse(git(human, 'show', `HEAD:${mark}`)).hi, journal.last);
      assert.equal([journal.id, service.kinds().includes('JournalRenewed')], [id, false]);
    },
  );
}

const MARK = { '.bmcron/other-1.json': '{"hi":1,"digest":"0"}\n' };
const TRAILER = 'bmcron: x\n\nBmcron-Controller: other-1';

for (const [what, message, files] of [
  ['a commit with a watermark beside it', 'x', {}],
  ['a commit that says to be a controller, and changes a manifest', TRAILER, { 'jobs/a.yaml': 'Name: B\n' }],
  ['a commit that says to be a controller, and adds a file', TRAILER, { 'README.md': 'x\n' }],
  ['a commit that says to be a controller, with a control character in a path', TRAILER, { '.bmcron/b.json\x01': 'x' }],
] as const) {
  publishedTest(`#20.A3 ${what}: its status is put right, no rival is told of`, async (human, service, left) => {
    commit(human, { [STATUS]: 'forged: 777\n', ...MARK, ...files }, message);
    assert.is((await service.publisher.publish()).outcome, 'Pushed');
    assert.is(git(human, 'show', `HEAD:${STATUS}`), left);
    assert.equal(service.kinds(), ['Overridden']);
  });
}

publishedTest(
  '#20.A3 a forged status below a commit of another controller is put right too',
  async (human, service, left) => {
    const { publisher, kinds } = service;
    commit(human, { [STATUS]: 'forged: 777\n' });
    commit(human, { ...MARK, 'logs/2026/03/10/x.json': '{}\n' }, TRAILER);
    assert.is((await publisher.publish()).outcome, 'Pushed');
    assert.is(git(human, 'show', `HEAD:${STATUS}`), left);
    assert.equal(kinds().sort(), ['Overridden', 'RivalController']);
  },
);

test.run();
