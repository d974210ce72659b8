import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openBrowser, openPage, openWay, picture, violations } from '../support/browser.ts';
import { DEMO_JOBS } from '../support/examples.ts';
import { JOBS, job, openTestService, type TestService, until } from '../support/service.ts';

const EVIL = '<img src=x onerror=alert(1)>';
let server: TestService;
let browser: Browser;
let release = () => {};
let held: Promise<void> | null = null;

test.before(async () => {
  server = await openTestService({
    executor: (real) => ({
      ...real,
      async execute(part, signal) {
        await held;
        return real.execute(part, signal);
      },
    }),
    async prepare({ repository }) {
      const file = (name: string, text: string) => writeFile(join(repository.clone, 'jobs', name), text);
      await file('evil.yaml', JSON.stringify(job({ Name: EVIL })));
      await file(
        'absent.yaml',
        JSON.stringify(
          job({ Name: 'No such manager', Payload: { ManagerID: 'nobody', Payload: { Profile: 'Balanced' } } }),
        ),
      );
      await file('broken.yaml', '# refused\nName: Broken\nMachines: [machine-1]\nAction: Nothing\n');
      await repository.commit('Add what goes wrong');
    },
  });
  browser = await openBrowser();
});
test.after(async () => {
  await browser.close();
  await server.stop();
});

const trigger = (id: string) => server.ask(`${JOBS}/${id}/Actions/Trigger`, { method: 'POST', token: 'sesame' });
const row = (page: Page, name: string) => page.locator('#job-list .rows [role=row]', { hasText: name });

/** Runs a job to its end. */
async function runs(id: string): Promise<void> {
  assert.is((await trigger(id)).status, 202);
  await until(() => server.events.some((event) => event.event === 'finished' && event.job === id));
}

test('a run is seen live, and opened to its machines, old and new values', async () => {
  const { page, errors, close } = await openPage(browser, server.serving.origin);
  held = new Promise((resolve) => {
    release = resolve;
  });
  assert.is((await trigger('first-run')).status, 202);
  await page.locator('#running li', { hasText: 'First run' }).waitFor();
  assert.is(await page.locator('#running progress').getAttribute('aria-label'), '0 of 3 machines');
  await picture(page, 'page-running');
  await page.locator('#running button').click();
  await page.locator('#dialog .waiting').first().waitFor();
  release();
  await page.locator('#dialog .badge.completed').waitFor();
  await page.locator('#dialog .change ins', { hasText: 'PowerSaver' }).first().waitFor();
  assert.is(await page.locator('#dialog .change del').first().textContent(), 'Performance');
  assert.is(await page.locator('#dialog tbody tr').count(), 3);
  assert.match((await page.locator('#dialog td small').first().textContent()) ?? '', /^logs\/\d{4}\/.*_success\.json$/);
  assert.equal(await violations(page), []);
  await picture(page, 'page-run');
  await page.keyboard.press('Escape');
  await row(page, 'First run').locator('.badge.completed').waitFor();
  await page.locator('#running .idle').waitFor();
  assert.is(await page.locator('#machine-list .cell.good').count(), 3);
  assert.equal(errors, []);
  await close();
});

test('a failure shows what failed, and a problem its file and line', async () => {
  await runs('absent');
  const { page, errors, close } = await openPage(browser, server.serving.origin);
  await row(page, 'No such manager').locator('button').click();
  await page.locator('#dialog .runs button').first().click();
  await page.locator('#dialog td .error', { hasText: 'permanent' }).waitFor();
  await picture(page, 'page-failed');
  await page.keyboard.press('Escape');
  assert.match((await page.locator('#problems code').first().textContent()) ?? '', /^jobs\/broken\.yaml:\d+:\d+$/);
  assert.equal(errors, []);
  await close();
});

