import { absolute, byId, h, relative } from './elements.js';

const SPANS = {
  day: { bins: 96, seconds: 900, tick: 12, label: (at) => at.toISOString().slice(11, 16) },
  week: { bins: 84, seconds: 7_200, tick: 12, label: (at) => `${DAYS[at.getUTCDay()]} ${at.getUTCDate()}` },
};
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const LISTED = 40;

/** When jobs will run, as bars one can walk along with the pointer or the arrow keys. */
export function createTimeline({ open, now }) {
  const chart = byId('timeline');
  const ticks = byId('ticks');
  const moment = byId('moment');
  let span = 'day';
  let jobs = [];
  let bins = [];
  let cursor = null;

  function collect() {
    const { bins: count, seconds } = SPANS[span];
    const start = Math.floor(now() / 1000 / seconds) * seconds;
    bins = Array.from({ length: count }, (_, index) => ({ start: start + index * seconds, runs: [] }));
    for (const job of jobs) {
      for (const at of job.coming) bins[Math.floor((at - start) / seconds)]?.runs.push({ at, job });
    }
    for (const { runs } of bins) runs.sort((a, b) => a.at - b.at || (a.job.id < b.job.id ? -1 : 1));
  }

  function draw() {
    collect();
    const most = Math.max(1, ...bins.map(({ runs }) => runs.length));
    chart.replaceChildren(
      ...bins.map(({ runs }) => {
        const bar = h('i', { class: runs.length ? 'bin' : 'bin none' });
        bar.style.setProperty('--size', runs.length ? String(0.16 + 0.84 * Math.sqrt(runs.length / most)) : '0');
        return bar;
      }),
    );
    const { tick, label, seconds } = SPANS[span];
    const labels = bins.filter(({ start }) => (start / seconds) % tick === 0);
    ticks.replaceChildren(
      ...labels.map(({ start }) => {
        const mark = h('span', {}, label(new Date(start * 1000)));
        mark.style.left = `${((start - bins[0].start) / seconds / bins.length) * 100}%`;
        return mark;
      }),
    );
    chart.setAttribute('aria-valuemax', String(bins.length - 1));
    point(
      cursor ??
        Math.max(
          0,
          bins.findIndex(({ runs }) => runs.length > 0),
        ),
      cursor !== null,
    );
  }

  function point(index, chosen = true) {
    const at = Math.min(bins.length - 1, Math.max(0, index));
    if (chosen) cursor = at;
    const { start, runs } = bins[at];
    for (const [each, bar] of [...chart.children].entries()) bar.classList.toggle('here', each === at);
    const until = new Date((start + SPANS[span].seconds) * 1000).toISOString().slice(11, 16);
    const from = absolute(start * 1000).slice(0, 16);
    const count = runs.length === 1 ? '1 run' : `${runs.length} runs`;
    chart.setAttribute('aria-valuenow', String(at));
    const named = runs.slice(0, 5).map(({ job }) => job.name);
    chart.setAttribute(
      'aria-valuetext',
      `${from} to ${until} UTC: ${count}${named.length ? `: ${named.join(', ')}` : ''}`,
    );
    moment.replaceChildren(
      h('p', {}, h('b', {}, `${from} – ${until} UTC`), ` ${count}, ${relative(Math.max(start * 1000, now()), now())}`),
      h(
        'ul',
        {},
        runs.slice(0, LISTED).map(entry),
        runs.length > LISTED ? h('li', {}, `and ${runs.length - LISTED} more`) : null,
      ),
    );
  }

  function entry({ at, job }) {
    const text = `${new Date(at * 1000).toISOString().slice(11, 19)} `;
    return h(
      'li',
      {},
      h('span', { class: 'faint' }, text),
      h('button', { class: 'plain', onclick: () => open(job.id) }, job.name),
    );
  }

  chart.addEventListener('pointermove', ({ clientX }) => {
    const { left, width } = chart.getBoundingClientRect();
    point(Math.floor(((clientX - left) / width) * bins.length));
  });
  chart.addEventListener('keydown', (event) => {
    const at = cursor ?? Number(chart.getAttribute('aria-valuenow'));
    const busy = bins.map(({ runs }, index) => (runs.length ? index : -1)).filter((index) => index >= 0);
    const steps = {
      ArrowRight: () => at + 1,
      ArrowLeft: () => at - 1,
      PageDown: () => busy.find((index) => index > at) ?? at,
      PageUp: () => busy.findLast((index) => index < at) ?? at,
      Home: () => 0,
      End: () => bins.length - 1,
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    point(step());
  });
  byId('span').addEventListener('change', ({ target }) => {
    span = target.value;
    cursor = null;
    draw();
  });
  return {
    show(next) {
      jobs = next;
      draw();
    },
  };
}
