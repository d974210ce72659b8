import { h } from './elements.js';

/**
 * A long list of which only the visible rows exist. Rows are kept while they stay in sight and are the same, so that
 * the focus and the eye keep their place.
 */
export function createList(container, label, head, render) {
  container.setAttribute('role', 'table');
  container.setAttribute('aria-labelledby', label);
  container.setAttribute('tabindex', '0'); // scrolled with the keyboard, too
  const body = h('div', { role: 'rowgroup', class: 'rows' });
  container.append(h('div', { role: 'rowgroup', class: 'head' }, head), body);
  const shown = new Map();
  let rows = [];
  let stamp = '';

  function draw() {
    const height = Number.parseFloat(getComputedStyle(container).getPropertyValue('--row')) || 44;
    body.style.height = `${rows.length * height}px`;
    const from = Math.max(0, Math.floor(container.scrollTop / height) - 4);
    const to = Math.min(rows.length, Math.ceil((container.scrollTop + container.clientHeight) / height) + 4);
    const wanted = new Map();
    for (let index = from; index < to; index += 1) wanted.set(rows[index].id, index);
    for (const [id, { element }] of shown) {
      if (wanted.has(id)) continue;
      element.remove();
      shown.delete(id);
    }
    for (const [id, index] of wanted) place(id, index, height);
    sort([...wanted.keys()].map((id) => shown.get(id).element));
  }

  /** What is read and tabbed through comes in the order that is seen; moving an element would lose its focus. */
  function sort(elements) {
    if (elements.every((element, index) => body.children[index] === element)) return;
    const focused = body.contains(document.activeElement) ? document.activeElement : null;
    body.append(...elements);
    focused?.focus({ preventScroll: true });
  }

  function place(id, index, height) {
    const row = rows[index];
    const was = shown.get(id);
    let element = was?.element;
    if (!was || was.row !== row || was.stamp !== stamp) {
      element = render(row);
      element.setAttribute('role', 'row');
      replace(was?.element, element);
      shown.set(id, { element, row, stamp });
    }
    element.setAttribute('aria-rowindex', String(index + 2));
    element.style.transform = `translateY(${index * height}px)`;
  }

  /** A new version of a row takes the place of the old one, and its focus. */
  function replace(before, after) {
    if (!before) return void body.append(after);
    const focused = before.contains(document.activeElement);
    before.replaceWith(after);
    if (focused) after.querySelector('a, button')?.focus({ preventScroll: true });
  }

  container.addEventListener('scroll', draw, { passive: true });
  new ResizeObserver(draw).observe(container);
  return {
    /** @param mark changes when rows must be drawn anew though they are the same: the time goes on */
    show(next, mark = '') {
      rows = next;
      stamp = mark;
      container.setAttribute('aria-rowcount', String(rows.length + 1));
      draw();
    },
  };
}
