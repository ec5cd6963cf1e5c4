import { DEFAULT_QUERY } from './default-query.js';

/**
 * @typedef {{ updateOptions: (options: object) => void }} Editor
 * @typedef {{ onDidCreateEditor: (listener: (editor: Editor) => void) => void }} MonacoEditors
 * @typedef {{ renderYogaGraphiQL: (element: HTMLElement, options: object) => void }} GraphiQL
 * @typedef {{ MonacoEnvironment?: object, monaco?: { editor: MonacoEditors }, YogaGraphiQL?: GraphiQL }} Globals
 */

/** What GraphiQL's script reads from the page, and what it leaves there. */
const page = /** @type {Globals} */ (/** @type {object} */ (globalThis));
const files = new URL('.', import.meta.url);

/**
 * Shows GraphiQL in an element, with everything it would keep on the disk kept in memory instead.
 *
 * @param {HTMLElement} element
 * @param {(request: { query: string, operationName?: string | null, variables?: unknown }) => Promise<object>} fetcher
 */
export async function showEditor(element, fetcher) {
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
  page.YogaGraphiQL?.renderYogaGraphiQL(element, {
    fetcher,
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
