import MarkdownIt from 'markdown-it';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { preview, type View } from '../../definitions/preview/preview.ts';
import { markdown } from '../../definitions/report/markdown.ts';
import { previewReport } from '../../definitions/report/preview-report.ts';
import { job, machines, view } from '../support/pull-request.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const MOST = 60_000;
const PROFILES = ['PowerSaver', 'Balanced', 'Performance'];

/** A thousand jobs on ten of two hundred machines each; the first `changed` of them are otherwise in `second`. */
function fleet(changed: number, second: boolean): View {
  const files: Record<string, string> = { 'machines/all.yaml': machines(200) };
  for (let index = 0; index < 1000; index += 1) {
    const isNew = second && index < changed;
    const on = Array.from({ length: 10 }, (_, each) => `m${((index * 7 + each * 13) % 200) + 1}`).join(', ');
    const time = `${String((index + (isNew ? 1 : 0)) % 24).padStart(2, '0')}:${String(index % 60).padStart(2, '0')}:00`;
    const profile = PROFILES[(index + (isNew ? 1 : 0)) % 3] ?? '';
    const schedule = 'Type: Continuous, TimeZone: Europe/Berlin, Period: { DaysOfWeek: [Monday, Friday] }';
    files[`jobs/team-${index % 10}/job-${index}.yaml`] = job({
      name: `Job ${index}`,
      machines: on,
      time,
      profile,
      schedule,
    });
  }
  return view(files);
}

const text = (base: View, head: View) =>
  markdown(previewReport(preview({ base, head, now: NOW, count: 3, finished: new Set() })), MOST);

test('plan of 1 000 jobs, 50 of them changed, costs about a second of CPU, and fits into a comment', () => {
  const [base, head] = [fleet(50, false), fleet(50, true)];
  const before = process.cpuUsage();
  const comment = text(base, head);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 1_500_000, `${user + system} µs`); // half more: the machine may be busy
  assert.ok(comment.length < MOST, `${comment.length} characters`);
  assert.match(comment, '50 jobs changed');
  assert.is(text(base, head), comment, 'the same bytes each time');
});

test('plan of 1 000 changed jobs is cut below the limit, and says how many more there are', () => {
  const comment = text(fleet(1000, false), fleet(1000, true));
  assert.ok(comment.length < MOST && comment.length > MOST / 2, `${comment.length} characters`);
  const shown = [...comment.matchAll(/^- `team-\d\.job-\d+` on/gm)].length;
  const more = Number(/^- and (\d+) more$/m.exec(comment.slice(comment.indexOf('1000 jobs changed</summary>')))?.[1]);
  assert.is(shown + more, 1000);
  const html = new MarkdownIt({ html: true }).render(comment);
  for (const tag of ['details', 'summary', 'ul']) {
    assert.is(html.split(`<${tag}>`).length, html.split(`</${tag}>`).length, `${tag} is closed`);
  }
});

test('a plan of little is short, and not folded', () => {
  const base = view({ 'machines/all.yaml': machines(1), 'jobs/a.yaml': job() });
  const head = view({ 'machines/all.yaml': machines(1), 'jobs/a.yaml': job({ profile: 'Balanced' }) });
  const comment = text(base, head);
  assert.ok(comment.length < 500, comment);
  assert.not.match(comment, '<details>');
  assert.is(text(base, base), '### bmcron plan: nothing changes\n');
});

test.run();
