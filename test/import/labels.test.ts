import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CustodianStore, custodianStore } from './custodian-store.ts';

describe('labels at an NGO', () => {
  let store: CustodianStore;
  beforeAll(async () => {
    store = await custodianStore('ngo-a');
    await store.write('collections.csv', [
      'collection,title,from,to,medium,labels',
      'C-1,One,2015,2016,,COORDINATED',
      'C-2,Two,,,,coordinated | graphic',
      'C-3,Three,2012,2011,,',
      'C-4,Four,,,,',
      'C-5,Five,,,,SECRET',
    ]);
    await store.write('bodies.csv', [
      'body,category,facility,detainee_no,branch_no,hospital_no,legibility,photographed,observations',
      ...['B-1', 'B-2', 'B-3', 'B-4'].map((body) => `${body},UNKNOWN,,,,,,,`),
    ]);
    await store.write(
      'photographs.csv',
      photographs('P-1,C-1,B-1', 'P-2,C-4,B-1', 'P-3,C-4,B-2', 'P-4,C-4,', 'P-5,C-2,B-4'),
    );
    const { rejects } = await store.import();
    expect(rejects.map(({ line, faults: [fault] }) => [line, fault])).toEqual([
      [4, { kind: 'CONTRADICTION', column: 'to' }],
      [6, { kind: 'UNKNOWN_VALUE', column: 'labels' }],
    ]);
  });
  afterAll(() => store.close());

  const labels = async (table: string): Promise<Record<string, string>> => {
    const rows = await store.rows<{ reference: string; shown: string; hiding: string }>(
      `select t.reference, array_to_string(t.labels, '+') as shown, array_to_string(s.labels, '+') as hiding
        from ${table} t join label_sets s on s.id = t.label_set`,
    );
    return Object.fromEntries(rows.map(({ reference, shown, hiding }) => [reference, `${shown} hides by ${hiding}`]));
  };

  it('are a photograph’s from birth, so that most rows of an archive are written once', async () => {
    // A row that is changed moves within its table: where each was, nothing is.
    const [first] = await store.rows(
      `select (select min(ctid)::text from photographs) as photograph, (select min(ctid)::text from depicted_bodies) as body`,
    );
    expect(first).toEqual({ photograph: '(0,1)', body: '(0,5)' });
  });

  it('are a collection’s own', async () => {
    expect(await labels('collections')).toEqual({
      'C-1': 'COORDINATED hides by COORDINATED',
      'C-2': 'COORDINATED+GRAPHIC hides by COORDINATED',
      'C-4': ' hides by ',
    });
  });

  it('hold for its photographs, which are GRAPHIC besides, and that hides nothing', async () => {
    expect(await labels('photographs')).toEqual({
      ...{ 'P-1': 'COORDINATED+GRAPHIC hides by COORDINATED', 'P-2': 'GRAPHIC hides by ', 'P-3': 'GRAPHIC hides by ' },
      ...{ 'P-4': 'GRAPHIC hides by ', 'P-5': 'COORDINATED+GRAPHIC hides by COORDINATED' },
    });
  });

  it('are on a body those of every collection that shows it, and COORDINATED where none does', async () => {
    expect(await labels('depicted_bodies')).toEqual({
      ...{ 'B-1': 'COORDINATED hides by COORDINATED', 'B-2': ' hides by ' },
      ...{ 'B-3': 'COORDINATED hides by COORDINATED', 'B-4': 'COORDINATED+GRAPHIC hides by COORDINATED' },
    });
  });

  it('follow a collection that gets a label, without its photographs being delivered anew', async () => {
    await store.write('collections.csv', ['collection,title,from,to,medium,labels', 'C-4,Four,,,,COORDINATED']);
    await store.write('photographs.csv', photographs());
    expect((await store.import()).labelsKept).toEqual([]);
    expect(await labels('photographs')).toMatchObject({ 'P-2': 'COORDINATED+GRAPHIC hides by COORDINATED' });
    expect(await labels('depicted_bodies')).toMatchObject({ 'B-2': 'COORDINATED hides by COORDINATED' });
  });

  it('stay where a delivery no longer names one that hides, which the report says without any value', async () => {
    await store.write('collections.csv', [
      'collection,title,from,to,medium,labels',
      'C-1,One,2015,2016,,',
      'C-2,Two,,,,SEALED',
      'C-6,Six,,,,',
    ]);
    for (let time = 0; time < 2; time += 1) {
      expect((await store.import()).labelsKept).toEqual([
        { file: 'collections.csv', line: 2, labels: ['COORDINATED'] },
        { file: 'collections.csv', line: 3, labels: ['COORDINATED'] },
      ]);
      expect(await labels('collections')).toEqual({
        'C-1': 'COORDINATED hides by COORDINATED',
        'C-2': 'COORDINATED+SEALED hides by COORDINATED+SEALED',
        'C-4': 'COORDINATED hides by COORDINATED',
        'C-6': ' hides by ',
      });
      expect(await labels('photographs')).toMatchObject({
        'P-1': 'COORDINATED+GRAPHIC hides by COORDINATED',
        'P-5': 'COORDINATED+GRAPHIC+SEALED hides by COORDINATED+SEALED',
      });
    }
  });

  it('go with a photograph into a collection without any, and onto the body; what is new there has none', async () => {
    await store.write('bodies.csv', [
      'body,category,facility,detainee_no,branch_no,hospital_no,legibility,photographed,observations',
      ...['B-5', 'B-6'].map((body) => `${body},UNKNOWN,,,,,,,`),
    ]);
    await store.write('photographs.csv', photographs('P-1,C-6,B-5', 'P-2,C-6,B-5', 'P-6,C-6,B-6', 'P-7,C-6,B-1'));
    await store.import();
    expect(await labels('photographs')).toMatchObject({
      ...{ 'P-1': 'COORDINATED+GRAPHIC hides by COORDINATED', 'P-6': 'GRAPHIC hides by ', 'P-7': 'GRAPHIC hides by ' },
    });
    expect(await labels('depicted_bodies')).toMatchObject({
      ...{ 'B-1': 'COORDINATED hides by COORDINATED', 'B-5': 'COORDINATED hides by COORDINATED', 'B-6': ' hides by ' },
    });
  });
});

