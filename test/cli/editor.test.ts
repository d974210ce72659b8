import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { init } from '../../controller/cli/init.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import { type Editor, startEditor } from '../support/editor.ts';
import { createGitFolder } from '../support/git-folder.ts';
import { sink } from '../support/pull-request.ts';

const at = createGitFolder();
const root = at.path('fleet');
let editor: Editor;

test.before(async () => {
  await init({ root, prefix: '', format: 'json', ciFrom: null, out: sink(), err: sink() });
  const all = JSON.parse(readFileSync(join(root, '.vscode/settings.json'), 'utf8')) as Record<string, unknown>;
  const yaml = Object.fromEntries(Object.entries(all).map(([key, value]) => [key.replace(/^yaml\./, ''), value]));
  editor = await startEditor(root, { ...yaml, schemaStore: { enable: false } });
});
test.after(async () => {
  await editor.close();
  at.remove();
});

const NIGHTLY = 'jobs/nightly-powersaver.yaml';
const written = () => readFileSync(join(root, NIGHTLY), 'utf8');
const bare = () => written().replace(/^# yaml-language-server.*\n/, '');

test('an editor has nothing to say about what init wrote', async () => {
  for (const path of [NIGHTLY, 'jobs/workday-performance.yaml', 'machines/example.yaml', 'bmcron.yaml']) {
    editor.edit(path, readFileSync(join(root, path), 'utf8'));
    assert.equal(await editor.problems(path), [], path);
  }
});

for (const [how, text] of [
  ['by the modeline', () => written()],
  ['by .vscode/settings.json', () => bare()],
] as const) {
  const name = how.replaceAll(/\W/g, '-');
  test(`an editor flags a wrong profile, ${how}`, async () => {
    const path = `jobs/wrong-${name}.yaml`;
    const wrong = text().replace('PowerSaver }', 'Turbo }');
    editor.edit(path, wrong);
    const [first] = await editor.problems(path);
    assert.match(first?.message ?? '', 'PowerSaver');
    const lines = wrong.split('\n');
    assert.is(lines[first?.range.start.line ?? 0]?.slice(first?.range.start.character).startsWith('Turbo'), true);
  });

  test(`an editor completes the values of Action, ${how}`, async () => {
    const path = `jobs/complete-${name}.yaml`;
    const lines = text().replace('Action: PatchProfile', 'Action: ').split('\n');
    editor.edit(path, lines.join('\n'));
    await editor.problems(path);
    const labels = await editor.complete(
      path,
      lines.findIndex((line) => line.startsWith('Action:')),
      'Action: '.length,
    );
    for (const action of ACTIONS.keys()) assert.ok(labels.includes(action), `${action} of ${labels.join()}`);
  });
}

test('an editor takes no status file for a job', async () => {
  const path = 'jobs/nightly-powersaver.status.yaml';
  editor.edit(path, 'Id: nightly-powersaver\nStatus: Dreadful\n');
  const messages = (await editor.problems(path)).map(({ message }) => message).join('; ');
  assert.match(messages, 'Pending');
  assert.not.match(messages, 'Property Id is not allowed');
});

test.run();
