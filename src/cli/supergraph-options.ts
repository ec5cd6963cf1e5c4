import { InvalidArgumentError } from 'commander';
import { join, resolve } from 'node:path';
import { isForwardable } from '../gateway/plain-subgraphs/forwarded-headers.ts';
import {
  type NamedSubgraph,
  SUPERGRAPH_LIMITS,
  type SupergraphSettings,
} from '../gateway/plain-subgraphs/supergraph-settings.ts';
import { UsageError } from './usage-error.ts';

/** Where the access log is kept unless told otherwise; relative to where the command runs. */
export const LOG_DIRECTORY = join('.amana', 'gateway');

/** The options by which `amana gateway` serves plain subgraphs, as they were given. */
export interface SupergraphOptions {
  readonly config?: string;
  readonly supergraph?: string;
  readonly subgraph?: readonly NamedSubgraph[];
  readonly port?: number;
  readonly host?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly jwks?: string;
  readonly policies?: string;
  readonly forwardHeader?: readonly string[];
  readonly introspection?: boolean;
  /** False for `--no-log`; true where nothing is said. */
  readonly log?: string | boolean;
  readonly maxDepth?: number;
  readonly maxAliases?: number;
  readonly maxTokens?: number;
  readonly maxCost?: number;
}

/** Whether a supergraph or subgraphs are named, rather than a configuration file; throws `UsageError` where neither is, but what goes with them. */
export function servesSupergraph({ config, supergraph, subgraph, log, ...others }: SupergraphOptions): boolean {
  if (supergraph !== undefined || subgraph !== undefined) return true;
  // `--no-log` makes commander say that there is a log where nothing is said.
  if (Object.keys(others).length > 0 || (log !== undefined && log !== true))
    throw new UsageError(
      `Name the subgraphs with --supergraph or --subgraph${config === undefined ? '' : ', or leave the other options out: the configuration file says it all'}.`,
    );
  return false;
}

/** The settings that the options stand for; throws `UsageError` where they contradict each other or say too little. */
export function settingsOf(options: SupergraphOptions): SupergraphSettings {
  const { supergraph, subgraph, port, host = '127.0.0.1', policies, forwardHeader = [], log } = options;
  if (options.config !== undefined)
    throw new UsageError(
      '--config is for a federation of custodians, --supergraph and --subgraph are for plain subgraphs.',
    );
  if (supergraph !== undefined && subgraph !== undefined)
    throw new UsageError('Give either --supergraph or --subgraph: a composed supergraph names its subgraphs.');
  if (port === undefined) throw new UsageError('Say where to listen with --port <n>; 0 takes any free port.');
  return {
    listen: { host, port },
    source: supergraph === undefined ? { subgraphs: distinct(subgraph ?? []) } : { file: resolve(supergraph) },
    tokens: tokensOf(options),
    policiesFile: policies === undefined ? undefined : resolve(policies),
    forwardHeaders: [...new Set(forwardHeader)],
    anonymousIntrospection: options.introspection === true,
    logDirectory: log === false ? undefined : resolve(typeof log === 'string' ? log : LOG_DIRECTORY),
    limits: {
      depth: options.maxDepth ?? SUPERGRAPH_LIMITS.depth,
      aliases: options.maxAliases ?? SUPERGRAPH_LIMITS.aliases,
      tokens: options.maxTokens ?? SUPERGRAPH_LIMITS.tokens,
      cost: options.maxCost ?? SUPERGRAPH_LIMITS.cost,
    },
  };
}

function tokensOf({ issuer, audience, jwks }: SupergraphOptions): SupergraphSettings['tokens'] {
  if (issuer === undefined && jwks === undefined) {
    if (audience !== undefined) throw new UsageError('--audience needs --issuer or --jwks: tokens of whom?');
    return undefined;
  }
  if (jwks === undefined && audience === undefined)
    throw new UsageError(
      "Name the audience of this gateway's tokens with --audience: otherwise any token of the issuer would do, whomever it was made for.",
    );
  return { issuer, audience, jwksFile: jwks === undefined ? undefined : resolve(jwks) };
}

function distinct(subgraphs: readonly NamedSubgraph[]): readonly NamedSubgraph[] {
  const twice = subgraphs.find(({ name }, index) => subgraphs.findIndex((other) => other.name === name) !== index);
  if (twice) throw new UsageError(`Two subgraphs are named ${twice.name}. Each needs a name of its own.`);
  return subgraphs;
}

/** Reads `name=url`, adding to those read before. */
export function namedSubgraph(given: string, before: readonly NamedSubgraph[] = []): readonly NamedSubgraph[] {
  const [, name, url] = /^([A-Za-z]\w{0,63}|[A-Za-z][\w-]{0,63})=(.+)$/u.exec(given) ?? [];
  if (name === undefined || url === undefined)
    throw new InvalidArgumentError(
      'Name a subgraph and its address, for example accounts=http://localhost:4001/graphql.',
    );
  return [...before, { name, url: httpUrl(url) }];
}

/** Reads an `http:` or `https:` address. */
export function httpUrl(given: string): string {
  if (!URL.canParse(given) || !['http:', 'https:'].includes(new URL(given).protocol))
    throw new InvalidArgumentError('An address begins with https:// or http://.');
  return given;
}

/** Reads an issuer's address; plain HTTP only on this machine, since whoever can change the keys can sign in as anybody. */
export function issuerUrl(given: string): string {
  const { protocol, hostname } = new URL(httpUrl(given));
  if (protocol !== 'https:' && !/^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/u.test(hostname))
    throw new InvalidArgumentError('An issuer is asked over https, or on this machine.');
  return given.replace(/\/$/u, '');
}

/** Reads the name of a header that may be passed on, adding to those read before. */
export function headerName(given: string, before: readonly string[] = []): readonly string[] {
  const name = given.trim().toLowerCase();
  if (!isForwardable(name))
    throw new InvalidArgumentError('It is no header, or one that belongs to a single connection or message.');
  return [...before, name];
}

/** Reads a limit. */
export function limit(given: string): number {
  const number = Number(given);
  if (!/^\d{1,9}$/u.test(given) || number < 1) throw new InvalidArgumentError('A limit is a whole number from 1.');
  return number;
}
