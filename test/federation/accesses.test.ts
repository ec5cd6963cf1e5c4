import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runAmana } from '../cli/run-amana.ts';
import { ask, federation, give } from './harness.ts';

it('a custodian sees, while it is served, who looked at its record through the gateway and for what', async () => {
  await give('ministry', 'accesses:analyst', ['registered', 'identifying']);
  const query = '{ deathCertificates(first: 1) { nodes { id reference } } }';
  const { data } = await ask(query, { as: 'accesses:analyst', purpose: 'IDENTIFICATION; ref="A-17/2026"' });
  const [{ id, reference }] = data.deathCertificates.nodes;
  const config = join(federation.directory, 'ministry.yaml');
  for (const record of [id, reference]) {
    const words = [
      'accesses',
      'ministry',
      '--config',
      config,
      '--record',
      record,
      '--viewer',
      'accesses:analyst',
      '--json',
    ];
    const { code, stdout } = await runAmana(words);
    expect(code).toBe(0);
    const entries = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(entries).toMatchObject([
      {
        holder: { subject: 'accesses:analyst', subjectKind: 'USER' },
        ...{ purpose: 'IDENTIFICATION', outcome: 'ANSWERED' },
        coordinates: expect.arrayContaining(['DeathCertificate.reference']),
      },
    ]);
    expect(stdout).not.toContain('A-17/2026');
  }
});
