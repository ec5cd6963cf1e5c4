import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

interface TextFile {
  readonly text: string;
  readonly type: string;
}

/** The console's two pages, the files they load by name, and a version that changes whenever one of them does. */
export interface ConsoleFiles {
  readonly pages: Readonly<Record<'console.html' | 'signed-in.html', string>>;
  readonly files: ReadonlyMap<string, TextFile>;
  readonly version: string;
}

const SCRIPTS = ['console.js', 'sign-in.js', 'editor.js', 'answer-report.js', 'default-query.js', 'signed-in.js'];

/** Reads the console's own files and those of GraphiQL and of the OAuth client, from the installed packages. */
export async function loadConsoleFiles(): Promise<ConsoleFiles> {
  const own = (name: string): Promise<string> => readFile(new URL(`page/${name}`, import.meta.url), 'utf8');
  const graphiql = await import('@graphql-yoga/render-graphiql/graphiql');
  const files = new Map<string, TextFile>();
  for (const name of SCRIPTS) files.set(name, script(await own(name)));
  files.set('oauth4webapi.js', script(await readFile(new URL(import.meta.resolve('oauth4webapi')), 'utf8')));
  files.set('graphiql.js', script(graphiql.js));
  files.set('editor-worker.js', script(graphiql.editorWorkerService));
  files.set('json-worker.js', script(graphiql.jsonWorker));
  files.set('graphql-worker.js', script(graphiql.graphqlWorker));
  files.set('console.css', style(await own('console.css')));
  files.set('graphiql.css', style(graphiql.css));
  const pages = { 'console.html': await own('console.html'), 'signed-in.html': await own('signed-in.html') };
  const digest = createHash('sha256');
  for (const [name, { text }] of files) digest.update(name).update(text);
  return { pages, files, version: digest.digest('base64url').slice(0, 16) };
}

const script = (text: string): TextFile => ({ text, type: 'text/javascript; charset=utf-8' });
const style = (text: string): TextFile => ({ text, type: 'text/css; charset=utf-8' });
