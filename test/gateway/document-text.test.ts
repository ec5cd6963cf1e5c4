import fc from 'fast-check';
import { Kind, parse, print, visit } from 'graphql';
import { expect, test } from 'vitest';
import { documentText } from '../../src/gateway/document-text.ts';

const name = fc.constantFrom('a', 'b', 'list', 'onOff');
const list = (
  items: fc.Arbitrary<string>,
  [before, after]: readonly [string, string],
  least = 1,
): fc.Arbitrary<string> =>
  fc.array(items, { minLength: least, maxLength: 3 }).map((all) => `${before}${all.join(' ')}${after}`);
const maybe = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), text);

type Part = 'value' | 'given' | 'directives' | 'field' | 'set' | 'variable' | 'definition' | 'document';

const { document } = fc.letrec<Record<Part, string>>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('1', '-0', '1.0', '1e3', 'true', 'false', 'null', 'OPEN', '$a', '$b'),
    fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
    fc.constantFrom('"""a "quoted"\n  block\n"""', String.raw`"\u{1f600}\u00e9 \"a\\"`),
    list(tie('value'), ['[', ']'], 0),
    list(
      fc.tuple(name, tie('value')).map(([key, inside]) => `${key}: ${inside}`),
      ['{', '}'],
      0,
    ),
  ),
  given: list(
    fc.tuple(name, tie('value')).map(([key, inside]) => `${key}: ${inside}`),
    ['(', ')'],
  ),
  directives: list(
    fc.tuple(name, maybe(tie('given'))).map(([key, inside]) => `@${key}${inside}`),
    [' ', ''],
    0,
  ),
  field: fc
    .tuple(maybe(fc.constantFrom('x: ', 'on: ')), name, maybe(tie('given')), tie('directives'), maybe(tie('set')))
    .map((parts) => parts.join('')),
  set: list(
    fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      tie('field'),
      fc.tuple(fc.constantFrom('... on T', '...'), tie('directives'), tie('set')).map((parts) => parts.join('')),
      fc.tuple(name, tie('directives')).map(([key, inside]) => `...${key}${inside}`),
    ),
    ['{ ', ' }'],
  ),
  variable: fc
    .tuple(
      fc.constantFrom('$a', '$b'),
      fc.constantFrom('Int', 'Int!', '[Int]', '[[Int!]!]!'),
      maybe(tie('value').map((text) => ` = ${text.replaceAll('$', '')}`)),
      maybe(fc.constant(' @d(a: 1)')),
    )
    .map(([variable, type, usual, directive]) => `${variable}: ${type}${usual}${directive}`),
  definition: fc.oneof(
    fc
      .tuple(
        fc.constantFrom('query', 'mutation', 'subscription', 'query Named'),
        maybe(list(tie('variable'), ['(', ')'])),
        tie('directives'),
        tie('set'),
      )
      .map((parts) => parts.join('')),
    fc.tuple(name, tie('directives'), tie('set')).map(([key, inside, all]) => `fragment ${key} on T${inside}${all}`),
  ),
  document: list(tie('definition'), ['', '']),
}));

test('the text of a document says all that the document says', () => {
  fc.assert(
    fc.property(document, (text) => {
      const given = parse(text, { noLocation: true });
      const plain = visit(given, { [Kind.STRING]: (node) => ({ ...node, block: false }) });
      expect(print(parse(documentText(given)))).toBe(print(plain));
    }),
    { numRuns: 500 },
  );
});

test('a document has one text, however it is laid out', () => {
  const laidOut = `query Asked (\n  $a : [Int!]!,\n) { x : list ( a : $a , b : """it's\n  a block""" ) # said\n { a, b } }`;
  const flat = String.raw`query Asked($a:[Int!]!){x:list(a:$a b:"it's\na block"){a b}}`;
  expect(documentText(parse(laidOut))).toBe(documentText(parse(flat)));
});
