import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { expect, it } from 'vitest';
import { ImageVault } from '../../src/subgraphs/kit/images/image-vault.ts';
import { AMANA } from '../cli/run-amana.ts';
import { temporaryDirectory } from '../kit/temporary-directory.ts';
import { temporaryStorage } from '../kit/temporary-storage.ts';
import { chequered, digestOf } from './pictures.ts';

const IMAGES = 24;
const STOPPED =
  'amana: Interrupted: the rows are imported and the images attached so far stay. Run the same command again to attach the others.\n';

it(
  'an import that is killed or stopped while it attaches leaves whole images or none, and the next one goes on',
  { timeout: 180_000 },
  async () => {
    const { directory, remove } = await temporaryDirectory();
    const { storage, request, close } = await temporaryStorage({ custodian: 'ngo-a', subgraph: 'ngo' });
    const secret = randomBytes(32);
    const folder = join(directory, 'delivery');
    try {
      await deliver(folder);
      const config = await configure(directory, secret);
      const run = () =>
        spawn(AMANA, ['import', 'ngo-a', folder, '--config', config, '--json'], {
          env: { ...process.env, ...request.environment },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
      const attached = () =>
        storage.query<{ record: string; digest: string; reduced: Buffer; blurred: Buffer; image: string }>({
          sql: 'select i.*, p.image from photograph_images i join photographs p on p.id = i.record order by record',
          parameters: [],
        });
      let before = 0;
      const ways = [
        { enough: 1, signal: 'SIGKILL', ends: [null, 'SIGKILL'], says: '' },
        { enough: 9, signal: 'SIGINT', ends: [130, null], says: STOPPED },
      ] as const;
      for (const { enough, signal, ends, says } of ways) {
        const killed = run();
        const ended = once(killed, 'close');
        const complaints: Buffer[] = [];
        killed.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
        while ((await attached()).length < enough && killed.exitCode === null) await sleep(5);
        killed.kill(signal);
        expect(await ended).toEqual(ends);
        expect(Buffer.concat(complaints).toString()).toBe(says);
        const kept = await attached();
        expect(kept.length).toBeGreaterThan(before);
        expect(kept.length).toBeLessThan(IMAGES);
        for (const { record, digest, reduced, blurred, image } of kept) {
          expect(image).toBe(digest);
          const vault = new ImageVault(secret);
          expect(vault.open(reduced, { what: 'REDUCED', record, digest }).length).toBeGreaterThan(0);
          expect(vault.open(blurred, { what: 'BLURRED', record, digest }).length).toBeGreaterThan(0);
        }
        before = kept.length;
      }
      const last = run();
      const said: Buffer[] = [];
      last.stdout.on('data', (chunk: Buffer) => said.push(chunk));
      expect((await once(last, 'exit'))[0]).toBe(0);
      const { files, images } = JSON.parse(Buffer.concat(said).toString());
      expect(images).toMatchObject({ named: IMAGES, attached: IMAGES, mismatched: 0, missing: 0, refused: 0 });
      expect(files).toHaveLength(2);
    } finally {
      await close();
      await remove();
    }
  },
);

async function deliver(folder: string): Promise<void> {
  await mkdir(join(folder, 'images'), { recursive: true });
  const rows = ['photo,collection,body,taken,facility,path,sha256,photographer,exif'];
  for (let n = 0; n < IMAGES; n += 1) {
    const content = await chequered('png', 1600 + n, 1200);
    await writeFile(join(folder, 'images', `${n}.png`), content);
    rows.push(`P${n},C-1,,2014,,${n}.png,${digestOf(content)},,`);
  }
  await writeFile(join(folder, 'photographs.csv'), `${rows.join('\n')}\n`);
  await writeFile(
    join(folder, 'collections.csv'),
    'collection,title,from,to,medium,labels\nC-1,The hospital,2013,2015,DVD,\n',
  );
}

async function configure(directory: string, secret: Buffer): Promise<string> {
  const file = join(directory, 'ngo-a.yaml');
  await writeFile(join(directory, 'image.secret'), secret.toString('base64url'), { mode: 0o600 });
  const settings = {
    ...{ mode: 'production', custodian: 'ngo-a', name: { en: 'A', ar: 'أ' }, contact: 'archive@ngo-a.example' },
    ...{ listen: { host: '127.0.0.1', port: 0 }, storage: { kind: 'database' } },
    identityProvider: { issuer: 'https://id.example', jwksUri: 'https://id.example/jwks' },
    gateway: { issuer: 'gateway', keysFile: 'gateway.json' },
    secrets: { logKeyFile: 'log', cursorKeyFile: 'cursor' },
    linkRegister: { role: 'reader', keysFile: 'register.json' },
    publicOrigin: 'https://ngo-a.example',
    media: { originals: 'leave', keyFile: 'image.secret' },
  };
  await writeFile(file, stringify(settings));
  return file;
}
