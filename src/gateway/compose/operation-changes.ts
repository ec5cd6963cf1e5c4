import {
  type DocumentNode,
  GraphQLError,
  TypeInfo,
  isCompositeType,
  parse,
  specifiedRules,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { type Requirement, satisfies } from '../../protocol/requirements.ts';
import type { Candidate } from './schema-candidate.ts';
import type { Finding } from './schema-checks.ts';
import type { SupergraphSnapshot } from './supergraph-snapshot.ts';

/**
 * What would change for what was asked lately: which of it could no longer be asked, and for which fields it would need
 * other scopes than now.
 */
export function* operationChanges(candidate: Candidate): Generator<Finding> {
  const { operations, snapshot } = candidate;
  const former = operations.length === 0 ? undefined : candidate.former;
  if (!former) return;
  const broken = new Map<string, number>();
  const guarded = new Map<string, number>();
  for (const document of operations.flatMap(parsed)) {
    if (validate(former.apiSchema, document, specifiedRules, ONE_FAULT).length > 0) continue;
    const [fault] = validate(snapshot.apiSchema, document, specifiedRules, ONE_FAULT);
    if (fault) {
      const lost = [...fieldsOf(document, former)].filter((coordinate) => !hasField(snapshot, coordinate));
      for (const reason of lost.length > 0 ? lost.map((one) => `${one} would be gone`) : [reasonOf(fault)])
        count(broken, reason);
      continue;
    }
    for (const coordinate of fieldsOf(document, former)) {
      if (!allows(requirements(snapshot, coordinate), requirements(former, coordinate)))
        count(guarded, `${coordinate} would need other scopes than it does`);
    }
  }
  for (const [message, times] of [...broken, ...guarded])
    yield { message: `${message}: ${times} of the operations kept` };
}

const ONE_FAULT = { maxErrors: 1, hideSuggestions: true };

function parsed(text: string): DocumentNode[] {
  try {
    return [parse(text, { noLocation: true })];
  } catch (cause) {
    if (cause instanceof GraphQLError) return [];
    throw cause;
  }
}

/** The fields that a document asks for, as `Type.field`. */
function fieldsOf(document: DocumentNode, { apiSchema }: SupergraphSnapshot): ReadonlySet<string> {
  const fields = new Set<string>();
  const typeInfo = new TypeInfo(apiSchema);
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field({ name }) {
        const parent = typeInfo.getParentType();
        if (parent && !name.value.startsWith('__')) fields.add(`${parent.name}.${name.value}`);
      },
    }),
  );
  return fields;
}

function hasField({ apiSchema }: SupergraphSnapshot, coordinate: string): boolean {
  const [type = '', field = ''] = coordinate.split('.');
  const parent = apiSchema.getType(type);
  return parent !== undefined && 'getFields' in parent && field in parent.getFields();
}

function requirements(snapshot: SupergraphSnapshot, coordinate: string): readonly Requirement[] {
  const [type = '', field = ''] = coordinate.split('.');
  const parent = snapshot.supergraphSchema.getType(type);
  return isCompositeType(parent) ? snapshot.needs(parent, field).map(({ requirement }) => requirement) : [];
}

/** Whether every way to meet what was needed meets what is needed now. */
const allows = (now: readonly Requirement[], before: readonly Requirement[]): boolean =>
  now.every(
    (requirement) =>
      requirement.length === 0 ||
      before.some((former) => former.length > 0 && former.every((all) => satisfies(new Set(all), requirement))),
  );

/** A fault of validation without the names in it that are the document's own. */
const reasonOf = (fault: GraphQLError): string => fault.message.replaceAll(/"\$[^"]*"/gu, 'a variable');

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
