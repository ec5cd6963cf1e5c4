import { createHash } from 'node:crypto';
import { type Schema, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import {
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  parse,
  print,
} from 'graphql';
import { type Requirement, both } from '../../protocol/requirements.ts';
import { type SupergraphFacts, readSupergraph } from './read-supergraph.ts';
import { stripSupergraph } from './strip-supergraph.ts';

/** What one subgraph demands before a field may be asked for. */
export interface FieldNeed {
  readonly subgraph: string;
  readonly requirement: Requirement;
}

/**
 * One version of the supergraph with all that is derived from it: immutable, and kept by a request from its start to its
 * end, so that no plan ever meets another version's schema.
 */
export class SupergraphSnapshot {
  /** SHA-256 of the supergraph's SDL. */
  readonly version: string;
  readonly sdl: string;
  /** What clients see and are validated against. */
  readonly apiSchema: GraphQLSchema;
  /** The whole of it, machinery and inaccessible elements included. */
  readonly supergraphSchema: GraphQLSchema;
  readonly plannerSchema: Schema;
  readonly planner: QueryPlanner;
  readonly #facts: SupergraphFacts;
  readonly #needs = new Map<string, readonly FieldNeed[]>();

  constructor(sdl: string) {
    const document = parse(sdl);
    this.sdl = sdl;
    this.version = createHash('sha256').update(sdl).digest('hex');
    this.#facts = readSupergraph(document);
    const supergraph = Supergraph.build(print(stripSupergraph(document)));
    this.planner = new QueryPlanner(supergraph, { exposeDocumentNodeInFetchNode: true });
    this.plannerSchema = supergraph.apiSchema();
    this.apiSchema = this.plannerSchema.toGraphQLJSSchema();
    this.supergraphSchema = supergraph.schema.toGraphQLJSSchema();
  }

  /**
   * What each subgraph that may resolve a field demands for it: the rules of the field, of the type it is on and of the
   * type it returns; on an abstract type, those of all possible types. A value type's field, which several subgraphs
   * resolve, answers nothing here: it belongs to whoever resolved its parent.
   */
  needs(parent: GraphQLCompositeType, field: string): readonly FieldNeed[] {
    const key = `${parent.name}.${field}`;
    let needs = this.#needs.get(key);
    if (!needs) {
      needs = merge(this.#possibleTypes(parent).flatMap((type) => this.#needsOn(type, field)));
      this.#needs.set(key, needs);
    }
    return needs;
  }

  /** The fields (`Type.field`) that an argument reads; on an abstract type, those of all possible types. */
  argumentGuards(parent: GraphQLCompositeType, field: string, argument: string): readonly string[] {
    const types = [parent, ...this.#possibleTypes(parent)];
    return types.flatMap(({ name }) => this.#facts.guardedBy.get(`${name}.${field}(${argument}:)`) ?? []);
  }

  /** The fields that an input field reads. */
  inputFieldGuards(input: string, field: string): readonly string[] {
    return this.#facts.guardedBy.get(`${input}.${field}`) ?? [];
  }

  /** What one subgraph demands for reading a field named by its coordinate; undefined where it guards no such field. */
  requirementOf(subgraph: string, coordinate: string): Requirement | undefined {
    const [type = '', field = ''] = coordinate.split('.');
    const parent = this.supergraphSchema.getType(type);
    if (!isCompositeType(parent)) return undefined;
    const requirement = this.needs(parent, field).find((need) => need.subgraph === subgraph)?.requirement;
    return requirement && requirement.length > 0 ? requirement : undefined;
  }

  /** The subgraph that alone defines a type; undefined where several do. */
  ownerOf(type: string): string | undefined {
    const [owner, ...others] = this.#facts.owners.get(type) ?? [];
    return others.length === 0 ? owner : undefined;
  }

  /** The subgraph whose records an object type holds: those of its own whose `id` is guarded; undefined for any other type. */
  recordsOf(type: string): string | undefined {
    return this.#facts.requirements.has(`${type}.id`) ? this.ownerOf(type) : undefined;
  }

  #needsOn(type: GraphQLNamedType, field: string): FieldNeed[] {
    const coordinate = `${type.name}.${field}`;
    const owners = this.#facts.owners.get(coordinate) ?? [];
    const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[field] : undefined;
    const returned = definition ? this.#possibleTypes(getNamedType(definition.type)) : [];
    const requirement = [type.name, coordinate, ...returned.map(({ name }) => name)]
      .map((guarded) => this.#facts.requirements.get(guarded) ?? [])
      .reduce(both, []);
    // A guard on what several resolve is refused at composition; should one get through, all of them must carry it.
    return owners.length === 1 || requirement.length > 0 ? owners.map((subgraph) => ({ subgraph, requirement })) : [];
  }

  #possibleTypes(type: GraphQLNamedType): readonly GraphQLNamedType[] {
    return isAbstractType(type) ? this.supergraphSchema.getPossibleTypes(type) : [type];
  }
}

function merge(needs: readonly FieldNeed[]): readonly FieldNeed[] {
  const bySubgraph = new Map<string, Requirement>();
  for (const { subgraph, requirement } of needs)
    bySubgraph.set(subgraph, both(bySubgraph.get(subgraph) ?? [], requirement));
  return Array.from(bySubgraph, ([subgraph, requirement]) => ({ subgraph, requirement }));
}
