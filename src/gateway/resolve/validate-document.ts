import { hash } from 'node:crypto';
import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  TypeNameMetaFieldDef,
  ValidationContext,
  type ValidationRule,
  ValuesOfCorrectTypeRule,
  specifiedRules,
  validate,
} from 'graphql';
import { ListedError } from '../../protocol/errors.ts';
import type { SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import { documentText } from '../document-text.ts';
import { isPoison } from './literal-values.ts';

const REMEMBERED = 2_000;
/** By snapshot, the SHA-256 of documents without their literals. */
const valid = new WeakMap<SupergraphSnapshot, Set<string>>();

/**
 * Implements "Validation" against the public schema. Documents found valid are remembered by their hash, per snapshot.
 * Throws `GRAPHQL_VALIDATION_FAILED` with the first fault: names of the schema and of the document, never a value, and
 * no suggestion of what else the schema holds; answers the hash. `looked` hears whether the document was remembered.
 */
export function validateDocument(
  snapshot: SupergraphSnapshot,
  document: DocumentNode,
  looked: (isKnown: boolean) => void,
): string {
  const known = valid.get(snapshot) ?? new Set();
  valid.set(snapshot, known);
  const digest = hash('sha256', documentText(document), 'base64');
  looked(known.has(digest));
  if (known.has(digest)) return digest;
  const [fault] = validate(snapshot.apiSchema, document, [...RULES, knownIntrospectionRule(snapshot)], {
    maxErrors: 1,
    hideSuggestions: true,
  });
  if (fault) throw new ListedError('GRAPHQL_VALIDATION_FAILED', { detail: withPosition(fault), cause: fault });
  if (known.size >= REMEMBERED) known.clear();
  known.add(digest);
  return digest;
}

function withPosition({ message, locations }: GraphQLError): string {
  const [position] = locations ?? [];
  return position ? `${message} (line ${position.line}, column ${position.column})` : message;
}

/** `ValuesOfCorrectTypeRule`, saying what kind of value is needed instead of quoting the one that was given. */
function NeededValueRule(context: ValidationContext): ASTVisitor {
  const masking: ValidationContext = Object.create(context, {
    reportError: {
      value: ({ nodes }: GraphQLError) => {
        const type = context.getInputType() ?? context.getParentInputType();
        const message = `A value does not fit the type that is needed here${type ? `, ${String(type)}` : ''}.`;
        context.reportError(new GraphQLError(message, { ...(nodes && { nodes }) }));
      },
    },
  });
  return ValuesOfCorrectTypeRule(masking);
}

/** Names that begin with two underscores are GraphQL's own ("Names"), and some of them JavaScript's. */
function NoReservedAliasRule(context: ValidationContext): ASTVisitor {
  return {
    Field({ alias }) {
      if (alias?.value.startsWith('__'))
        context.reportError(new GraphQLError('An alias may not begin with "__".', { nodes: [alias] }));
    },
  };
}

/** What only a scalar of any shape could take, and no subgraph should be handed. */
function NoPoisonRule(context: ValidationContext): ASTVisitor {
  return {
    ObjectField(node) {
      if (isPoison(node))
        context.reportError(new GraphQLError('A field of an object may not go by this name.', { nodes: [node] }));
    },
  };
}

/** What of introspection is newer than the planner, which reads every document, is not offered. */
const knownIntrospectionRule =
  ({ plannerSchema }: SupergraphSnapshot): ValidationRule =>
  (context) => ({
    Field(node) {
      const parent = context.getParentType()?.name ?? '';
      const type = parent.startsWith('__') ? plannerSchema.type(parent) : undefined;
      if (type?.kind !== 'ObjectType' || node.name.value === TypeNameMetaFieldDef.name) return;
      const field = type.field(node.name.value);
      const unknown = field && node.arguments?.find(({ name }) => !field.argument(name.value));
      const message = unknown
        ? `Unknown argument "${unknown.name.value}" on field "${parent}.${node.name.value}".`
        : `Cannot query field "${node.name.value}" on type "${parent}".`;
      if (!field || unknown) context.reportError(new GraphQLError(message, { nodes: [node] }));
    },
  });

const RULES: readonly ValidationRule[] = [
  NoReservedAliasRule,
  NoPoisonRule,
  ...specifiedRules.map((rule) => (rule === ValuesOfCorrectTypeRule ? NeededValueRule : rule)),
];
