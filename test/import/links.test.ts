import { type CryptoKey, type JWK, SignJWT, createLocalJWKSet, exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RegisterExtract, signLinksExport } from '../../src/protocol/links-export.ts';
import { heldLinks, parseHeldLinks } from '../../src/subgraphs/kit/links/held-links.ts';
import { type LinksImportReport, importLinks } from '../../src/subgraphs/kit/links/import-links.ts';
import { exportLinks } from '../../src/subgraphs/missing/export-links.ts';
import { type CustodianStore, NOW, custodianStore } from './custodian-store.ts';

let authority: CustodianStore;
let ngo: CustodianStore;
let ministry: CustodianStore;
let key: CryptoKey;
let pinned: JWK;
let clock = NOW;

beforeAll(async () => {
  const pair = await generateKeyPair('ES256');
  key = pair.privateKey;
  pinned = { ...(await exportJWK(pair.publicKey)), kid: 'register-1', alg: 'ES256' };
  [authority, ngo, ministry] = await Promise.all([
    custodianStore('missing'),
    custodianStore('ngo-a'),
    custodianStore('ministry'),
  ]);
  for (const store of [authority, ngo, ministry]) {
    await store.deliver();
    await store.import();
  }
});
afterAll(() => Promise.all([authority, ngo, ministry].map((store) => store.close())));
beforeEach(() => void (clock += 60_000));

const signer = () => ({ key, kid: 'register-1', alg: 'ES256', now: () => clock });
const takeIn = (store: CustodianStore, jws: string): Promise<LinksImportReport> =>
  importLinks({ ...store, keys: createLocalJWKSet({ keys: [pinned] }), jws, now: () => clock });
const exportFor = async (store: CustodianStore, withHeld = false) => {
  const held = withHeld ? parseHeldLinks(JSON.stringify(await heldLinks(store)), store.custodian) : undefined;
  return exportLinks({
    storage: authority.storage,
    custodian: store.custodian,
    signer: signer(),
    ...(held && { held }),
  });
};
const sign = (custodian: string, extract: RegisterExtract, at = clock): Promise<string> =>
  signLinksExport({ ...signer(), now: () => at }, custodian, { rejected: [], ...extract });
const edges = (store: CustodianStore): Promise<{ source: string; hidden: boolean; n: number }[]> =>
  store.rows(
    `select source, 'FAMILY_FIRST' = any (s.labels) as hidden, count(*) as n from links l join label_sets s on s.id = l.label_set
      group by 1, 2 order by 1, 2`,
  );

const KIN = 'psn_7c0438f5eaafbba0a452';

