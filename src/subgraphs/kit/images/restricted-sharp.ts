import sharp from 'sharp';

const LOADERS = ['Jpeg', 'Png', 'Tiff', 'Heif'];

// Every other loader is blocked, SVG and PDF among them, which would read further files; nothing is cached in memory.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: LOADERS.map((format) => `VipsForeignLoad${format}Buffer`) });
sharp.cache(false);
sharp.concurrency(1);

/** `sharp`, reading JPEG, PNG, TIFF and HEIF from memory and nothing else, whatever a file's name says. */
export { sharp };
