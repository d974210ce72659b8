import { badge, byId, counted, h, machineLink, svg, viewLink } from './elements.js';
import { isFound } from './filter.js';
import { createList } from './list.js';
import { time } from './times.js';

const DAY_MS = 86_400_000;
const DAYS = 30;
const SPARKS = 20;
const STATUS_ORDER = { Failed: 0, Running: 1, Pending: 2, Completed: 3 };

/** Jobs: how the last run ended, when the next one is, and how they have fared. */
export function createJobs() {
  const heads = ['Status', 'Job', 'Schedule', 'Last run', 'Next run', 'Recent runs'];
  const list = createList(byId('job-list'), 'jobs-title', headRow(heads), jobRow);
  const orders = {
    next: (a, b) => moment(a.next) - moment(b.next),
    last: (a, b) => moment(b.last, 0) - moment(a.last, 0),
    failed: (a, b) => STATUS_ORDER[a.status] - STATUS_ORDER[b.status] || moment(b.last, 0) - moment(a.last, 0),
    name: () => 0,
  };
  return {
    show(jobs, order) {
      list.show(jobs.toSorted((a, b) => orders[order](a, b) || compareTexts(a.name, b.name)));
    },
  };
}

const { compare: compareTexts } = new Intl.Collator();

function moment(text, otherwise = Number.MAX_SAFE_INTEGER) {
  return text === null ? otherwise : Date.parse(text);
}

function headRow(names) {
  return h(
    'div',
    { role: 'row', 'aria-rowindex': 1 },
    names.map((name) => h('div', { role: 'columnheader' }, name)),
  );
}

function cell(...children) {
  return h('div', { role: 'cell' }, ...children);
}

function jobRow(job) {
  const last = job.last === null ? null : Date.parse(job.last);
  const next = job.next === null ? null : Date.parse(job.next);
  const note =
    job.invalid !== null ? 'refused edit' : job.suspended ? 'suspended' : job.blocked !== null ? 'blocked' : null;
  return h(
    'div',
    {},
    cell(badge(job.status)),
    cell(
      viewLink('jobs', job.id, job.name),
      note && h('span', { class: job.invalid ? 'note warn' : 'note', title: job.invalid ?? job.blocked ?? '' }, note),
      h('small', {}, `${job.action} on ${counted(job.machines, 'machine')}`),
    ),
    cell(job.schedule),
    named('last', time(last)),
    named('next', time(next)),
    cell(sparkline(job.endings)),
  );
}

/** A cell that says its column's name where the columns have no head. */
function named(name, ...children) {
  return h('div', { role: 'cell', 'data-name': name }, ...children);
}

/** The outcomes of the latest runs, oldest first: a low bar for what went well, a high one for what did not. */
export function sparkline(endings) {
  const failed = endings.filter(([, , failures]) => failures > 0).length;
  const text = endings.length ? `${endings.length - failed} completed, ${failed} failed` : 'no runs yet';
  const empty = Array.from({ length: SPARKS - Math.min(SPARKS, endings.length) }, () => null);
  const bars = [...empty, ...endings.slice(-SPARKS)].map((ending, index) => {
    const kind = ending === null ? 'none' : ending[2] > 0 ? 'bad' : 'good';
    const height = { none: 3, good: 9, bad: 18 }[kind];
    return svg('rect', { x: index * 5, y: 18 - height, width: 4, height, rx: 1, class: kind });
  });
  return svg(
    'svg',
    { viewBox: '0 0 100 18', width: 100, height: 18, class: 'spark', role: 'img', 'aria-label': text },
    ...bars,
  );
}

/** Machines by day: a row each, a square a day. */
export function createMachines({ now }) {
  const container = byId('machine-list');
  const today = Math.floor(now() / DAY_MS);
  const dates = Array.from({ length: DAYS }, (_, index) => today - DAYS + 1 + index);
  const labels = dates.map((day, index) => {
    return h('span', {}, (DAYS - 1 - index) % 7 === 0 ? new Date(day * DAY_MS).toISOString().slice(5, 10) : '');
  });
  const days = h(
    'div',
    { role: 'columnheader', class: 'days' },
    h('span', { class: 'unseen' }, 'The last 30 days'),
    labels,
  );
  const head = h('div', { role: 'row', 'aria-rowindex': 1 }, h('div', { role: 'columnheader' }, 'Machine'), days);
  const list = createList(container, 'machines-title', head, (machine) =>
    machineRow(machine, Math.floor(now() / DAY_MS)),
  );
  return { show: (machines) => list.show(machines) };
}

function machineRow({ id, name, failing, days }, today) {
  return h(
    'div',
    { class: failing === '' ? null : 'failing' },
    cell(
      failing !== '' && h('span', { class: 'cross', role: 'img', 'aria-label': 'failed' }, '✕'),
      machineLink(id),
      failing === '' ? name && h('small', {}, name) : h('small', { class: 'error', title: failing }, failing),
    ),
    h('div', { role: 'cell', class: 'days' }, dayCells(days, today)),
  );
}

/** Thirty days as squares, and in words for who does not see them. */
export function dayCells(days, today) {
  const tallies = new Map(days.map(([day, good, bad]) => [day, [good, bad]]));
  const cells = Array.from({ length: DAYS }, (_, index) => {
    const day = today - DAYS + 1 + index;
    const [good, bad] = tallies.get(day) ?? [0, 0];
    const kind = good + bad === 0 ? '' : bad === 0 ? 'good' : good === 0 ? 'bad' : 'part';
    const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
    return h('i', { class: `cell ${kind}`, title: `${date}: ${good} succeeded, ${bad} failed` });
  });
  const [good, bad] = days.reduce(([a, b], [, more, worse]) => [a + more, b + worse], [0, 0]);
  const failing = days
    .filter(([, , worse]) => worse > 0)
    .map(([day]) => new Date(day * DAY_MS).toISOString().slice(5, 10));
  const text = `30 days: ${good} succeeded, ${bad} failed${failing.length ? `, on ${failing.join(', ')}` : ''}`;
  return [h('span', { class: 'unseen' }, text), cells];
}

/** What goes on this very moment. */
export function drawRunning(running, jobs, { next, words }) {
  const shown = running.filter(({ job, run }) => isFound(words, [job, jobs.get(job)?.name ?? '', run, 'running']));
  byId('running').replaceChildren(
    ...shown.map(({ run, job, start, machines, done, failed }) => {
      const label = `${done} of ${counted(machines, 'machine')}${failed ? `, ${failed} failed` : ''}`;
      return h(
        'li',
        {},
        viewLink('runs', run, jobs.get(job)?.name ?? job),
        h('progress', { max: machines, value: done, 'aria-label': label }),
        h('span', {}, label),
        h('small', {}, 'started ', time(Date.parse(start))),
      );
    }),
    ...(running.length === 0 ? [h('li', { class: 'idle' }, idle(next))] : []),
  );
}

function idle(next) {
  if (!next) return 'Nothing runs, and nothing is due.';
  return ['Nothing runs. Next: ', viewLink('jobs', next.id, next.name), ', ', time(Date.parse(next.next)), '.'];
}
