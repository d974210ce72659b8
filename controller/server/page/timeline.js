import { absolute, byId, h, relative } from './elements.js';

/** A bin more than fills the span: the first one has begun already. */
const SPANS = {
  day: { bins: 97, seconds: 900, tick: 12, label: (at) => at.toISOString().slice(11, 16) },
  week: { bins: 85, seconds: 7_200, tick: 12, label: (at) => `${DAYS[at.getUTCDay()]} ${at.getUTCDate()}` },
};
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const LISTED = 40;

/** When jobs will run, as bars one can walk along with the pointer or the arrow keys. */
export function createTimeline({ open, now }) {
  const line = {
    open,
    now,
    chart: byId('timeline'),
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

function collect({ span, jobs, now }) {
  const { bins: count, seconds } = SPANS[span];
  const start = Math.floor(now() / 1000 / seconds) * seconds;
  const bins = Array.from({ length: count }, (_, index) => ({ start: start + index * seconds, runs: [] }));
  for (const job of jobs) {
    for (const at of job.coming) bins[Math.floor((at - start) / seconds)]?.runs.push({ at, job });
  }
  for (const { runs } of bins) runs.sort((a, b) => a.at - b.at || (a.job.id < b.job.id ? -1 : 1));
  return bins;
}

function draw(line) {
  line.bins = collect(line);
  const { bins, chart, cursor } = line;
  const most = Math.max(1, ...bins.map(({ runs }) => runs.length));
  chart.replaceChildren(...bins.map(({ runs }) => bar(runs.length, most)));
  chart.setAttribute('aria-valuemax', String(bins.length - 1));
  drawTicks(line);
  const first = bins.findIndex(({ runs }) => runs.length > 0);
  point(line, cursor ?? Math.max(0, first), cursor !== null);
}

function bar(runs, most) {
  const element = h('i', { class: runs ? 'bin' : 'bin none' });
  element.style.setProperty('--size', runs ? String(0.16 + 0.84 * Math.sqrt(runs / most)) : '0');
  return element;
}

function drawTicks({ bins, span, ticks }) {
  const { tick, label, seconds } = SPANS[span];
  const labels = bins.filter(({ start }) => (start / seconds) % tick === 0);
  ticks.replaceChildren(
    ...labels.map(({ start }) => {
      const mark = h('span', {}, label(new Date(start * 1000)));
      mark.style.left = `${((start - bins[0].start) / seconds / bins.length) * 100}%`;
      return mark;
    }),
  );
}

function point(line, index, chosen = true) {
  const { bins, chart, moment, now, span } = line;
  const at = Math.min(bins.length - 1, Math.max(0, index));
  if (chosen) line.cursor = at;
  const { start, runs } = bins[at];
  for (const [each, element] of [...chart.children].entries()) element.classList.toggle('here', each === at);
  const until = new Date((start + SPANS[span].seconds) * 1000).toISOString().slice(11, 16);
  const from = absolute(start * 1000).slice(0, 16);
  const count = runs.length === 1 ? '1 run' : `${runs.length} runs`;
  const named = runs.slice(0, 5).map(({ job }) => job.name);
  chart.setAttribute('aria-valuenow', String(at));
  chart.setAttribute(
    'aria-valuetext',
    `${from} to ${until} UTC: ${count}${named.length ? `: ${named.join(', ')}` : ''}`,
  );
  moment.replaceChildren(
    h('p', {}, h('b', {}, `${from} – ${until} UTC`), ` ${count}, ${relative(Math.max(start * 1000, now()), now())}`),
    h(
      'ul',
      {},
      runs.slice(0, LISTED).map((each) => listed(line, each)),
      runs.length > LISTED ? h('li', {}, `and ${runs.length - LISTED} more`) : null,
    ),
  );
}

function listed({ open }, { at, job }) {
  const text = `${new Date(at * 1000).toISOString().slice(11, 19)} `;
  return h(
    'li',
    {},
    h('span', { class: 'faint' }, text),
    h('button', { class: 'plain', onclick: () => open(job.id) }, job.name),
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