describe('FAMILY_FIRST at the Authority', () => {
  let store: CustodianStore;
  beforeAll(async () => {
    store = await custodianStore('missing');
    await store.deliver();
    await store.import();
  });
  afterAll(() => store.close());

  const KIN = 'psn_7c0438f5eaafbba0a452';
  const states = async (person: string): Promise<unknown> => {
    const tables = ['identification_decisions', 'family_notifications', 'register_links'];
    const queries = tables.map(
      (table) =>
        `select '${table}' as what, t.labels, s.labels as hiding from ${table} t join label_sets s on s.id = t.label_set where person = $1`,
    );
    const edges =
      "select 'links', null, s.labels from links l join label_sets s on s.id = l.label_set where person = $1";
    const rows = await store.rows<{ what: string; labels: string[] | null; hiding: string[] }>(
      `${queries.join(' union all ')} union all ${edges}`,
      person,
    );
    expect(new Set(rows.map(({ what }) => what)).size).toBe(4);
    return [...new Set(rows.flatMap(({ labels, hiding }) => [hiding.join(), (labels ?? hiding).join()]))];
  };

  it('is on everything about a person until the family has been told or has declined, whatever was decided', async () => {
    const [row] = await store.rows(
      `with told as (select person, bool_and(status in ('DELIVERED', 'DECLINED')) as told from family_notifications group by 1),
        labelled as (
          select person, labels, label_set from identification_decisions union all select person, labels, label_set from family_notifications
          union all select person, labels, label_set from register_links
          union all select person, (select s.labels from label_sets s where s.id = l.label_set), label_set from links l)
       select count(*) filter (where (labels = '{FAMILY_FIRST}') = coalesce(told, false)) as wrong,
          count(*) filter (where labels = '{}') as off, count(*) filter (where labels = '{FAMILY_FIRST}') as "on"
        from labelled left join told using (person)`,
    );
    expect(row).toMatchObject({ wrong: 0, off: 4 * 73 + 73, on: expect.any(Number) });
  });

  it('comes off when a later delivery says DELIVERED, and is still off when the next does not mention the decision', async () => {
    expect(await states(KIN)).toEqual(['FAMILY_FIRST']);
    await store.correct('decisions.csv', 'HYPOTHESIS,ATTEMPTED', 'HYPOTHESIS,DELIVERED');
    await store.import();
    expect(await states(KIN)).toEqual(['']);
    await store.write('decisions.csv', ['decision_no,person,method,decided_on,status,notification']);
    await store.import();
    expect(await states(KIN)).toEqual(['']);
  });

  it('comes back when the Authority corrects its record', async () => {
    await store.write('decisions.csv', [
      'decision_no,person,method,decided_on,status,notification',
      `D-0001,${KIN},FINGERPRINT,2026-09-06,HYPOTHESIS,CONTESTED`,
    ]);
    await store.import();
    expect(await states(KIN)).toEqual(['FAMILY_FIRST']);
  });

  it('stays where two records of one family’s notification disagree', async () => {
    const decisions = (second: string): string[] => [
      'decision_no,person,method,decided_on,status,notification',
      `D-0001,${KIN},FINGERPRINT,2026-09-06,HYPOTHESIS,DECLINED`,
      `D-9001,${KIN},DNA,2026-09-20,CONFIRMED,${second}`,
    ];
    await store.write('decisions.csv', decisions('PENDING'));
    await store.import();
    expect(await states(KIN)).toEqual(['FAMILY_FIRST']);
    await store.write('decisions.csv', decisions('DELIVERED'));
    await store.import();
    expect(await states(KIN)).toEqual(['']);
  });

  it('has no edge from a report that is confirmed to be two persons, or is confirmed no longer', async () => {
    const header = 'person,custodian,record,state,confidence,basis,decided_on';
    const edge = (record: string) =>
      store.rows(
        'select person from links join missing_person_reports r on r.id = record_id where r.reference = $1',
        record,
      );
    expect(await edge('R-2019-00007')).toEqual([{ person: KIN }]);
    await store.write('links.csv', [header, 'psn_00000000000000000000,missing,R-2019-00007,CONFIRMED,1,,2026']);
    await store.import();
    expect(await edge('R-2019-00007')).toEqual([]);
    await store.write('links.csv', [header, 'psn_00000000000000000000,missing,R-2019-00007,SPLIT,1,,2026']);
    await store.import();
    expect(await edge('R-2019-00007')).toEqual([{ person: KIN }]);
    await store.write('links.csv', [header, `${KIN},missing,R-2019-00007,REJECTED,1,,2026`]);
    await store.import();
    expect(await edge('R-2019-00007')).toEqual([]);
  });

  it('rejects a link to a report that it does not have, a person that is none, and a confidence beyond 1', async () => {
    await store.write('links.csv', [
      'person,custodian,record,state,confidence,basis,decided_on',
      `${KIN},missing,R-0000-00000,CONFIRMED,1,,2026`,
      `${KIN},Ministry of Justice,2012/1,CONFIRMED,1,,2026`,
      ',ngo-a,B00001,CONFIRMED,1,,2026',
      `${KIN},ngo-a,B00001,CONFIRMED,1.01,,2026`,
      `${KIN},ngo-a,B00001,PERHAPS,0.5,,2026`,
    ]);
    const { rejects } = await store.import();
    expect(rejects.filter(({ file }) => file === 'links.csv').map(({ faults }) => faults)).toEqual([
      [{ kind: 'UNKNOWN_REFERENCE', column: 'record' }],
      [{ kind: 'MALFORMED', column: 'custodian' }],
      [{ kind: 'MISSING', column: 'person' }],
      [{ kind: 'MALFORMED', column: 'confidence' }],
      [{ kind: 'UNKNOWN_VALUE', column: 'state' }],
    ]);
  });
});

function photographs(...rows: string[]): string[] {
  const hash = 'a'.repeat(64);
  return [
    'photo,collection,body,taken,facility,path,sha256,photographer,exif',
    ...rows.map((row) => `${row},,,,${hash},Somebody,`),
  ];
}
