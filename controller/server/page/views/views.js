import { byId, h } from '../elements.js';
import { targetsOf } from '../filter.js';
import { ask } from '../store.js';
import { showJob } from './job.js';
import { showMachine } from './machine.js';
import { showRun } from './run.js';

const KINDS = { machines: 'Machines', jobs: 'Jobs', runs: 'Runs' };
const SHOW = { machines: showMachine, jobs: showJob, runs: showRun };
const REFRESH_MS = 300;

/** One machine, job or run, at an address of its own: `#/machines/ID`. The fleet is at `#/`. */
export function createViews(context) {
  const view = {
    context,
    body: byId('view-body'),
    /** What is shown; null: the fleet. */
    at: null,
    /** The answer as it was drawn last. */
    text: '',
    timer: null,
    /** Where the fleet was scrolled to. */
    scroll: 0,
  };
  return {
    start() {
      addEventListener('hashchange', () => follow(view));
      follow(view);
    },
    /** Asks again where what is shown may have changed. */
    refresh(delta) {
      if (!view.at || !concerns(view.at, delta, context.state)) return;
      view.timer ??= setTimeout(() => load(view), view.text === '' ? 0 : REFRESH_MS);
    },
    /** Draws again what is shown: who looks may do more, or less. */
    again() {
      if (view.at && view.text !== '') draw(view, view.text);
    },
  };
}

function follow(view) {
  const at = readAddress(location.hash);
  const wasFleet = view.at === null;
  if (at && wasFleet) view.scroll = scrollY;
  Object.assign(view, { at, text: '' });
  byId('overview').hidden = at !== null;
  byId('view').hidden = at === null;
  if (!at) {
    document.title = 'bmcron';
    if (!wasFleet && location.hash === '#/') scrollTo(0, view.scroll);
    return;
  }
  byId('view-kind').textContent = KINDS[at.kind];
  name(at.id);
  view.body.replaceChildren(h('p', { class: 'idle' }, 'Asking …'));
  byId('view-actions').replaceChildren();
  scrollTo(0, 0);
  byId('view-title').focus({ preventScroll: true });
  load(view);
}

function name(text) {
  byId('view-title').textContent = text;
  document.title = `${text} · bmcron`;
}

async function load(view) {
  const { at } = view;
  clearTimeout(view.timer);
  view.timer = null;
  if (!at) return;
  try {
    const text = await (await ask(`/page/${at.kind}/${encodeURIComponent(at.id)}`)).text();
    if (view.at === at) draw(view, text);
  } catch (error) {
    if (view.at !== at || view.text !== '') return; // what was shown stays while the connection is lost
    view.body.replaceChildren(h('p', { class: 'error' }, error instanceof Error ? error.message : String(error)));
  }
}

/** Draws an answer; what somebody has in hand there, the focus, stays. */
function draw(view, text) {
  view.text = text;
  const places = () => [...byId('view').querySelectorAll('a, button, [tabindex]')];
  const focused = places().indexOf(document.activeElement);
  const { heading, content, buttons } = SHOW[view.at.kind](JSON.parse(text), view.context);
  name(heading);
  byId('view-actions').replaceChildren(...buttons);
  view.body.replaceChildren(...content.flat().filter(Boolean));
  if (focused >= 0) places()[focused]?.focus({ preventScroll: true });
}

function readAddress(hash) {
  const found = /^#\/(machines|jobs|runs)\/([^/?]+)$/.exec(hash);
  if (!found) return null;
  try {
    return { kind: found[1], id: decodeURIComponent(found[2]) };
  } catch {
    return null; // half an escape is no address
  }
}

/** Whether what has changed is shown in a view: the service is not asked for more. */
function concerns({ kind, id }, { jobs = [], machines = [], running, troubles }, state) {
  if (kind === 'machines') {
    return machines.some((row) => row.id === id) || jobs.some((row) => targetsOf(row).includes(id));
  }
  if (kind === 'jobs') return Boolean(troubles) || jobs.some((row) => row.id === id);
  const isGoing = [...state.running, ...(running ?? [])].some(({ run }) => run === id);
  return isGoing || jobs.some((row) => row.endings.some(([run]) => run === id));
}
