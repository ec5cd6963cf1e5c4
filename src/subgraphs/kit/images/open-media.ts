import { ConfigurationError, type Secrets, readSecrets } from '../../../protocol/read-configuration.ts';
import type { CustodianConfiguration } from '../configuration.ts';
import type { ImageRecords } from './image-records.ts';
import { ImageVault } from './image-vault.ts';
import { MediaLinks } from './media-links.ts';
import type { Media } from './serve-media.ts';

/** How a custodian keeps images: under which key, and where sealed originals go, if anywhere. */
export interface ImageKeeping {
  readonly secret: Buffer;
  readonly originals?: string;
}

/** Reads how images are kept; throws `ConfigurationError` where the configuration does not say. */
export function readImageKeeping({ media }: Pick<CustodianConfiguration, 'media'>): ImageKeeping {
  const [secret] = readImageSecrets({ media });
  return media?.originals === 'encrypt' ? { secret, originals: media.directory } : { secret };
}

/** The keys that images are kept under, of which the first seals. Throws `ConfigurationError`. */
export function readImageSecrets({ media }: Pick<CustodianConfiguration, 'media'>): Secrets {
  if (!media) throw new ConfigurationError('media: this custodian has images, and nothing says how to keep them.');
  return readSecrets(media.keyFile);
}

/** The images that a custodian serves, as configured; `now` is milliseconds since 1970. Throws `ConfigurationError`. */
export function openMedia(images: ImageRecords, configuration: CustodianConfiguration, now: () => number): Media {
  const links = new MediaLinks({ origin: configuration.publicOrigin, now });
  return { images, vault: new ImageVault(...readImageSecrets(configuration)), links };
}
