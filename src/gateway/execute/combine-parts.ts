import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type SelectionNode,
  type VariableNode,
  getOperationAST,
  print,
  visit,
} from 'graphql';
import type { Body, ReportedError } from './read-answer.ts';
import type { FetchPart } from './fetch-part.ts';
import { responseKey } from './selected-fields.ts';

/** A question to a custodian, as it goes over HTTP ("GraphQL over HTTP", request parameters). */
interface CombinedQuestion {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Of parts that go alone: one may be asked of many hosts. */
const aloneTexts = new WeakMap<FetchPart, string>();

/** One question out of all parts, as JSON: of several, the roots and variables of each have its number before their names. */
export function questionOf(parts: readonly FetchPart[]): string {
  const [only, ...others] = parts;
  if (!only || others.length > 0) return JSON.stringify(combineParts(parts));
  const { keys, query, variables } = only;
  const text = aloneTexts.get(only) ?? JSON.stringify({ query: keys?.query ?? query, variables });
  aloneTexts.set(only, text);
  return text;
}

function combineParts(parts: readonly FetchPart[]): CombinedQuestion {
  const numbered = parts.map((part, index) => numberedText(part.keys?.document ?? part.document, index));
  const variables = parts.flatMap((part, index) =>
    Object.entries(part.variables).map(([name, value]) => [`${prefixOf(index)}${name}`, value] as const),
  );
  const declared = numbered.map((text) => text.variables).filter((text) => text !== '');
  const declaration = declared.length > 0 ? `query (${declared.join(', ')}) ` : '';
  const roots = numbered.map((text) => text.roots).join(' ');
  return { query: `${declaration}{ ${roots} }`, variables: Object.fromEntries(variables) };
}

/**
 * What of an answer to all parts answers each of them; an error without a path is one of each. It is gone through once,
 * however many parts there are: what is in it is the custodian's to say.
 */
export function partsOf(parts: readonly FetchPart[], { data, errors }: Body): Body[] {
  if (parts.length === 1) return [{ data, errors }];
  const values = new Map<number, [string, unknown][]>();
  const reported = new Map<number, ReportedError[]>();
  for (const [key, value] of Object.entries(data ?? {})) {
    const own = numberedKey(key);
    if (own) valuesAt(values, own.index).push([own.key, value]);
  }
  for (const { code, path } of errors) {
    const [root, ...below] = path ?? [];
    const own = numberedKey(root);
    if (own) valuesAt(reported, own.index).push({ code, path: [own.key, ...below] });
  }
  const ofEach = errors.filter(({ path }) => path?.[0] === undefined);
  return parts.map((_, index) => ({
    data: data && Object.fromEntries(values.get(index) ?? []),
    errors: [...ofEach, ...(reported.get(index) ?? [])],
  }));
}

function valuesAt<Value>(byIndex: Map<number, Value[]>, index: number): Value[] {
  const known = byIndex.get(index) ?? [];
  byIndex.set(index, known);
  return known;
}

/** The number and the own name of a key to which `prefixOf` was given. */
function numberedKey(key: string | number | undefined): { readonly index: number; readonly key: string } | undefined {
  const [, number, own] = (typeof key === 'string' && /^p(0|[1-9]\d*)_(.*)$/su.exec(key)) || [];
  return number === undefined || own === undefined ? undefined : { index: Number(number), key: own };
}

/** No number is the beginning of another with the underscore after it. */
const prefixOf = (index: number): string => `p${index}_`;

interface NumberedText {
  readonly roots: string;
  readonly variables: string;
}

/** By document, which lives as long as its plan, and number. */
const known = new WeakMap<DocumentNode, Map<number, NumberedText>>();

function numberedText(document: DocumentNode, index: number): NumberedText {
  const byNumber = known.get(document) ?? new Map<number, NumberedText>();
  const text = byNumber.get(index) ?? numberText(document, prefixOf(index));
  known.set(document, byNumber.set(index, text));
  return text;
}

function numberText(document: DocumentNode, prefix: string): NumberedText {
  const named = <Node extends { readonly name: { readonly value: string } }>(node: Node, value: string): Node => ({
    ...node,
    name: { kind: Kind.NAME, value: `${prefix}${value}` },
  });
  const numbered = visit(document, {
    Variable: (node: VariableNode) => named(node, node.name.value),
    OperationDefinition: {
      leave: (node) => ({
        ...node,
        selectionSet: { ...node.selectionSet, selections: node.selectionSet.selections.map(underNumber(prefix)) },
      }),
    },
  });
  const operation = getOperationAST(numbered);
  return {
    roots: (operation?.selectionSet.selections ?? []).map((node) => print(node)).join(' '),
    variables: (operation?.variableDefinitions ?? []).map((node) => print(node)).join(', '),
  };
}

const underNumber =
  (prefix: string) =>
  (node: SelectionNode): SelectionNode => {
    if (node.kind !== Kind.FIELD) throw new Error('a fetch with a fragment at its root');
    const field: FieldNode = { ...node, alias: { kind: Kind.NAME, value: `${prefix}${responseKey(node)}` } };
    return field;
  };
