import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openBrowser, openPage, picture, violations } from '../support/browser.ts';
import { job, openTestService, type TestService, until } from '../support/service.ts';

const LONG = 'fra1-dc2-row07-rack017-shelf02-node-0042-bmc';
let server: TestService;
let browser: Browser;
/** Machines that answer nobody. */
const away = new Set(['machine-2']);

test.before(async () => {
  server = await openTestService({
    executor: (real) => ({
      ...real,
      async execute(part, signal) {
        if (!away.has(part.machine.ID)) return real.execute(part, signal);
        const error = 'transient: https://10.0.0.2: connection refused';
        return { machine: part.machine.ID, outcome: 'Unreachable', entries: [], error };
      },
    }),
    async prepare({ repository }) {
      const both = job({ Name: 'Both', Machines: ['machine-1', 'machine-2'], Trigger: 'now' });
      await writeFile(join(repository.clone, 'jobs', 'both.yaml'), JSON.stringify(both));
      const Waves = [
        { Name: 'canary', Machines: ['machine-3'] },
        { Name: 'rest', Rest: true },
      ];
      const slow = job({ Name: 'Slow', Machines: ['machine-1', 'machine-3'], Rollout: { Waves }, Suspend: true });
      await writeFile(join(repository.clone, 'jobs', 'slow.yaml'), JSON.stringify(slow));
      const far = { ID: LONG, Type: 'Base', Endpoint: 'https://127.0.0.1:1' };
      await writeFile(join(repository.clone, 'machines', 'far.yaml'), JSON.stringify(far));
      await repository.commit('Add a job of two machines, one in waves, and a machine of a long name');
    },
  });
  browser = await openBrowser();
});
test.after(async () => {
  await browser.close();
  await server.stop();
});

/** What is committed last by a person's name. */
const written = () => server.fleet.repository.ask('log', '-1', '--author=alice', '--format=%an %s', 'main');

async function signIn(page: Page): Promise<void> {
  await page.locator('#sign').click();
  await page.locator('#secret').fill('sesame');
  await page.keyboard.press('Enter');
  await page.locator('#sign', { hasText: 'Sign out' }).waitFor();
}

async function commit(page: Page): Promise<void> {
  await page.locator('#dialog-do').click();
  await page.locator('#dialog-answer', { hasText: 'Committed, pushed and in force.' }).waitFor();
  await page.locator('#dialog-close').click();
}

test('what failed alone is tried again, and is in trouble no more once that went well', async () => {
  const { page, errors, close } = await openPage(browser, server.serving.origin);
  await page.locator('#trouble .group h3', { hasText: '1 × connection refused' }).waitFor();
  await signIn(page);
  await page.locator('#trouble .what a').click();
  away.clear();
  await page.locator('#view-actions button', { hasText: 'Retry machine-2' }).click();
  await commit(page);
  assert.match((await written()).trim(), /^alice Create job retry-of-both-/);
  const retried = await until(() =>
    server.events.find((event) => event.event === 'finished' && /^retry/.test(event.job)),
  );
  assert.ok(retried.event === 'finished' && retried.failed === 0);
  await page.locator('.way a').click();
  await page.locator('#trouble-title', { hasText: 'All is well' }).waitFor();
  assert.equal(errors, []);
  await close();
});

test('without a token nothing can be done, with one a job is run, suspended, resumed, each by a commit', async () => {
  const { page, errors, close } = await openPage(browser, `${server.serving.origin}/#/jobs/first-run`);
  await page.locator('#view pre').waitFor();
  assert.is(await page.locator('#view-actions button').count(), 0);
  await signIn(page);
  await page.locator('#view-actions button', { hasText: 'Run now' }).click();
  assert.match((await page.locator('#dialog-text').textContent()) ?? '', /^PatchProfile on 3 machines, at once\./);
  assert.equal(await violations(page), []);
  await picture(page, 'page-act');
  await page.locator('#dialog-close').click();
  assert.match(await written(), /Create job retry/, 'a question changes nothing');
  await page.locator('#view-actions button', { hasText: 'Run now' }).click();
  await commit(page);
  assert.is((await written()).trim(), 'alice Trigger job first-run');
  await page.locator('#view .runs .badge').first().waitFor();
  await page.locator('#view-actions button', { hasText: 'Suspend' }).click();
  await commit(page);
  await page.locator('#view-actions button', { hasText: 'Resume' }).click();
  await commit(page);
  assert.is((await written()).trim(), 'alice Change job first-run: Suspend');
  await page.locator('#sign').click();
  assert.is(await page.locator('#view-actions button').count(), 0);
  assert.equal(errors, []);
  await close();
});

for (const width of [1280, 390]) {
  test(`a long machine ID is cut in its middle, and keeps what tells it apart: ${width} px`, async () => {
    const { page, close } = await openPage(browser, server.serving.origin, { viewport: { width, height: 844 } });
    await page.locator('#filter').fill(LONG);
    const name = page.locator('#machine-list .cut', { hasText: LONG });
    const [cell, end] = await Promise.all([
      name.locator('xpath=../..').boundingBox(),
      name.locator('.end').boundingBox(),
    ]);
    assert.ok(cell && end && end.x + end.width <= cell.x + cell.width, 'its end is seen');
    const start = await name.locator('.start').evaluate((element) => [element.scrollWidth, element.clientWidth]);
    assert.ok((start[0] ?? 0) > (start[1] ?? 0), 'its middle is not');
    await close();
  });
}

test('the waves of a rollout are drawn with their machines', async () => {
  const { page, errors, close } = await openPage(browser, `${server.serving.origin}/#/jobs/slow`);
  const waves = page.locator('#view .wave');
  await waves.first().waitFor();
  const texts = await waves.allTextContents();
  assert.match(texts[0] ?? '', /^canary ● next 1 machine, halts at the 1st failuremachine-3$/);
  assert.match(texts[1] ?? '', /^rest ○ to come 1 machine, .*machine-1$/);
  assert.equal(await violations(page), []);
  await picture(page, 'page-rollout');
  assert.equal(errors, []);
  await close();
});

test('a token that is nobody’s is not taken', async () => {
  const { page, close } = await openPage(browser, `${server.serving.origin}/#/jobs/first-run`);
  await page.locator('#view pre').waitFor();
  await page.locator('#sign').click();
  await page.locator('#secret').fill('guessed');
  await page.keyboard.press('Enter');
  await page.locator('#token-label', { hasText: 'no such token' }).waitFor();
  assert.is(await page.evaluate('sessionStorage.length'), 0);
  assert.is(await page.locator('#view-actions button').count(), 0);
  await page.locator('#token-cancel').click();
  assert.not.ok(await page.locator('#token').isVisible());
  await close();
});

test('where a token is needed the page asks for it, and keeps it to this tab', async () => {
  const open = await openTestService({ serving: { listen: '0.0.0.0:0' } });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${new URL(open.serving.origin).port}/`);
  await page.locator('#secret').fill('sesame');
  await page.keyboard.press('Enter');
  await page.locator('#link[data-link="live"]').waitFor();
  await page.locator('#job-list', { hasText: 'First run' }).waitFor();
  await context.close();
  await open.stop();
});

test.run();
