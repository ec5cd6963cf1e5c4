import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkTiers, readTiers } from '../scripts/check-tiers.ts';

const at = (path: string): URL => new URL(`../schema/${path}`, import.meta.url);
const tiers = readTiers(at('tiers.yaml'));
const ministry = readFileSync(at('ministry.graphql'), 'utf8');
const field = 'statedCause: String @requiresScopes(scopes: [["ministry:medical"]])';

describe('the tier data', () => {
  it.each(['ministry', 'missing', 'ngo'])(
    'names exactly one tier for every field of %s, and the schema keeps it',
    (name) => {
      expect(checkTiers(name, readFileSync(at(`${name}.graphql`), 'utf8'), tiers)).toEqual([]);
    },
  );

  it('refuses a new field without a tier', () => {
    const grown = ministry.replace(
      field,
      `${field}\n  autopsy: String @requiresScopes(scopes: [["ministry:medical"]])`,
    );
    expect(checkTiers('ministry', grown, tiers)).toEqual(['ministry: DeathCertificate.autopsy has no tier.']);
  });

  it('refuses a directive that contradicts the tier', () => {
    const weakened = ministry.replace(field, 'statedCause: String @requiresScopes(scopes: [["ministry:registered"]])');
    expect(checkTiers('ministry', weakened, tiers)).toEqual([
      'ministry: DeathCertificate.statedCause is tier S ministry:medical ([["ministry:medical"]]) but guarded by [["ministry:registered"]].',
    ]);
  });

  it('refuses a field that lost its directive', () => {
    const bare = ministry.replace(field, 'statedCause: String');
    expect(checkTiers('ministry', bare, tiers)).toHaveLength(1);
  });

  it('refuses a tier for a field that is not there', () => {
    const without = ministry.replace(field, '');
    expect(checkTiers('ministry', without, tiers)).toEqual([
      'ministry: DeathCertificate.statedCause has a tier but is not in the schema.',
    ]);
  });
});
