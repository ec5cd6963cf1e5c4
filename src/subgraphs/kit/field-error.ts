import { GraphQLError } from 'graphql';
import { type ErrorCode, messageOf } from '../../protocol/errors.ts';

/** The failure of one field, with a listed code: the field becomes null, the rest of the answer stays (HTTP 200). */
export const fieldError = (code: ErrorCode): GraphQLError =>
  new GraphQLError(messageOf(code), { extensions: { code } });
