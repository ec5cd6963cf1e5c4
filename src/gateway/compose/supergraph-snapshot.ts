import { createHash } from 'node:crypto';
import { type Schema, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import {
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLSchema,
  TypeNameMetaFieldDef,
  isAbstractType,
  isCompositeType,
  parse,
  print,
} from 'graphql';
import type { Requirement } from '../../protocol/requirements.ts';
import { type Demand, NOTHING, bothDemands, isNothing } from './demand.ts';
import { FieldDemands } from './field-demands.ts';
import { type SupergraphFacts, readSupergraph } from './read-supergraph.ts';
import { stripSupergraph } from './strip-supergraph.ts';

/** What one subgraph demands before a field may be asked for. */
export interface FieldNeed extends Demand {
  readonly subgraph: string;
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
  /** The labels of progressive `@override`s, which are decided for each request. */
  readonly overrideLabels: readonly string[];
  /** The addresses of the subgraphs, by name. */
  readonly urls: ReadonlyMap<string, string>;
  readonly #supergraph: Supergraph;
  readonly #subgraphSchemas = new Map<string, GraphQLSchema>();
  readonly #facts: SupergraphFacts;
  readonly #demands: FieldDemands;
  /** By type and field; like all that is computed once here, it follows from the supergraph alone. */
  readonly #needs = new Map<string, Map<string, readonly FieldNeed[]>>();
  /** By type. */
  readonly #recordsOf = new Map<string, string | undefined>();

  constructor(sdl: string) {
    const document = parse(sdl);
    this.sdl = sdl;
    this.version = createHash('sha256').update(sdl).digest('hex');
    this.#facts = readSupergraph(document);
    const supergraph = Supergraph.build(print(stripSupergraph(document)));
    this.planner = new QueryPlanner(supergraph, { exposeDocumentNodeInFetchNode: true, debug: PLANNING });
    this.plannerSchema = supergraph.apiSchema();
    this.apiSchema = this.plannerSchema.toGraphQLJSSchema();
    this.supergraphSchema = supergraph.schema.toGraphQLJSSchema();
    this.overrideLabels = this.#facts.overrideLabels;
    this.urls = new Map(supergraph.subgraphsMetadata().map(({ name, url }) => [name, url]));
    this.#supergraph = supergraph;
    this.#demands = new FieldDemands(this.#facts, this.supergraphSchema);
  }

  /** One subgraph's own part of the schema, against which its answers are held; throws where there is no such subgraph. */
  subgraphSchema(subgraph: string): GraphQLSchema {
    const known = this.#subgraphSchemas.get(subgraph);
    if (known) return known;
    const schema = this.#supergraph.subgraphs().get(subgraph)?.schema.toGraphQLJSSchema();
    if (!schema) throw new Error('a fetch from a subgraph that the supergraph does not have');
    this.#subgraphSchemas.set(subgraph, schema);
    return schema;
  }

  /**
   * What each subgraph that may resolve a field demands for it: the rules of the field, of the type it is on and of the
   * type it returns; on an abstract type, those of all possible types. A value type's field, which several subgraphs
   * resolve, answers nothing here: it belongs to whoever resolved its parent.
   */
  needs(parent: GraphQLCompositeType, field: string): readonly FieldNeed[] {
    const ofType = this.#needs.get(parent.name) ?? new Map<string, readonly FieldNeed[]>();
    let needs = ofType.get(field);
    if (!needs) {
      const possible = this.#possibleTypes(parent).flatMap((type) =>
        this.#needsOn(type, field, this.#demands.of(type, field)),
      );
      const beyond = this.#demands.beyondTypes(parent, field);
      needs = merge(isNothing(beyond) ? possible : [...possible, ...this.#needsOn(parent, field, beyond)]);
      this.#needs.set(parent.name, ofType.set(field, needs));
    }
    return needs;
  }

  /** The subgraphs that resolve a field; on an abstract type, on any of the possible types. */
  resolversOf(parent: GraphQLCompositeType, field: string): readonly string[] {
    return [parent, ...this.#possibleTypes(parent)].flatMap(
      ({ name }) => this.#facts.owners.get(`${name}.${field}`) ?? [],
    );
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

  /** What reading a field named by its coordinate demands, in one subgraph or wherever it is resolved; undefined where nothing guards it. */
  demandOf(coordinate: string, subgraph?: string): Demand | undefined {
    const [type = '', field = ''] = coordinate.split('.');
    const parent = this.supergraphSchema.getType(type);
    if (!isCompositeType(parent)) return undefined;
    const needs = this.needs(parent, field).filter((need) => subgraph === undefined || need.subgraph === subgraph);
    const demand = needs.reduce<Demand>(bothDemands, NOTHING);
    return isNothing(demand) ? undefined : demand;
  }

  /** The scopes that one subgraph demands for reading a field named by its coordinate; undefined where it demands none. */
  requirementOf(subgraph: string, coordinate: string): Requirement | undefined {
    const requirement = this.demandOf(coordinate, subgraph)?.requirement;
    return requirement && requirement.length > 0 ? requirement : undefined;
  }

  /** Whether subgraphs are handed something of each other's under a name: then nothing else may be fetched under it. */
  isHanded(name: string): boolean {
    return this.#facts.handedNames.has(name);
  }

  /** The subgraph that alone defines a type; undefined where several do. */
  ownerOf(type: string): string | undefined {
    const [owner, ...others] = this.#facts.owners.get(type) ?? [];
    return others.length === 0 ? owner : undefined;
  }

  /** The subgraph whose records an object type holds: those of its own whose `id` is guarded; undefined for any other type. */
  recordsOf(type: string): string | undefined {
    if (!this.#recordsOf.has(type))
      this.#recordsOf.set(type, this.#facts.demands.has(`${type}.id`) ? this.ownerOf(type) : undefined);
    return this.#recordsOf.get(type);
  }

  #needsOn(type: GraphQLNamedType, field: string, demand: Demand): FieldNeed[] {
    const owners =
      this.#facts.owners.get(field === TypeNameMetaFieldDef.name ? type.name : `${type.name}.${field}`) ?? [];
    if (isNothing(demand)) return owners.length === 1 ? owners.map((subgraph) => ({ subgraph, ...demand })) : [];
    // A guard on what several resolve is refused between custodians; should one get through, all of them must carry it.
    return (owners.length > 0 ? owners : [NOBODY]).map((subgraph) => ({ subgraph, ...demand }));
  }

  /** A subgraph may have as an object what the supergraph has as an interface (`@interfaceObject`). */
  #possibleTypes(given: GraphQLNamedType): readonly GraphQLNamedType[] {
    const type = this.supergraphSchema.getType(given.name) ?? given;
    return isAbstractType(type) ? this.supergraphSchema.getPossibleTypes(type) : [type];
  }
}

/**
 * How far the planner looks, so that no operation keeps it busy while others wait: how many whole plans it compares, and
 * how many ways it follows to one field, beyond which the operation is refused.
 */
const PLANNING = { maxEvaluatedPlans: 32, pathsLimit: 100 };

/** In the place of an owner, where a supergraph names none: nobody grants what is guarded then. */
const NOBODY = '';

function merge(needs: readonly FieldNeed[]): readonly FieldNeed[] {
  const bySubgraph = new Map<string, Demand>();
  for (const { subgraph, ...demand } of needs)
    bySubgraph.set(subgraph, bothDemands(bySubgraph.get(subgraph) ?? NOTHING, demand));
  return Array.from(bySubgraph, ([subgraph, demand]) => ({ subgraph, ...demand }));
}
