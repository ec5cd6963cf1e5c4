import { type ChangedSettings, changedSettings } from '../../protocol/reload-configuration.ts';
import type { GatewayConfiguration } from '../configuration.ts';

/** What may change while the gateway runs; tokens are counted by a parser that is made once. */
const SAFE = [
  ...['custodians', 'gathered', 'operators', 'schemaInterval', 'startup', 'signingKeyFile', 'deadlines', 'logLevel'],
  'cursorKeyFile',
  ...['limits.depth', 'limits.aliases', 'limits.cost', 'limits.requestsPerMinute'],
];

/** What settings are in force after a reload, which of them were taken and which refused. */
export interface ReloadedSettings extends ChangedSettings {
  readonly settings: GatewayConfiguration;
}

/** The settings that a gateway runs with from now on, when its file holds others than those it has. */
export function reloadedSettings(before: GatewayConfiguration, after: GatewayConfiguration): ReloadedSettings {
  const { custodians, gathered, operators, schemaInterval, startup, signingKeyFile, deadlines, logLevel, limits } =
    after;
  const settings = {
    ...before,
    ...{ custodians, gathered, operators, schemaInterval, startup, signingKeyFile, deadlines, logLevel },
    ...(after.cursorKeyFile !== undefined && { cursorKeyFile: after.cursorKeyFile }),
    limits: { ...limits, tokens: before.limits.tokens },
  };
  return { ...changedSettings(before, after, SAFE), settings };
}
