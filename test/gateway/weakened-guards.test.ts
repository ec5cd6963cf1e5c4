import { describe, expect, test } from 'vitest';
import { type SubgraphSchema, parseSubgraphSchema } from '../../src/gateway/compose/subgraph-schema.ts';
import { goneGuards, weakenedGuards } from '../../src/gateway/compose/weakened-guards.ts';
import { MINISTRY } from './schemas.ts';

const found = (sdl: string, former = MINISTRY): string[] => [
  ...weakenedGuards(
    parseSubgraphSchema({ subgraph: 'ministry', url: '', sdl: former }),
    parseSubgraphSchema({ subgraph: 'ministry', url: '', sdl }),
  ),
];

/** Replaces in a schema, and fails where there is nothing to replace. */
function changed(from: string, to: string, schema = MINISTRY): string {
  expect(schema).toContain(from);
  return schema.replace(from, to);
}

const guard = (...scopes: string[]): string =>
  `@requiresScopes(scopes: ${JSON.stringify(scopes.map((scope) => [`ministry:${scope}`]))})`;
const CAUSE = `cause: String ${guard('medical')}`;

describe('a guard is weakened where somebody could see what he could not', () => {
  test.each<[string, string, RegExp]>([
    ['removed', changed(CAUSE, 'cause: String'), /Certificate\.cause needed ministry:medical and would need nothing/u],
    [
      'one of two enough',
      changed(CAUSE, `cause: String ${guard('medical', 'registered')}`),
      /^Certificate\.cause needed/u,
    ],
    ['another scope', changed(CAUSE, `cause: String ${guard('registered')}`), /would need ministry:registered$/u],
    ['of a type', changed(`type Verdict ${guard('sealed')}`, 'type Verdict'), /^Verdict needed ministry:sealed/u],
    [
      'of a filter',
      changed('cause: String @guardedBy(field: "Certificate.cause")', 'cause: String'),
      /CertificateFilter\.cause would no longer/u,
    ],
    [
      'of a filter, for another',
      changed(
        'cause: String @guardedBy(field: "Certificate.cause")',
        'cause: String @guardedBy(field: "Certificate.id")',
      ),
      /CertificateFilter\.cause would no longer/u,
    ],
    ['by signing in alone', changed(CAUSE, 'cause: String @federation__authenticated'), /would need @authenticated$/u],
    [
      'a new field beside guarded ones',
      changed(CAUSE, `${CAUSE} remark: String`),
      /Certificate\.remark is new and needs nothing/u,
    ],
    [
      'under another name',
      changed(CAUSE, `why: String ${guard('registered')}`),
      /Certificate\.why is new and may be Certificate\.cause/u,
    ],
    [
      'under another name, of the type too',
      changed('union Thing = Certificate | Verdict', 'union Thing = Certificate | Judgement').replace(
        `type Verdict ${guard('sealed')}`,
        `type Judgement ${guard('registered')}`,
      ),
      /Judgement\.text is new and may be Verdict\.text/u,
    ],
    [
      'what is returned',
      changed(`things: [Thing!] ${guard('registered')}`, `things: [Certificate!] ${guard('registered')}`),
      /^Query\.things needed/u,
    ],
  ])('%s', (_, sdl, message) => {
    expect(found(sdl)).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
  });

  test.each<[string, string]>([
    ['nothing has changed', MINISTRY],
    [
      'more is needed',
      changed(CAUSE, 'cause: String @requiresScopes(scopes: [["ministry:medical", "ministry:sealed"]])'),
    ],
    ['a field is gone', changed(CAUSE, '')],
    ['a guarded field is new', changed(CAUSE, `${CAUSE} remark: String ${guard('registered')}`)],
    ['a field has another name and the same guard', changed(CAUSE, `why: String ${guard('medical')}`)],
    ['a value type is new', `${MINISTRY} type Place @shareable { name: String }`],
    [
      'a filter is guarded by one more',
      changed('cause: String @guardedBy(', 'cause: String @guardedBy(field: "Certificate.id") @guardedBy('),
    ],
  ])('and is not where %s', (_, sdl) => {
    expect(found(sdl)).toEqual([]);
  });

  test('in two steps, by taking the field away and bringing it back', () => {
    const parsed = (sdl: string): SubgraphSchema => parseSubgraphSchema({ subgraph: 'ministry', url: '', sdl });
    const without = parsed(changed(CAUSE, '').replace('cause: String @guardedBy(field: "Certificate.cause")', ''));
    const gone = goneGuards(parsed(MINISTRY), without);
    const later = goneGuards(without, without, gone);
    expect([...weakenedGuards(without, parsed(MINISTRY), later)]).toEqual([]);
    const back = parsed(
      changed(CAUSE, `cause: String ${guard('registered')}`).replace(
        'guardedBy(field: "Certificate.cause")',
        'guardedBy(field: "Certificate.id")',
      ),
    );
    expect([...weakenedGuards(without, back, later)]).toEqual([
      'Certificate.cause needed ministry:medical when it was last there and would need ministry:registered',
      'CertificateFilter.cause would no longer be guarded by Certificate.cause, as when it was last there',
    ]);
    expect(goneGuards(without, parsed(MINISTRY), later)).toEqual([]);
  });

  test('a guard that was by signing in alone is not weakened by a scope', () => {
    const former = changed(CAUSE, 'cause: String @federation__authenticated');
    expect(found(MINISTRY, former)).toEqual([]);
    expect(found(changed(CAUSE, 'cause: String'), former)).not.toEqual([]);
  });
});