describe('an export to the NGO', () => {
  it('holds its own CONFIRMED links with their notification, and nothing else of the register', async () => {
    const { jws, links, persons } = await exportFor(ngo);
    expect({ links, persons }).toEqual({ links: 214, persons: 0 });
    const { links: sent } = JSON.parse(Buffer.from(String(jws.split('.')[1]), 'base64url').toString());
    expect(sent.every(({ record }: { record: string }) => /^B\d{5}$/u.test(record))).toBe(true);
    expect(sent).toContainEqual({ record: 'B00002', person: KIN, notification: 'ATTEMPTED' });
    expect(JSON.stringify(sent)).not.toContain('B00006');
  });

  it('makes the edges of the NGO, FAMILY_FIRST and COORDINATED as link and record are, and a second import changes nothing', async () => {
    const { jws } = await exportFor(ngo);
    expect(await takeIn(ngo, jws)).toMatchObject({ links: 214, persons: 0, unknownRecords: [] });
    const [told] = await authority.rows<{ n: number }>(
      `select count(*) as n from register_links l join family_notifications n using (person)
        where linked_custodian = 'ngo-a' and state = 'CONFIRMED' and n.status in ('DELIVERED', 'DECLINED')`,
    );
    expect(await edges(ngo)).toEqual([
      { source: 'REGISTER', hidden: false, n: told?.n },
      { source: 'REGISTER', hidden: true, n: 214 - Number(told?.n) },
    ]);
    const sets = await ngo.rows(
      "select distinct array_to_string(s.labels, '+') as labels from links l join label_sets s on s.id = l.label_set order by 1",
    );
    expect(sets).toEqual([{ labels: 'COORDINATED' }, { labels: 'COORDINATED+FAMILY_FIRST' }]);
    const before = await ngo.dump();
    clock += 1_000;
    await takeIn(ngo, jws);
    expect(await ngo.dump()).toEqual(before);
  });

  it('leaves the records as they were, and survives the next delivery', async () => {
    const records = () => ngo.rows('select * from depicted_bodies order by id');
    const before = await records();
    const linked = await ngo.rows('select * from links order by 1');
    await ngo.import();
    expect(await records()).toEqual(before);
    expect(await ngo.rows('select * from links order by 1')).toEqual(linked);
  });

  it('takes the edge away where the register confirms it no longer, and moves the label with the notification', async () => {
    const before = await edges(ngo);
    await authority.correct('links.csv', `${KIN},ngo-a,B00002,CONFIRMED`, `${KIN},ngo-a,B00002,SPLIT`);
    await authority.correct(
      'decisions.csv',
      'D-0008,psn_66c050373d111034665b,FINGERPRINT,2026-06-22,CONFIRMED,NOT_DUE',
      'D-0008,psn_66c050373d111034665b,FINGERPRINT,2026-06-22,CONFIRMED,DECLINED',
    );
    await authority.import();
    await takeIn(ngo, (await exportFor(ngo)).jws);
    expect(await ngo.rows('select from links where person = $1', KIN)).toEqual([]);
    const counts = Object.fromEntries((await edges(ngo)).map(({ hidden, n }) => [hidden, n]));
    expect(counts).toEqual({ false: Number(before[0]?.n) + 1, true: Number(before[1]?.n) - 2 });
  });

  it('names records that are not there, and links them as soon as a delivery brings them', async () => {
    const body = 'B77777,UNKNOWN,HO-601,1,,,CLEAR,2014,';
    const report = await takeIn(
      ngo,
      await sign('ngo-a', { links: [{ record: 'B77777', person: KIN, notification: 'DELIVERED' }], persons: [] }),
    );
    expect(report.unknownRecords).toEqual(['B77777']);
    expect(await ngo.rows('select from links')).toEqual([]);
    await ngo.write('bodies.csv', [
      'body,category,facility,detainee_no,branch_no,hospital_no,legibility,photographed,observations',
      body,
    ]);
    await ngo.import();
    expect(await ngo.rows('select l.person, s.labels from links l join label_sets s on s.id = l.label_set')).toEqual([
      { person: KIN, labels: ['COORDINATED'] },
    ]);
  });
});

