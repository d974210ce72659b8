import { h } from '../elements.js';

/** What a machine's part of a run did: old and new values, its error, where its log is. */
export function partContent({ Result, Error: error }, path, links) {
  const changes = [Result].flat().filter(Boolean).map(entryLines);
  return [
    error !== null && h('p', { class: 'error' }, error),
    changes,
    path !== null && h('small', {}, links.log(path)),
  ];
}

/** The same of a part that may have been skipped, and then has no log. */
export function lastContent({ error, record }, links) {
  return record ? partContent(record.log, record.path, links) : h('p', { class: 'error' }, error);
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

/** How a part ended, in shape and word. */
export function outcomeMark({ outcome, error }) {
  const failed = error !== null;
  return h('span', { class: failed ? 'mark failed' : 'mark' }, failed ? '✕ ' : '✓ ', outcome);
}

/** A button that shows what comes next of a long table. @param next gives more rows, and how many there are in all */
export function moreButton(frame, shown, total, next) {
  if (shown >= total) return null;
  const rows = frame.querySelector('tbody');
  const more = h('button', { type: 'button' }, `Show more of ${total}`);
  let from = shown;
  more.addEventListener('click', async () => {
    const { added, all } = await next(from);
    rows.append(...added);
    from += added.length;
    more.hidden = added.length === 0 || from >= all;
  });
  return more;
}
