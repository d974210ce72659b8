import { byId, h } from './elements.js';
import { createFilter, wordsOf } from './filter.js';
import { createLinks } from './links.js';
import { createJobs, createMachines, drawRunning } from './lists.js';
import { createStore } from './store.js';
import { createTimeline } from './timeline.js';
import { absolute, exact, startTimes, time } from './times.js';
import { createSignIn } from './token.js';
import { createTrouble } from './trouble.js';
import { createActions } from './views/actions.js';
import { createViews } from './views/views.js';

const REDRAW_MS = 60;
const TICK_MS = 15_000;
const PARTS = ['jobs', 'machines', 'running', 'troubles', 'problems', 'facts'];

let timer = null;
const pending = new Set(PARTS);
const signIn = createSignIn();

const store = createStore({
  changed(delta) {
    for (const part of PARTS) if (delta[part]) pending.add(part);
    if (delta.gone) pending.add('jobs');
    if (delta.machinesGone) pending.add('machines');
    soon();
    views.refresh(delta);
  },
  linked: drawLink,
  refused: signIn.ask,
});
const { state, now } = store;
const links = createLinks(state);
const filter = createFilter(state);
const actions = createActions(state);
const views = createViews({ state, now, links, actions });
const timeline = createTimeline({ now });
const jobs = createJobs();
const machines = createMachines({ now });
const trouble = createTrouble(state);

/** Draws once for all that changes in a moment. */
function soon() {
  if (timer === null) timer = setTimeout(draw, REDRAW_MS);
}

function draw() {
  clearTimeout(timer);
  timer = null;
  const words = wordsOf(byId('filter').value);
  if (pending.has('jobs') || pending.has('machines')) drawLists(words);
  if (pending.has('running') || pending.has('jobs')) drawRunning(state.running, state.jobs, { next: nextJob(), words });
  trouble.show(words);
  drawTiles();
  drawFacts();
  signIn.offer(state.service.readOnly);
  pending.clear();
}

function drawLists(words) {
  const found = filter.find(words);
  jobs.show(found.jobs, byId('order').value);
  timeline.show(found.jobs);
  machines.show(found.machines);
  byId('jobs-title').textContent = `Jobs (${ofAll(found.jobs.length, state.jobs.size)})`;
  byId('machines-title').textContent = `Machines by day (${ofAll(found.machines.length, state.machines.size)})`;
}

function ofAll(found, all) {
  return found === all ? `${all}` : `${found} of ${all}`;
}

function nextJob() {
  let first = null;
  for (const job of state.jobs.values()) {
    if (job.next !== null && (first === null || job.next < first.next)) first = job;
  }
  return first;
}

function drawTiles() {
  const { workers, active, waiting, problems, unpushed } = state.facts;
  const failed = [...state.jobs.values()].filter(({ status }) => status === 'Failed').length;
  const next = nextJob();
  const tiles = [
    { term: 'Last run failed', value: String(failed), kind: failed > 0 ? 'bad' : '', to: '#trouble' },
    { term: 'Problems', value: String(problems), kind: problems > 0 ? 'warn' : '', to: '#trouble' },
    { term: 'Running', value: `${active} of ${workers} workers${waiting > 0 ? `, ${waiting} waiting` : ''}` },
    {
      term: 'Next run',
      value: next ? time(Date.parse(next.next)) : 'none',
      title: next ? `${next.name}, ${absolute(Date.parse(next.next))}` : null,
      to: next && `#/jobs/${encodeURIComponent(next.id)}`,
    },
    { term: 'Jobs', value: String(state.jobs.size), to: '#jobs' },
    { term: 'Machines', value: String(state.machines.size), to: '#machine-list' },
    ...(unpushed > 0 ? [{ term: 'Not yet in Git', value: `${unpushed} results`, kind: 'warn' }] : []),
  ];
  byId('tiles').replaceChildren(...tiles.map(tile));
}

function tile({ term, value, kind = '', title = null, to = null }) {
  const content = [h('span', { class: 'term' }, term), h('span', { class: 'value' }, value)];
  return h('li', { class: `tile ${kind}`, title }, to ? h('a', { href: to }, content) : content);
}

function drawFacts() {
  const { version, host, fleet } = state.service;
  byId('facts').replaceChildren(
    h('b', {}, fleet),
    ` on ${host}, bmcron ${version}, at commit `,
    links.commit(state.facts.commit),
  );
}

/** Numbers that nobody brings up to date are dimmed, and say from when they are. */
function drawLink(how) {
  document.body.dataset.link = how;
  byId('link').dataset.link = how;
  if (how === 'connecting' || how === 'live') byId('link').replaceChildren(how);
  else if (state.heardAt === null) byId('link').replaceChildren('no connection, trying again');
  else {
    byId('link').replaceChildren(
      'connection lost: all this is as of ',
      exact(state.heardAt),
      ', ',
      time(state.heardAt),
    );
  }
}

function redrawLists() {
  pending.add('jobs');
  soon();
}

byId('filter').addEventListener('input', () => {
  if (!byId('view').hidden) location.hash = '#/'; // it filters the fleet
  pending.add('jobs');
  draw();
});
byId('order').addEventListener('change', () => {
  pending.add('jobs');
  draw();
});
setInterval(redrawLists, TICK_MS); // coming runs become runs
startTimes({ now, changed: redrawLists });
signIn.changed(views.again);
store.run();
views.start();
