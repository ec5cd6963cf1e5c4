import { latinDigits, withoutMarks } from './import/plain-text.ts';

const SAME_LETTERS: readonly (readonly [RegExp, string])[] = [
  [/[أإآٱ]/gu, 'ا'],
  [/[ىیئ]/gu, 'ي'],
  [/ؤ/gu, 'و'],
  [/ة/gu, 'ه'],
  [/ک/gu, 'ك'],
  [/ـ|['’ʼʿʾ`]/gu, ''],
];

// Unicode orders the marks on a letter in quadratic time: a text without a bound could stop the process for minutes.
const LONGEST_TEXT = 1_000;
// In code points, so that an index of PostgreSQL holds it, whatever the script.
const LONGEST_KEY = 500;

/**
 * The normal form on which names are searched and compared, kept beside the name as written (domain.md, "Names"): NFKC;
 * no tatweel, diacritics or bidi marks; variants of a letter as one; عبد and أبو joined to what follows; the article
 * dropped; Latin digits and small letters. Idempotent. Empty where the text holds neither letters nor digits.
 * Of a longer text only the first 1,000 characters count; the form has 500 at most.
 */
export function normaliseName(written: string): string {
  const visible = withoutMarks(latinDigits(written.slice(0, LONGEST_TEXT).normalize('NFKC'))).toLowerCase();
  const letters = SAME_LETTERS.reduce((text, [variants, letter]) => text.replace(variants, letter), visible);
  const plain = letters.normalize('NFKD').replace(/\p{M}/gu, '').normalize('NFKC');
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '' && word !== 'al' && word !== 'el');
  const key = joinCompounds(words.map(withoutArticle)).join(' ');
  return Array.from(key).slice(0, LONGEST_KEY).join('').trimEnd();
}

// At least two letters must remain: of a shorter word the article is part of the name.
function withoutArticle(word: string): string {
  const shorter = word.replace(/^(ابوعبد|عبد|ابو|)(?:ال)+(?=..)/u, '$1');
  return shorter === word ? word : withoutArticle(shorter);
}

function joinCompounds(words: readonly string[]): string[] {
  const joined: string[] = [];
  let compound = '';
  for (const word of words) {
    compound += word;
    if (/^(?:عبد|ابو|ابوعبد)$/u.test(compound)) continue;
    joined.push(compound);
    compound = '';
  }
  return compound === '' ? joined : [...joined, compound];
}
