import { type DirectiveNode, type DocumentNode, Kind, type ValueNode } from 'graphql';

/** A directive or type that a schema takes from a specification: identity is the URL without its version, never the local name. */
export interface LinkedElement {
  readonly specification: string;
  readonly name: string;
}

/** Says what a local name (`requiresScopes`, `federation__requiresScopes`, `needs`) stands for; undefined where nothing links it. */
export type ElementOf = (localName: string) => LinkedElement | undefined;

interface Link {
  readonly specification: string;
  readonly version: string;
  readonly prefix: string;
  readonly imports: ReadonlyMap<string, string>;
}

/** The specifications that a document links, with the names under which it calls their elements (core schemas, `@link` v1.0). */
export class Links {
  readonly #links: readonly Link[];

  constructor(document: DocumentNode) {
    this.#links = document.definitions
      .filter(({ kind }) => kind === Kind.SCHEMA_DEFINITION || kind === Kind.SCHEMA_EXTENSION)
      .flatMap((node) => ('directives' in node ? (node.directives ?? []) : []))
      .flatMap((directive) => readLink(directive) ?? []);
  }

  /** The version (`v2.9`) under which a specification is linked. */
  version(specification: string): string | undefined {
    return this.#links.find((link) => link.specification === specification)?.version;
  }

  /** What a local directive name, without its `@`, stands for. */
  readonly directive: ElementOf = (localName) => this.#resolve(`@${localName}`, localName);

  /** What a local type name stands for. */
  readonly type: ElementOf = (localName) => this.#resolve(localName, localName);

  /** The specification that one `@link` application links; undefined for any other directive. */
  static target(directive: DirectiveNode): string | undefined {
    return readLink(directive)?.specification;
  }

  #resolve(imported: string, localName: string): LinkedElement | undefined {
    for (const { specification, prefix, imports } of this.#links) {
      const name = imports.get(imported);
      if (name !== undefined) return { specification, name };
      if (localName.startsWith(`${prefix}__`)) return { specification, name: localName.slice(prefix.length + 2) };
      if (localName === prefix && imported.startsWith('@')) return { specification, name: lastSegment(specification) };
    }
    return undefined;
  }
}

/** Any directive on the schema with a `url` counts: `@link` itself may be renamed. */
function readLink(directive: DirectiveNode): Link | undefined {
  const given = new Map(directive.arguments?.map(({ name, value }) => [name.value, value]));
  const url = stringOf(given.get('url'));
  if (url === undefined) return undefined;
  const [, specification = url, version = ''] = /^(.*?)\/(v\d+\.\d+)\/?$/u.exec(url) ?? [];
  return {
    specification,
    version,
    prefix: stringOf(given.get('as')) ?? lastSegment(specification),
    imports: readImports(given.get('import')),
  };
}

function readImports(value: ValueNode | undefined): ReadonlyMap<string, string> {
  const items = value?.kind === Kind.LIST ? value.values : [];
  return new Map(
    items.flatMap((item): [string, string][] => {
      if (item.kind === Kind.STRING) return [[item.value, bare(item.value)]];
      if (item.kind !== Kind.OBJECT) return [];
      const given = new Map(item.fields.map((field) => [field.name.value, stringOf(field.value)]));
      const name = given.get('name');
      return name === undefined ? [] : [[given.get('as') ?? name, bare(name)]];
    }),
  );
}

const bare = (name: string): string => name.replace(/^@/u, '');
const lastSegment = (specification: string): string => specification.split('/').at(-1) ?? specification;
const stringOf = (value: ValueNode | undefined): string | undefined =>
  value?.kind === Kind.STRING ? value.value : undefined;
