import type { GraphQLSchema } from 'graphql';
import { type GivenBounds, LONGEST_LIST, givenBounds } from './list-bounds.ts';
import type { SelectedField } from './selected-fields.ts';

/** A path in a subgraph's answer. */
export type AnswerPath = readonly (string | number)[];

/** How long the lists of a value may be, and the page that the objects in it are, where they are one. */
export interface Bounds {
  readonly longest: number;
  readonly page: number | undefined;
}

/** Where no contract bounds lists, the size of the answer alone does. */
export const UNBOUNDED: Bounds = { longest: Infinity, page: undefined };
/** Where neither an argument nor a page does. */
const USUAL: Bounds = { longest: LONGEST_LIST, page: undefined };

/** One answer as it is read; `bounds` are those found out for others of the same question. */
export class AnswerReading {
  readonly schema: GraphQLSchema;
  readonly keepsContract: boolean;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #garbage: (path: AnswerPath) => void;
  readonly #bounds: Map<SelectedField, GivenBounds>;
  /** Where the reading is. */
  readonly path: (string | number)[] = [];

  constructor(
    schema: GraphQLSchema,
    variables: Readonly<Record<string, unknown>>,
    keepsContract: boolean,
    bounds: Map<SelectedField, GivenBounds>,
    garbage: (path: AnswerPath) => void,
  ) {
    this.schema = schema;
    this.keepsContract = keepsContract;
    this.#variables = variables;
    this.#bounds = bounds;
    this.#garbage = garbage;
  }

  /** What stands where a value does not fit. */
  misfit(): null {
    this.#garbage([...this.path]);
    return null;
  }

  /** How long the lists of a field may be; `page` is how long the page is that the field's object is. */
  boundsOf(field: SelectedField, hasArguments: boolean, page: number | undefined): Bounds {
    if (!this.keepsContract) return UNBOUNDED;
    if (!hasArguments) return page === undefined ? USUAL : { longest: page, page: undefined };
    const known = this.#bounds.get(field);
    const { first, longest } = known ?? givenBounds(field, this.#variables);
    if (!known) this.#bounds.set(field, { first, longest });
    return { longest: first ?? page ?? longest ?? LONGEST_LIST, page: first };
  }
}
