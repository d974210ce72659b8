/** An element with attributes and children. Text goes in as text and never as markup: names come from manifests. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick') element.addEventListener('click', value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

/** A link to a view of this page. */
export function viewLink(kind, id, shown = id) {
  return h('a', { class: 'plain', href: `#/${kind}/${encodeURIComponent(id)}`, title: id }, shown);
}

/** A long name whose end tells it from its neighbours: where there is no room, the middle is left out. */
export function cutName(name) {
  const tail = name.length > 12 ? 9 : 0;
  return h(
    'span',
    { class: 'cut', title: name },
    h('span', { class: 'start' }, name.slice(0, name.length - tail)),
    tail > 0 && h('span', { class: 'end' }, name.slice(-tail)),
  );
}

export function machineLink(id) {
  return viewLink('machines', id, cutName(id));
}

/** An outcome in colour, shape and word. */
export function badge(status) {
  return h('span', { class: `badge ${status.toLowerCase()}` }, status);
}

/** Pairs of a term and what it is; those that are null are left out. */
export function details(pairs) {
  return h(
    'dl',
    { class: 'details' },
    pairs.filter(Boolean).flatMap(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]),
  );
}

/** A table in a frame of its own, which scrolls. @param heads the columns' names */
export function table(label, heads, rows) {
  const head = h(
    'tr',
    {},
    heads.map((text) => h('th', { scope: 'col' }, text)),
  );
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label },
    h('table', {}, h('thead', {}, head), h('tbody', {}, rows)),
  );
}

/** A table's cell that names its column where the columns stand below one another. */
export function td(name, ...children) {
  return h('td', { 'data-name': name }, ...children);
}

/** `1 machine`, `2 machines`. */
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
