import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ConfigurationError } from '../../protocol/read-configuration.ts';
import type { ReceivedRequest } from '../receive/receive-request.ts';
import type { Claims } from './verify-claims.ts';

/** What the operator's module is told: the request's headers, the token's claims (null where nobody has signed in), and the policies that the operation names. */
export interface PolicyQuestion {
  readonly headers: ReceivedRequest['headers'];
  readonly claims: Claims | null;
  readonly policies: readonly string[];
}

/** The operator's decision: the names of the policies granted. */
export type DecidePolicies = (question: PolicyQuestion) => Promise<unknown>;

const isDecider = (value: unknown): value is DecidePolicies => typeof value === 'function';

/** Loads the operator's module: the function that it exports by default, or as `policies`. Throws `ConfigurationError`. */
export async function loadPolicies(file: string): Promise<DecidePolicies> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(pathToFileURL(resolve(file)).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'it throws';
    throw new ConfigurationError(`${file}: the policies cannot be loaded: ${reason}`, { cause });
  }
  const decide = module['policies'] ?? module['default'];
  if (!isDecider(decide))
    throw new ConfigurationError(
      `${file}: it must export, by default or as "policies", an async function ({ headers, claims, policies }) => granted names.`,
    );
  return decide;
}

const Granted = z.union([z.array(z.string()), z.set(z.string())]);

/**
 * The policies granted, out of those asked for. What takes longer than the deadline (milliseconds), throws or is no list
 * of names grants none, and `failed` hears why.
 */
export async function grantedPolicies(
  decide: DecidePolicies | undefined,
  question: PolicyQuestion,
  deadline: number,
  failed: (cause: unknown) => void,
): Promise<ReadonlySet<string>> {
  if (!decide || question.policies.length === 0) return new Set();
  const settled = new AbortController();
  try {
    const late = pause(deadline, undefined, { signal: settled.signal }).then(() => {
      throw new Error('the policies took too long');
    });
    const answer = await Promise.race([Promise.resolve(question).then(decide), late]);
    const granted = new Set(Granted.parse(answer));
    return new Set(question.policies.filter((policy) => granted.has(policy)));
  } catch (cause) {
    failed(cause);
    return new Set();
  } finally {
    settled.abort();
  }
}
