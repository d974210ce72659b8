import { badge, counted, details, h, machineLink, table, td, viewLink } from '../elements.js';
import { sparkline } from '../lists.js';
import { ask } from '../store.js';
import { both, exact, time } from '../times.js';
import { problemItem } from '../trouble.js';
import { lastContent, moreButton, outcomeMark } from './parts.js';

/** A job: what it does to which machines, when, and what came of it. */
export function showJob(view, { state, links, actions }) {
  const job = state.jobs.get(view.id);
  if (!job)
    return { heading: view.id, buttons: [], content: [h('p', { class: 'idle' }, 'It is not in force any more.')] };
  const runs = job.endings.toReversed().map(endedRun);
  const going = state.running.filter((each) => each.job === view.id).map(runningRun);
  const frame = machineTable(view.machines, links);
  return {
    heading: job.name,
    buttons: actions.ofJob(job, view),
    content: [
      facts(view, job, links),
      view.problems.length > 0 && h('ul', { class: 'problems' }, view.problems.map(problemItem)),
      view.rollout !== null && rollout(view),
      h('h3', {}, 'Payload'),
      h('pre', { tabindex: 0 }, h('code', {}, JSON.stringify(view.payload, null, 2))),
      h('h3', {}, 'Recent runs ', sparkline(job.endings)),
      h(
        'ul',
        { class: 'runs' },
        going,
        runs,
        going.length + runs.length === 0 && h('li', { class: 'idle' }, 'None is remembered.'),
      ),
      h('h3', {}, `Machines (${view.total})`),
      frame,
      moreButton(frame, view.machines.length, view.total, (from) => moreMachines(view.id, from, links)),
    ],
  };
}

const WAVES = {
  passed: '✓ passed',
  next: '● next',
  soaking: '◷ soaks',
  halted: '✕ halted',
  coming: '○ to come',
};

/** The waves in their order, each with its machines. */
function rollout({ rollout: { waves, halt, soakEnd, spent }, failing }) {
  const failed = new Set(failing);
  return [
    h('h3', {}, 'Rollout'),
    halt !== null && h('p', { class: 'hold' }, halt),
    soakEnd !== null && h('p', {}, 'left alone until ', both(Date.parse(soakEnd))),
    h(
      'ol',
      { class: 'waves' },
      waves.map((wave) => waveItem(wave, failed)),
    ),
    spent !== null && h('p', {}, h('small', {}, `so far ${spent.Failed} failed, ${spent.Unreachable} not reached`)),
  ];
}

function waveItem({ name, state, maxFailures, maxConcurrent, total, machines }, failed) {
  const limits = [
    counted(total, 'machine'),
    maxFailures > 0 ? `halts above ${maxFailures} failed` : 'halts at the 1st failure',
    maxConcurrent !== null && `at most ${maxConcurrent} at once`,
  ];
  return h(
    'li',
    { class: `wave ${state}` },
    h('b', {}, name),
    ` ${WAVES[state]} `,
    h('small', {}, limits.filter(Boolean).join(', ')),
    h(
      'ul',
      {},
      machines.map((id) => h('li', {}, failed.has(id) && h('span', { class: 'error' }, '✕ '), machineLink(id))),
      total > machines.length && h('li', {}, `and ${total - machines.length} more`),
    ),
  );
}

function facts(view, job, links) {
  const ready = view.conditions.find(({ Type }) => Type === 'Ready');
  return details([
    ['Status', [badge(job.status), ready?.Status === 'False' && h('small', {}, ` ${ready.Message}`)]],
    ['Job', h('code', { class: 'whole' }, view.id)],
    ['Does', `${job.action} on ${counted(view.total, 'machine')}`],
    view.selector && ['Selects', h('code', { class: 'whole' }, JSON.stringify(view.selector))],
    ['Schedule', job.suspended ? `${job.schedule} (suspended)` : job.schedule],
    ['Next runs', nextRuns(view.next, job)],
    job.blocked !== null && ['Blocked', job.blocked],
    view.onBlocked !== null && ['When blocked', view.onBlocked],
    view.confirm !== null && ['Confirmed', counted(view.confirm, 'machine')],
    ['Runs so far', String(job.count)],
    ['Manifest', [links.manifest(job.file, job.commit), ' of ', links.commit(job.commit)]],
    job.invalid && ['Refused edit', h('span', { class: 'error' }, job.invalid)],
    view.lastTrigger && ['Last trigger', `${view.lastTrigger.Outcome}: ${view.lastTrigger.Message}`],
    view.missed.length > 0 && ['Missed', h('ul', {}, view.missed.slice(0, 5).map(missedItem))],
  ]);
}

function missedItem({ Time, Reason }) {
  return h('li', {}, exact(Date.parse(Time)), `: ${Reason}`);
}

/** With the local time of the schedule where it is not UTC, and what a clock change does. */
function nextRuns(next, job) {
  if (job.suspended || job.next === null || next.length === 0) return time(null);
  return h(
    'ul',
    {},
    next.map(({ time: at, local, timeZone, note }) => {
      const here = timeZone === 'UTC' ? '' : ` ${local} ${timeZone}`;
      return h('li', {}, both(Date.parse(at)), h('small', {}, here, note === null ? '' : ` ${note}`));
    }),
  );
}

function endedRun([run, end, failures]) {
  return h(
    'li',
    {},
    badge(failures > 0 ? 'Failed' : 'Completed'),
    viewLink('runs', run, both(Date.parse(end))),
    failures > 0 && h('small', {}, `on ${counted(failures, 'machine')}`),
  );
}

function runningRun({ run, start }) {
  return h('li', {}, badge('Running'), viewLink('runs', run, ['since ', both(Date.parse(start))]));
}

function machineTable(machines, links) {
  const rows = machines.map((each) => machineRow(each, links));
  return table('Machines of the job', ['Machine', 'Last', 'Old → new', 'Fails since'], rows);
}

function machineRow({ machine, last }, links) {
  return h(
    'tr',
    { class: last?.since ? 'bad' : null },
    h('th', { scope: 'row' }, machineLink(machine)),
    td(
      'Last',
      last ? [outcomeMark(last), h('small', {}, viewLink('runs', last.run, time(Date.parse(last.at))))] : 'never',
    ),
    td('Old → new', last && lastContent(last, links)),
    td('Fails since', last?.since ? time(Date.parse(last.since)) : '–'),
  );
}

async function moreMachines(id, from, links) {
  const { machines, total } = await (await ask(`/page/jobs/${encodeURIComponent(id)}?from=${from}`)).json();
  return { added: machines.map((each) => machineRow(each, links)), all: total };
}
