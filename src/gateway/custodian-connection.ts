import { Pool } from 'undici';

const MAXIMUM_ANSWER = 8 * 1024 * 1024;
const CONNECTIONS = 32;

/** One custodian as the gateway's configuration names it. */
export interface Custodian {
  readonly id: string;
  readonly subgraph: string;
  readonly url: string;
  readonly name: { readonly en: string; readonly ar: string };
  readonly contact: string;
}

/** What a custodian answered over HTTP, the body as text. */
export interface CustodianAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** What is asked of a custodian; `signal` ends the exchange, body included. */
export interface CustodianRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** The kept-alive connections to one custodian: the only thing that requests share. */
export class CustodianConnection {
  readonly custodian: Custodian;
  readonly #pool: Pool;
  readonly #base: string;

  constructor(custodian: Custodian) {
    const { origin, pathname } = new URL(custodian.url);
    this.custodian = custodian;
    this.#base = pathname.replace(/\/$/u, '');
    this.#pool = new Pool(origin, {
      connections: CONNECTIONS,
      maxResponseSize: MAXIMUM_ANSWER,
      connect: { timeout: 3_000 },
    });
  }

  /** Sends one request, follows no redirect, and reads at most 8 MB; throws where there is no whole answer. */
  async request({ method, path, headers, body, signal }: CustodianRequest): Promise<CustodianAnswer> {
    const answer = await this.#pool.request({
      method,
      path: `${this.#base}${path}`,
      headers: { accept: 'application/json', ...headers },
      signal,
      ...(body !== undefined && { body }),
    });
    const type = answer.headers['content-type'];
    const mediaType =
      String(Array.isArray(type) ? type[0] : (type ?? ''))
        .split(';', 1)[0]
        ?.trim()
        .toLowerCase() ?? '';
    const { statusCode: status, headers: answered } = answer;
    return { status, mediaType, headers: answered, text: await answer.body.text() };
  }

  /** Ends idle connections and waits for those in use. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}
