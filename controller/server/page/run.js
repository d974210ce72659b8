import { absolute, byId, commitLink, h, time } from './elements.js';
import { badge, sparkline } from './lists.js';
import { ask } from './store.js';

/** What is behind a job or a run, in a dialog. */
export function createDialog({ state, now }) {
  const view = {
    state,
    now,
    dialog: byId('dialog'),
    title: byId('dialog-title'),
    body: byId('dialog-body'),
    /** The job or the run that is shown; null before the first. */
    shown: null,
  };
  return {
    openJob: (id) => openJob(view, id),
    openRun: (run) => openRun(view, run),
    /** A run that goes on and is looked at is brought up to date. */
    refresh(delta) {
      const { dialog, shown } = view;
      if (!dialog.open || !shown) return;
      if (shown.open && delta.running) openRun(view, shown.run);
      else if (shown.job && delta.jobs?.some(({ id }) => id === shown.job)) openJob(view, shown.job);
    },
  };
}

function present(view, what, heading, ...content) {
  view.shown = what;
  view.title.textContent = heading;
  view.body.replaceChildren(...content);
  if (view.dialog.open) return;
  view.dialog.showModal();
  view.title.focus();
}

function openJob(view, id) {
  const { state, now } = view;
  const job = state.jobs.get(id);
  if (!job) return;
  const runs = job.endings.toReversed().map((ending) => endedRun(view, ending));
  const going = state.running.filter((each) => each.job === id).map((each) => runningRun(view, each));
  present(
    view,
    { job: id },
    job.name,
    facts([
      ['Job', h('code', {}, id)],
      ['Does', `${job.action} on ${job.machines} machine${job.machines === 1 ? '' : 's'}`],
      ['Schedule', job.suspended ? `${job.schedule} (suspended)` : job.schedule],
      ['Next run', time(job.next === null ? null : Date.parse(job.next), now())],
      ['Runs so far', String(job.count)],
      ['Manifest', h('span', {}, h('code', {}, job.file), ' of ', commitLink(state.commits, job.commit))],
      job.invalid && ['Refused edit', h('span', { class: 'error' }, job.invalid)],
      job.missed && ['Missed', job.missed],
    ]),
    h('h3', {}, 'Recent runs ', sparkline(job.endings)),
    h(
      'ul',
      { class: 'runs' },
      going,
      runs,
      going.length + runs.length === 0 && h('li', { class: 'idle' }, 'None is remembered.'),
    ),
  );
}

function endedRun(view, [run, end, failures]) {
  return h(
    'li',
    {},
    badge(failures > 0 ? 'Failed' : 'Completed'),
    h('button', { class: 'plain', onclick: () => openRun(view, run) }, absolute(Date.parse(end))),
    failures > 0 && h('small', {}, failures === 1 ? '1 machine failed' : `${failures} machines failed`),
  );
}

function runningRun(view, { run, start }) {
  const text = `since ${absolute(Date.parse(start))}`;
  return h('li', {}, badge('Running'), h('button', { class: 'plain', onclick: () => openRun(view, run) }, text));
}

async function openRun(view, run) {
  try {
    const details = await (await ask(`/page/runs/${encodeURIComponent(run)}`)).json();
    showRun(view, run, details);
  } catch (error) {
    present(view, { run }, run, h('p', { class: 'error' }, error instanceof Error ? error.message : String(error)));
  }
}

function showRun(view, run, { claim, finish, parts, total, waiting }) {
  const { state, now } = view;
  const name = state.jobs.get(claim.job)?.name ?? claim.job;
  const outcome = finish === null ? 'Running' : finish.failures > 0 ? 'Failed' : 'Completed';
  const rows = h('tbody', {}, parts.map(partRow), waiting.map(waitingRow));
  const heads = ['Machine', 'Outcome', 'Old → new', 'Took'].map((text) => h('th', { scope: 'col' }, text));
  const why = { Schedule: 'its time came', CatchUp: 'made up for a missed time', Manual: 'somebody asked' };
  present(
    view,
    { run, open: finish === null },
    name,
    facts([
      ['Run', h('code', {}, run)],
      ['Outcome', badge(outcome)],
      claim.trigger && ['Why', why[claim.trigger]],
      ['Started', time(Date.parse(claim.start), now(), absolute(Date.parse(claim.start)))],
      ['Ended', finish ? absolute(Date.parse(finish.end)) : 'not yet'],
      claim.commit && ['Version', commitLink(state.commits, claim.commit)],
    ]),
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Machines of the run' },
      h('table', {}, h('thead', {}, h('tr', {}, heads)), rows),
    ),
    moreButton(run, rows, parts.length, total),
    h('p', {}, h('button', { class: 'plain', onclick: () => openJob(view, claim.job) }, 'All runs of this job')),
  );
}

function moreButton(run, rows, shown, total) {
  const more = h('button', { hidden: shown >= total }, 'Show more machines');
  more.addEventListener('click', async () => {
    const next = await (await ask(`/page/runs/${encodeURIComponent(run)}?from=${rows.children.length}`)).json();
    rows.append(...next.parts.map(partRow));
    more.hidden = rows.children.length >= next.total;
  });
  return more;
}

function facts(pairs) {
  return h(
    'dl',
    { class: 'details' },
    pairs.filter(Boolean).flatMap(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]),
  );
}

function partRow({ MachineID, outcome, Result, Error: error, ExecutionTime, path }) {
  const changes = [Result].flat().filter(Boolean).map(entryLines);
  const errorText = error === null ? null : h('p', { class: 'error' }, error);
  return h(
    'tr',
    { class: error === null ? '' : 'bad' },
    h('th', { scope: 'row' }, MachineID),
    h('td', {}, outcome),
    h('td', {}, changes, errorText, h('small', {}, path)),
    h('td', {}, ExecutionTime),
  );
}

function waitingRow(id) {
  return h(
    'tr',
    { class: 'waiting' },
    h('th', { scope: 'row' }, id),
    h('td', {}, 'waits or runs'),
    h('td', {}),
    h('td', {}),
  );
}

/** `bmc Profile: Performance → PowerSaver` */
function entryLines(entry) {
  const { ManagerID, SystemID, ChassisID, FanControllerID, FanZoneID, PidControllerID, ...values } = entry;
  const member = ManagerID ?? SystemID ?? ChassisID;
  const where = [member, FanControllerID ?? FanZoneID ?? PidControllerID].filter(Boolean).join(' ');
  return [...changeLines(where, values), ...besides(where, values)];
}

/** `system sent GracefulShutdown, ForceOff` */
function besides(where, { Sent, Pending, Note }) {
  const told = [
    Array.isArray(Sent) && `sent ${Sent.join(', ')}`,
    Pending && `${Object.keys(Pending).join(', ')} pending until a reset`,
    Note,
  ];
  return told.filter(Boolean).map((text) => h('p', { class: 'change' }, `${where}: ${text}`));
}

function changeLines(where, values) {
  return Object.keys(values)
    .filter((key) => key.startsWith('New'))
    .map((key) => {
      const field = key.slice(3);
      const [before, after] = [value(values[`Old${field}`]), value(values[key])];
      const same = before === after;
      return h(
        'p',
        { class: 'change' },
        `${where} ${field}: `,
        !same && h('del', {}, before),
        !same && ' → ',
        h(same ? 'span' : 'ins', {}, after),
        same && h('small', {}, ' as it was'),
      );
    });
}

function value(json) {
  return typeof json === 'string' ? json : JSON.stringify(json ?? null);
}
