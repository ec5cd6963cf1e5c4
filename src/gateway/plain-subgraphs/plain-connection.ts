import { CustodianConnection } from '../custodian-connection.ts';

/**
 * The connections to a subgraph that knows nothing of the gateway: GraphQL over HTTP at one address. It goes by its name
 * alone, and there is nobody to ask for access to it.
 */
export class PlainConnection extends CustodianConnection {
  readonly #endpoint: string;

  constructor(name: string, url: string) {
    const { origin, pathname, search } = new URL(url);
    super({ id: name, subgraph: name, url: origin, name: { en: name, ar: name }, contact: '' });
    this.#endpoint = `${pathname}${search}`;
  }

  override get endpoint(): string {
    return this.#endpoint;
  }
}
