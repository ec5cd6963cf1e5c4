import { type GraphQLObjectType, getNamedType, isLeafType, isObjectType, isRequiredArgument, parse } from 'graphql';
import { ListedError } from '../protocol/errors.ts';
import type { SupergraphSnapshot } from './compose/supergraph-snapshot.ts';
import type { PlanOperation } from './plan.ts';

const LEVELS = 4;
const MOST_FIELDS = 200;
const ROUNDS = 3;

/**
 * Plans a question made up from the schema itself before anybody asks one: the first plans of a process take more than
 * twice as long as later ones, and while one is made nobody else is served. `planner` answers one that remembers nothing yet.
 */
export function warmPlanner(snapshot: SupergraphSnapshot, planner: () => PlanOperation): void {
  const query = snapshot.apiSchema.getQueryType();
  if (!query) return;
  const document = parse(`{ __typename ${fieldsOf(query)} }`);
  try {
    for (let round = 0; round < ROUNDS; round += 1) planner()(snapshot, document);
  } catch (cause) {
    // Where there are more ways to a field than are followed, whoever asks for it is told.
    if (!(cause instanceof ListedError)) throw cause;
  }
}

/** Some fields of a type, as deep as they lead. */
function fieldsOf(root: GraphQLObjectType): string {
  let left = MOST_FIELDS;
  const within = (parent: GraphQLObjectType, levels: number): string => {
    const chosen: string[] = [];
    for (const { name, type, args } of Object.values(parent.getFields())) {
      const inside = getNamedType(type);
      if (left <= 0 || args.some(isRequiredArgument)) continue;
      if (!isLeafType(inside) && levels === 0) continue;
      left -= 1;
      const selected = isObjectType(inside) ? within(inside, levels - 1) : '';
      chosen.push(isLeafType(inside) ? name : `${name} { __typename ${selected} }`);
    }
    return chosen.join(' ');
  };
  return within(root, LEVELS);
}
