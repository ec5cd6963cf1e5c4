import { describe, expect, it } from 'vitest';
import { ask, askCustodian, give } from './harness.ts';

const LISTS = `{
  collections { totalCount nodes { custodian title labels size } }
  depictedBodies(filter: { name: "زياد وليد بكور" }) { nodes { custodian nameOnLedger numbers { series value } } }
  testimonies { totalCount }
}`;

describe('a second NGO, which the gateway does not ask', () => {
  it('is served directly, by its own grants and from its own records', async () => {
    const scopes = ['registered', 'identifying', 'testimony'];
    const clears = ['COORDINATED', 'CONSENT_LIMITED'] as const;
    await give('ngo-b', 'second:staff', scopes, { organisation: 'ngo-b', clears: [...clears] });
    await give('ngo-b', 'second:registered', ['registered']);
    const { data, errors } = await askCustodian('ngo-b', LISTS, { as: 'second:staff' });
    expect(errors).toEqual([]);
    expect(data).toEqual({
      collections: {
        totalCount: 1,
        nodes: [{ custodian: 'ngo-b', title: 'hospital ledger 2013-2015', labels: ['COORDINATED'], size: 200 }],
      },
      depictedBodies: {
        nodes: [
          {
            custodian: 'ngo-b',
            nameOnLedger: 'زياد وليد بكور',
            numbers: [
              { series: 'DETAINEE', value: '8196' },
              { series: 'BRANCH', value: 'TAD/1225' },
            ],
          },
        ],
      },
      testimonies: { totalCount: 18 },
    });
    const list = '{ collections { totalCount } testimonies { totalCount } }';
    expect((await askCustodian('ngo-b', list, { as: 'second:registered' })).data).toEqual({
      collections: { totalCount: 0 },
      testimonies: { totalCount: 0 },
    });
  });

  it('gives nothing to an answer of the gateway, not even to somebody with grants there alone', async () => {
    const { data, custodians, withheld } = await ask('{ collections { totalCount } }', { as: 'second:staff' });
    expect(data).toEqual({ collections: null });
    expect(custodians.map(({ custodian }) => custodian)).not.toContain('ngo-b');
    expect(withheld).toMatchObject([{ custodian: 'ngo-a', reason: 'NO_GRANT' }]);
  });
});
