import { byId, createList, h, relative, svg, time } from './elements.js';

const DAY_MS = 86_400_000;
const DAYS = 30;
const SPARKS = 20;
const STATUS_ORDER = { Running: 0, Failed: 1, Pending: 2, Completed: 3 };

/** Jobs: how the last run ended, when the next one is, and how they have fared. */
export function createJobs({ open, now }) {
  const heads = ['Status', 'Job', 'Schedule', 'Last run', 'Next run', 'Recent runs'];
  const list = createList(byId('job-list'), 'jobs-title', headRow(heads), (job) => jobRow(job, now(), open));
  const orders = {
    next: (a, b) => moment(a.next) - moment(b.next),
    last: (a, b) => moment(b.last, 0) - moment(a.last, 0),
    failed: (a, b) => STATUS_ORDER[a.status] - STATUS_ORDER[b.status] || (a.status === 'Failed' ? -1 : 0),
    name: () => 0,
  };
  return {
    show(jobs, order, mark) {
      list.show(
        jobs.toSorted((a, b) => orders[order](a, b) || a.name.localeCompare(b.name)),
        mark,
      );
    },
  };
}

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

/** An outcome in colour, shape and word. */
export function badge(status) {
  return h('span', { class: `badge ${status.toLowerCase()}` }, status);
}

function jobRow(job, now, open) {
  const last = job.last === null ? null : Date.parse(job.last);
  const next = job.next === null ? null : Date.parse(job.next);
  const note =
    job.invalid !== null ? 'refused edit' : job.suspended ? 'suspended' : job.blocked !== null ? 'blocked' : null;
  return h(
    'div',
    {},
    cell(badge(job.status)),
    cell(
      h('button', { class: 'plain', onclick: () => open(job.id) }, job.name),
      note && h('span', { class: job.invalid ? 'note warn' : 'note', title: job.invalid ?? job.blocked ?? '' }, note),
      h('small', {}, `${job.action} on ${job.machines === 1 ? '1 machine' : `${job.machines} machines`}`),
    ),
    cell(job.schedule),
    cell(time(last, now)),
    cell(time(next, now)),
    cell(sparkline(job.endings)),
  );
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

function machineRow({ id, name, days }, today) {
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
  return h(
    'div',
    {},
    cell(h('span', { class: 'machine' }, id), name && h('small', {}, name)),
    h('div', { role: 'cell', class: 'days' }, h('span', { class: 'unseen' }, text), cells),
  );
}

/** What goes on this very moment. */
export function drawRunning(running, jobs, { open, now, next }) {
  byId('running').replaceChildren(
    ...running.map(({ run, job, start, machines, done, failed }) => {
      const label = `${done} of ${machines} machines${failed ? `, ${failed} failed` : ''}`;
      return h(
        'li',
        {},
        h('button', { class: 'plain', onclick: () => open(run) }, jobs.get(job)?.name ?? job),
        h('progress', { max: machines, value: done, 'aria-label': label }),
        h('span', {}, label),
        h('small', {}, 'started ', time(Date.parse(start), now)),
      );
    }),
    ...(running.length === 0 ? [h('li', { class: 'idle' }, idle(next, now))] : []),
  );
}

function idle(next, now) {
  if (!next) return 'Nothing runs, and nothing is due.';
  return `Nothing runs. Next: ${next.name}, ${relative(Date.parse(next.next), now)}.`;
}

/** Why manifests are refused, and where. */
export function drawProblems(problems, total) {
  const items = problems.map(({ file, line, column, path, message, rule, severity }) =>
    h(
      'li',
      { class: severity },
      h('code', {}, `${file}:${line}:${column}`),
      h('span', {}, ` ${path}: ${message} `),
      h('small', {}, `${rule}, ${severity}`),
    ),
  );
  if (total > problems.length) items.push(h('li', {}, `and ${total - problems.length} more`));
  byId('problems').replaceChildren(
    ...(items.length ? items : [h('li', { class: 'idle' }, 'None: every manifest is in force.')]),
  );
}