describe('what the Ministry holds', () => {
  const certificates = (person: string) =>
    ministry.rows(
      'select notification, source, s.labels from links l join label_sets s on s.id = l.label_set where person = $1',
      person,
    );

  it('is told as link ids only', async () => {
    const held = await heldLinks(ministry);
    expect(Object.keys(held)).toEqual(['custodian', 'persons']);
    expect(held.persons).toHaveLength(new Set(held.persons).size);
    expect(held.persons).toEqual([...held.persons].sort());
    expect(held.persons).toHaveLength(136);
  });

  it('stays FAMILY_FIRST until the register has said how far the notification is', async () => {
    expect(await edges(ministry)).toEqual([{ source: 'DELIVERY', hidden: true, n: 251 }]);
    await takeIn(ministry, (await exportFor(ministry)).jws);
    expect(await edges(ministry)).toEqual([{ source: 'DELIVERY', hidden: true, n: 251 }]);
    clock += 1_000;
    expect(await exportFor(ministry, true)).toMatchObject({ links: 0, persons: 136 });
    await takeIn(ministry, (await exportFor(ministry, true)).jws);
    const [row] = await ministry.rows(
      `select count(*) filter (where notification in ('DELIVERED', 'DECLINED') and 'FAMILY_FIRST' = any (s.labels)) as told_but_hidden,
        count(*) filter (where notification is distinct from 'DELIVERED' and notification is distinct from 'DECLINED' and 'FAMILY_FIRST' <> all (s.labels)) as shown,
        count(*) filter (where s.labels = '{}') > 20 as some from links l join label_sets s on s.id = l.label_set`,
    );
    expect(row).toEqual({ told_but_hidden: 0, shown: 0, some: true });
  });

  it('stays FAMILY_FIRST for a person whom the register has not confirmed, though the family was told', async () => {
    const [kin] = await ministry.rows<{ person: string }>(
      "select person from links where notification = 'DELIVERED' and record_type = 'DeathCertificate' limit 1",
    );
    const person = String(kin?.person);
    const { jws } = await exportFor(ministry, true);
    await authority.storage.query({
      sql: "update register_links set state = 'CANDIDATE' where person = $1",
      parameters: [person],
    });
    clock += 1_000;
    await takeIn(ministry, jws);
    expect((await certificates(person))[0]).toMatchObject({ notification: 'DELIVERED', labels: [] });
    await takeIn(ministry, (await exportFor(ministry, true)).jws);
    for (const edge of await certificates(person))
      expect(edge).toEqual({ notification: null, source: 'DELIVERY', labels: ['FAMILY_FIRST'] });
    await authority.storage.query({
      sql: "update register_links set state = 'CONFIRMED' where person = $1",
      parameters: [person],
    });
  });

  it('gives way to the register where both speak of one record, and is there again when the register is silent', async () => {
    const [edge] = await ministry.rows<{ person: string; reference: string }>(
      "select person, reference from links join death_certificates d on d.id = record_id where source = 'DELIVERY' limit 1",
    );
    const { person, reference } = edge ?? { person: '', reference: '' };
    const other = 'psn_00000000000000000001';
    const link = (): Promise<unknown> =>
      ministry.rows(
        'select l.person, source from links l join death_certificates d on d.id = record_id where reference = $1',
        reference,
      );
    await takeIn(
      ministry,
      await sign('ministry', { links: [{ record: reference, person: other, notification: null }], persons: [] }),
    );
    expect(await link()).toEqual([{ person: other, source: 'REGISTER' }]);
    await ministry.import();
    expect(await link()).toEqual([{ person: other, source: 'REGISTER' }]);
    expect((await heldLinks(ministry)).persons).toContain(person);
    clock += 1_000;
    await takeIn(ministry, await sign('ministry', { links: [], persons: [] }));
    expect(await link()).toEqual([{ person, source: 'DELIVERY' }]);
  });

  it.each(['REJECTED', 'SPLIT'])(
    'is no edge where the register has %s it, and one again when it has not',
    async (state) => {
      const [edge] = await ministry.rows<{ person: string; reference: string }>(
        "select person, reference from links join death_certificates d on d.id = record_id where source = 'DELIVERY' limit 1",
      );
      const { person, reference } = edge ?? { person: '', reference: '' };
      const linked = async (): Promise<unknown[]> => {
        clock += 1_000;
        await takeIn(ministry, (await exportFor(ministry, true)).jws);
        return ministry.rows(
          'select person from links join death_certificates d on d.id = record_id where reference = $1',
          reference,
        );
      };
      await authority.rows(
        `insert into register_links (id, reference, label_set, labels, sort_key, person, linked_custodian, record_reference, state)
        values ('missing:x', 'x', 1, '{}', '', $1, 'ministry', $2, $3)`,
        person,
        reference,
        state,
      );
      const before = await ministry.rows('select from links');
      expect(await linked()).toEqual([]);
      expect(await ministry.rows('select from links')).toHaveLength(before.length - 1);
      await ministry.import();
      expect(await linked()).toEqual([]);
      await authority.rows("delete from register_links where id = 'missing:x'");
      expect(await linked()).toEqual([{ person }]);
    },
  );

  it('has no edge by a reference that a certificate and a transfer share, since it does not say which is meant', async () => {
    await ministry.correct('custody_transfers.csv', 'T-00003,', '2012/1,');
    await ministry.import();
    const extract = { links: [{ record: '2012/1', person: KIN, notification: 'DELIVERED' as const }], persons: [] };
    expect(await takeIn(ministry, await sign('ministry', extract))).toMatchObject({ unknownRecords: ['2012/1'] });
    expect(await ministry.rows("select from links where source = 'REGISTER'")).toEqual([]);
  });

  it('follows the delivery: another person, FAMILY_FIRST again; none, no edge', async () => {
    const was = 'T-00008,psn_ec9e138bc74a2a947ce6';
    const link = (): Promise<unknown> =>
      ministry.rows(
        "select l.person, s.labels from links l join custody_transfers t on t.id = record_id join label_sets s on s.id = l.label_set where reference = 'T-00008'",
      );
    await takeIn(
      ministry,
      await sign('ministry', {
        links: [],
        persons: [{ person: 'psn_ec9e138bc74a2a947ce6', notification: 'DELIVERED' }],
      }),
    );
    expect(await link()).toEqual([{ person: 'psn_ec9e138bc74a2a947ce6', labels: [] }]);
    await ministry.correct('custody_transfers.csv', was, 'T-00008,psn_00000000000000000002');
    await ministry.import();
    expect(await link()).toEqual([{ person: 'psn_00000000000000000002', labels: ['FAMILY_FIRST'] }]);
    await ministry.correct('custody_transfers.csv', 'T-00008,psn_00000000000000000002', 'T-00008,');
    await ministry.import();
    expect(await link()).toEqual([]);
  });
});

