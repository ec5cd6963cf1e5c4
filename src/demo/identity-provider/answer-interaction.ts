import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Provider, errors } from 'oidc-provider';
import type { DemoViewer } from '../people.ts';
import { errorPage, preferredLanguage, signInPage } from './sign-in-page.ts';

/** Where the provider sends the browser to be asked who signs in. */
export const INTERACTION_PATH = '/interaction/';

const LONGEST_FORM = 1_000;

/** Shows the sign-in page and takes its form: the whole of the demo's user interaction (OpenID Connect Core §3.1.2.3). */
export async function answerInteraction(
  provider: Provider,
  people: readonly DemoViewer[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const language = preferredLanguage(request.headers['accept-language']);
  const refuse = (status: number, reason: string): void => sendPage(response, status, errorPage(language, reason));
  try {
    const { uid, params } = await provider.interactionDetails(request, response);
    const action = `${INTERACTION_PATH}${uid}`;
    if (request.url !== action) return refuse(404, 'There is nothing at this address.');
    if (request.method === 'GET') {
      const returnTo = new URL(String(params.redirect_uri)).origin;
      return sendPage(response, 200, signInPage(language, { people, action, returnTo }));
    }
    if (request.method !== 'POST') return refuse(405, 'Use the sign-in page.');
    const form = await readForm(request);
    if (form.has('cancel')) {
      const result = { error: 'access_denied', error_description: 'sign-in was cancelled' };
      return await provider.interactionFinished(request, response, result);
    }
    const person = people.find(({ id }) => id === form.get('person'));
    if (!person) return refuse(400, 'Nobody of that name can sign in to the demo.');
    await provider.interactionFinished(request, response, { login: { accountId: person.id, remember: false } });
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    refuse(error.statusCode, 'This sign-in is no longer open.');
  }
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > LONGEST_FORM) throw new errors.InvalidRequest('the form is too large', 413);
  }
  return new URLSearchParams(text);
}
