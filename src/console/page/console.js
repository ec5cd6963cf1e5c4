import { reportOn } from './answer-report.js';
import { showEditor } from './editor.js';
import { signIn } from './sign-in.js';

/** @typedef {import('./sign-in.js').Viewer} Viewer */

/**
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {{ new (): Kind }} kind
 * @returns {Kind}
 */
function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${id}.`);
  return found;
}

/** @type {import('./sign-in.js').Settings} */
const settings = JSON.parse(byId('settings', HTMLScriptElement).text);
const purpose = byId('purpose', HTMLSelectElement);
const reference = byId('reference', HTMLInputElement);
const report = byId('report', HTMLElement);
const signInButton = byId('sign-in', HTMLButtonElement);
const signOutButton = byId('sign-out', HTMLButtonElement);
const viewerName = byId('viewer', HTMLElement);

/** How long before its end a sign-in can be renewed, in milliseconds. */
const WARNING = 300_000;

/**
 * Who is signed in, with their token: here and nowhere else, so that closing or reloading the page forgets it.
 *
 * @type {Viewer | undefined}
 */
let viewer;

/** Settled once somebody is signed in and has chosen a purpose; the schema is asked for then. @type {PromiseWithResolvers<void>} */
const ready = Promise.withResolvers();

const ended = location.hash === '#ended';
// GraphiQL would take a query from the address; an address is kept in histories and logs.
history.replaceState(null, '', location.pathname);

for (const code of settings.purposes) {
  const words = code.toLowerCase().replaceAll('_', ' ');
  purpose.add(new Option(words.charAt(0).toUpperCase() + words.slice(1), code));
}
byId('purpose-form', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
purpose.addEventListener('change', proceed);
signOutButton.addEventListener('click', () => location.reload());
// Going back to the page must not bring back who was there.
window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
signInButton.addEventListener('click', async () => {
  signInButton.disabled = true;
  try {
    welcome(await signIn(settings));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  } finally {
    signInButton.disabled = false;
  }
});
proceed();
if (ended) say('Your sign-in has ended, and what was on the screen was removed. Sign in again to go on.');
await showEditor(byId('graphiql', HTMLElement), ask);

/** @param {Viewer} newcomer */
function welcome(newcomer) {
  if (viewer && viewer.subject !== newcomer.subject) return say('Sign out first, then sign in as somebody else.');
  viewer = newcomer;
  viewerName.replaceChildren('Signed in as ', named(newcomer.name, 'en'), ' ', named(newcomer.nameAr ?? '', 'ar'));
  signInButton.hidden = true;
  signOutButton.hidden = false;
  const left = newcomer.expiresAt - Date.now();
  setTimeout(() => viewer === newcomer && warn(newcomer), left - WARNING);
  setTimeout(() => viewer === newcomer && leave(), left);
  proceed();
}

/** Offers to sign in again while the query is still there. @param {Viewer} leaving */
function warn({ expiresAt }) {
  const time = new Date(expiresAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  viewerName.append(`, until ${time}`);
  signInButton.textContent = 'Sign in again';
  signInButton.hidden = false;
}

/** When a sign-in has run out, what it brought leaves the screen, in every tab of the editor. */
function leave() {
  location.hash = 'ended';
  location.reload();
}

/**
 * @param {string} name
 * @param {string} language
 */
const named = (name, language) => Object.assign(document.createElement('bdi'), { textContent: name, lang: language });

/** Says what is still missing before a question can be asked. */
function proceed() {
  if (!viewer) return say('Sign in, and choose what the request is for. Without a purpose no records are shown.');
  if (!purpose.value) return say('Choose what the request is for. Without a purpose no records are shown.');
  if (!reference.validity.valid) return say('The file reference takes Latin letters, digits and signs, 64 at most.');
  say('Ready. Run the query with Ctrl-Enter.');
  ready.resolve();
}

/** @param {string} sentence */
function say(sentence) {
  const paragraph = document.createElement('p');
  paragraph.textContent = sentence;
  report.replaceChildren(paragraph);
}

/**
 * GraphiQL's fetcher: asks the gateway as the viewer, for the chosen purpose.
 *
 * @param {{ query: string, operationName?: string | null, variables?: unknown }} request
 * @returns {Promise<import('./answer-report.js').Answer>}
 */
async function ask({ query, operationName, variables }) {
  const aboutSchema = operationName === 'IntrospectionQuery';
  if (aboutSchema) await ready.promise;
  else proceed();
  if (!viewer || !purpose.value || !reference.validity.valid) return { errors: [{ message: report.innerText }] };
  const { accessToken } = viewer;
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        authorization: `Bearer ${accessToken}`,
        'amana-purpose': purposeHeader(),
      },
      body: JSON.stringify({ query, operationName, variables }),
    });
    const answer = await response.json();
    if (!aboutSchema) report.replaceChildren(...reportOn(answer));
    return answer;
  } catch {
    say('The gateway cannot be reached. Try again in a moment.');
    return { errors: [{ message: report.innerText }] };
  }
}

/** The purpose and its reference as a structured field (RFC 9651 §3.3.4). */
function purposeHeader() {
  const quoted = reference.value.replaceAll(/["\\]/gu, String.raw`\$&`);
  return reference.value === '' ? purpose.value : `${purpose.value}; ref="${quoted}"`;
}
