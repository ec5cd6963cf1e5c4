import { type DocumentNode, GraphQLError, parse } from 'graphql';
import { Links } from './linked-elements.ts';
import { type SchemaElement, schemaElements } from './schema-elements.ts';

/** A custodian's schema as its subgraph serves it: SDL text under the subgraph's name and address. */
export interface ServedSchema {
  readonly subgraph: string;
  readonly url: string;
  readonly sdl: string;
}

/** A custodian's schema, parsed, with what its directives stand for. */
export interface SubgraphSchema extends ServedSchema {
  readonly document: DocumentNode;
  readonly links: Links;
  readonly elements: readonly SchemaElement[];
}

/** Parses a served schema; throws `CompositionError` where it is not SDL. */
export function parseSubgraphSchema(served: ServedSchema): SubgraphSchema {
  try {
    const document = parse(served.sdl);
    const links = new Links(document);
    return { ...served, document, links, elements: [...schemaElements(document, links)] };
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause;
    throw new CompositionError([`${served.subgraph}: its schema is not GraphQL: ${cause.message}`]);
  }
}

/** Schemas that may not be, or cannot be, composed; the message lists every fault. */
export class CompositionError extends Error {
  override readonly name = 'CompositionError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The custodians' schemas do not compose:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}
