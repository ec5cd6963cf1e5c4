import { CustodianConnection } from '../custodian-connection.ts';
import type { HealthSurroundings } from '../custodian-health.ts';

/**
 * The connections to a subgraph that knows nothing of the gateway: GraphQL over HTTP at one address. It goes by its name
 * alone, and there is nobody to ask for access to it.
 */
export class PlainConnection extends CustodianConnection {
  readonly #endpoint: string;

  constructor(name: string, url: string, surroundings: HealthSurroundings) {
    const { origin, pathname, search } = new URL(url);
    super({ id: name, subgraph: name, url: origin, name: { en: name, ar: name }, contact: '' }, surroundings);
    this.#endpoint = `${pathname}${search}`;
  }

  override get endpoint(): string {
    return this.#endpoint;
  }

  /** It has no address for that; what answers the least of operations in JSON is there. */
  override async isReady(signal: AbortSignal): Promise<boolean> {
    try {
      const { status, mediaType } = await this.request({
        method: 'POST',
        path: this.#endpoint,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ __typename }' }),
        signal,
      });
      // One that wants to know who asks says so as GraphQL does, and is there.
      return status < 500 && /^application\/(graphql-response\+)?json$/u.test(mediaType);
    } catch {
      return false;
    }
  }
}
