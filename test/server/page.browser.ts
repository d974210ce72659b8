import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openBrowser, openPage, openWay, picture, violations } from '../support/browser.ts';
import { DEMO_JOBS } from '../support/examples.ts';
import { JOBS, job, openTestService, type TestService, until } from '../support/service.ts';

const EVIL = '<img src=x onerror=alert(1)>';
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };
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
  await page.locator('#running a').click();
  await page.locator('#view .waiting').first().waitFor();
  release();
  await page.locator('#view .badge.completed').waitFor();
  await page.locator('#view .change ins', { hasText: 'PowerSaver' }).first().waitFor();
  assert.is(await page.locator('#view .change del').first().textContent(), 'Performance');
  assert.is(await page.locator('#view tbody tr').count(), 3);
  assert.match(
    (await page.locator('#view td small code').first().textContent()) ?? '',
    /^logs\/\d{4}\/.*_success\.json$/,
  );
  assert.equal(await violations(page), []);
  await picture(page, 'page-run');
  await page.goBack();
  await row(page, 'First run').locator('.badge.completed').waitFor();
  await page.locator('#running .idle').waitFor();
  assert.is(await page.locator('#machine-list .cell.good').count(), 3);
  assert.is(await page.locator('#timeline .bin.past:not(.none)').count(), 1, 'it is left of now');
  assert.equal(errors, []);
  await close();
});

test('the newest failure is there when the page opens, and a red machine is one click from its reason', async () => {
  await runs('absent');
  for (const viewport of [WIDE, NARROW]) {
    const { page, errors, close } = await openPage(browser, server.serving.origin, { viewport });
    const reason = page.locator('#trouble .group h3').first();
    await reason.waitFor();
    assert.match((await reason.textContent()) ?? '', /^1 × manager nobody: /);
    const trouble = page.locator('#trouble .trouble').first();
    assert.match((await trouble.textContent()) ?? '', /^machine-1No such managerfailed \d+ s ago/);
    const box = await trouble.boundingBox();
    assert.ok(box && box.y + box.height < viewport.height, 'in sight without a scroll');
    const red = page.locator('#machine-list [role=row].failing a');
    assert.is(await red.count(), 1);
    await red.click();
    await page.locator('#view .failures .error', { hasText: 'permanent: manager nobody' }).waitFor();
    assert.is(await page.evaluate('location.hash'), '#/machines/machine-1');
    assert.equal(errors, []);
    await close();
  }
});

test('tiles lead to what is wrong, and a problem has its file and line', async () => {
  const { page, errors, close } = await openPage(browser, server.serving.origin);
  await page.locator('#tiles a', { hasText: 'Last run failed' }).click();
  assert.is(await page.evaluate('location.hash'), '#trouble');
  assert.match((await page.locator('.problems code').first().textContent()) ?? '', /^jobs\/broken\.yaml:\d+:\d+$/);
  assert.equal(errors, []);
  await close();
});

test('machines, jobs and runs have addresses that survive a reload', async () => {
  const { page, errors, close } = await openPage(browser, `${server.serving.origin}/#/machines/machine-1`);
  const title = page.locator('#view-title');
  await page.locator('#view dd', { hasText: '127.0.0.1:' }).first().waitFor();
  assert.match((await title.textContent()) ?? '', /^machine-1/);
  assert.not.ok(await page.locator('#overview').isVisible());
  const jobs = page.locator('#view tbody tr');
  const first = jobs.filter({ hasText: 'First run' });
  assert.is(await first.locator('ins').textContent(), 'PowerSaver');
  assert.match((await jobs.first().textContent()) ?? '', /No such manager.*✕ /, 'the one that fails is the first');
  await picture(page, 'page-machine');
  await jobs.locator('a', { hasText: 'No such manager' }).click();
  await page.locator('#view pre', { hasText: '"ManagerID": "nobody"' }).waitFor();
  assert.is(await page.locator('#view tbody tr a', { hasText: 'machine-1' }).count(), 1);
  assert.is(await page.locator('#view dd .copyable code').first().textContent(), 'jobs/absent.yaml');
  await page.reload();
  await page.locator('#view pre', { hasText: '"ManagerID": "nobody"' }).waitFor();
  await picture(page, 'page-job');
  await page.locator('#view .runs a').first().click();
  await page.locator('#view td .error', { hasText: 'permanent' }).waitFor();
  await page.reload();
  await page.locator('#view td .error', { hasText: 'permanent' }).waitFor();
  await picture(page, 'page-failed');
  await page.goBack();
  await page.locator('#view pre').waitFor();
  assert.is(await title.textContent(), 'No such manager');
  await page.locator('.way a').click();
  await row(page, 'First run').waitFor();
  assert.equal(errors, []);
  await close();
});

test('an address of nothing says so', async () => {
  const { page, close } = await openPage(browser, `${server.serving.origin}/#/machines/none`);
  await page.locator('#view-body .error', { hasText: 'no such machine' }).waitFor();
  await close();
});