describe('an import of links is refused, with nothing changed,', () => {
  const extract: RegisterExtract = {
    links: [{ record: 'B00002', person: KIN, notification: 'DELIVERED' }],
    persons: [],
  };
  const claims = { iss: 'urn:amana:custodian:missing', aud: 'urn:amana:custodian:ngo-a', ...extract };
  const signed = (
    content: Record<string, unknown>,
    { typ = 'amana-links+jwt', by = key, kid = 'register-1' } = {},
  ): Promise<string> =>
    new SignJWT({ iat: clock / 1000, ...content }).setProtectedHeader({ alg: 'ES256', kid, typ }).sign(by);
  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  const attacks: Record<string, [() => string | Promise<string>, RegExp]> = {
    'where it is not a signed file at all': [() => JSON.stringify(extract), /not a signed links export/u],
    'where it is empty': [() => '', /not a signed links export/u],
    'where it is unsigned': [
      () => `${encoded({ alg: 'none', typ: 'amana-links+jwt' })}.${encoded({ ...claims, iat: clock / 1000 })}.`,
      /not a signed links export/u,
    ],
    'where another key has signed it, under the pinned key’s name': [
      async () => signed(claims, { by: (await generateKeyPair('ES256')).privateKey }),
      /not one of the Authority/u,
    ],
    'where a key that is not pinned has signed it': [
      async () => signed(claims, { by: (await generateKeyPair('ES256')).privateKey, kid: 'mine' }),
      /not one of the Authority/u,
    ],
    'where it was changed after signing': [
      async () => {
        const [head, , signature] = (await signed(claims)).split('.');
        return `${head}.${encoded({ ...claims, iat: clock / 1000, links: [] })}.${signature}`;
      },
      /not one of the Authority/u,
    ],
    'where it is signed with the public key as a shared secret': [
      () =>
        new SignJWT({ ...claims, iat: clock / 1000 })
          .setProtectedHeader({ alg: 'HS256', typ: 'amana-links+jwt' })
          .sign(Buffer.from(JSON.stringify(pinned))),
      /not a signed links export|not one of the Authority/u,
    ],
    'where it is another custodian’s': [() => sign('ngo-b', extract), /made for another custodian/u],
    'where it is of another issuer': [
      () => signed({ ...claims, iss: 'urn:amana:custodian:ministry' }),
      /not a links export of the Authority/u,
    ],
    'where it is another kind of statement': [
      () => signed(claims, { typ: 'amana-context+jwt' }),
      /not a links export of the Authority/u,
    ],
    'where it has no time of issue': [() => signed({ ...claims, iat: undefined }), /iat is missing/u],
    'where it comes from the future': [() => sign('ngo-a', extract, clock + 3_600_000), /in the future/u],
    'where its content is another': [
      () => signed({ ...claims, links: 'all' }),
      /content is not that of a links export/u,
    ],
    'where it says more than it may': [
      () => signed({ ...claims, names: ['x'] }),
      /content is not that of a links export/u,
    ],
    'where a person is none': [
      () => signed({ ...claims, links: [{ record: 'B00002', person: 'psn_1', notification: null }] }),
      /content is not/u,
    ],
    'where it gives one person two states': [
      () => signed({ ...claims, persons: [{ person: KIN, notification: 'PENDING' }] }),
      /two notification states/u,
    ],
    'where it links one record twice': [
      () =>
        signed({
          ...claims,
          links: [...extract.links, { record: 'B00002', person: 'psn_00000000000000000001', notification: null }],
        }),
      /links one record twice/u,
    ],
  };

  it.each(Object.entries(attacks))('%s', async (_, [made, message]) => {
    const before = await ngo.dump();
    const jws = await made();
    await expect(takeIn(ngo, jws)).rejects.toMatchObject({
      name: 'LinksExportError',
      message: expect.stringMatching(message),
    });
    expect(await ngo.dump()).toEqual(before);
  });

  it('where it is older than one imported before, even once imported itself, or of the same moment and says otherwise', async () => {
    const older = await sign(
      'ngo-a',
      { links: [{ record: 'B00002', person: KIN, notification: 'DELIVERED' }], persons: [] },
      clock - 1,
    );
    const latest = { links: [{ record: 'B00002', person: KIN, notification: 'CONTESTED' as const }], persons: [] };
    await takeIn(ngo, older);
    await takeIn(ngo, await sign('ngo-a', latest));
    const before = await ngo.dump();
    await expect(takeIn(ngo, older)).rejects.toThrow(/A later export has been imported before/u);
    await expect(takeIn(ngo, await sign('ngo-a', { links: [], persons: [] }))).rejects.toThrow(/A later export/u);
    await takeIn(ngo, await sign('ngo-a', latest));
    expect(await ngo.dump()).toEqual(before);
    expect(await ngo.rows('select s.labels from links l join label_sets s on s.id = l.label_set')).toEqual([
      { labels: ['COORDINATED', 'FAMILY_FIRST'] },
    ]);
  });

  it('while a delivery is being imported', async () => {
    const jws = await sign('ngo-a', extract);
    let refused: Promise<unknown> | undefined;
    await ngo.import({
      onProgress: () =>
        (refused ??= expect(takeIn(ngo, jws)).rejects.toThrow(/Another import into this custodian is running/u)),
    });
    await refused;
  });
});

it.each([
  ['not JSON', '{', /not JSON/u],
  ['not held links', '{"custodian":"ministry"}', /not one that "amana links held" wrote/u],
  ['another custodian’s', '{"custodian":"ngo-a","persons":[]}', /another custodian/u],
  ['names, not link ids', '{"custodian":"ministry","persons":["محمد"]}', /not one that/u],
])('refuses a file of held links that is %s', (_, text, message) =>
  expect(() => parseHeldLinks(text, 'ministry')).toThrow(message),
);
