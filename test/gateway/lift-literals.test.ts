import fc from 'fast-check';
import {
  buildSchema,
  getVariableValues,
  Kind,
  parse,
  print,
  validate,
  valueFromAST,
  visit,
  TypeInfo,
  visitWithTypeInfo,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { liftLiterals } from '../../src/gateway/resolve/lift-literals.ts';

const schema = buildSchema(`
  type Query { inside: Query, list(first: Int! = 20, id: ID, ids: [ID!], filter: Filter, at: Float, tags: [[String]], json: Any): String }
  input Filter { name: String, state: State, both: [Filter!], least: Int = 3, inner: Filter }
  enum State { OPEN CLOSED }
  scalar Any
`);

function lift(text: string, given: Record<string, unknown> = {}) {
  const [operation, ...fragments] = parse(text).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('an operation is needed');
  return liftLiterals(
    schema,
    operation,
    fragments.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION),
    given,
  );
}

/** What the field's arguments come to, as a server would coerce them. */
function coerced(document: ReturnType<typeof lift>['document'], given: Readonly<Record<string, unknown>>): unknown[] {
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('an operation is needed');
  const { coerced: variables, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
  if (!variables) throw new Error(errors.map(({ message }) => message).join());
  const info = new TypeInfo(schema);
  const values: unknown[] = [];
  visit(
    document,
    visitWithTypeInfo(info, {
      Argument: (node) => {
        const type = info.getInputType();
        if (type) values.push([node.name.value, valueFromAST(node.value, type, variables)]);
      },
    }),
  );
  return values;
}

const lists = (text: string, given: Record<string, unknown> = {}): string => print(lift(text, given).document);

describe('literals become variables', () => {
  test('so that operations with other values are one document, in which no value is left', () => {
    const ask = (name: string, first: number) =>
      `{ list(first: ${first}, filter: { name: "${name}", both: [{ name: "${name}" }] }, ids: ["${name}"]) }`;
    expect(lists(ask('محمد', 3))).toBe(lists(ask('أحمد', 200)));
    expect(lists(ask('محمد', 3))).not.toContain('محمد');
  });

  test('next to the client’s own variables, in objects and lists that hold some', () => {
    const text =
      'query ($n: String, $literal0: Int!) { list(first: $literal0, filter: { name: $n, state: OPEN, both: [{ name: "x" }, { name: $n }] }) }';
    const { document, variables } = lift(text, { n: 'y', literal0: 4 });
    expect(print(document)).toContain('filter: {name: $n, state: $literal0_, both: [$literal1, {name: $n}]}');
    expect(variables).toMatchObject({ n: 'y', literal0: 4, literal0_: 'OPEN', literal1: { name: 'x' } });
  });

  test('defaults too, for whoever gives no value of his own', () => {
    const text = 'query ($n: String = "hidden", $first: Int = 7) { list(first: $first, filter: { name: $n }) }';
    expect(lists(text)).not.toContain('hidden');
    expect(lift(text).variables).toMatchObject({ n: 'hidden', first: 7 });
    expect(lift(text, { n: null }).variables).toMatchObject({ n: null, first: 7 });
    expect(lists(text, { n: null })).toContain('$n: String,');
  });

  test('and in fragments', () => {
    const { document, variables } = lift('{ ...F } fragment F on Query { list(id: 7) }');
    expect(print(document)).toContain('query ($literal0: ID)');
    expect(variables).toEqual({ literal0: '7' });
  });

  test('equal ones the same variable, so that fields that may be merged still may', () => {
    const text = '{ list(first: 1, id: "1") ...F } fragment F on Query { list(first: 1, id: "1") }';
    expect(validate(schema, lift(text).document)).toEqual([]);
    expect(lift(text).variables).toEqual({ literal0: 1, literal1: '1' });
  });

  test.each([
    ['query ($v: Any) { list(json: {x: $v, hidden: "hidden"}) }', { x: [1], hidden: 'hidden' }],
    ['query ($v: Any) { list(json: [$v, "hidden", {hidden: $v}]) }', [[1], 'hidden', { hidden: [1] }]],
    ['query ($v: Any, $w: Int = 4) { list(json: {hidden: [$v, $w]}) }', { hidden: [[1], 4] }],
    ['query ($v: Any, $none: Int) { list(json: [{hidden: $none}, $none, $v]) }', [{}, null, [1]]],
    [
      'query ($v: Any) { list(json: {hidden: $v}) ...F } fragment F on Query { list(json: {hidden: $v}) }',
      { hidden: [1] },
    ],
  ])('names and values in a scalar of any shape, its variables put in: %s', (text, json) => {
    const { document, variables } = lift(text, { v: [1] });
    expect(validate(schema, document)).toEqual([]);
    expect(print(document)).toMatch(/^query \(\$literal0: Any\)/u);
    expect(print(document)).not.toMatch(/hidden|\$[vw]\b/u);
    expect(JSON.parse(JSON.stringify(variables.literal0))).toEqual(json);
  });

  test('but a variable that is used elsewhere too, or does not fit, is there as before', () => {
    const used = lift('query ($v: Int) { list(json: {hidden: $v}, first: $v, at: $v) }', { v: 1 });
    expect(print(used.document)).toContain('query ($v: Int, $literal0: Any)');
    expect(lists('query ($v: Int) { list(json: {a: $v}) }', { v: 'x' })).toContain('query ($v: Int)');
    expect(lists('{ list(json: {a: $v}) }')).toContain('json: {a: $v}');
  });

  test('one that stands for a list of its own, with a variable in it', () => {
    expect(lists('query ($n: Filter) { list(filter: {both: {name: "hidden", inner: $n}}) }')).not.toContain('hidden');
  });

  test('but not where they do not fit, for validation to point at, nor in @skip and @include', () => {
    expect(lists('{ list(first: "x", filter: { nom: 1 }) @skip(if: true) }')).toBe(
      '{\n  list(first: "x", filter: {nom: 1}) @skip(if: true)\n}',
    );
  });

  test('a variable of the executor’s own name gets another', () => {
    const { document, variables } = lift('query ($representations: [ID!]) { list(ids: $representations) }', {
      representations: ['a'],
    });
    expect(print(document)).not.toMatch(/\$representations\b/u);
    expect(variables).toEqual({ own_representations: ['a'] });
  });

  test.each(['constructor', '__proto__', 'toString'])('a variable named %s is a variable like any other', (name) => {
    const { document, variables } = lift(`query ($${name}: Int = 3) { list(first: $${name}) }`);
    expect(coerced(document, variables)).toEqual([['first', 3]]);
  });

  test('and mean what they meant', () => {
    const text = fc.string({ maxLength: 8 });
    const filter = fc.letrec((tie) => ({
      filter: fc.record(
        {
          name: fc.option(text),
          state: fc.constantFrom('OPEN', 'CLOSED'),
          least: fc.integer({ min: -5, max: 5 }),
          both: fc.array(tie('filter'), { maxLength: 2 }),
          inner: tie('filter'),
        },
        { requiredKeys: [] },
      ),
    })).filter;
    const args = fc.record(
      {
        first: fc.nat(300),
        id: fc.oneof(text, fc.integer()),
        ids: fc.oneof(text, fc.array(text)),
        filter,
        at: fc.integer(),
        tags: fc.oneof(text, fc.array(fc.array(fc.option(text)))),
      },
      { requiredKeys: ['first'] },
    );
    fc.assert(
      fc.property(args, (given) => {
        const document = parse(
          `{ list(${Object.entries(given)
            .map(([name, value]) => `${name}: ${literal(value)}`)
            .join(', ')}) }`,
        );
        const lifted = lift(print(document));
        expect(coerced(lifted.document, lifted.variables)).toEqual(coerced(document, {}));
        expect(print(lifted.document)).not.toMatch(/"/u);
      }),
    );
  });
});

/** A JSON value in GraphQL's notation; the two enum values as such. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, inside]) => `${key}: ${key === 'state' ? String(inside) : literal(inside)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}

test.each([
  '{ inside { inside { list(id: "somebody") } } }',
  '{ inside { ... { list(filter: { name: "somebody" }) } } }',
  '{ inside { ...Inside } } fragment Inside on Query { inside { list(ids: ["somebody"]) } }',
  'query ($id: ID = "somebody") { inside { list(id: $id) } }',
])('no literal is left at whatever depth it is the only one: %s', (text) => {
  const { document, variables } = lift(text);
  expect(print(document)).not.toContain('somebody');
  expect(JSON.stringify(variables)).toContain('somebody');
});
