import { byId } from './elements.js';
import { ask, dropToken, hasToken, keepToken } from './store.js';

/** Asks for a token: to see the fleet where reading needs one, and to act. */
export function createSignIn() {
  const form = byId('token');
  const button = byId('sign');
  let resolve = null;
  let changed = () => undefined;

  function show(text, mayCancel) {
    byId('token-label').textContent = text;
    byId('token-cancel').hidden = !mayCancel;
    form.hidden = false;
    byId('secret').focus();
  }

  function end() {
    byId('secret').value = '';
    form.hidden = true;
    resolve?.();
    resolve = null;
    draw();
    changed();
  }

  function draw() {
    button.textContent = hasToken() ? 'Sign out' : 'Sign in to act';
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    keepToken(byId('secret').value.trim());
    const refusal = await refusalOf();
    if (refusal === null) return end();
    dropToken();
    byId('token-label').textContent = refusal;
    byId('secret').select();
  });
  byId('token-cancel').addEventListener('click', end);
  button.addEventListener('click', () => {
    if (!hasToken()) return void show('Your token: what you do here is committed by its name.', true);
    dropToken();
    end();
  });
  return {
    /** Resolves when the visitor has given a token. */
    ask() {
      show('This address shows the fleet to callers with a token.', false);
      return new Promise((done) => {
        resolve = done;
      });
    },
    /** @param readOnly why nobody may act; null: who has a token may */
    offer(readOnly) {
      button.hidden = readOnly !== null;
      draw();
    },
    changed(listener) {
      changed = listener;
    },
  };
}

/** Why the token that is kept is none; null: it is one. */
async function refusalOf() {
  try {
    await ask('/MultiFish/v1');
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
