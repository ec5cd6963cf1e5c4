import { serveCustodian } from 'amana/kit';
import { missing } from './custodian.ts';

await serveCustodian(missing);
