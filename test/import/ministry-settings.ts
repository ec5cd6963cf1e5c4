import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';

/** Writes a configuration file of the Ministry for its own commands, whose database is that of `DATABASE_URL`. */
export async function writeMinistrySettings(file: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const settings = {
    ...{ mode: 'production', custodian: 'ministry', name: { en: 'M', ar: 'و' }, contact: 'archive@ministry.example' },
    ...{ listen: { host: '127.0.0.1', port: 0 }, storage: { kind: 'database' } },
    identityProvider: { issuer: 'https://id.example', jwksUri: 'https://id.example/jwks' },
    gateway: { issuer: 'gateway', keysFile: 'gateway.json' },
    secrets: { logKeyFile: 'log', cursorKeyFile: 'cursor' },
    linkRegister: { role: 'reader', keysFile: 'register.json' },
    publicOrigin: 'https://ministry.example',
  };
  await writeFile(file, stringify({ ...settings, ...more }));
}
