import { type Secrets, readSecrets } from '../../protocol/read-configuration.ts';
import type { CustodianConfiguration } from './configuration.ts';

/** A custodian's own secrets, each with those that it took the place of. */
export interface CustodianSecrets {
  readonly log: Secrets;
  readonly cursor: Secrets;
  /** Where it keeps images. */
  readonly image: Secrets | undefined;
}

/** Reads a custodian's own secrets from their files. Throws `ConfigurationError`. */
export function readCustodianSecrets({ secrets, media }: CustodianConfiguration): CustodianSecrets {
  return {
    log: readSecrets(secrets.logKeyFile),
    cursor: readSecrets(secrets.cursorKeyFile),
    image: media && readSecrets(media.keyFile),
  };
}
