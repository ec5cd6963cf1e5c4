import { z } from 'zod';
import { GatewaySettings } from '../src/gateway/configuration.ts';
import { CustodianSettings } from '../src/subgraphs/kit/configuration.ts';

type Descriptions = Readonly<Record<string, string>>;

const BOTH: Descriptions = {
  mode: '`production`, or `demo`: plain, on loopback only, never for records',
  'listen.host': 'the address to listen on; a proxy that speaks TLS stands before it',
  'listen.port': 'the port; 0 takes any free one',
  logLevel: '`fatal`, `error`, `warn`, `info` or `debug`; `info` where none is set',
  'metrics.host': 'the address at which Prometheus reads `/metrics`; no metrics without it',
  'metrics.port': 'the port for it, never the public one',
  'traces.endpoint': 'where OTLP over HTTP is sent, with its path; no traces without it',
  'traces.sampleRatio': 'the share of requests that is traced',
  'identityProvider.issuer': 'whose tokens are taken',
};

const GATEWAY: Descriptions = {
  ...BOTH,
  issuer: 'the id under which custodians pin its keys',
  'identityProvider.clientId': 'the client that exchanges tokens',
  'identityProvider.clientSecretFile': "that client's secret",
  signingKeyFile: 'its private key, from `amana key`',
  'log.directory': 'where the access log is kept, one for each gateway',
  'log.keyFile': "the key of the log's pseudonyms",
  'shutdown.grace':
    'ms for which requests are still taken on SIGTERM; 5,000 in production, where readiness was ever asked for',
  'shutdown.deadline': 'ms within which it has ended; 20,000 in production',
  'deadlines.request': 'ms for a request',
  'deadlines.custodian': 'ms for one fetch from a custodian',
  'deadlines.access': 'ms for asking a custodian what it grants',
  startup: 'ms to wait at the start for the provider, and for custodians never seen before',
  schemaInterval: "ms from one question for a custodian's schema to the next",
  operators: 'subjects of access tokens that see in `Query.custodians` how each schema stands',
  'limits.depth': 'levels of an operation',
  'limits.aliases': 'aliases of an operation',
  'limits.tokens': 'tokens of a document',
  'limits.cost': 'what an operation may cost',
  'limits.requestsPerMinute': 'requests of one viewer',
  'console.clientId': "the web page's client at the provider; no page without it",
  'gathered[].subgraph': 'a subgraph that any number of custodians host',
  'gathered[].contractFile': 'what each of them serves at least, and how their answers become one',
  cursorKeyFile: 'with `gathered`: the keys that seal the cursors of gathered lists, the same at every gateway',
  'custodians[].id': "the custodian's id",
  'custodians[].subgraph': 'the subgraph that it hosts',
  'custodians[].url': 'where it is asked',
  'custodians[].name.en': 'its name in English',
  'custodians[].name.ar': 'its name in Arabic',
  'custodians[].contact': 'whom analysts ask for access',
  'custodians[].schemaFile': 'a schema that counts as in force until a later one has been',
};

const CUSTODIAN: Descriptions = {
  ...BOTH,
  custodian: 'its id, which prefixes the ids of its records',
  'name.en': 'its name in English',
  'name.ar': 'its name in Arabic',
  contact: 'whom analysts ask for access',
  'storage.kind': '`database`, or `embedded`: a PostgreSQL of its own',
  'storage.directory': 'of `embedded`: where its data is',
  'storage.urlFile': "of `database`: the file with the database's URL; `DATABASE_URL` without it",
  'identityProvider.jwksUri': "the provider's public keys",
  'gateway.issuer': 'the gateway that it answers',
  'gateway.keysFile': "that gateway's public keys, pinned",
  'secrets.logKeyFile': "the key of the access log's pseudonyms",
  'secrets.cursorKeyFile': 'the key that seals cursors',
  publicOrigin: 'where clients fetch images: scheme, host and port',
  'media.originals': '`leave` them as delivered, or `encrypt` copies; without `media` there are no images',
  'media.keyFile': 'the key of images and their addresses',
  'media.directory': 'of `encrypt`: where the copies are',
  askedAboutPersons: 'the purposes for which it agrees to be asked about persons, which tells it whom somebody seeks',
  mapping: 'how delivered files and columns are called and written',
  'linkRegister.role': '`reader`, or `keeper`: the Authority',
  'linkRegister.keysFile': "of `reader`: the Authority's public keys, pinned",
  'linkRegister.signingKeyFile': 'of `keeper`: its private key',
};

/** The table of the gateway's settings, in Markdown; throws where a setting has no description or a description no setting. */
export const gatewayTable = (): string => printTable(GatewaySettings, GATEWAY);

/** The table of a custodian's settings, as `gatewayTable`. */
export const custodianTable = (): string => printTable(CustodianSettings, CUSTODIAN);

interface Setting {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Setting>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Setting[];
  readonly items?: Setting;
  readonly default?: unknown;
}

function printTable(schema: z.ZodType, descriptions: Descriptions): string {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Setting;
  const defaults = new Map(settingsOf(root, '', 'needed', undefined));
  const faults = [
    ...[...defaults.keys()].filter((name) => !(name in descriptions)),
    ...Object.keys(descriptions).filter((name) => !defaults.has(name)),
  ];
  if (faults.length > 0) throw new Error(`scripts/settings-tables.ts: not a setting, or not described: ${faults}`);
  const rows = [...defaults].map(([name, otherwise]) => `| \`${name}\` | ${otherwise} | ${descriptions[name]} |`);
  return ['| setting | default | is |', '|---|---|---|', ...rows].join('\n');
}

/** Each setting that holds a value, as its name and its default in words, which are `absent` where it has none. */
function settingsOf(setting: Setting, name: string, absent: string, otherwise: unknown): [string, string][] {
  const value = setting.default ?? otherwise;
  const inner = setting.items?.properties ? [setting.items] : setting.oneOf;
  if (inner) return inner.flatMap((one) => settingsOf(one, setting.items ? `${name}[]` : name, absent, value));
  if (!setting.properties) return [[name, inWords(value, absent)]];
  return Object.entries(setting.properties).flatMap(([key, one]) => {
    const path = name === '' ? key : `${name}.${key}`;
    const isRequired = setting.required?.includes(key) === true;
    const isGroup = one.properties !== undefined || one.oneOf !== undefined;
    const withoutIt = isRequired ? absent : isGroup ? `needed with \`${path}\`` : '';
    return settingsOf(one, path, withoutIt, isRecord(value) ? value[key] : undefined);
  });
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function inWords(value: unknown, absent: string): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (value !== undefined) return typeof value === 'number' ? value.toLocaleString('en') : `\`${String(value)}\``;
  return absent;
}
