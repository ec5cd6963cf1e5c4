import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessAnswer } from '../../src/protocol/access-answer.ts';
import { scope } from '../../src/protocol/requirements.ts';
import {
  GrantError,
  type GrantRequest,
  grant,
  listGrants,
  loadAccess,
  revoke,
} from '../../src/subgraphs/kit/grants.ts';
import { labelSetNumber } from '../../src/subgraphs/kit/label-sets.ts';
import { type TemporaryStorage, temporaryStorage } from './temporary-storage.ts';

const DAY = 86_400_000;
const now = Date.now();
const at = (days: number): Date => new Date(now + days * DAY);

let temporary: TemporaryStorage;
beforeAll(async () => {
  temporary = await temporaryStorage({ custodian: 'ngo-a', subgraph: 'ngo' });
});
afterAll(() => temporary.close());

let viewers = 0;
const newViewer = (): string => `viewer-${(viewers += 1)}`;

const give = (subject: string, given: Partial<GrantRequest> = {}): Promise<string> =>
  grant(temporary.storage, {
    subject,
    subjectKind: 'USER',
    organisation: 'commission',
    recipientKind: 'NAMED_ORGANISATIONS',
    scopes: ['ngo:registered'],
    purposes: ['IDENTIFICATION'],
    until: at(30),
    reason: 'agreement 7',
    grantedBy: 'archivist-a',
    ...given,
  });

const load = (subject: string, asked: Partial<Parameters<typeof loadAccess>[1]> = {}): ReturnType<typeof loadAccess> =>
  loadAccess(temporary.storage, {
    custodian: 'ngo-a',
    subject,
    subjectKind: 'USER',
    purpose: 'IDENTIFICATION',
    now: () => Date.now(),
    ...asked,
  });

describe('a grant', () => {
  it('is in force at once and listed as it was given', async () => {
    const viewer = newViewer();
    const id = await give(viewer, { scopes: ['ngo:registered', 'ngo:identifying'], clears: ['SEALED'] });
    const { access, answer } = await load(viewer);
    expect(AccessAnswer.omit({ askedAboutPersons: true }).parse(answer)).toEqual({
      custodian: 'ngo-a',
      otherPurpose: [],
      expired: [],
      grants: [{ scopes: ['ngo:registered', 'ngo:identifying'], clears: ['SEALED'], until: at(30).toISOString() }],
    });
    expect(access.grants).toMatchObject([
      { id, organisation: 'commission', recipientKind: 'NAMED_ORGANISATIONS', until: at(30) },
    ]);
    expect(await listGrants(temporary.storage, { subject: viewer })).toMatchObject([
      {
        id,
        subject: viewer,
        scopes: ['ngo:registered', 'ngo:identifying'],
        clears: ['SEALED'],
        grantedBy: 'archivist-a',
        revokedAt: null,
      },
    ]);
  });

  it.each<[Partial<GrantRequest>, RegExp]>([
    [
      { clears: ['COORDINATED'] },
      /^COORDINATED can be cleared for the Ministry, the Authority and the custodian's own staff only/u,
    ],
    [
      { clears: ['FAMILY_FIRST'] },
      /^FAMILY_FIRST can be cleared for the Authority's and the custodian's own staff only/u,
    ],
    [{ clears: ['FAMILY_FIRST'], organisation: 'ministry' }, /^FAMILY_FIRST/u],
    [{ clears: ['COORDINATED'], organisation: 'ngo-b' }, /^COORDINATED/u],
    [{ scopes: ['ministry:registered'] }, /scopes of the subgraphs that it hosts itself/u],
    [{ scopes: ['ngo:registered', 'ministry:medical'] }, /scopes of the subgraphs that it hosts itself/u],
    [{ scopes: ['xngo:registered'] }, /scopes of the subgraphs that it hosts itself/u],
    [{ scopes: ['registered'] }, /scopes/u],
    [{ scopes: [] }, /scopes/u],
    [{ purposes: [] }, /purposes/u],
    [{ reason: '  ' }, /reason/u],
    [{ until: at(-1) }, /must end after it starts/u],
    [{ from: at(3), until: at(2) }, /must end after it starts/u],
  ])('is refused with a sentence that says why: %o', async (given, message) => {
    const giving = give(newViewer(), given);
    await expect(giving).rejects.toThrow(GrantError);
    await expect(giving).rejects.toThrow(message);
  });

  it.each<Partial<GrantRequest>>([
    { clears: ['COORDINATED'], organisation: 'ministry' },
    { clears: ['COORDINATED', 'FAMILY_FIRST'], organisation: 'missing' },
    { clears: ['COORDINATED', 'FAMILY_FIRST'], organisation: 'ngo-a' },
  ])('may clear what the domain allows: %o', async (given) => {
    expect(await give(newViewer(), given)).toMatch(/^[0-9a-f-]{36}$/u);
  });

  it.each([
    `update grants set valid_until = valid_until + interval '1 day'`,
    `update grants set clears = '{SEALED}'`,
    'delete from grants',
    'truncate grants',
    `insert into grants (subject, subject_kind, organisation, recipient_kind, scopes, purposes, valid_until, reason, granted_by)
      values ('x', 'USER', 'o', 'COURT', array['ngo:a', null], '{RESEARCH}', now() + interval '1 day', 'r', 'g')`,
  ])('cannot be changed past the rules by any program: %s', async (sql) => {
    await give(newViewer());
    await expect(temporary.storage.query({ sql, parameters: [] })).rejects.toThrow(Error);
  });
});

