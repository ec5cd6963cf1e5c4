import { z } from 'zod';
import { DATE_STYLES } from './date-styles.ts';
import { ENCODINGS } from './file-mapping.ts';

const Name = z
  .string()
  .trim()
  .min(1, 'it is empty')
  .regex(/^\P{Cc}*$/u, 'it holds control characters');
// The names of a folder's entries and nothing else: a path would lead out of the delivery.
const FileName = Name.regex(/^(?!\.{1,2}$)[^/\\\0]+$/u, 'the name of a file in the delivery, without a folder');

/** What a mapping file says of one file; every word is text, whatever YAML would take it for. */
export const FileMappingSettings = z.strictObject({
  file: FileName.optional(),
  encoding: z.enum(ENCODINGS).optional(),
  delimiter: z.enum(['comma', 'semicolon', 'tab', 'bar']).optional(),
  dates: z
    .array(z.enum(DATE_STYLES))
    .min(1)
    .refine((styles) => !(styles.includes('day-first') && styles.includes('month-first')), {
      error: 'of day-first and month-first only one: 3/4/2014 would be two dates',
    })
    .optional(),
  columns: z.record(z.string(), Name).optional(),
  values: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  constants: z.record(z.string(), z.string()).optional(),
  omit: z.array(Name).min(1).optional(),
});
export type FileMappingSettings = Readonly<z.infer<typeof FileMappingSettings>>;
