import { SchemaMetaFieldDef, TypeMetaFieldDef } from 'graphql';
import { ListedError } from '../../protocol/errors.ts';
import type { AskedSelection } from '../resolve/expand-selections.ts';

/** Throws `GRAPHQL_VALIDATION_FAILED` where an operation asks for anything of the schema itself. */
export function refuseIntrospection(selections: readonly AskedSelection[]): void {
  for (const selection of selections) {
    if (selection.kind === 'fragment') refuseIntrospection(selection.selections);
    else if (selection.definition === SchemaMetaFieldDef || selection.definition === TypeMetaFieldDef)
      throw new ListedError('GRAPHQL_VALIDATION_FAILED', {
        detail: 'The schema is shown only to those who have signed in: leave __schema and __type out.',
      });
  }
}
