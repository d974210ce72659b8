import { badge, counted, details, h, table, td, viewLink } from '../elements.js';
import { dayCells } from '../lists.js';
import { both, time } from '../times.js';
import { problemItem } from '../trouble.js';
import { lastContent, outcomeMark } from './parts.js';

const DAY_MS = 86_400_000;
const COMING = 10;

/** A machine: why it fails, what it is, what each job last did there, what comes. */
export function showMachine({ id, inventory, holds, jobs, total, former, problems }, { state, now, links, actions }) {
  const failing = jobs.filter(({ last }) => last?.since);
  const row = state.machines.get(id);
  return {
    heading: inventory?.Name ? `${id}, ${inventory.Name}` : id,
    buttons: [],
    content: [
      failing.length > 0 &&
        h(
          'ul',
          { class: 'failures' },
          failing.map((each) => failure(each, state, actions, links)),
        ),
      [...holds, ...blocked(jobs, state)].map((text) => h('p', { class: 'hold' }, text)),
      inventory
        ? facts(inventory, jobs, failing, links, state)
        : h('p', { class: 'hold' }, 'It is not in the inventory.'),
      h('h3', {}, 'What jobs last did here'),
      jobs.length === 0 ? h('p', { class: 'idle' }, 'No job reaches it.') : jobTable(jobs, state, links),
      total > jobs.length && h('p', {}, `and ${total - jobs.length} more jobs: filter by “${id}” for all of them`),
      former.length > 0 && formerJobs(former, links),
      coming(jobs, state),
      row && h('h3', {}, 'The last 30 days'),
      row && h('div', { class: 'days' }, dayCells(row.days, Math.floor(now() / DAY_MS))),
      problems.length > 0 && h('h3', {}, 'Problems in its file'),
      problems.length > 0 && h('ul', { class: 'problems' }, problems.map(problemItem)),
    ],
  };
}

function nameOf(state, job) {
  return state.jobs.get(job)?.name ?? job;
}

/** The reason, whole, before everything else. */
function failure({ id, last }, state, actions, links) {
  return h(
    'li',
    {},
    h('p', { class: 'error' }, last.error),
    h(
      'p',
      {},
      viewLink('jobs', id, nameOf(state, id)),
      ' failed ',
      viewLink('runs', last.run, time(Date.parse(last.at))),
      last.since < last.at && [', each time since ', both(Date.parse(last.since))],
    ),
    last.record && h('small', {}, links.log(last.record.path)),
    actions.retry(id, [last.machine]),
  );
}

function blocked(jobs, state) {
  return jobs.flatMap(({ id }) => {
    const row = state.jobs.get(id);
    return row?.blocked ? [`${row.name}: ${row.blocked}`] : [];
  });
}

function facts(inventory, jobs, failing, links, state) {
  const { Type, Timeout, Labels, Identity, host, site, file } = inventory;
  const ran = jobs.some(({ last }) => last);
  const labels = Object.entries(Labels ?? {}).map(([key, value]) => h('span', { class: 'label' }, `${key}=${value}`));
  return details([
    ['State', badge(failing.length > 0 ? 'Failed' : ran ? 'Completed' : 'Pending')],
    ['BMC', h('code', { class: 'whole' }, host)],
    site !== null && ['Site', site],
    labels.length > 0 && ['Labels', labels],
    Identity && [
      'Identity',
      Object.entries(Identity)
        .map(([key, value]) => `${key} ${value}`)
        .join(', '),
    ],
    ['Kind', `${Type}, at most ${Timeout} a run`],
    file !== null && ['Inventory', links.manifest(file, state.facts.commit)],
  ]);
}

function jobTable(jobs, state, links) {
  return table(
    'What jobs last did here',
    ['Job', 'Last', 'Old → new', 'Next run'],
    jobs.map(({ id, last }) => {
      const row = state.jobs.get(id);
      return h(
        'tr',
        { class: last?.since ? 'bad' : null },
        h('th', { scope: 'row' }, viewLink('jobs', id, nameOf(state, id)), row && h('small', {}, row.action)),
        td(
          'Last',
          last ? [outcomeMark(last), h('small', {}, viewLink('runs', last.run, time(Date.parse(last.at))))] : 'never',
        ),
        td('Old → new', last && lastContent(last, links)),
        td('Next run', row?.suspended ? 'suspended' : time(row?.next ? Date.parse(row.next) : null)),
      );
    }),
  );
}

function formerJobs(former, links) {
  const rows = former.map((last) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, last.job),
      td('Last', outcomeMark(last), h('small', {}, time(Date.parse(last.at)))),
      td('Old → new', lastContent(last, links)),
    ),
  );
  return h(
    'details',
    {},
    h('summary', {}, `${counted(former.length, 'job')} that reach it no more`),
    table('Jobs that reach it no more', ['Job', 'Last', 'Old → new'], rows),
  );
}

function coming(jobs, state) {
  const runs = jobs.flatMap(({ id }) => (state.jobs.get(id)?.coming ?? []).map((at) => ({ at: at * 1000, id })));
  runs.sort((a, b) => a.at - b.at);
  return [
    h('h3', {}, 'Coming runs'),
    runs.length === 0
      ? h('p', { class: 'idle' }, 'None in the next week.')
      : h(
          'ul',
          { class: 'runs' },
          runs.slice(0, COMING).map(({ at, id }) => h('li', {}, both(at), viewLink('jobs', id, nameOf(state, id)))),
        ),
  ];
}
