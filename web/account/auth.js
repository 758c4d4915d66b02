import { isSigningIn, SIGN_IN } from "../core/identity.js";
import * as oauth from "../vendor/oauth4webapi/index.js";

/** @typedef {import("../core/api.js").SignIn} SignIn */
/** @typedef {{verifier: string, state: string, nonce: string, url: string}} Flow a sign-in that has begun */
/** @typedef {{access: string, refresh: string, ends: number, name: string}} Tokens name of the person, which may be empty */

/** The session stores only this once a person has signed in. */
const DONE = "done";
const SCOPE = "openid email";
/** A token is renewed this long before it expires, because a request takes time. */
const MARGIN_MS = 60_000;
/** The sign-in may use HTTP if the page does, which is only the case on the local stack. */
const TRANSPORT = { [oauth.allowInsecureRequests]: location.protocol === "http:" };

/**
 * Leaves for the provider's sign-in page. The tab stores only what it needs to come back.
 *
 * @param {SignIn} provider
 * @returns {Promise<never>} never resolves, because the page is left; rejects if the browser stores nothing
 */
export async function begin(provider) {
  const flow = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    url: location.pathname + location.search,
  };
  keep(flow);
  location.assign(await urlToAsk(provider, flow));
  return new Promise(() => {});
}

/**
 * Completes the sign-in that this tab began, or begins one if a person was signed in before the page was reloaded:
 * the provider remembers them, and asks nothing.
 *
 * @param {SignIn} provider
 * @returns {Promise<Tokens | undefined>} undefined if nobody is signing in
 */
export async function resume(provider) {
  const kept = isSigningIn() && sessionStorage.getItem(SIGN_IN);
  if (!kept) return undefined;
  sessionStorage.removeItem(SIGN_IN);
  if (kept === DONE) return begin(provider);
  const answer = new URLSearchParams(location.search);
  if (!answer.has("state")) return undefined; // the person came back without signing in
  const flow = JSON.parse(kept);
  history.replaceState(null, "", flow.url);
  const tokens = await exchange(provider, flow, answer);
  sessionStorage.setItem(SIGN_IN, DONE);
  return tokens;
}

/**
 * @param {SignIn} provider
 * @param {Tokens} tokens that ended
 * @returns {Promise<Tokens | undefined>} undefined if the provider refuses: the person has to sign in again
 */
export async function renew(provider, tokens) {
  const { server, client } = partiesOf(provider);
  try {
    const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh, TRANSPORT);
    return tokensOf(await oauth.processRefreshTokenResponse(server, client, response), tokens);
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) return undefined;
    throw error;
  }
}

/**
 * Signs out here and at the provider, and clears the session of this tab.
 *
 * @param {SignIn} provider
 */
export function leave({ url, client }) {
  sessionStorage.clear();
  addEventListener("pageshow", () => location.reload()); // the browser may keep the page for its Back button
  location.assign(`${url}/logout?${new URLSearchParams({ client_id: client, logout_uri: home() })}`);
}

/** @param {Flow} flow */
function keep(flow) {
  try {
    sessionStorage.setItem(SIGN_IN, JSON.stringify(flow));
  } catch {
    throw new Error("Signing in needs to store something in this tab, and your browser forbids it for this page.");
  }
}

/**
 * @param {SignIn} provider
 * @param {Flow} flow
 */
async function urlToAsk({ url, client }, { verifier, state, nonce }) {
  const code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
  const question = { client_id: client, redirect_uri: home(), response_type: "code", scope: SCOPE, state, nonce };
  return `${url}/oauth2/authorize?${new URLSearchParams({ ...question, code_challenge, code_challenge_method: "S256" })}`;
}

/**
 * @param {SignIn} provider
 * @param {Flow} flow
 * @param {URLSearchParams} answer
 */
async function exchange(provider, { verifier, state, nonce }, answer) {
  const { server, client } = partiesOf(provider);
  const checked = oauth.validateAuthResponse(server, client, answer, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server, client, oauth.None(), checked, home(), verifier, TRANSPORT);
  return tokensOf(await oauth.processAuthorizationCodeResponse(server, client, response, { expectedNonce: nonce }));
}

/** @param {SignIn} provider */
function partiesOf({ url, client, issuer }) {
  return { server: { issuer, token_endpoint: `${url}/oauth2/token` }, client: { client_id: client } };
}

/**
 * @param {oauth.TokenEndpointResponse} answer
 * @param {Tokens} [before] the tokens that a refresh may omit
 * @returns {Tokens}
 */
function tokensOf(answer, before) {
  return {
    access: answer.access_token,
    refresh: answer.refresh_token ?? before?.refresh ?? "",
    ends: Date.now() + (answer.expires_in ?? Infinity) * 1000 - MARGIN_MS,
    name: nameIn(answer) ?? before?.name ?? "",
  };
}

/**
 * @param {oauth.TokenEndpointResponse} answer
 * @returns {string | undefined} of the person
 */
function nameIn(answer) {
  const claims = oauth.getValidatedIdTokenClaims(answer);
  const name = claims?.name ?? claims?.email;
  return typeof name === "string" ? name : undefined;
}

/** The only URL of the page that the provider redirects to. */
function home() {
  return `${location.origin}/`;
}
