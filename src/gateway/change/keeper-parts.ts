import type { Logger } from 'pino';
import type { ContextSigner } from '../../protocol/request-context.ts';
import type { SchemaChecker } from './check-thread.ts';
import type { GatewayState } from './gateway-state.ts';

/** What the keeper of the federation works with. */
export interface KeeperParts {
  readonly signer: () => ContextSigner;
  readonly state: GatewayState;
  readonly checker: SchemaChecker;
  /** What was asked lately: documents without names and values. */
  readonly operations: () => readonly string[];
  /** Milliseconds from one question for a custodian's schema to the next. */
  readonly interval: () => number;
  /** Milliseconds that a request lives at most: so long a connection that is no longer needed is kept. */
  readonly longestRequest: () => number;
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Logger;
}
