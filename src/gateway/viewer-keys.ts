import { hash } from 'node:crypto';
import type { Viewer } from './identify.ts';

/** Keys by which something of one viewer at one custodian is remembered: equal for equal words, and for no others. */
export interface ViewerKeys {
  /** By viewer, kind of viewer and purpose. */
  readonly grants: string;
  /** By those and the reference. */
  readonly context: string;
  /** By the token's hash. */
  readonly token: string;
}

/** By viewer, as one request has him: for each of its custodians the words are the same. */
const known = new WeakMap<Viewer, ViewerKeys>();

/** The keys for one custodian, whose id has no space in it. */
export function viewerKeys(viewer: Viewer, custodian: string): ViewerKeys {
  const { grants, context, token } = known.get(viewer) ?? written(viewer);
  return { grants: `${custodian} ${grants}`, context: `${custodian} ${context}`, token: `${custodian} ${token}` };
}

function written(viewer: Viewer): ViewerKeys {
  const { subject, subjectKind, purpose, ref, token } = viewer;
  const words = {
    grants: JSON.stringify([subject, subjectKind, purpose]),
    context: JSON.stringify([subject, subjectKind, purpose, ref]),
    token: hash('sha256', token, 'base64'),
  };
  known.set(viewer, words);
  return words;
}
