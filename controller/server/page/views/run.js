import { badge, details, h, machineLink, table, td, viewLink } from '../elements.js';
import { ask } from '../store.js';
import { both } from '../times.js';
import { moreButton, outcomeMark, partContent } from './parts.js';

const WHY = { Schedule: 'its time came', CatchUp: 'made up for a missed time', Manual: 'somebody asked' };

/** A run: what became of each machine, failures first. */
export function showRun({ claim, finish, parts, total, skips, waiting }, { state, links, actions }) {
  const job = state.jobs.get(claim.job);
  const rows = [
    parts.map((part) => partRow(part, links)),
    skips.map(skipRow),
    waiting.map((id) => waitingRow(id, finish)),
  ].flat();
  const frame = table('Machines of the run', ['Machine', 'Outcome', 'Old → new', 'Took'], rows);
  return {
    heading: `${job?.name ?? claim.job}, ${claim.start.replace('T', ' ').replace('Z', ' UTC')}`,
    buttons: finish === null ? [] : actions.ofRun(claim, parts),
    content: [
      details([
        ['Run', h('code', { class: 'whole' }, claim.run)],
        ['Job', viewLink('jobs', claim.job, job?.name ?? claim.job)],
        ['Outcome', badge(outcomeOf(finish))],
        claim.trigger && ['Why', WHY[claim.trigger]],
        ['Started', both(Date.parse(claim.start))],
        ['Ended', finish ? both(Date.parse(finish.end)) : 'not yet'],
        finish && ['Machines', countsOf(finish)],
        claim.commit && ['Version', links.commit(claim.commit)],
      ]),
      frame,
      moreButton(frame, parts.length, total, (from) => moreParts(claim.run, from, links)),
    ],
  };
}

function outcomeOf(finish) {
  if (finish === null) return 'Running';
  return finish.status ?? (finish.failures > 0 ? 'Failed' : 'Completed');
}

function countsOf({ succeeded, failures, skips = 0 }) {
  return `${succeeded} succeeded, ${failures} failed${skips > 0 ? `, ${skips} skipped` : ''}`;
}

function partRow({ outcome, path, ...log }, links) {
  return h(
    'tr',
    { class: log.Error === null ? null : 'bad' },
    h('th', { scope: 'row' }, machineLink(log.MachineID)),
    td('Outcome', outcomeMark({ outcome, error: log.Error })),
    td('Old → new', partContent(log, path, links)),
    td('Took', log.ExecutionTime),
  );
}

function skipRow({ machine, message }) {
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, machineLink(machine)),
    td('Outcome', 'skipped'),
    td('Old → new', message),
    td('Took', '–'),
  );
}

/** What is not told yet; of a run that has ended nothing is known of it here. */
function waitingRow(id, finish) {
  return h(
    'tr',
    { class: 'waiting' },
    h('th', { scope: 'row' }, machineLink(id)),
    td('Outcome', finish === null ? 'waits or runs' : 'not remembered'),
    td('Old → new'),
    td('Took'),
  );
}

async function moreParts(run, from, links) {
  const { parts, total } = await (await ask(`/page/runs/${encodeURIComponent(run)}?from=${from}`)).json();
  return { added: parts.map((part) => partRow(part, links)), all: total };
}
