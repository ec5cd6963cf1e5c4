import { z } from 'zod';
import { LogLevel, ObservationSettings } from '../../protocol/observation-settings.ts';
import { CustodianId } from '../../protocol/identifiers.ts';
import { PURPOSES } from '../../protocol/purposes.ts';
import {
  Listen,
  Mode,
  ServiceUrl,
  pathIn,
  readConfiguration,
  refuseUnsafe,
} from '../../protocol/read-configuration.ts';

/** Where clients reach the custodian itself, to fetch images: scheme, host and port, and no path. */
const Origin = ServiceUrl.refine((url) => new URL(url).origin === url, 'an origin: scheme, host and port, no path');

/** The settings as the file gives them. */
export const CustodianSettings = z.strictObject({
  mode: Mode,
  custodian: CustodianId,
  name: z.strictObject({ en: z.string().min(1), ar: z.string().min(1) }),
  contact: z.string().min(3),
  listen: Listen,
  logLevel: LogLevel.default('info'),
  storage: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('embedded'), directory: z.string().min(1) }),
    /** `urlFile`: where the URL stands that `DATABASE_URL` gives otherwise. */
    z.strictObject({ kind: z.literal('database'), urlFile: z.string().min(1).optional() }),
  ]),
  identityProvider: z.strictObject({ issuer: ServiceUrl, jwksUri: ServiceUrl }),
  gateway: z.strictObject({ issuer: z.string().min(1), keysFile: z.string().min(1) }),
  secrets: z.strictObject({ logKeyFile: z.string().min(1), cursorKeyFile: z.string().min(1) }),
  publicOrigin: Origin,
  ...ObservationSettings,
  media: z
    .discriminatedUnion('originals', [
      z.strictObject({ originals: z.literal('leave'), keyFile: z.string().min(1) }),
      z.strictObject({ originals: z.literal('encrypt'), keyFile: z.string().min(1), directory: z.string().min(1) }),
    ])
    .optional(),
  askedAboutPersons: z.array(z.enum(PURPOSES)).default([]),
  mapping: z.string().min(1).optional(),
  linkRegister: z.discriminatedUnion('role', [
    z.strictObject({ role: z.literal('keeper'), signingKeyFile: z.string().min(1) }),
    z.strictObject({ role: z.literal('reader'), keysFile: z.string().min(1) }),
  ]),
});

/** A custodian's settings; paths are absolute, key and secret files not yet read. */
export type CustodianConfiguration = Readonly<z.infer<typeof CustodianSettings>>;

/** Reads a custodian's configuration file strictly; throws `ConfigurationError` naming every fault. */
export function loadCustodianConfiguration(file: string): CustodianConfiguration {
  const schema = CustodianSettings.transform((given) => ({
    ...given,
    storage: storageIn(file, given.storage),
    gateway: { ...given.gateway, keysFile: pathIn(file, given.gateway.keysFile) },
    secrets: {
      logKeyFile: pathIn(file, given.secrets.logKeyFile),
      cursorKeyFile: pathIn(file, given.secrets.cursorKeyFile),
    },
    ...(given.media && { media: mediaIn(file, given.media) }),
    ...(given.mapping !== undefined && { mapping: pathIn(file, given.mapping) }),
    linkRegister:
      given.linkRegister.role === 'keeper'
        ? { ...given.linkRegister, signingKeyFile: pathIn(file, given.linkRegister.signingKeyFile) }
        : { ...given.linkRegister, keysFile: pathIn(file, given.linkRegister.keysFile) },
  }));
  const configuration = readConfiguration(file, schema);
  const { mode, listen, metrics, traces, identityProvider, publicOrigin } = configuration;
  refuseUnsafe(mode, listen, [identityProvider.issuer, identityProvider.jwksUri, publicOrigin]);
  refuseUnsafe(mode, metrics ?? listen, traces ? [traces.endpoint] : []);
  return configuration;
}

function storageIn(file: string, storage: z.infer<typeof CustodianSettings>['storage']): typeof storage {
  if (storage.kind === 'embedded') return { ...storage, directory: pathIn(file, storage.directory) };
  return storage.urlFile === undefined ? storage : { ...storage, urlFile: pathIn(file, storage.urlFile) };
}

const mediaIn = (file: string, media: NonNullable<z.infer<typeof CustodianSettings>['media']>): typeof media => {
  const keyFile = pathIn(file, media.keyFile);
  return media.originals === 'encrypt'
    ? { ...media, keyFile, directory: pathIn(file, media.directory) }
    : { ...media, keyFile };
};