test('names are text, whatever they look like', async () => {
  const { page, errors, close } = await openPage(browser, server.serving.origin);
  await row(page, EVIL).waitFor();
  assert.is(await page.locator('main img').count(), 0);
  await row(page, EVIL).locator('button').click();
  assert.is(await page.locator('#dialog-title').textContent(), EVIL);
  assert.equal(errors, []);
  await close();
});

test('the filter leaves what fits, the timeline too, and is reached by keyboard', async () => {
  const { page, errors, close } = await openPage(browser, server.serving.origin);
  await page.locator('#filter').fill('patchprofile nightly');
  await page.locator('#jobs-title', { hasText: `Jobs (1 of ${DEMO_JOBS + 2})` }).waitFor();
  assert.is(await page.locator('#job-list .rows [role=row]').count(), 1);
  assert.is(await page.locator('#timeline .bin:not(.none)').count(), 1);
  await page.locator('#timeline').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('PageDown');
  assert.match(
    (await page.locator('#timeline').getAttribute('aria-valuetext')) ?? '',
    /22:00.*1 run: Nightly PowerSaver/,
  );
  await page.locator('#span input[value=week]').check();
  assert.is(await page.locator('#timeline .bin:not(.none)').count(), 7);
  await page.locator('#filter').fill('zzz');
  await page.locator('#jobs-title', { hasText: `Jobs (0 of ${DEMO_JOBS + 2})` }).waitFor();
  await page.locator('#filter').fill('');
  await page.locator('#order').selectOption('name');
  await row(page, EVIL).waitFor();
  await page.locator('#job-list').focus();
  await page.keyboard.press('Tab');
  assert.is(await page.evaluate('document.activeElement.textContent'), EVIL);
  await page.keyboard.press('Enter');
  await page.locator('#dialog[open]').waitFor();
  assert.is(await page.locator('#dialog-title').textContent(), EVIL);
  assert.equal(errors, []);
  await close();
});

test('it survives a lost connection, and then knows what happened meanwhile', async () => {
  const way = await openWay(server.serving.origin);
  const { page, errors, close } = await openPage(browser, way.origin);
  way.cut();
  await page.locator('#link[data-link="reconnecting"]').waitFor();
  await runs('evil');
  way.mend();
  await page.locator('#link[data-link="live"]').waitFor();
  await row(page, EVIL).locator('.badge.completed').waitFor();
  assert.equal(
    errors.filter((error) => !/net::ERR_/.test(error)),
    [],
  );
  await close();
  way.close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, viewport] of [
    ['wide', { width: 1280, height: 900 }],
    ['narrow', { width: 360, height: 740 }],
  ] as const) {
    test(`axe-core finds nothing, and nothing is cut off: ${colorScheme}, ${name}`, async () => {
      const { page, errors, close } = await openPage(browser, server.serving.origin, { colorScheme, viewport });
      await row(page, 'First run').waitFor();
      assert.equal(await violations(page), []);
      const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      assert.ok(beyond <= 0, `${beyond} px too wide`);
      await picture(page, `page-${colorScheme}-${name}`);
      await row(page, 'First run').locator('button').click();
      assert.equal(await violations(page), []);
      await picture(page, `page-${colorScheme}-${name}-job`);
      assert.equal(errors, []);
      await close();
    });
  }
}

test('nothing comes from elsewhere', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).origin));
  await page.goto(server.serving.origin);
  await page.locator('#link[data-link="live"]').waitFor();
  assert.equal([...new Set(asked)], [server.serving.origin]);
  await context.close();
});

test('where a token is needed the page asks for it, and keeps it to this tab', async () => {
  const open = await openTestService({ serving: { listen: '0.0.0.0:0' } });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${new URL(open.serving.origin).port}/`);
  await page.locator('#secret').fill('sesame');
  await page.keyboard.press('Enter');
  await page.locator('#link[data-link="live"]').waitFor();
  await row(page, 'First run').waitFor();
  await context.close();
  await open.stop();
});

test.run();
