import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlainFederation } from './plain-federation.ts';
import { startRecursiveFederation, times } from './recursive-federation.ts';
import { LONGEST_STALL, longestStall } from './stall.ts';

let federation: PlainFederation;
beforeAll(async () => {
  federation = await startRecursiveFederation();
  await federation.ask('{ node { id a b c d } }');
});
afterAll(() => federation?.close());

const everything = (levels: number): string =>
  `id name a b c d ${levels === 0 ? '' : `node { ${everything(levels - 1)} }`}`;
const shared = (levels: number): string => `name ${levels === 0 ? '' : `node { ${shared(levels - 1)} }`}`;
const TOO_COSTLY = 'OPERATION_TOO_COSTLY';

const ATTACKS: Readonly<Record<string, readonly (readonly [how: string, query: string, code: string | undefined])[]>> =
  {
    'a fragment bomb (CVE-2025-32030, CVE-2025-32032)': [
      [
        'that doubles',
        `{ node { ...F0 } } ${times(40, (n) => `fragment F${n} on Node { ...F${n + 1} ...F${n + 1} }`)} fragment F40 on Node { id }`,
        TOO_COSTLY,
      ],
      [
        'that grows threefold through fields',
        `{ node { ...F0 } } ${times(100, (n) => `fragment F${n} on Node { node { ...F${n + 1} } node { ...F${n + 1} } nodes { ...F${n + 1} } }`)} fragment F100 on Node { id }`,
        TOO_COSTLY,
      ],
      ['of inline fragments', `{ node { ${times(1_500, () => '... { ... on Node { id } }')} } }`, TOO_COSTLY],
      [
        'that spreads itself',
        '{ node { ...F } } fragment F on Node { node { ...G } } fragment G on Node { ...F }',
        'GRAPHQL_VALIDATION_FAILED',
      ],
      [
        'of many that are each spread once',
        `{ node { ${times(1_000, (n) => `...F${n}`)} } } ${times(1_000, (n) => `fragment F${n} on Node { id }`)}`,
        'GRAPHQL_VALIDATION_FAILED',
      ],
    ],
    'a validation bomb (CVE-2025-32380)': [
      ['of one field, again and again', `{ node { ${'id '.repeat(9_900)} } }`, 'GRAPHQL_VALIDATION_FAILED'],
      ['of one field with others below', `{ ${'node { id } '.repeat(2_400)} }`, 'GRAPHQL_VALIDATION_FAILED'],
      [
        'of many operations that all spread a chain of fragments',
        `${times(1_000, (n) => `query Q${n} { ...F0 }`)} ${times(400, (n) => `fragment F${n} on Query { ...F${n + 1} }`)} fragment F400 on Query { node { id } }`,
        undefined,
      ],
      [
        'of many operations that all spread many fragments',
        `${times(900, (n) => `query Q${n} { ...F }`)} fragment F on Query { ${times(300, (n) => `...F${n}`)} } ${times(300, (n) => `fragment F${n} on Query { __typename }`)}`,
        undefined,
      ],
      [
        'of variables',
        `query (${times(1_900, (n) => `$v${n}: JSON`)}) { echo(json: [${times(1_900, (n) => `$v${n}`)}]) }`,
        undefined,
      ],
      ['of unknown fields', `{ ${times(3_000, (n) => `x${n}: unknown`)} }`, 'GRAPHQL_VALIDATION_FAILED'],
      ['of a literal’s fields', `{ echo(json: {${times(2_400, (n) => `f${n}: 1`)}}) }`, undefined],
    ],
    'a planner explosion (CVE-2025-32031, CVE-2025-32034)': [
      ['of levels', `{ node { ${everything(12)} } }`, TOO_COSTLY],
      ['of a few levels', `{ node { ${everything(5)} } }`, TOO_COSTLY],
      ['of levels that all subgraphs share', `{ node { d ${shared(17)} } }`, undefined],
      ['of aliases', `{ ${times(60, (n) => `x${n}: node { a b c d node { a b c d } }`)} }`, undefined],
      [
        'of aliases, two levels down',
        `{ node { node { ${times(60, (n) => `x${n}: node { a b c d }`)} } } }`,
        undefined,
      ],
      [
        'of lists around a variable',
        `query ($v: JSON) { echo(json: ${'['.repeat(90)}$v${']'.repeat(90)}) }`,
        TOO_COSTLY,
      ],
      [
        'of lists around many variables',
        `query ($v: JSON) { echo(json: [[[[[${'$v '.repeat(1_500)}]]]]]) }`,
        undefined,
      ],
      [
        'of lists and objects around a variable',
        `query ($v: JSON) { echo(json: ${'[{a: '.repeat(45)}$v${'}]'.repeat(45)}) }`,
        TOO_COSTLY,
      ],
      ['of fields', `{ node { ${times(40, () => `... { ${times(20, () => 'id name a b c d')} }`)} } }`, undefined],
    ],
    'a thousand': [
      ['directives', `{ node { id ${'@include(if: true) '.repeat(1_400)} } }`, 'GRAPHQL_VALIDATION_FAILED'],
      ['unknown directives', `{ node { id ${'@x '.repeat(4_000)} } }`, 'GRAPHQL_VALIDATION_FAILED'],
      [
        'fields with a directive',
        `{ node { ${times(60, (n) => `x${n}: id @include(if: true) @skip(if: false)`)} } }`,
        undefined,
      ],
      ['aliases', `{ node { ${times(1_000, (n) => `x${n}: id`)} } }`, TOO_COSTLY],
      ['aliases of the root', `{ ${times(1_000, (n) => `x${n}: __typename`)} }`, TOO_COSTLY],
      [
        'aliases in a fragment',
        `{ node { ...F node { ...F } } } fragment F on Node { ${times(101, (n) => `x${n}: id`)} }`,
        TOO_COSTLY,
      ],
      ['tokens and more', `{ ${'__typename '.repeat(20_000)} }`, TOO_COSTLY],
    ],
    'deep recursion (CVE-2024-43414)': [
      ['of fields', `{ ${'node { '.repeat(3_000)} id ${'}'.repeat(3_000)} }`, TOO_COSTLY],
      ['of fields, not as deep', `{ ${'node { '.repeat(100)} id ${'}'.repeat(100)} }`, TOO_COSTLY],
      ['of fragments', `{ node { ${'... { '.repeat(3_000)} id ${'}'.repeat(3_000)} } }`, undefined],
      ['of lists', `{ echo(json: ${'['.repeat(4_900)}${']'.repeat(4_900)}) }`, undefined],
      ['of lists, not as deep', `{ echo(json: ${'['.repeat(1_000)}${']'.repeat(1_000)}) }`, undefined],
      ['of objects', `{ echo(json: ${'{a: '.repeat(2_400)}1${'}'.repeat(2_400)}) }`, undefined],
      ['of a type', `query ($v: ${'['.repeat(4_900)}Int${']'.repeat(4_900)}) { echo(json: $v) }`, undefined],
    ],
  };

describe.each(Object.entries(ATTACKS))('%s', (_, attacks) => {
  test.each(attacks)('%s costs nobody else any time', async (_how, query, code) => {
    let answer: Awaited<ReturnType<PlainFederation['ask']>> | undefined;
    const body = JSON.stringify({ query, ...(query.startsWith('query Q0') && { operationName: 'Q0' }) });
    const stall = await longestStall(async () => {
      answer = await federation.send({ method: 'POST', headers: { 'content-type': 'application/json' }, body });
    });
    if (code !== undefined) {
      expect(answer?.status).toBe(400);
      expect(answer?.json.errors[0].extensions.code).toBe(code);
    }
    expect(answer?.status).toBeLessThan(500);
    expect(stall).toBeLessThan(LONGEST_STALL);
    federation.crossed();
    expect((await federation.ask('{ node { id } }')).json.data).toEqual({ node: { id: '1' } });
  });
});
