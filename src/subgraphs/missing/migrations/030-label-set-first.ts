import { leadWithLabelSet } from 'amana/kit';

/** How long a search takes is to tell nothing of records that are hidden. */
export const up = leadWithLabelSet;
