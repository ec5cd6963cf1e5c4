import { type GraphQLResolverMap, buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { type GraphQLDirective, type GraphQLSchema, buildSchema, parse } from 'graphql';
import { type NonEmptyArray, buildSchemaSync, createResolversMap } from 'type-graphql';
import { CUSTODIAN_SCHEMA_LINKS, GATHER_SDL } from '../../protocol/directives.ts';
import type { CustodianDefinition } from './custodian-definition.ts';
import { enforceFieldRules } from './enforce-field-rules.ts';
import { refuseReadsBeyond } from './declared-reads.ts';
import { FieldRules } from './field-rules.ts';
import { guardPositions } from './list-position.ts';
import { resolveAsGiven } from './resolved-by.ts';

/** A subgraph as it is served: with the rules that its schema states already enforced. */
export interface Subgraph {
  readonly schema: GraphQLSchema;
  readonly rules: FieldRules;
  /** The schema as the gateway composes it. */
  readonly sdl: string;
}

type Declared = Pick<CustodianDefinition, 'subgraph' | 'resolvers'>;

/** Builds a custodian's subgraph from its classes. Throws `SchemaFault` where its guards would not hold. */
export function buildSubgraph({ subgraph, resolvers: classes }: Declared): Subgraph {
  const declared = declare(classes);
  const sdl = print(declared);
  resolveAsGiven(declared);
  // The two libraries name the type of one and the same map differently.
  const resolvers = createResolversMap(declared) as GraphQLResolverMap;
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]);
  const rules = new FieldRules(schema, subgraph);
  refuseReadsBeyond(declared, rules);
  enforceFieldRules(schema, rules);
  return { schema, rules, sdl };
}

/** A custodian's subgraph schema as SDL, with the links that Federation reads. */
export const printSubgraph = ({ resolvers }: Declared): string => print(declare(resolvers));

const declare = (resolvers: CustodianDefinition['resolvers']): GraphQLSchema => {
  const [first, ...rest] = resolvers;
  const classes: NonEmptyArray<Function> = [first, ...rest];
  const schema = buildSchemaSync({ resolvers: classes, directives: gather(), validate: false });
  guardPositions(schema);
  return schema;
};

/** What is not defined when the schema is printed would be printed with its enum values as texts. */
const gather = (): GraphQLDirective[] =>
  buildSchema(GATHER_SDL, { assumeValidSDL: true })
    .getDirectives()
    .filter(({ name }) => name === 'gather');

const print = (schema: GraphQLSchema): string => `${CUSTODIAN_SCHEMA_LINKS}\n${printSchemaWithDirectives(schema)}\n`;
