import { absolute, byId, commitLink, h, relative } from './elements.js';
import { createJobs, createMachines, drawProblems, drawRunning } from './lists.js';
import { createDialog } from './run.js';
import { createStore, keepToken } from './store.js';
import { createTimeline } from './timeline.js';

const REDRAW_MS = 60;
const TICK_MS = 15_000;
const LINKS = { connecting: 'connecting', live: 'live', reconnecting: 'connection lost, trying again' };

let timer = null;
let mark = 0;
const pending = { jobs: true, machines: true, running: true, problems: true, facts: true };

const store = createStore({
  changed(delta) {
    for (const part of Object.keys(pending)) if (delta[part]) pending[part] = true;
    if (delta.gone) pending.jobs = true;
    if (delta.machinesGone) pending.machines = true;
    soon();
    dialog.refresh(delta);
  },
  linked(how) {
    byId('link').textContent = LINKS[how];
    byId('link').dataset.link = how;
  },
  refused: askForToken,
});
const { state, now } = store;
const dialog = createDialog({ state, now });
const timeline = createTimeline({ open: dialog.openJob, now });
const jobs = createJobs({ open: dialog.openJob, now });
const machines = createMachines({ now });

/** Draws once for all that changes in a moment. */
function soon() {
  if (timer === null) timer = setTimeout(draw, REDRAW_MS);
}

/** What the filter leaves: every word must be found somewhere. */
function matching(texts) {
  const words = byId('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = texts.join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

function draw() {
  timer = null;
  if (pending.jobs) drawJobs();
  if (pending.machines) {
    const found = [...state.machines.values()].filter(({ id, name }) => matching([id, name]));
    machines.show(found);
    byId('machines-title').textContent = `Machines by day (${counted(found.length, state.machines.size)})`;
  }
  if (pending.running || pending.jobs) {
    drawRunning(state.running, state.jobs, { open: dialog.openRun, now: now(), next: nextJob() });
  }
  if (pending.problems) drawProblems(state.problems, state.facts.problems);
  drawFacts();
  for (const part of Object.keys(pending)) pending[part] = false;
}

function drawJobs() {
  const found = [...state.jobs.values()].filter(({ id, name, action, status, file, schedule, suspended }) =>
    matching([id, name, action, status, file, schedule, suspended ? 'suspended' : '']),
  );
  jobs.show(found, byId('order').value, String(mark));
  timeline.show(found);
  byId('jobs-title').textContent = `Jobs (${counted(found.length, state.jobs.size)})`;
}

function counted(found, all) {
  return found === all ? `${all}` : `${found} of ${all}`;
}

function nextJob() {
  let first = null;
  for (const job of state.jobs.values()) {
    if (job.next !== null && (first === null || job.next < first.next)) first = job;
  }
  return first;
}

function drawFacts() {
  const { commit, workers, active, waiting, problems, unpushed } = state.facts;
  const failed = [...state.jobs.values()].filter(({ status }) => status === 'Failed').length;
  const next = nextJob();
  const tiles = [
    ['Running', `${active} of ${workers} workers${waiting > 0 ? `, ${waiting} waiting` : ''}`],
    [
      'Next run',
      next ? relative(Date.parse(next.next), now()) : 'none',
      next ? `${next.name}, ${absolute(Date.parse(next.next))}` : '',
    ],
    ['Jobs', String(state.jobs.size)],
    ['Last run failed', String(failed), '', failed > 0 ? 'bad' : ''],
    ['Machines', String(state.machines.size)],
    ['Problems', String(problems), '', problems > 0 ? 'warn' : ''],
    ...(unpushed > 0 ? [['Not yet in Git', `${unpushed} results`, '', 'warn']] : []),
  ];
  byId('tiles').replaceChildren(
    ...tiles.map(([term, value, title = '', kind = '']) => {
      return h('div', { class: `tile ${kind}`, title: title || null }, h('dt', {}, term), h('dd', {}, value));
    }),
  );
  byId('facts').replaceChildren('at commit ', commitLink(state.commits, commit));
}

/** Resolves when the visitor has given a token. */
function askForToken() {
  const form = byId('token');
  form.hidden = false;
  byId('secret').focus();
  return new Promise((resolve) => {
    form.addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        keepToken(byId('secret').value.trim());
        byId('secret').value = '';
        form.hidden = true;
        resolve();
      },
      { once: true },
    );
  });
}

function redrawLists() {
  pending.jobs = true;
  pending.machines = true;
  soon();
}

byId('filter').addEventListener('input', redrawLists);
byId('order').addEventListener('change', redrawLists);
setInterval(() => {
  mark += 1; // "in 5 min" becomes "in 4 min"
  redrawLists();
}, TICK_MS);
store.run();
