import { latinDigits, withoutMarks } from './import/plain-text.ts';

// As in the normal form of names: bounds of the time that a text takes, and of what an index holds.
const LONGEST_TEXT = 1_000;
const LONGEST_KEY = 500;

/** Spellings that follow no rule. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    mhd: 'mohammed',
    georges: 'george',
    osman: 'othman',
    ilyas: 'elias',
  }),
);

/** What one sound is written with in Latin letters, longest first; capitals are sounds that no one letter stands for. */
const LATIN: readonly (readonly [RegExp, string])[] = [
  [/tch|sh|ch/gu, 'C'],
  [/kh/gu, 'X'],
  [/gh/gu, 'G'],
  [/dh/gu, 'z'],
  [/dj|zh|g/gu, 'j'],
  [/th/gu, 't'],
  [/ph|v/gu, 'f'],
  [/x/gu, 'ks'],
  [/[qc]/gu, 'k'],
  [/p/gu, 'b'],
  [/^ou(?=[aeiou])/gu, 'w'],
];

const ARABIC: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ ا: 'a', ٱ: 'a', ع: 'a', و: 'w', ي: 'y', ى: 'y', ی: 'y', ء: '' },
    ...{ ب: 'b', پ: 'b', ت: 't', ط: 't', ث: 't', ج: 'j', چ: 'C', ح: 'h', ه: 'h', ة: 'h', خ: 'X', د: 'd', ض: 'd' },
    ...{ ذ: 'z', ز: 'z', ظ: 'z', ر: 'r', س: 's', ص: 's', ش: 'C', غ: 'G', ف: 'f', ڤ: 'f', ق: 'k', ك: 'k', ک: 'k' },
    ...{ گ: 'k', ل: 'l', م: 'm', ن: 'n' },
  }),
);

/**
 * The consonants of a name, by which it is found across Arabic and Latin script (domain.md, "Names"): the vowels, long
 * ones too, and doubled letters dropped, a vowel or ع that a word begins with kept as `a`; the article dropped; عبد, أبو and الدين
 * joined to what they belong to; letters that transliterations confuse (q and k, g and j, emphatic ones and their plain
 * counterparts) as one. Different names may share it. Empty where the text has no Arabic or Latin letter and no digit.
 * Of a longer text only the first 1,000 characters count; the key has 500 at most.
 */
export function romaniseName(written: string): string {
  const visible = withoutMarks(latinDigits(written.slice(0, LONGEST_TEXT).normalize('NFKC'))).toLowerCase();
  const plain = visible
    .replace(/[ـ'’ʼʿʾʻ`]/gu, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '');
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const parts = joinCompounds(words.filter((word, place) => !isArticle(word, words[place + 1])).map(withoutArticle));
  return parts
    .map(consonantsOf)
    .filter((part) => part !== '')
    .join(' ')
    .slice(0, LONGEST_KEY)
    .trimEnd();
}

/** The article by itself, also as it sounds before the letter that it becomes one with. */
function isArticle(word: string, next: string | undefined): boolean {
  if (/^(?:ال|[aeu]l)$/u.test(word)) return true;
  const [, sound] = /^[ae](sh|th|dh|[rsntdz])$/u.exec(word) ?? [];
  return sound !== undefined && next !== undefined && next.startsWith(sound);
}

/** Ali and Alaa begin with no article: two consonants must remain. */
function withoutArticle(word: string): string {
  if (isFaith(word)) return word;
  const known = EXCEPTIONS.get(word) ?? word;
  const [, rest = ''] = /^(?:ال|[ae]l)(.+)$/u.exec(known) ?? [];
  const isPart = known === 'الياس' || known === 'elias' || /^[aeiou]*dd?[aeiou]+n/u.test(rest);
  return !isPart && consonantsOf(rest).length > 1 ? rest : known;
}

/** Abd and Abu are parts of the name that follows, and al-Din of the one before. */
function joinCompounds(words: readonly string[]): string[] {
  const joined: string[] = [];
  let head = '';
  for (const [place, word] of words.entries()) {
    const [, glued, rest] =
      /^(عبد|ابو)ال(..+)$/u.exec(word) ?? /^(abd|ab(?=u|ou))[aeiou]{1,2}l(..+)$/u.exec(word) ?? [];
    // The mark keeps letters on both sides of it from being read as one sound; it is no letter of the key.
    const part = glued === undefined ? word : `${glued}-${rest}`;
    const before = joined.at(-1);
    if (isHead(word, words[place + 1])) head += `${/^abd|^ab/u.exec(word)?.[0] ?? word}-`;
    else if (head === '' && before !== undefined && isFaith(word)) joined.splice(-1, 1, `${before}-دين`);
    else {
      joined.push(head + part);
      head = '';
    }
  }
  return head === '' ? joined : [...joined, head];
}

function isHead(word: string, next: string | undefined): boolean {
  if (/^(?:عبد|ابو|abd(?:[aeiou]{1,2}l)?|ab(?:o|u|ou))$/u.test(word)) return true;
  const [, sound] = /^abd[aeu]?(sh|th|dh|[rsntdz])$/u.exec(word) ?? [];
  return sound !== undefined && next !== undefined && next.startsWith(sound);
}

const isFaith = (word: string): boolean => /^(?:الدين|(?:[aeu][ld])?d(?:[iy]|ee)ne?)$/u.test(word);

function consonantsOf(word: string): string {
  const sounds = LATIN.reduce((text, [spelling, sound]) => text.replace(spelling, sound), word);
  const letters = sounds.replace(/./gu, (letter) => ARABIC.get(letter) ?? (/[a-zCXG0-9]/u.test(letter) ? letter : ''));
  // Whether an h is written at the end says little, in either script; a word of two letters needs both.
  const open = word.length > 2 ? letters.replace(/h$/u, '') : letters;
  const begun = open.replace(/^[aeiou]+/u, 'a');
  const plain = begun.slice(0, 1) + begun.slice(1).replace(/[aeiouwy]/gu, '');
  return plain.replace(/(.)\1+/gu, '$1').toLowerCase();
}
