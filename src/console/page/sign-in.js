import * as oauth from 'oauth4webapi';

/**
 * @typedef {{ issuer: string, clientId: string, audience: string, purposes: string[] }} Settings
 * @typedef {{ accessToken: string, expiresAt: number, subject: string, name: string, nameAr: string | undefined }} Viewer
 */

/**
 * Signs somebody in, by authorization code with PKCE (RFC 7636) in a window of its own. What passes between the two
 * stays in this function's variables. Throws an Error whose message is for the reader.
 *
 * @param {Settings} settings
 * @returns {Promise<Viewer>}
 */
export async function signIn({ issuer, clientId, audience }) {
  // The window has to be opened while the click is being handled, or the browser blocks it.
  const popup = window.open('', 'amana-sign-in', 'popup,width=520,height=760');
  if (!popup) throw new Error('The browser blocked the sign-in window. Allow pop-ups for this page and try again.');
  const options = { [oauth.allowInsecureRequests]: issuer.startsWith('http:') };
  const client = { client_id: clientId };
  try {
    const server = await discover(issuer, options);
    const redirectUri = new URL('/signed-in', location.origin).href;
    const [verifier, state, nonce] = [
      oauth.generateRandomCodeVerifier(),
      oauth.generateRandomState(),
      oauth.generateRandomNonce(),
    ];
    const url = new URL(server.authorization_endpoint ?? '');
    const parameters = {
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid profile',
      resource: audience,
      // Whoever sat here before must not be signed in again by the provider's own session.
      prompt: 'login',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const answer = await answerIn(popup, url, state);
    const callback = oauth.validateAuthResponse(server, client, answer, state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      callback,
      redirectUri,
      verifier,
      options,
    );
    const expected = { expectedNonce: nonce, requireIdToken: true };
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, expected);
    return viewerOf(tokens);
  } catch (error) {
    popup.close();
    if (error instanceof oauth.AuthorizationResponseError && error.error === 'access_denied') {
      throw new Error('Sign-in was cancelled.', { cause: error });
    }
    throw error;
  }
}

/**
 * @param {string} issuer
 * @param {oauth.DiscoveryRequestOptions} options
 */
async function discover(issuer, options) {
  try {
    const url = new URL(issuer);
    return await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options));
  } catch (cause) {
    throw new Error('The identity provider cannot be reached. Try again in a moment.', { cause });
  }
}

/**
 * Sends the window to the provider and waits for the answer that `/signed-in` passes on; other tabs' answers are not ours.
 *
 * @param {Window} popup
 * @param {URL} url
 * @param {string} state
 * @returns {Promise<URLSearchParams>}
 */
function answerIn(popup, url, state) {
  return new Promise((resolve, reject) => {
    const channel = new BroadcastChannel('amana-sign-in');
    const watching = setInterval(() => {
      if (!popup.closed) return;
      finish();
      reject(new Error('The sign-in window was closed.'));
    }, 500);
    const finish = () => {
      clearInterval(watching);
      channel.close();
    };
    channel.addEventListener('message', ({ data }) => {
      const answer = new URLSearchParams(typeof data === 'string' ? data : '');
      if (answer.get('state') !== state) return;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel, which is of one origin
      channel.postMessage('received');
      finish();
      resolve(answer);
    });
    popup.location.replace(url);
  });
}

/**
 * @param {oauth.TokenEndpointResponse} tokens
 * @returns {Viewer}
 */
function viewerOf(tokens) {
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (!claims) throw new Error('The identity provider did not say who signed in.');
  const nameAr = claims['name#ar'];
  return {
    accessToken: tokens.access_token,
    expiresAt: Date.now() + (tokens.expires_in ?? 300) * 1000,
    subject: claims.sub,
    name: typeof claims.name === 'string' ? claims.name : claims.sub,
    nameAr: typeof nameAr === 'string' ? nameAr : undefined,
  };
}
