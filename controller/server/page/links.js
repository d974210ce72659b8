import { h } from './elements.js';

/** Where files and commits are shown: at the forge where its address is known, else as what can be copied. */
export function createLinks(state) {
  return {
    commit(commit) {
      if (!commit) return h('span', { class: 'faint' }, 'none');
      const { forge } = state.service;
      const short = commit.slice(0, 10);
      if (!forge || !/^[0-9a-f]+$/.test(commit)) return copyable(commit, short);
      return forgeLink(forge.commits + commit, h('code', {}, short));
    },
    /** @param path below the fleet's folder */
    manifest(path, commit) {
      const { forge, prefix } = state.service;
      if (!forge || !commit) return copyable(prefix + path);
      const [before, behind] = forge.manifests;
      return forgeLink(before + encodeURIComponent(commit) + behind + encodePath(path), h('code', {}, path));
    },
    log(path) {
      const { forge, prefix, segments } = state.service;
      const folder = path.slice(0, path.lastIndexOf('/') + 1);
      if (segments) return h('span', {}, 'in ', copyable(prefix + folder));
      if (!forge) return copyable(prefix + path);
      return forgeLink(forge.logs + encodePath(path), h('code', {}, path));
    },
  };
}

function encodePath(path) {
  return path.split('/').map(encodeURIComponent).join('/');
}

function forgeLink(address, shown) {
  return h('a', { href: address, rel: 'noreferrer', target: '_blank' }, shown);
}

/** A text with a button that copies it; without the right to do so a click selects it. */
export function copyable(text, shown = text) {
  const code = h('code', { class: 'whole', title: text }, shown);
  if (!navigator.clipboard) return code;
  const button = h('button', { class: 'copy', type: 'button', 'aria-label': `Copy ${text}` }, 'copy');
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text).then(
      () => button.replaceChildren('copied'),
      () => button.replaceChildren('not allowed'),
    );
  });
  return h('span', { class: 'copyable' }, code, ' ', button);
}
