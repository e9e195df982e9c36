/** Number words by language, each from its first value up; `-` for what means something else besides. */
const counted = {
  en: 'zero - two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
  de: 'null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn',
  fr: 'zéro - deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize',
  es: 'cero - dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince',
  it: 'zero - due tre quattro cinque - sette otto nove dieci undici dodici tredici quattordici quindici',
  pt: 'zero - dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze',
};
const byTen = {
  en: 'twenty thirty forty fifty sixty seventy eighty ninety',
  de: 'zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig',
  fr: 'vingt trente quarante cinquante soixante',
  es: 'veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa',
  it: 'venti trenta quaranta cinquanta sessanta settanta ottanta novanta',
  pt: 'vinte trinta quarenta cinquenta sessenta setenta oitenta noventa',
};
const inOrder = {
  en: 'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth',
  de: 'erst zweit dritt viert fünft sechst siebt acht neunt zehnt',
  fr: 'premier deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième',
  es: 'primer segund tercer cuart quint sext séptim octav noven décim',
  it: 'prim second terz quart quint sest settim ottav non decim',
  pt: 'primeir segund terceir quart quint sext sétim oitav non décim',
};
type Counting = keyof typeof counted;

const valuesFrom = (words: string, first: number, step = 1): ReadonlyMap<string, number> =>
  new Map(words.split(' ').map((word, index) => [word, (first + index) * step] as const));
const small = mapOf(counted, (words) => valuesFrom(words, 0));
const tens = mapOf(byTen, (words) => valuesFrom(words, 2, 10));
const ordinals = mapOf(inOrder, (words) => valuesFrom(words, 1));

function mapOf<T>(tables: Record<Counting, string>, make: (words: string) => T): ReadonlyMap<string, T> {
  return new Map(Object.entries(tables).map(([language, words]) => [language, make(words)]));
}

/** `undefined` for other words. */
export function ordinalOf(word: string, language: string): number | undefined {
  const known = ordinals.get(language);
  return (
    known?.get(word) ??
    (language === 'en' ? undefined : known?.get(word.replace(/(?:e|en|er|es|em|o|a|os|as|i|ère)$/, '')))
  );
}

/** The value of a number below twenty, or of tens; `undefined` for other words. */
export function countingWord(word: string, language: string): number | undefined {
  return small.get(language)?.get(word) ?? tens.get(language)?.get(word);
}

export function isCounting(word: string, language: string): boolean {
  return small.get(language)?.has(word) === true;
}
