import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CursorBinding, Cursors } from '../../src/subgraphs/kit/cursor.ts';

const cursors = new Cursors(randomBytes(32));
const binding: CursorBinding = {
  subject: 'analyst',
  subjectKind: 'USER',
  list: 'Query.photographs',
  filter: { facility: 'HO-601' },
};
const position = { parent: '', sortKey: '2014-03-05', id: 'ngo-a:x' };

describe('a cursor', () => {
  it('opens to the position it was sealed for, whatever the position', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (sortKey, id, parent) => {
        const sealed = cursors.seal(binding, { parent, sortKey, id });
        expect(cursors.open(binding, sealed)).toEqual({ parent, sortKey, id });
      }),
    );
  });

  it.each([
    ['another viewer', { subject: 'journalist' }],
    ['a client of the same name', { subjectKind: 'CLIENT' }],
    ['another list', { list: 'Collection.photographs' }],
    ['another filter', { filter: { facility: 'HO-HAR' } }],
    ['no filter', { filter: undefined }],
  ])('does not open for %s', (_, change) => {
    expect(cursors.open({ ...binding, ...change }, cursors.seal(binding, position))).toBeUndefined();
  });

  it('opens for the same filter written in another order, and with null for what is not given', () => {
    const sealed = cursors.seal({ ...binding, filter: { a: 1, b: { c: [2], d: 3 } } }, position);
    expect(cursors.open({ ...binding, filter: { b: { d: 3, c: [2] }, a: 1, e: null } }, sealed)).toEqual(position);
  });

  it('does not open after any byte of it was changed, cut off or added', () => {
    const bytes = Buffer.from(cursors.seal(binding, position), 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(cursors.open(binding, changed.toString('base64url'))).toBeUndefined();
      expect(cursors.open(binding, bytes.subarray(0, index).toString('base64url'))).toBeUndefined();
    }
    expect(cursors.open(binding, Buffer.concat([bytes, Buffer.of(0)]).toString('base64url'))).toBeUndefined();
  });

  it('does not open when it is no cursor at all', () => {
    fc.assert(fc.property(fc.string(), (text) => cursors.open(binding, text) === undefined));
    expect(cursors.open(binding, 'A'.repeat(1_000_000))).toBeUndefined();
  });

  it('does not open under another custodian’s key', () => {
    expect(new Cursors(randomBytes(32)).open(binding, cursors.seal(binding, position))).toBeUndefined();
  });

  it('shows neither what it carries nor how long that is, and is never the same twice', () => {
    const [short, long] = ['علي', 'عبدالرحمن'].map((sortKey) => cursors.seal(binding, { ...position, sortKey }));
    expect(short).not.toContain('ngo-a');
    expect(short?.length).toBe(long?.length);
    expect(cursors.seal(binding, position)).not.toBe(cursors.seal(binding, position));
  });
});