test('names are text, whatever they look like', async () => {
  const { page, errors, close } = await openPage(browser, server.serving.origin);
  await row(page, EVIL).waitFor();
  assert.is(await page.locator('main img').count(), 0);
  await row(page, EVIL).locator('a').click();
  await page.locator('#view pre').waitFor();
  assert.is(await page.locator('#view-title').textContent(), EVIL);
  assert.is(await page.locator('main img').count(), 0);
  assert.equal(errors, []);
  await close();
});

test('the filter leaves what fits, the timeline too, and is reached by keyboard', async () => {
  const { page, errors, close } = await openPage(browser, server.serving.origin);
  await page.locator('#filter').fill('patchprofile nightly');
  await page.locator('#jobs-title', { hasText: `Jobs (1 of ${DEMO_JOBS + 2})` }).waitFor();
  assert.is(await page.locator('#job-list .rows [role=row]').count(), 1);
  const coming = page.locator('#timeline .bin:not(.none):not(.past)');
  assert.is(await coming.count(), 1);
  await page.locator('#timeline').focus();
  await page.keyboard.press('End');
  await page.keyboard.press('PageUp');
  assert.match(
    (await page.locator('#timeline').getAttribute('aria-valuetext')) ?? '',
    /22:00.*1 run: Nightly PowerSaver/,
  );
  await page.locator('#span input[value=week]').check();
  assert.is(await coming.count(), 7);
  await page.locator('#filter').fill('zzz');
  await page.locator('#jobs-title', { hasText: `Jobs (0 of ${DEMO_JOBS + 2})` }).waitFor();
  await page.locator('#filter').fill('');
  await page.locator('#order').selectOption('name');
  await row(page, EVIL).waitFor();
  await page.locator('#job-list').focus();
  await page.keyboard.press('Tab');
  assert.is(await page.evaluate('document.activeElement.textContent'), EVIL);
  await page.keyboard.press('Enter');
  await page.locator('#view pre').waitFor();
  assert.is(await page.locator('#view-title').textContent(), EVIL);
  assert.equal(errors, []);
  await close();
});

test('one filter: a machine finds its jobs, a job its machines, failed what has failed', async () => {
  const { page, errors, close } = await openPage(browser, server.serving.origin);
  const found = async (text: string) => {
    await page.locator('#filter').fill(text);
    const titles = page.locator('#jobs-title, #machines-title');
    return (await titles.allTextContents()).map((title) => title.replace(/ of \d+/, ''));
  };
  await row(page, EVIL).waitFor();
  assert.equal(await found('machine-3'), ['Jobs (4)', 'Machines by day (1)']);
  assert.equal(await found('failed'), ['Jobs (1)', 'Machines by day (1)']);
  assert.equal(await found('nobody'), ['Jobs (0)', 'Machines by day (1)']);
  assert.is(await page.locator('#trouble .trouble').count(), 1);
  assert.equal(await found('nightly'), ['Jobs (1)', 'Machines by day (2)']);
  assert.is(await page.locator('#trouble .trouble').count(), 0);
  assert.equal(errors, []);
  await close();
});

test('times go on by themselves, and local ones stand beside UTC where they are asked for', async () => {
  const { page, errors, close } = await openPage(browser, server.serving.origin, { timezoneId: 'Asia/Kolkata' });
  const first = page.locator('#trouble time').first();
  await first.waitFor();
  const before = await first.textContent();
  await until(async () => (await first.textContent()) !== before);
  assert.not.match((await page.locator('#ticks').textContent()) ?? '', /\(/);
  await page.locator('#local').check();
  await page.locator('#ticks', { hasText: '18:00 (23:30)' }).waitFor();
  await page.reload();
  await page.locator('#ticks', { hasText: '(23:30)' }).waitFor();
  assert.equal(errors, []);
  await close();
});

test('it survives a lost connection, and then knows what happened meanwhile', async () => {
  const way = await openWay(server.serving.origin);
  const { page, errors, close } = await openPage(browser, way.origin);
  way.cut();
  await page.locator('#link[data-link="reconnecting"]', { hasText: /as of 20\d\d-.* UTC, \d+ s ago/ }).waitFor();
  assert.is(await page.evaluate("getComputedStyle(document.querySelector('main')).filter"), 'grayscale(1)');
  assert.equal(await violations(page), []);
  await picture(page, 'page-lost');
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
    ['wide', WIDE],
    ['narrow', NARROW],
  ] as const) {
    test(`axe-core finds nothing, and nothing is cut off: ${colorScheme}, ${name}`, async () => {
      const { page, errors, close } = await openPage(browser, server.serving.origin, { colorScheme, viewport });
      await page.locator('#job-list .rows [role=row]').first().waitFor();
      assert.equal(await violations(page), []);
      const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      assert.ok(beyond <= 0, `${beyond} px too wide`);
      await picture(page, `page-${colorScheme}-${name}`);
      for (const [kind, id] of [
        ['jobs', 'first-run'],
        ['machines', 'machine-1'],
      ] as const) {
        await page.goto(`${server.serving.origin}/#/${kind}/${id}`);
        await page.locator('#view tbody tr').first().waitFor();
        assert.equal(await violations(page), []);
        assert.is(await page.evaluate<number>('Math.max(0, document.documentElement.scrollWidth - innerWidth)'), 0);
        await picture(page, `page-${colorScheme}-${name}-${kind}`);
      }
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

test.run();
