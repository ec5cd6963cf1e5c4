import { z } from 'zod';
import { LOG_LEVELS } from './operator-log.ts';
import { Listen, ServiceUrl } from './read-configuration.ts';

/** How much the operator's log says. */
export const LogLevel = z.enum(LOG_LEVELS);

/**
 * Where an operator is told of what goes on. `metrics`: a listener of its own, that only the operator's Prometheus should
 * reach; `traces`: an OTLP/HTTP endpoint (with its path, `/v1/traces` by custom) and the share of requests that is traced.
 */
export const ObservationSettings = {
  metrics: Listen.optional(),
  traces: z.strictObject({ endpoint: ServiceUrl, sampleRatio: z.number().min(0).max(1).default(0.1) }).optional(),
};

/** Where traces go, and the share of requests that is traced. */
export type TraceSettings = z.infer<typeof ObservationSettings.traces>;
