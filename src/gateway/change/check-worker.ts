import { parentPort } from 'node:worker_threads';
import { checkSchemas } from '../compose/check-schemas.ts';
import type { Proposal } from '../compose/schema-candidate.ts';

parentPort?.on('message', (proposal: Proposal) => parentPort?.postMessage(checkSchemas(proposal)));
