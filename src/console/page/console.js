import { reportOn } from './answer-report.js';
import { DEFAULT_QUERY } from './default-query.js';
import { signIn } from './sign-in.js';

/**
 * @typedef {import('./sign-in.js').Viewer} Viewer
 * @typedef {{ getModels: () => { uri: { path: string }, setValue: (text: string) => void }[], onDidCreateEditor: (listener: (editor: { updateOptions: (options: object) => void }) => void) => void }} MonacoEditors
 */

/** What GraphiQL's script reads from the page, and what it leaves there. */
const page = /** @type {{ MonacoEnvironment?: object, monaco?: { editor: MonacoEditors }, YogaGraphiQL?: { renderYogaGraphiQL: (element: HTMLElement, options: object) => void } }} */ (
  /** @type {object} */ (globalThis)
);

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
const files = new URL('.', import.meta.url);
const purpose = byId('purpose', HTMLSelectElement);
const reference = byId('reference', HTMLInputElement);
const report = byId('report', HTMLElement);
const signInButton = byId('sign-in', HTMLButtonElement);
const signOutButton = byId('sign-out', HTMLButtonElement);
const viewerName = byId('viewer', HTMLElement);

/**
 * Who is signed in, with their token: here and nowhere else, so that closing or reloading the page forgets it.
 *
 * @type {Viewer | undefined}
 */
let viewer;

/** Settled once somebody is signed in and has chosen a purpose; the schema is asked for then. @type {PromiseWithResolvers<void>} */
const ready = Promise.withResolvers();

// GraphiQL would take a query from the address; an address is kept in histories and logs.
history.replaceState(null, '', location.pathname);

for (const code of settings.purposes) {
  const words = code.toLowerCase().replaceAll('_', ' ');
  purpose.add(new Option(words.charAt(0).toUpperCase() + words.slice(1), code));
}
byId('purpose-form', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
purpose.addEventListener('change', proceed);
signOutButton.addEventListener('click', () => location.reload());
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
await showEditor();

/** @param {Viewer} newcomer */
function welcome(newcomer) {
  viewer = newcomer;
  const arabic = document.createElement('bdi');
  arabic.lang = 'ar';
  arabic.textContent = newcomer.nameAr ?? '';
  viewerName.replaceChildren('Signed in as ', Object.assign(document.createElement('bdi'), { textContent: newcomer.name }), ' ', arabic);
  signInButton.hidden = true;
  signOutButton.hidden = false;
  setTimeout(() => viewer === newcomer && leave(), newcomer.expiresAt - Date.now());
  proceed();
}

/** When a sign-in has run out, the answers it gave leave the screen with it; the query stays. */
function leave() {
  viewer = undefined;
  viewerName.textContent = 'Your sign-in has ended';
  signInButton.hidden = false;
  signOutButton.hidden = true;
  for (const model of page.monaco?.editor.getModels() ?? []) {
    if (model.uri.path.includes('response')) model.setValue('');
  }
  say('Sign in again to go on. The last answer was removed.');
}

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
    if (viewer?.accessToken !== accessToken) return { errors: [{ message: 'Your sign-in ended before the answer came.' }] };
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

async function showEditor() {
  const workers = { json: 'json-worker.js', graphql: 'graphql-worker.js' };
  page.MonacoEnvironment = {
    globalAPI: true,
    getWorkerUrl: (/** @type {string} */ _, /** @type {string} */ label) =>
      new URL(label in workers ? workers[/** @type {keyof typeof workers} */ (label)] : 'editor-worker.js', files).href,
  };
  // The editor measures its letters once, when it starts.
  await Promise.all([loadScript('graphiql.js'), document.fonts.load(`1em 'Fira Code'`)]);
  page.monaco?.editor.onDidCreateEditor((editor) =>
    editor.updateOptions({
      fontFamily: `'Fira Code', 'Noto Sans Arabic', 'Noto Naskh Arabic', 'Geeza Pro', 'Segoe UI', Tahoma, monospace`,
      // Arabic letters are no lookalikes to be warned of here; invisible marks still are shown.
      unicodeHighlight: { ambiguousCharacters: false, nonBasicASCII: false },
    }),
  );
  page.YogaGraphiQL?.renderYogaGraphiQL(byId('graphiql', HTMLElement), {
    fetcher: ask,
    defaultQuery: DEFAULT_QUERY,
    storage: memory(),
    shouldPersistHeaders: false,
    showPersistHeadersSettings: false,
    isHeadersEditorEnabled: false,
    defaultEditorToolsVisibility: false,
    onEditQuery: () => undefined,
    title: ' ',
    logo: ' ',
  });
}

/** @param {string} name */
function loadScript(name) {
  const script = document.createElement('script');
  script.src = new URL(name, files).href;
  document.head.append(script);
  return new Promise((resolve, reject) => {
    script.addEventListener('load', resolve);
    script.addEventListener('error', () => reject(new Error(`${name} could not be loaded.`)));
  });
}

/** Storage that ends with the page: GraphiQL would otherwise write queries, and what is in them, to the disk. @returns {Storage} */
function memory() {
  /** @type {Map<string, string>} */
  const items = new Map();
  return {
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
    clear: () => items.clear(),
  };
}
