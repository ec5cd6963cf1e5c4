import type { Draw } from './draw.ts';

/** A name in Arabic, as a careful clerk writes it, and the ways in which it is written in Latin letters. */
export interface Name {
  readonly arabic: string;
  readonly latin: readonly string[];
}

const list = (text: string): readonly Name[] =>
  text
    .trim()
    .split('\n')
    .map((line) => {
      const [arabic = '', latin = ''] = line.split('=');
      return { arabic: arabic.trim(), latin: latin.split(',').map((spelling) => spelling.trim()) };
    });

/** Given names of men. */
export const GIVEN_NAMES = list(`
  محمد = Mohammed, Muhammad, Mohamad, Mohamed, Mhd
  أحمد = Ahmad, Ahmed
  محمود = Mahmoud, Mahmud
  مصطفى = Mustafa, Moustafa
  علي = Ali
  حسن = Hassan, Hasan
  حسين = Hussein, Hussain, Husayn
  يوسف = Youssef, Yousef, Yusuf
  إبراهيم = Ibrahim, Ebrahim
  خالد = Khaled, Khalid
  طارق = Tarek, Tariq
  عمر = Omar, Umar
  مازن = Mazen, Mazin
  وليد = Walid, Waleed
  سامر = Samer
  ضياء = Diaa, Diya
  يحيى = Yahya, Yehia
  رضوان = Radwan, Ridwan
  ياسر = Yasser, Yaser
  فراس = Firas, Feras
  شيرزاد = Shirzad, Sherzad
  قاسم = Kassem, Qasem, Qasim
  أنس = Anas
  زياد = Ziad, Ziyad
  باسل = Basel, Basil, Bassel
  معاذ = Muaz, Mouaz, Moaz
  شادي = Shadi, Shady
  غياث = Ghiath, Ghayath
  عدنان = Adnan
  بلال = Bilal
  رامي = Rami, Ramy
  دلوفان = Delovan, Dilovan
  جورج = George, Georges
  عماد = Imad, Emad
  رائد = Raed, Raid
  مؤيد = Muayyad, Moayad
  هيثم = Haitham, Haytham
  صالح = Saleh, Salih
  هشام = Hisham, Hesham
  جمال = Jamal, Gamal
  الياس = Elias
  نزار = Nizar
  أيمن = Ayman, Aiman
  آزاد = Azad
  ماهر = Maher
  نضال = Nidal
  عبد الله = Abdullah, Abdallah
  عبد الرحمن = Abd al-Rahman, Abdurrahman, Abdel Rahman
  عبد القادر = Abdul Qader, Abdulkader
  عبد الكريم = Abdulkarim, Abdel Karim`);

/** Given names of women. */
export const MOTHERS_NAMES = list(`
  رنا = Rana
  رجاء = Rajaa
  هدى = Huda
  صباح = Sabah
  بيريفان = Berivan
  هناء = Hanaa
  لينا = Lina
  مريم = Maryam
  نوال = Nawal
  ماري = Mary
  إيمان = Iman
  سعاد = Suad
  زينب = Zainab
  سميرة = Samira
  وفاء = Wafaa
  عائشة = Aisha
  نجاح = Najah
  رقية = Ruqaya
  غادة = Ghada
  جميلة = Jamila
  فاطمة = Fatima
  خديجة = Khadija
  أسماء = Asmaa
  آمنة = Amina
  حليمة = Halima`);

/** Names of families. */
export const FAMILY_NAMES = list(`
  الحداد = Haddad, al-Haddad
  الحسين = al-Hussein, Alhussein
  عفرين = Afrin
  حمدان = Hamdan
  كنعان = Kanaan, Canaan
  المحمد = al-Mohammad, Almuhammad
  سليمان = Suleiman, Sulayman, Sleiman
  الصباغ = Sabbagh, al-Sabbagh
  حاج علي = Haj Ali, Hajj Ali
  بيطار = Bitar, Baitar
  الحلبي = al-Halabi, Halabi
  رمضان = Ramadan
  الدرعاوي = al-Daraawi, Daraawi
  العلي = al-Ali, Alali
  خلف = Khalaf
  بكور = Bakkour, Bakour
  عيسى = Issa, Eissa
  الشامي = al-Shami, Alshami, Shami
  المقداد = al-Miqdad, Almekdad, Mokdad
  الحريري = al-Hariri, Hariri
  قطيش = Qutaish, Kutaish
  غزال = Ghazal
  درويش = Darwish, Darweesh
  طه = Taha
  مسالمة = Masalma, Masalmeh
  النجار = al-Najjar, Najjar
  المصري = al-Masri, Masri
  بركات = Barakat
  جمعة = Jumaa, Jouma
  الحمصي = al-Homsi, Homsi
  الزعبي = al-Zoubi, Alzoubi, Zoabi
  القاسم = al-Qasem, Alkassem
  السيد = al-Sayed, Elsayed
  ملا = Mulla, Molla
  الخطيب = al-Khatib, Alkhateeb, Khatib
  شيخو = Sheikho, Shekho
  عثمان = Osman, Othman, Uthman
  أبو زيد = Abu Zeid, Abou Zaid, Abuzaid
  خوري = Khoury, Khouri
  شحادة = Shahada, Shehadeh
  حبيب = Habib
  عرفة = Arafa, Arafeh
  الحسن = al-Hassan, Alhasan, Hassan
  العبد الله = al-Abdullah, Alabdallah
  أبو حجر = Abu Hajar, Abou Hajar
  الأحمد = al-Ahmad, Alahmad, Al Ahmed
  عبد الحق = Abdulhaq, Abd al-Haqq`);

const HABITS: readonly (readonly [share: number, write: (name: string) => string])[] = [
  [0.3, (name) => name.replace(/[أإآ]/gu, 'ا')],
  [0.3, (name) => name.replace(/ة(?= |$)/gu, 'ه')],
  [0.3, (name) => name.replace(/ى(?= |$)/gu, 'ي')],
  [0.4, (name) => name.replace(/(عبد|[أا]بو) /gu, '$1')],
  [0.3, (name) => name.replace('محمد', 'محمّد')],
];
const STRETCHED = 0.05;

/** A name in Arabic as some clerk writes it: without hamza, with ه for ة, joined, stretched. */
export function writeName({ arabic }: Name, draw: Draw): string {
  const written = HABITS.reduce((name, [share, write]) => (draw.chance(share) ? write(name) : name), arabic);
  const [before, after] = [written.slice(0, 2), written.slice(2)];
  return draw.chance(STRETCHED) && /^[\u0621-\u064A]/u.test(after) ? `${before}ـ${after}` : written;
}

/** A name in Latin letters, in one of its spellings. */
export const writeLatin = ({ latin }: Name, draw: Draw): string => draw.oneOf(latin);
