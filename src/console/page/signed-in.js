// Hands the provider's answer to the console's page, which alone can use it, and removes it from the address at once.
const answer = location.search;
history.replaceState(null, '', location.pathname);

const outcome = /** @type {HTMLElement} */ (document.querySelector('#outcome'));
const channel = new BroadcastChannel('amana-sign-in');
const unheard = setTimeout(() => {
  outcome.textContent = 'No console was waiting for this sign-in. Open the console and sign in from there.';
}, 3_000);

channel.addEventListener('message', ({ data }) => {
  if (data !== 'received') return;
  clearTimeout(unheard);
  outcome.textContent = 'Signed in. This window can be closed.';
  window.close();
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel, which is of one origin
channel.postMessage(answer);
