import { mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../cli/usage-error.ts';
import { anteMortem } from './ante-mortem.ts';
import { type ArchiveSize, InventedArchive } from './archive.ts';
import { bodies } from './bodies.ts';
import { collections } from './collections.ts';
import { courtFiles } from './court-files.ts';
import { custodyEvents } from './custody-events.ts';
import { custodyTransfers } from './custody-transfers.ts';
import { deathCertificates } from './death-certificates.ts';
import { decisions } from './decisions.ts';
import type { GeneratedFile } from './generated-file.ts';
import { ledgerPhotographs } from './ledger-photographs.ts';
import { links } from './links.ts';
import { photographs } from './photographs.ts';
import { readPlaces } from './places.ts';
import { relatives } from './relatives.ts';
import { reports } from './reports.ts';
import { testimonies } from './testimonies.ts';
import { type FileWritten, writeFile } from './write-file.ts';
import { imageFolder } from './write-images.ts';

/** What is wanted, where to, and who is told of the rows written. */
export interface DeliveriesWanted extends ArchiveSize {
  /** Made where it does not exist; it must be empty. */
  readonly folder: string;
  /** Of how many photographs the first NGO hands over the image. */
  readonly images: number;
  readonly onProgress?: (file: string, rows: number) => void;
}

/** What was written, in the folder of each custodian. */
export interface DeliveriesWritten extends ArchiveSize {
  readonly images: number;
  readonly files: readonly FileWritten[];
}

const REFERENCE = fileURLToPath(new URL('../../../data', import.meta.url));
const CUSTODIANS = ['missing', 'ministry', 'ngo-a', 'ngo-b'] as const;
const FILES: readonly GeneratedFile[] = [
  ...[reports, relatives, anteMortem, decisions, links],
  ...[deathCertificates, custodyTransfers, courtFiles],
  ...[collections, bodies, photographs, custodyEvents],
  ...[testimonies, ledgerPhotographs],
];

/**
 * Writes the deliveries of all custodians of an invented archive, in the formats and with the kinds of faults of
 * `data/deliveries`: the same bytes for the same size, seed and number of images. Memory does not grow with the size.
 * The custodians' folders appear when all of it is written. Throws `UsageError` where the folder is not empty.
 */
export async function generateDeliveries(wanted: DeliveriesWanted): Promise<DeliveriesWritten> {
  const { folder, people, photographs: many, seed, images, onProgress = () => {} } = wanted;
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new UsageError(`${folder} is not empty. Name a folder that is, or one that does not exist yet.`);
  }
  const archive = new InventedArchive({ people, photographs: many, seed }, readPlaces(REFERENCE));
  const unfinished = join(folder, 'unfinished');
  for (const custodian of CUSTODIANS) await mkdir(join(unfinished, custodian), { recursive: true });
  const pictures = imageFolder(join(unfinished, 'ngo-a', 'images'), seed, images);
  const files: FileWritten[] = [];
  for (const file of FILES) {
    const path = join(unfinished, file.custodian, file.file);
    const onRows = (rows: number) => onProgress(`${file.custodian}/${file.file}`, rows);
    files.push(await writeFile(path, file, archive, { images: pictures, onRows }));
  }
  for (const custodian of CUSTODIANS) await rename(join(unfinished, custodian), join(folder, custodian));
  await rmdir(unfinished);
  return { people, photographs: many, seed, images: Math.min(images, many - archive.ledgerPhotographs), files };
}
