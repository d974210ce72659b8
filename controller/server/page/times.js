import { byId, h } from './elements.js';

const KEPT = 'bmcron-local-time';
const TICK_MS = 1_000;
const shown = { local: readKept(), now: () => Date.now(), changed: () => undefined };

/** `in 38 s`, `12 min ago`; a dash for nothing. */
export function relative(moment, now = shown.now()) {
  if (moment === null) return '–';
  const seconds = Math.round((moment - now) / 1000);
  const size = Math.abs(seconds);
  const text =
    size < 60
      ? `${size} s`
      : size < 3600
        ? `${Math.round(size / 60)} min`
        : size < 86_400 * 2
          ? `${Math.round(size / 3600)} h`
          : `${Math.round(size / 86_400)} d`;
  return seconds >= 0 ? `in ${text}` : `${text} ago`;
}

/** `2026-03-10 22:00:00 UTC`, and beside it what the clocks here say where that is asked for. */
export function absolute(moment) {
  if (moment === null) return '';
  const utc = new Date(moment).toISOString().slice(0, 19).replace('T', ' ');
  if (!shown.local) return `${utc} UTC`;
  const here = localText(moment);
  return `${utc} UTC (${here.slice(0, 10) === utc.slice(0, 10) ? here.slice(11) : here} here)`;
}

/** `22:00`, or `22:00 (23:00)`. */
export function clock(moment) {
  const utc = new Date(moment).toISOString().slice(11, 16);
  return shown.local ? `${utc} (${localText(moment).slice(11, 16)})` : utc;
}

/** `2026-03-10 23:00:00` by the clocks of whoever looks. */
function localText(moment) {
  const offsetMs = new Date(moment).getTimezoneOffset() * 60_000;
  return new Date(moment - offsetMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** A moment, told by how far away it is: it goes on by itself. */
export function time(moment) {
  if (moment === null) return h('span', { class: 'faint' }, '–');
  const attributes = { datetime: new Date(moment).toISOString(), title: absolute(moment), 'data-at': moment };
  return h('time', attributes, relative(moment));
}

/** A moment by the clock. */
export function exact(moment) {
  return h('time', { datetime: new Date(moment).toISOString(), 'data-exact': moment }, absolute(moment));
}

/** Both. */
export function both(moment) {
  return h('span', {}, exact(moment), ' ', h('small', {}, time(moment)));
}

/** Lets told times go on. @param now by the service's clock @param changed when clocks are to be shown otherwise */
export function startTimes({ now, changed }) {
  Object.assign(shown, { now, changed });
  const box = byId('local');
  box.checked = shown.local;
  box.addEventListener('change', () => {
    shown.local = box.checked;
    localStorage.setItem(KEPT, String(shown.local));
    for (const element of document.querySelectorAll('time[data-exact]')) {
      element.textContent = absolute(Number(element.dataset.exact));
    }
    shown.changed();
  });
  setInterval(tick, TICK_MS);
}

function tick() {
  const now = shown.now();
  for (const element of document.querySelectorAll('time[data-at]')) {
    const text = relative(Number(element.dataset.at), now);
    if (element.textContent !== text) element.textContent = text;
  }
}

function readKept() {
  try {
    return localStorage.getItem(KEPT) === 'true';
  } catch {
    return false; // where a browser keeps nothing
  }
}
