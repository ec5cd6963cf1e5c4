import type { GeneratedFile } from './generated-file.ts';

/** `ngo-a/collections.csv`: what the photographs came with; two of the three are not yet released. */
export const collections: GeneratedFile = {
  custodian: 'ngo-a',
  file: 'collections.csv',
  columns: ['collection', 'title', 'from', 'to', 'medium', 'labels'],
  rows: () => [
    ['C-1', 'Military police photographs, second archive', '2015-01', '2024-11', 'digital photographs', 'COORDINATED'],
    ['C-2', 'Hospital intake photographs', '2013-01', '2015-08', 'digital photographs', 'COORDINATED'],
    ['C-3', 'Scanned registers', '2012', '2016', 'scans', ''],
  ],
};
