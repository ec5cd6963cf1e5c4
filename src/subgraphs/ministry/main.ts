import { serveCustodian } from 'amana/kit';
import { ministry } from './custodian.ts';

await serveCustodian(ministry);
