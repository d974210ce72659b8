import { byId, counted, h, viewLink } from './elements.js';
import { absolute, clock, relative, time } from './times.js';

/** `before` bins are of the past, the bin of now and the coming ones follow. */
const SPANS = {
  day: { before: 48, bins: 145, seconds: 900, tick: 12, label: (at) => clock(at) },
  week: { before: 36, bins: 121, seconds: 7_200, tick: 12, label: (at) => dayLabel(new Date(at)) },
};
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const LISTED = 40;
const SMALLEST = 0.06;

function dayLabel(at) {
  return `${DAYS[at.getUTCDay()]} ${at.getUTCDate()}`;
}

/** When jobs ran and will run, as bars one can walk along with the pointer or the arrow keys. */
export function createTimeline({ now }) {
  const line = {
    now,
    chart: byId('timeline'),
    scale: byId('scale'),
    ticks: byId('ticks'),
    moment: byId('moment'),
    span: 'day',
    jobs: [],
    bins: [],
    /** The bin that somebody has chosen; null while nobody has. */
    cursor: null,
  };
  line.chart.addEventListener('pointermove', ({ clientX }) => {
    const { left, width } = line.chart.getBoundingClientRect();
    point(line, Math.floor(((clientX - left) / width) * line.bins.length));
  });
  line.chart.addEventListener('keydown', (event) => walk(line, event));
  byId('span').addEventListener('change', ({ target }) => {
    line.span = target.value;
    line.cursor = null;
    draw(line);
  });
  return {
    show(jobs) {
      line.jobs = jobs;
      draw(line);
    },
  };
}

/** What happened and will happen in each bin, in its order. */
function collect({ span, jobs, now }) {
  const { before, bins: count, seconds } = SPANS[span];
  const start = (Math.floor(now() / 1000 / seconds) - before) * seconds;
  const bins = Array.from({ length: count }, (_, index) => ({ start: start + index * seconds, runs: [], failed: 0 }));
  for (const job of jobs) {
    for (const [run, end, failures] of job.endings) {
      const bin = bins[Math.floor((Date.parse(end) / 1000 - start) / seconds)];
      bin?.runs.push({ at: Date.parse(end) / 1000, job, run, failures });
      if (bin && failures > 0) bin.failed += 1;
    }
    for (const at of job.coming) bins[Math.floor((at - start) / seconds)]?.runs.push({ at, job });
  }
  for (const { runs } of bins) runs.sort((a, b) => a.at - b.at || (a.job.id < b.job.id ? -1 : 1));
  return bins;
}

function draw(line) {
  line.bins = collect(line);
  const { bins, chart, cursor, span } = line;
  const { before } = SPANS[span];
  const most = Math.max(1, ...bins.map(({ runs }) => runs.length));
  const nowLine = h('i', { class: 'now' });
  nowLine.style.left = `${((line.now() / 1000 - bins[0].start) / SPANS[span].seconds / bins.length) * 100}%`;
  chart.replaceChildren(...bins.map((bin, index) => bar(bin, index < before || isOver(bin), most)), nowLine);
  chart.setAttribute('aria-valuemax', String(bins.length - 1));
  drawScale(line, most);
  drawTicks(line);
  const first = bins.findIndex(({ runs }, index) => index >= before && runs.length > 0);
  point(line, cursor ?? Math.max(before, first), cursor !== null);
}

/** Of the bin of now: whether all that is in it has happened. */
function isOver({ runs }) {
  return runs.length > 0 && runs.every(({ run }) => run !== undefined);
}

/** The square root, so that one run is seen beside hundreds; the scale says how many a height is. */
function heightOf(runs, most) {
  return Math.max(SMALLEST, Math.sqrt(runs / most));
}

/** Failures have a mark above and a pattern: red and green look alike to many. */
function bar({ runs, failed }, isPast, most) {
  const kinds = ['bin', runs.length === 0 && 'none', isPast && 'past', failed > 0 && 'failed'];
  const element = h('i', { class: kinds.filter(Boolean).join(' ') });
  element.style.setProperty('--size', runs.length ? String(heightOf(runs.length, most)) : '0');
  if (failed > 0) element.style.setProperty('--failed', `${(failed / runs.length) * 100}%`);
  return element;
}

function drawScale({ scale }, most) {
  const steps = [...new Set([most, Math.round(most / 4)])].filter((step) => step > 0 && (step === most || most >= 4));
  scale.replaceChildren(
    ...steps.map((step) => {
      const mark = h('span', {}, String(step));
      mark.style.bottom = `${heightOf(step, most) * 100}%`;
      return mark;
    }),
  );
}

function drawTicks({ bins, span, ticks }) {
  const { tick, label, seconds } = SPANS[span];
  const labels = bins.filter(({ start }) => (start / seconds) % tick === 0);
  ticks.replaceChildren(
    ...labels.map(({ start }) => {
      const mark = h('span', {}, label(start * 1000));
      mark.style.left = `${((start - bins[0].start) / seconds / bins.length) * 100}%`;
      return mark;
    }),
  );
}

function point(line, index, chosen = true) {
  const { bins, chart, moment, span } = line;
  const at = Math.min(bins.length - 1, Math.max(0, index));
  if (chosen) line.cursor = at;
  const { start, runs, failed } = bins[at];
  for (const [each, element] of [...chart.children].entries()) element.classList.toggle('here', each === at);
  const until = clock((start + SPANS[span].seconds) * 1000);
  const from = `${absolute(start * 1000).slice(0, 10)} ${clock(start * 1000)}`;
  const count = `${counted(runs.length, 'run')}${failed > 0 ? `, ${failed} failed` : ''}`;
  const names = runs.slice(0, 5).map(({ job }) => job.name);
  chart.setAttribute('aria-valuenow', String(at));
  chart.setAttribute(
    'aria-valuetext',
    `${from} to ${until} UTC: ${count}${names.length ? `: ${names.join(', ')}` : ''}`,
  );
  const first = runs[0] ? [', ', time(runs[0].at * 1000)] : [`, ${relative(start * 1000)}`];
  moment.replaceChildren(
    h('p', {}, h('b', {}, `${from} – ${until} UTC`), ` ${count}`, first),
    h(
      'ul',
      {},
      runs.slice(0, LISTED).map(listed),
      runs.length > LISTED ? h('li', {}, `and ${runs.length - LISTED} more`) : null,
    ),
  );
}

/** A run of the past leads to what came of it, one to come to its job. */
function listed({ at, job, run, failures }) {
  const shape = run === undefined ? '' : failures > 0 ? '✕ failed' : '✓';
  return h(
    'li',
    {},
    h('span', { class: 'faint' }, new Date(at * 1000).toISOString().slice(11, 19)),
    shape && h('span', { class: failures > 0 ? 'error' : 'faint' }, shape),
    run === undefined ? viewLink('jobs', job.id, job.name) : viewLink('runs', run, job.name),
    h('small', {}, time(at * 1000)),
  );
}

function walk(line, event) {
  const { bins, chart, cursor } = line;
  const at = cursor ?? Number(chart.getAttribute('aria-valuenow'));
  const busy = bins.map(({ runs }, index) => (runs.length ? index : -1)).filter((index) => index >= 0);
  const moves = {
    ArrowRight: () => at + 1,
    ArrowLeft: () => at - 1,
    PageDown: () => busy.find((index) => index > at) ?? at,
    PageUp: () => busy.findLast((index) => index < at) ?? at,
    Home: () => 0,
    End: () => bins.length - 1,
  };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  point(line, move());
}