describe('revoking', () => {
  it('bites at once, once, and says where there is nothing to revoke', async () => {
    const viewer = newViewer();
    const id = await give(viewer);
    await revoke(temporary.storage, id, 'archivist-a');
    const { access, answer } = await load(viewer);
    expect(access.carries(scope('ngo:registered'))).toBe(false);
    expect(answer).toMatchObject({ grants: [], otherPurpose: [], expired: ['ngo:registered'] });
    await expect(revoke(temporary.storage, id, 'archivist-a')).rejects.toThrow(/revoked already/u);
    await expect(revoke(temporary.storage, 'no-such-grant', 'archivist-a')).rejects.toThrow(
      'There is no grant no-such-grant.',
    );
    expect(await listGrants(temporary.storage, { subject: viewer })).toMatchObject([{ revokedBy: 'archivist-a' }]);
  });

  it('is recorded with who did it', async () => {
    const id = await give(newViewer());
    const nameless = temporary.storage.query({
      sql: 'update grants set revoked_at = now() where id = $1',
      parameters: [id],
    });
    await expect(nameless).rejects.toThrow(/grants_are_revoked_by_somebody/u);
  });
});

describe('access', () => {
  it('tells what is held for another purpose only, and what has lapsed', async () => {
    const viewer = newViewer();
    await give(viewer, { scopes: ['ngo:registered'] });
    await give(viewer, { scopes: ['ngo:registered', 'ngo:imagery'], purposes: ['RESEARCH'] });
    await give(viewer, { scopes: ['ngo:registered', 'ngo:medical'], from: at(-9), until: at(-2) });
    await give(viewer, { scopes: ['ngo:testimony'], from: at(2), until: at(9) });
    const { answer } = await load(viewer);
    expect(answer.grants.map(({ scopes }) => scopes)).toEqual([['ngo:registered']]);
    expect(answer.otherPurpose).toEqual(['ngo:imagery']);
    expect(answer.expired).toEqual(['ngo:medical']);
    const later = await load(viewer, { now: () => now + 5 * DAY });
    expect(later.access.carries(scope('ngo:testimony'))).toBe(true);
    const muchLater = await load(viewer, { now: () => now + 50 * DAY });
    expect(muchLater.answer).toMatchObject({ grants: [], otherPurpose: [] });
    expect(muchLater.answer.expired).toContain('ngo:registered');
  });

  it('gives a user nothing of a client’s grants, and a client nothing of a user’s', async () => {
    const viewer = newViewer();
    await give(viewer, { subjectKind: 'CLIENT' });
    expect((await load(viewer)).answer).toMatchObject({ grants: [], expired: [], otherPurpose: [] });
    expect((await load(viewer, { subjectKind: 'CLIENT' })).answer.grants).toHaveLength(1);
  });

  it('lets two half grants never add up', async () => {
    const viewer = newViewer();
    const coordinated = await labelSetNumber(temporary.storage.query, ['COORDINATED']);
    const both = await labelSetNumber(temporary.storage.query, ['COORDINATED', 'SEALED']);
    const own = { organisation: 'ngo-a' };
    await give(viewer, { ...own, scopes: ['ngo:registered', 'ngo:identifying'] });
    await give(viewer, { ...own, scopes: ['ngo:registered'], clears: ['COORDINATED'] });
    await give(viewer, { ...own, scopes: ['ngo:registered'], clears: ['SEALED'] });
    const { access } = await load(viewer);
    expect(access.visibleLabelSets(scope('ngo:registered'))).toEqual(new Set([1, coordinated]));
    expect(access.visibleLabelSets(scope('ngo:identifying'))).toEqual(new Set([1]));
    expect(access.visibleLabelSets(scope('ngo:registered')).has(both)).toBe(false);
  });

  it('is read in one round trip', async () => {
    const asked: unknown[] = [];
    const { storage } = temporary;
    await loadAccess(
      { query: (statement) => (asked.push(statement), storage.query(statement)) },
      { custodian: 'ngo-a', subject: 'viewer-1', subjectKind: 'USER', purpose: 'RESEARCH', now: () => now },
    );
    expect(asked).toHaveLength(1);
  });
});
