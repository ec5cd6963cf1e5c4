import { z } from 'zod';
import { LogLevel, ObservationSettings } from '../protocol/observation-settings.ts';
import { CustodianId, SubgraphName } from '../protocol/identifiers.ts';
import { Listen, Mode, ServiceUrl, pathIn, readConfiguration, refuseUnsafe } from '../protocol/read-configuration.ts';

const milliseconds = z.int().min(1).max(600_000);

/** The settings as the file gives them. */
export const GatewaySettings = z.strictObject({
  mode: Mode,
  /** The id under which custodians pinned this gateway's keys. */
  issuer: z.string().min(1),
  listen: Listen,
  identityProvider: z.strictObject({
    issuer: ServiceUrl,
    clientId: z.string().min(1),
    clientSecretFile: z.string().min(1),
  }),
  signingKeyFile: z.string().min(1),
  log: z.strictObject({ directory: z.string().min(1), keyFile: z.string().min(1) }),
  /** Of the operator's log. */
  logLevel: LogLevel.optional(),
  ...ObservationSettings,
  /** Milliseconds: how long requests are still taken when the gateway is told to end, and within how much it has ended. */
  shutdown: z
    .strictObject({ grace: z.int().min(0).max(600_000), deadline: milliseconds })
    .refine(({ grace, deadline }) => grace < deadline, 'the deadline includes the grace, and must be longer')
    .optional(),
  /** Milliseconds: for a whole request, for one fetch from a custodian, for one `/access` question. */
  deadlines: z
    .strictObject({ request: milliseconds, custodian: milliseconds, access: milliseconds })
    .default({ request: 10_000, custodian: 5_000, access: 500 }),
  /** How long the start waits for the identity provider, and for custodians of whose schemas nothing is known, in milliseconds. */
  startup: milliseconds.default(30_000),
  /** From one question for a custodian's schema to the next, in milliseconds. */
  schemaInterval: milliseconds.default(30_000),
  /** Subjects of access tokens of those who run this gateway: they see how each custodian's schema stands. */
  operators: z.array(z.string().min(1)).default([]),
  limits: z
    .strictObject({
      depth: z.int().min(1),
      aliases: z.int().min(0),
      tokens: z.int().min(1),
      cost: z.int().min(1),
      requestsPerMinute: z.int().min(1),
    })
    .default({ depth: 14, aliases: 60, tokens: 4_000, cost: 100_000, requestsPerMinute: 600 }),
  console: z.strictObject({ clientId: z.string().min(1) }).optional(),
  /** Subgraphs that any number of custodians host: each with a contract, which all of them serve. */
  gathered: z.array(z.strictObject({ subgraph: SubgraphName, contractFile: z.string().min(1) })).default([]),
  /** Where the keys stand that seal the cursors of gathered lists; gateways that stand in for each other share it. */
  cursorKeyFile: z.string().min(1).optional(),
  custodians: z
    .array(
      z.strictObject({
        id: CustodianId,
        subgraph: SubgraphName,
        url: ServiceUrl,
        name: z.strictObject({ en: z.string().min(1), ar: z.string().min(1) }),
        contact: z.string().min(3),
        /** A schema of this custodian's that is taken to be in force until a later one has been. */
        schemaFile: z.string().min(1).optional(),
      }),
    )
    .min(1),
});

/** The gateway's settings; paths are absolute, key and secret files not yet read. */
export type GatewayConfiguration = Readonly<z.infer<typeof GatewaySettings>>;

/** Reads the gateway's configuration file strictly; throws `ConfigurationError` naming every fault. */
export function loadGatewayConfiguration(file: string): GatewayConfiguration {
  const schema = GatewaySettings.transform((given) => ({
    ...given,
    identityProvider: {
      ...given.identityProvider,
      clientSecretFile: pathIn(file, given.identityProvider.clientSecretFile),
    },
    signingKeyFile: pathIn(file, given.signingKeyFile),
    gathered: given.gathered.map(({ subgraph, contractFile }) => ({
      subgraph,
      contractFile: pathIn(file, contractFile),
    })),
    ...(given.cursorKeyFile !== undefined && { cursorKeyFile: pathIn(file, given.cursorKeyFile) }),
    custodians: given.custodians.map((custodian) => ({
      ...custodian,
      ...(custodian.schemaFile !== undefined && { schemaFile: pathIn(file, custodian.schemaFile) }),
    })),
    log: { directory: pathIn(file, given.log.directory), keyFile: pathIn(file, given.log.keyFile) },
  }));
  const configuration = readConfiguration(file, schema);
  const { mode, listen, metrics, traces, identityProvider, custodians } = configuration;
  refuseUnsafe(mode, listen, [identityProvider.issuer, ...custodians.map(({ url }) => url)]);
  refuseUnsafe(mode, metrics ?? listen, traces ? [traces.endpoint] : []);
  return configuration;
}
