import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCliFleet } from '../support/command.ts';

const fleet = await createCliFleet({});
test.after(() => fleet.remove());

/** What a command says on standard error, each line as JSON. */
async function said(...words: readonly string[]) {
  const [command = '', ...more] = words;
  const { code, stdout, stderr } = await fleet.bmcron(command, ...more);
  return { code, stdout, lines: stderr.split('\n').filter(Boolean) };
}

for (const [what, words, exit, message] of [
  ['a folder that is not there', ['next', '/nope', '--format', 'json'], 3, /no folder \/nope/],
  ['an option that does not exist', ['status', '--format=json', '--nope'], 2, /unknown option '--nope'/],
  ['an option that makes no sense', ['probe', '--format', 'json', '--yes'], 2, /--yes answers the question of --pin/],
  ['a job that is not there', ['describe', 'nope', fleet.repository.clone, '--format', 'json'], 1, /nope/],
] as const) {
  test(`#19.2 --format json, ${what}: standard error is JSON, an object a line`, async () => {
    const { code, lines } = await said(...words);
    assert.is(code, exit, lines.join('\n'));
    assert.ok(lines.length > 0);
    assert.match(lines.map((line) => JSON.parse(line).message).join('\n'), message);
  });
}

test('#19.2 an error that ends a command tells its exit code; text stays text', async () => {
  const { lines } = await said('probe', '--format', 'json', '--yes');
  assert.is(JSON.parse(lines.at(-1) ?? '').exitCode, 2);
  const plain = await said('probe', '--yes');
  assert.match(plain.lines.join('\n'), /^bmcron: --yes answers/m);
});

test.run();
