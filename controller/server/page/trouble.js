import { byId, counted, h, machineLink, viewLink } from './elements.js';
import { isFound } from './filter.js';
import { ask } from './store.js';
import { time } from './times.js';

const SHOWN = 3;
const ERRORS_SHOWN = 5;

/** What is wrong, before everything else: machines that failed by reason, and manifests that are refused. */
export function createTrouble(state) {
  /** Groups that somebody has opened: by reason, the troubles that were asked for. */
  const panel = { state, opened: new Map() };
  return {
    show(words) {
      for (const [reason, troubles] of panel.opened) {
        const group = state.troubles.groups.find((each) => each.reason === reason);
        if (group?.total !== troubles.length) panel.opened.delete(reason); // it is another now
      }
      draw(panel, words);
    },
  };
}

function draw(panel, words) {
  const { troubles, problems, facts } = panel.state;
  const groups = troubles.groups
    .map((group) => ({ group, fitting: shownOf(panel, group).filter((each) => fits(panel.state, words, group, each)) }))
    .filter(({ fitting }) => fitting.length > 0)
    .map((each) => groupItem(panel, each, words));
  const halts = [...panel.state.jobs.values()].filter(({ halted }) => halted !== null);
  const sections = [
    halts
      .filter(({ id, name, halted }) => isFound(words, [id, name, halted]))
      .map(({ id, name, halted }) => h('p', { class: 'hold' }, viewLink('jobs', id, name), ` ${halted}`)),
    facts.holds.map((text) => h('p', { class: 'hold' }, text)),
    groups.length > 0 && h('ul', { class: 'groups' }, groups),
    unshown(troubles, words),
    problemsOf(problems, facts.problems, words),
  ];
  const isQuiet = troubles.total + facts.problems + facts.holds.length + halts.length === 0;
  const content = isQuiet ? [allWell()] : sections.flat().filter(Boolean);
  byId('trouble').classList.toggle('quiet', isQuiet);
  byId('trouble-title').textContent = titleOf(troubles, isQuiet);
  byId('trouble-body').replaceChildren(...(content.length > 0 ? content : [hidden()]));
}

function groupItem(panel, { group, fitting }, words) {
  const shown = panel.opened.has(group.reason) ? fitting : fitting.slice(0, SHOWN);
  const total = words.length > 0 ? fitting.length : group.total;
  return h(
    'li',
    { class: 'group' },
    h(
      'h3',
      {},
      h('span', { class: 'many' }, `${total} ×`),
      ' ',
      h('span', { class: 'reason' }, group.reason),
      kindOf(group),
    ),
    h(
      'ul',
      {},
      shown.map((each) => troubleItem(panel.state, group, each)),
    ),
    total > shown.length && moreButton(panel, group, total - shown.length, words),
  );
}

function kindOf({ class: kind }) {
  if (kind === null) return null;
  return h('small', {}, kind === 'transient' ? ' may pass by itself' : ' somebody must change something');
}

function moreButton(panel, group, rest, words) {
  const open = async () => {
    panel.opened.set(group.reason, group.total > group.troubles.length ? await allOf(group) : group.troubles);
    draw(panel, words);
  };
  const text = `Show ${rest} more of “${group.reason}”`;
  return h('button', { type: 'button', onclick: () => open().catch(() => undefined) }, text);
}

async function allOf(group) {
  const troubles = [];
  for (let total = group.total; troubles.length < total; ) {
    const path = `/page/troubles/${encodeURIComponent(group.reason)}?from=${troubles.length}`;
    const next = await (await ask(path)).json();
    if (next.troubles.length === 0) break;
    troubles.push(...next.troubles);
    total = next.total;
  }
  return troubles;
}

function shownOf({ opened }, group) {
  return opened.get(group.reason) ?? group.troubles;
}

function fits(state, words, group, { machine, job, error }) {
  const { name = '', labels = '' } = state.machines.get(machine) ?? {};
  return isFound(words, [machine, name, labels, job, state.jobs.get(job)?.name ?? '', group.reason, error, 'failed']);
}

function titleOf({ total, machines }, isQuiet) {
  if (total > 0) return `${counted(machines, 'machine')} in trouble`;
  return isQuiet ? 'All is well' : 'To look at';
}

function hidden() {
  return h('p', { class: 'idle' }, 'The filter hides all of it.');
}

function allWell() {
  return h(
    'p',
    { class: 'idle' },
    'Each job succeeded on each of its machines when it ran last, and every manifest is in force.',
  );
}

/** Machine, job, since when, and the error in its own words. */
function troubleItem(state, group, { machine, job, run, error, at, since }) {
  const [last, first] = [Date.parse(at), Date.parse(since)];
  return h(
    'li',
    { class: 'trouble' },
    h('span', { class: 'who' }, machineLink(machine)),
    h('span', { class: 'what' }, viewLink('jobs', job, state.jobs.get(job)?.name ?? job)),
    h(
      'span',
      { class: 'when' },
      h('a', { class: 'plain', href: `#/runs/${encodeURIComponent(run)}` }, 'failed ', time(last)),
      first < last && h('small', {}, ' each time since ', time(first)),
    ),
    error.endsWith(group.reason) ? null : h('span', { class: 'error' }, error),
  );
}

function unshown({ groups, reasons }, words) {
  if (words.length > 0 || reasons <= groups.length) return null;
  return h('p', {}, `and ${reasons - groups.length} more reasons: the filter “failed” finds all machines`);
}

/** Manifests that are refused stand open; what only deserves a second look is folded. */
function problemsOf(problems, total, words) {
  const fitting = problems.filter(({ file, path, message, rule, severity }) => {
    return isFound(words, [file, path, message, rule, severity, 'problem']);
  });
  const errors = fitting.filter(({ severity }) => severity === 'error');
  const folded = [...errors.slice(ERRORS_SHOWN), ...fitting.filter(({ severity }) => severity !== 'error')];
  const unsent = words.length === 0 ? total - problems.length : 0;
  return [
    errors.length > 0 &&
      h('h3', {}, `${counted(errors.length, 'problem')} in manifests: the last good version is in force`),
    errors.length > 0 && h('ul', { class: 'problems' }, errors.slice(0, ERRORS_SHOWN).map(problemItem)),
    folded.length > 0 &&
      h(
        'details',
        {},
        h('summary', {}, `${folded.length} more: problems and warnings of manifests`),
        h('ul', { class: 'problems' }, folded.map(problemItem)),
        unsent > 0 && h('p', {}, `and ${unsent} more`),
      ),
  ];
}

export function problemItem({ file, line, column, path, message, rule, severity }) {
  return h(
    'li',
    { class: severity },
    h('code', {}, `${file}:${line}:${column}`),
    h('span', {}, ` ${path}: ${message} `),
    h('small', {}, `${rule}, ${severity}`),
  );
}
