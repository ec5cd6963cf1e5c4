import type { GraphQLError } from 'graphql';
import { type ErrorCode, isErrorCode } from '../../protocol/errors.ts';
import { ENTITIES } from '../execute/conform-answer.ts';
import type { AnswerPath } from '../execute/answer-reading.ts';
import { type JsonObject, isJsonObject } from '../json-object.ts';
import { fieldAt } from './answer-places.ts';
import type { GatheredField } from './gather-tree.ts';
import type { Gathering } from './gathering.ts';
import type { HostShare } from './host-share.ts';
import { nullWithin } from './null-within.ts';

/**
 * Enters what one host's error costs: where it stands within a row or another value, that alone; else the place that it is
 * in or, where it is in none, all that the host was asked for.
 */
export function enterFailure(gathering: Gathering, share: HostShare, error: GraphQLError, data: unknown): void {
  const { path = [] } = error;
  const found = fieldAt(share, path);
  const index = path[0] === ENTITIES ? share.asked.indexes[Number(path[1])] : 0;
  if (!found || index === undefined) {
    share.failures.failWholly(codeOf(error));
    return;
  }
  const { field, above, rest } = found;
  if (!enterWithin(gathering, share, field, valueAt(data, above), rest, error))
    share.failures.fail(index, field.place, codeOf(error));
}

/** Enters an error (`path`: from the value of a field down to what failed) within that value; answers whether it is one. */
export function enterWithin(
  { snapshot, subgraph }: Gathering,
  { failures }: HostShare,
  field: GatheredField,
  value: unknown,
  path: AnswerPath,
  error: GraphQLError,
): boolean {
  // How many there are is then not known of this host, and its rows are there all the same.
  if (field.page?.totals.some(({ key }) => key === path[0])) return isJsonObject(value);
  const within = nullWithin(snapshot.subgraphSchema(subgraph), field, value, path);
  if (within) failures.failWithin(within, codeOf(error));
  return within !== undefined;
}

/** The connection of a field in what one host knows of the object that the field is gathered of. */
export function connectionAt({ place }: GatheredField, object: JsonObject | undefined): JsonObject | undefined {
  const connection = valueAt(object, place.split('.').slice(1));
  return isJsonObject(connection) ? connection : undefined;
}

function valueAt(data: unknown, path: AnswerPath): unknown {
  let at = data;
  for (const key of path) {
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isJsonObject(at) ? at[key] : undefined;
  }
  return at;
}

const codeOf = ({ extensions: { code } }: GraphQLError): ErrorCode =>
  isErrorCode(code) ? code : 'CUSTODIAN_UNAVAILABLE';
