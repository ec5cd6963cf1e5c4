import { serveCustodian } from 'amana/kit';
import { ngo } from './custodian.ts';

await serveCustodian(ngo);
