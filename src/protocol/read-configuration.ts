import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';

/** A configuration that cannot be used; the message lists every fault, each with the setting it is about. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** A URL of the federation: `https:`, or `http:` (plain HTTP is refused outside loopback by `refuseUnsafe`). */
export const ServiceUrl = z.url({ protocol: /^https?$/u }).transform((text) => text.replace(/\/$/u, ''));

/** Where a server listens. */
export const Listen = z.strictObject({ host: z.string().min(1), port: z.int().min(0).max(65535) });

/** `demo` must be said explicitly: it alone allows generated secrets and the demo's provider, and binds to loopback only. */
export const Mode = z.enum(['demo', 'production']);

/**
 * Reads a YAML file once, strictly: unknown settings are faults, all faults are reported together, paths are taken
 * relative to the file, and the result is frozen. Throws `ConfigurationError`.
 */
export function readConfiguration<Schema extends z.ZodType>(file: string, schema: Schema): z.infer<Schema> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(`${file}: cannot be read. Name a configuration file with --config.`, { cause });
  }
  const document = parseDocument(text);
  const [syntax] = document.errors;
  if (syntax) throw new ConfigurationError(`${file}: not YAML: ${syntax.message}`);
  const parsed = schema.safeParse(document.toJS());
  if (!parsed.success) throw new ConfigurationError(`${file}: ${describe(parsed.error)}`);
  return deepFreeze(parsed.data);
}

/** A setting that holds a path, relative to the configuration file. */
export const pathIn = (file: string, path: string): string => resolve(dirname(file), path);

/** The text of a file with a secret or a private key. Throws `ConfigurationError` where others than its owner may read it. */
export function readPrivateFile(file: string): string {
  try {
    const isShared = (statSync(file).mode & 0o077) !== 0;
    if (!isShared) return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigurationError(`${file}: cannot be read. It must hold a secret or a private key.`, { cause });
  }
  throw new ConfigurationError(
    `${file}: others than its owner may read it. Run "chmod 600" on it, and replace the secret.`,
  );
}

/** A secret of at least 32 bytes (base64url) from a private file of its own. Throws `ConfigurationError`. */
export function readSecret(file: string): Buffer {
  const [secret, ...others] = readSecrets(file);
  if (others.length > 0) throw new ConfigurationError(`${file}: one secret is needed here, on one line.`);
  return secret;
}

/** One secret, or several of which the first is used for what is new and all for what there is. */
export type Secrets = readonly [Buffer, ...Buffer[]];

/** Secrets as `readSecret` reads one, each on a line of its own, the newest first. Throws `ConfigurationError`. */
export function readSecrets(file: string): Secrets {
  const [first = '', ...others] = readPrivateFile(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const decode = (line: string): Buffer => {
    const bytes = Buffer.from(line, 'base64url');
    if (bytes.length < 32)
      throw new ConfigurationError(`${file}: a secret of at least 32 bytes in base64url is needed.`);
    return bytes;
  };
  return [decode(first), ...others.map(decode)];
}

/** Throws `ConfigurationError` where the demo would listen beyond loopback, or production speak plain HTTP beyond it. */
export function refuseUnsafe(
  mode: z.infer<typeof Mode>,
  listen: z.infer<typeof Listen>,
  urls: readonly string[],
): void {
  if (mode === 'demo' && !isLoopback(listen.host)) {
    throw new ConfigurationError('listen.host: mode demo listens on loopback only (127.0.0.1).');
  }
  for (const url of urls.map((text) => new URL(text))) {
    if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
      throw new ConfigurationError(`${url.origin}: plain HTTP is for loopback only; use https.`);
    }
  }
}

const isLoopback = (host: string): boolean => /^(127\.\d+\.\d+\.\d+|localhost|\[?::1\]?)$/u.test(host);

function describe(error: z.ZodError): string {
  const lines = error.issues.map((issue) => `  ${issue.path.join('.') || '(the whole file)'}: ${issue.message}`);
  return `${lines.length} ${lines.length === 1 ? 'fault' : 'faults'}\n${lines.join('\n')}`;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
