import { GraphQLError, getIntrospectionQuery, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { ERRORS, ListedError, messageOf } from '../../src/protocol/errors.ts';
import { describeCause } from '../../src/protocol/describe-cause.ts';
import { limitOperation } from '../../src/gateway/limit/limit-operation.ts';
import { rateLimiter } from '../../src/gateway/limit/rate-limiter.ts';
import { maskError } from '../../src/gateway/mask-error.ts';
import { resolve } from './authorize.ts';
import { snapshotOf } from './schemas.ts';

const snapshot = snapshotOf();

function refusal(document: string, variables: Record<string, unknown> = {}): ListedError {
  try {
    resolve(snapshot, document, variables);
  } catch (cause) {
    if (cause instanceof ListedError) return cause;
    throw cause;
  }
  throw new Error('it was not refused');
}

describe('what is wrong is said without echoing a value', () => {
  test.each([
    ['{ certificates(first: "محمد") { totalCount } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['{ certificates(filter: { name: 5, disputed: "محمد" }) { totalCount } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'query ($f: CertificateFilter) { certificates(filter: $f) { totalCount } }',
      { f: { disputed: 'محمد' } },
      'BAD_USER_INPUT',
    ],
    ['query ($f: CertificateFilter) { certificates(filter: $f) { totalCount } }', { f: { محمد: 1 } }, 'BAD_USER_INPUT'],
    ['query ($n: Int!) { certificates(first: $n) { totalCount } }', { n: 'محمد' }, 'BAD_USER_INPUT'],
    ['query ($n: Int = "محمد") { certificates(first: $n) { totalCount } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['{ certificates { totalCount @skip(if: "محمد") } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
  ] as const)('%s', (document, variables, code) => {
    const error = refusal(document, variables);
    expect(error.code).toBe(code);
    expect(JSON.stringify(maskError(error.toJSON(), error))).not.toContain('محمد');
  });

  test('a fault has its line and column, an unknown field its name, and no suggestion', () => {
    expect(refusal('{\n  certificats { totalCount } }').message).toBe(
      'Cannot query field "certificats" on type "Query". (line 2, column 3)',
    );
    expect(refusal('{ certificates(first: "x") { totalCount } }').message).toBe(
      'A value does not fit the type that is needed here, Int. (line 1, column 23)',
    );
    expect(refusal('query ($n: Int!) { certificates(first: $n) { totalCount } }').message).toContain('"$n"');
  });

  test('a document found valid once is not found valid by another’s faults', () => {
    resolve(snapshot, '{ certificates(first: 2) { totalCount } }');
    expect(() => resolve(snapshot, '{ certificates(first: 2.5) { totalCount } }')).toThrow(ListedError);
    resolve(snapshot, '{ certificates(first: 3) { totalCount } }');
  });

  test.each(['mutation { remove }', 'subscription { news }'])('%s is not served', (document) => {
    expect(refusal(document).code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('aliases may not take names that are GraphQL’s own', () => {
    expect(refusal('{ __proto__: certificates { totalCount } }').code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('a document with several operations needs the name of one, and is valid as a whole', () => {
    expect(refusal('query A { __typename } query B { __typename }').code).toBe('OPERATION_RESOLUTION_FAILURE');
  });
});

describe('the outlet for errors', () => {
  test('lets listed codes out with their sentence, and a place, and nothing else', () => {
    const foreign = new GraphQLError('password is hunter2', {
      path: ['a', 0],
      extensions: { code: 'CURSOR_INVALID', serviceName: 'ministry', sql: 'select' },
    });
    expect(maskError(foreign.toJSON(), foreign)).toEqual({
      message: messageOf('CURSOR_INVALID'),
      path: ['a', 0],
      extensions: { code: 'CURSOR_INVALID' },
    });
  });

  test('turns everything else into INTERNAL_SERVER_ERROR', () => {
    for (const code of [undefined, 'DOWNSTREAM_SERVICE_ERROR', 'constructor', 7]) {
      const error = new GraphQLError('secret', { extensions: { code } });
      expect(maskError(error.toJSON(), error)).toEqual({
        message: ERRORS.INTERNAL_SERVER_ERROR[1],
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      });
    }
  });

  test('knows the token limit from a syntax error', () => {
    const tooLong = (() => {
      try {
        return parse('{ a b c d e f }', { maxTokens: 3 });
      } catch (cause) {
        return cause as GraphQLError;
      }
    })();
    const syntax = new GraphQLError((tooLong as GraphQLError).message, {
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    });
    expect(maskError(syntax.toJSON(), syntax).extensions.code).toBe('OPERATION_TOO_COSTLY');
  });

  test('tells the operator where it failed, never the message', () => {
    const described = JSON.stringify(
      describeCause(new Error('محمد', { cause: Object.assign(new Error('محمد'), { code: 'ECONNRESET' }) })),
    );
    expect(described).toContain('ECONNRESET');
    expect(described).toContain('masking.test.ts');
    expect(described).not.toContain('محمد');
  });
});

describe('limits', () => {
  const limits = { depth: 6, aliases: 3, tokens: 1000, cost: 5_000, requestsPerMinute: 60 };
  const limit = (document: string): void => limitOperation(resolve(snapshot, document).selections, limits);

  test('pages multiply through nesting', () => {
    limit('{ certificates(first: 200) { nodes { id name cause } } }');
    limit('{ persons(ids: ["a", "b"]) { certificates(first: 200) { nodes { id name cause } } } }');
    expect(() =>
      limit('{ persons(ids: ["a","b","c","d","e","f","g"]) { certificates(first: 200) { nodes { id name cause } } } }'),
    ).toThrow(/too much/u);
  });

  test('a page holds 1 to 200', () => {
    for (const first of [0, -1, 201, 100_000])
      expect(() => limit(`{ certificates(first: ${first}) { totalCount } }`)).toThrow(messageOf('PAGE_TOO_LARGE'));
  });

  test('depth and aliases are bounded, introspection apart', () => {
    expect(() => limit('{ certificates { nodes { person { certificates { nodes { person { id } } } } } } }')).toThrow(
      /too much/u,
    );
    expect(() => limit('{ a: __typename b: __typename c: __typename d: __typename }')).toThrow(/too much/u);
    limit('{ __schema { types { fields { type { ofType { ofType { ofType { name } } } } } } } }');
  });

  test('introspection costs, and asks for nothing twice under other names', () => {
    const many = (name: string, inside: string): string =>
      Array.from({ length: 108 }, (_, n) => `${name}${n}: fields { ${inside} }`).join(' ');
    const attack = `{ __schema { types { ${many('a', 'type { ...F ofType { ...F ofType { ...F } } }')} } } }
      fragment F on __Type { ${many('b', 'name type { name ofType { name } }')} }`;
    const usual = { depth: 14, aliases: 60, tokens: 4_000, cost: 100_000, requestsPerMinute: 600 };
    const limitUsually = (document: string): void => limitOperation(resolve(snapshot, document).selections, usual);
    const wide = '... { fields { args { type { fields { args { type { ofType { ofType { name } } } } } } } } }';
    for (const document of [
      attack,
      '{ __schema { types { name } again: types { name } } }',
      '{ __schema { types { name } } again: __schema { types { name } } }',
      `{ __schema { types { ${wide.repeat(15)} } } }`,
    ])
      expect(() => limitUsually(document)).toThrow(/too much/u);
    limitUsually('{ a: __type(name: "Person") { fields { name } } b: __type(name: "Query") { name } }');
    limitUsually(
      getIntrospectionQuery({
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
      }),
    );
  });

  test('fragments that multiply are refused before they are spread out', () => {
    const doubling = Array.from({ length: 40 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`).join(
      ' ',
    );
    expect(refusal(`{ ...F0 } ${doubling} fragment F40 on Query { __typename }`).code).toBe('OPERATION_TOO_COSTLY');
  });

  test('a viewer has so many requests a minute, and another viewer his own', () => {
    let now = 0;
    const limitRate = rateLimiter(
      () => 2,
      () => now,
    );
    const count = (subject: string): boolean => limitRate({ subject, subjectKind: 'USER' });
    expect([count('a'), count('a'), count('a'), count('b')]).toEqual([true, true, false, true]);
    now += 30_000;
    expect([count('a'), count('a')]).toEqual([true, false]);
  });
});
