import type { GeneratedFile } from './generated-file.ts';

const KNOWN = 0.51;

/** `missing/ante_mortem.csv`: what is known from life of some of the missing, many cells empty, some heights in feet. */
export const anteMortem: GeneratedFile = {
  custodian: 'missing',
  file: 'ante_mortem.csv',
  columns: ['report_no', 'height_cm', 'dental', 'medical', 'marks', 'clothing'],
  *rows(archive) {
    for (const { index, reportNumber } of archive.everybody()) {
      const draw = archive.draw('ante-mortem', index);
      if (!draw.chance(KNOWN)) continue;
      yield [
        reportNumber,
        draw.chance(0.89) ? String(draw.whole(155, 190)) : draw.oneOf(['5 ft', '6 ft']),
        draw.oneOf(['', 'two molars missing', 'gold crown upper left']),
        draw.oneOf(['', 'diabetes', 'appendectomy scar', 'old fracture of the left forearm']),
        draw.oneOf(['', 'وشم على اليد', 'tattoo on right hand: moon', 'scar over eyebrow']),
        draw.oneOf(['', 'blue shirt', 'بدلة رياضية سوداء']),
      ];
    }
  },
};
