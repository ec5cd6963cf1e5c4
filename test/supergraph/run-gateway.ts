import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { type CryptoKey, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { AMANA } from '../cli/run-amana.ts';
import type { Subgraph } from './serve-subgraph.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a test asked for
  readonly json: any;
}

export interface Asking {
  readonly variables?: object;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

/** The gateway, run by its command as a user would, in a directory of its own. */
export interface RunningCommand {
  readonly url: string;
  readonly directory: string;
  /** What it has written on standard error. */
  errors(): string;
  ask(query: string, asking?: Asking): Promise<Answer>;
  /** Ends it and takes its directory away; answers its exit code. */
  stop(): Promise<number | null>;
}

/** A directory for the files of one gateway. */
export const temporaryDirectory = (): string => mkdtempSync(join(tmpdir(), 'amana-supergraph-'));

/** Composes subgraphs into a supergraph file; throws what composition says. */
export function composeFile(directory: string, subgraphs: readonly Pick<Subgraph, 'name' | 'url' | 'sdl'>[]): string {
  const { errors, supergraphSdl } = composeServices(
    subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })),
  );
  if (supergraphSdl === undefined) throw new Error(errors.map(({ message }) => message).join('\n'));
  return writeIn(directory, 'supergraph.graphql', supergraphSdl);
}

/** Writes a file and answers its path. */
export function writeIn(directory: string, name: string, content: string): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

/** Runs `amana gateway` until it listens; throws what it says where it does not. */
export function runGateway(directory: string, words: readonly string[]): Promise<RunningCommand> {
  const child = spawn(AMANA, ['gateway', '--port', '0', ...words], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return new Promise((resolve, reject) => {
    void ended.then((code) => reject(new Error(`exit code ${code}: ${errors}`)));
    child.stdout.on('data', (chunk) => {
      output += String(chunk);
      const url = /listening (\S+)/u.exec(output)?.[1];
      if (url === undefined) return;
      resolve({
        url,
        directory,
        errors: () => errors,
        ask: (query, asking) => ask(url, query, asking),
        async stop() {
          child.kill('SIGTERM');
          const code = await ended;
          rmSync(directory, { recursive: true, force: true });
          return code;
        },
      });
    });
  });
}

async function ask(url: string, query: string, { variables, token, headers }: Asking = {}): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) };
}

/** Somebody whose tokens verify with the key set in a file. */
export interface TokenIssuer {
  readonly jwksFile: string;
  readonly privateKey: CryptoKey;
  /** A token with these claims beside `sub`; valid for five minutes unless they say otherwise. */
  token(claims?: Record<string, unknown>): Promise<string>;
}

export async function tokenIssuer(directory: string): Promise<TokenIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }];
  return {
    jwksFile: writeIn(directory, 'jwks.json', JSON.stringify({ keys })),
    privateKey,
    token: (claims = {}) =>
      new SignJWT({ sub: 'somebody', exp: Math.floor(Date.now() / 1000) + 300, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .sign(privateKey),
  };
}

/** The entries of a gateway's access log. */
export const logOf = (directory: string): Record<string, unknown>[] =>
  readFileSync(join(directory, 'gateway.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
