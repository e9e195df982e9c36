import { array, assert, constantFrom, oneof, property, string, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  Difference,
  DifferenceKind,
} from '../../../../../src/interceptors/cache/semantic/difference.ts';
import { differenceBetween } from '../../../../../src/interceptors/cache/semantic/gate.ts';

type Rows = readonly (readonly [asked: string, kept: string])[];

/** Finds the same in either order, with the sides exchanged. */
function found(asked: string, kept: string): Difference | undefined {
  const difference = differenceBetween(asked, kept);
  const reversed = differenceBetween(kept, asked);
  expect(reversed === undefined).toBe(difference === undefined);
  return difference;
}

function differ(kind: DifferenceKind, rows: Rows): void {
  test.each(rows)(`%s | %s`, (asked, kept) => {
    expect(found(asked, kept)?.kind).toBe(kind);
  });
}

function agree(rows: Rows): void {
  test.each(rows)('%s | %s', (asked, kept) => {
    expect(found(asked, kept)).toBeUndefined();
  });
}

describe('what a difference names', () => {
  test.each<[asked: string, kept: string, difference: Difference]>([
    ['Is 7 enough?', 'Is 70 enough?', { kind: 'number', asked: '7', kept: '70' }],
    ['a room on Monday', 'a room on Tuesday', { kind: 'date', asked: 'Monday', kept: 'Tuesday' }],
    ['Is 7 kg enough?', 'Is 7 lbs enough?', { kind: 'unit', asked: 'kg', kept: 'lbs' }],
    ['Do I own it?', "Don't I own it?", { kind: 'negation', asked: '', kept: 'not' }],
    ['Who is Ada Lovelace?', 'Who is Ada Byron?', { kind: 'name', asked: 'Lovelace', kept: 'Byron' }],
    ['What is `a`?', 'What is `b`?', { kind: 'code', asked: 'a', kept: 'b' }],
    ['how do i poach eggs', 'how do i scramble eggs', { kind: 'name', asked: 'poach', kept: 'scramble' }],
  ])('%s | %s', (asked, kept, difference) => {
    expect(differenceBetween(asked, kept)).toEqual(difference);
    expect(differenceBetween(kept, asked)).toEqual({
      kind: difference.kind,
      asked: difference.kept,
      kept: difference.asked,
    });
  });
});

describe('numbers differ by what they are, however they are written', () => {
  differ('number', [
    ['Divide 1,200 by 7', 'Divide 12,00 by 7'],
    ['a tent for three people', 'a tent for thirteen people'],
    ['the twenty-first chapter', 'the twenty-second chapter'],
    ['Who was Louis XIV?', 'Who was Louis XVI?'],
    ['a loan of 2 million', 'a loan of 2 billion'],
    ['a loan of 30k', 'a loan of 30'],
    ['half of the cake', 'a quarter of the cake'],
    ['Ist -5 eine ganze Zahl?', 'Ist 5 eine ganze Zahl?'],
    ['vier Personen', 'fünf Personen'],
    ['deux adultes', 'trois adultes'],
    ['四个人的晚饭', '六个人的晚饭'],
    ['Is there one lift?', 'Are there two lifts?'],
  ]);
  agree([
    ['a loan of 1,200', 'a loan of 1200'],
    ['ein Kredit von 1.200 Euro', 'ein Kredit von 1200 €'],
    ['twenty-five guests', '25 guests'],
    ['one hundred and ten guests', '110 guests'],
    ['a loan of 2 million', 'a loan of 2,000,000'],
    ['a loan of 30k', 'a loan of 30 000'],
    ['the 3rd floor', 'the third floor'],
    ['World War II', 'World War 2'],
    ['vier Personen', '4 Personen'],
    ['四个人的晚饭', '4个人的晚饭'],
    ['half of 8', '1/2 of 8'],
    ['a dozen eggs', 'twelve eggs'],
  ]);
});

describe('dates and times differ by when they are', () => {
  differ('date', [
    ['the news of yesterday', 'the news of today'],
    ['rain in April', 'rain in October'],
    ['closed on Sundays', 'closed on Saturdays'],
    ['profit in Q2', 'profit in the third quarter'],
    ['a train at 8 am', 'a train at 8 pm'],
    ['a train at 9:15', 'a train at 9:45'],
    ['music of the 1970s', 'music of the 1950s'],
    ['bookings last week', 'bookings next week'],
    ['Öffnungszeiten im März', 'Öffnungszeiten im Mai'],
    ['ouvert le lundi', 'ouvert le jeudi'],
    ['your offer of 2024-05-06', 'your offer of 2024-06-06'],
  ]);
  agree([
    ['profit in Q2', 'profit in the second quarter'],
    ['a train at 8 pm', 'a train at 20:00'],
    ['a train at noon', 'a train at 12:00'],
    ['my letter of 2024-05-06', 'my letter of 6 May 2024'],
    ['my letter of May 6th, 2024', 'my letter of 6.5.2024'],
    ['rain in Oct', 'rain in October'],
    ['closed on Sunday', 'closed on Sundays'],
  ]);
  test('a word that is also a month is one only where months stand', () => {
    expect(found('May I smoke here?', 'Can I smoke here?')).toBeUndefined();
    expect(found('Is it cold in may?', 'Is it cold in june?')?.kind).toBe('date');
  });
});

describe('units differ by what they measure', () => {
  differ('unit', [
    ['a pipe of 3 inches', 'a pipe of 3 cm'],
    ['Wait 20 s', 'Wait 20 min'],
    ['a rent of $900', 'a rent of 900 euros'],
    ['a file of 2 MB', 'a file of 2 MiB'],
    ['a heater of 5 kW', 'a heater of 5 mW'],
    ['30 °C', '30 °F'],
    ['the fee per month', 'the fee per week'],
    ['the wind in m/s', 'the wind in km/h'],
    ['7 Tage Rückgabe', '7 Wochen Rückgabe'],
  ]);
  agree([
    ['3 kilometers on foot', '3 km on foot'],
    ['a rent of $900', 'a rent of 900 dollars'],
    ['a bag of 2 pounds', 'a bag of 2 lbs'],
    ['a fine of £2', 'a fine of 2 pounds'],
    ['a 14-day trial', 'a trial of 14 days'],
    ['30 degrees Celsius', '30 °C'],
    ['60 km/h', '60 kilometres per hour'],
    ['my monthly fee', 'my fee per month'],
    ['20mg of zinc', '20 mg of zinc'],
    ['15 percent', '15%'],
  ]);
});

describe('denials and opposites differ, but for two that make up for one another', () => {
  differ('negation', [
    ['Is the shop closed?', 'Is the shop open?'],
    ['bread with seeds', 'bread without seeds'],
    ['Why does it not ring?', 'Why does it ring?'],
    ['my finished orders', 'my unfinished orders'],
    ['Switch the alarm on', 'Switch the alarm off'],
    ['Who may never enter?', 'Who may always enter?'],
    ['salt-free crackers', 'crackers with salt'],
    ['It heats but does not cool', 'It cools but does not heat'],
    ['Darf ich hier parken?', 'Darf ich hier nicht parken?'],
    ['¿Se puede pagar con tarjeta?', '¿Se puede pagar sin tarjeta?'],
    ['这个可以退吗', '这个不可以退吗'],
  ]);
  agree([
    ['Why does my radio not work?', "Why doesn't my radio work?"],
    ['a cake without sugar', 'a cake with no sugar'],
    ["I can't open the door", 'I am unable to open the door'],
    ['Is smoking not allowed here?', 'Is smoking prohibited here?'],
    ['Turn the heating off', 'Disable the heating'],
    ["I don't know how to bake bread", 'How do I bake bread?'],
  ]);
});

describe('names and things differ by their words', () => {
  differ('name', [
    ['a flight to Oslo', 'a flight to Bergen'],
    ['is basil easy to grow', 'is thyme easy to grow'],
    ['can i grow basil indoors', 'is it possible to grow thyme indoors'],
    ['a bus from Bath to York', 'a bus from York to Bath'],
    ['Did Eve call Max?', 'Did Max call Eve?'],
    ['Paint a blue door green', 'Paint a green door blue'],
    ['battery of the Pixel 8', 'battery of the Pixel 8 Pro'],
    ['my voicemail password', 'I forgot my password'],
    ['Must I sign it?', 'Can I sign it?'],
    ['Where do they sell it?', 'When do they sell it?'],
    ['Wie backe ich Brot?', 'Wie backe ich Kekse?'],
    ['大阪の天気は？', '札幌の天気は？'],
    ['Sort the list', 'Is it legal?'],
  ]);
  agree([
    ['Which fruit has the most sugar?', 'What fruit has the most sugar?'],
    ['How do I repair a bike?', 'How can I fix my bicycle?'],
    ['a flat in NYC', 'an apartment in New York City'],
    ['a vase from Japan', 'a Japanese vase'],
    ['tea or coffee', 'coffee or tea'],
    ['Is coffee or tea better for me?', 'Is tea or coffee better for me?'],
    ['Where is my pay slip?', 'Where is my payslip?'],
    ['the color of the sea', 'the colour of the sea'],
    ['How do I return the 3 items of my order?', 'My order: how do I return the 3 items of it?'],
    ['Wie backe ich Brot?', 'Wie kann ich Brot backen?'],
  ]);
});

describe('sums differ by what stands between their numbers', () => {
  differ('code', [
    ['Work out 9-4', 'Work out 9+4'],
    ['Work out 9 × 4', 'Work out 9 ÷ 4'],
    ['6 plus 2', '6 minus 2'],
    ['6 multiplied by 2', '6 divided by 2'],
    ['Is n - 1 even?', 'Is n + 1 even?'],
    ['the sum of 6 and 2', '6-2'],
    ['Is 4 > -2?', 'Is 4 < -2?'],
  ]);
  agree([
    ['Work out 9+4', 'Work out 9 + 4'],
    ['the sum of 6 and 2', '6+2'],
    ['a course of 4-6 weeks', 'a course of 4 to 6 weeks'],
    ['a room from 2 to 4 pm', 'a room 2-4 pm'],
  ]);
});

describe('who does something differs from whom it is done to', () => {
  differ('name', [
    ['Did the club win more than it lost?', 'Did the club lose more than it won?'],
    ['Can my nurse see my file?', "Can I see my nurse's file?"],
    ['Who follows me?', 'Whom do I follow?'],
    ['I teach my neighbor', 'my neighbor teaches me'],
    ['Must we warn them?', 'Must they warn us?'],
    ['If the plumber sues the painter', 'If the painter sues the plumber'],
    ['the fox saw the hen', 'the fox was seen by the hen'],
    ['How does somebody invite me?', 'How do I invite somebody?'],
  ]);
  agree([
    ['the fox saw the hen', 'the hen was seen by the fox'],
    ['Who composed Carmen?', 'By whom was Carmen composed?'],
    ['A wasp stung me. What can I do?', 'What can I do? I was stung by a wasp.'],
    ['Can horses eat plums?', 'Are plums fine for horses to eat?'],
    ['fruit and nuts compared', 'compare fruit and nuts'],
  ]);
});

describe('small words differ where all else is the same', () => {
  describe('of how many something is true', () => {
    differ('name', [
      ['All guests have arrived', 'Some guests have arrived'],
      ['Did everyone vote?', 'Did anyone vote?'],
      ['Most lamps are broken', 'All lamps are broken'],
      ['Only nurses may enter', 'Nurses may enter'],
    ]);
    agree([
      ['Do all lamps need oil?', 'Does every lamp need oil?'],
      ['Are there any seats?', 'Are there seats?'],
    ]);
  });

  describe('whether one of two things, or both', () => {
    differ('name', [
      ['a rash or a headache', 'a rash and a headache'],
      ['Do they take cash or cards?', 'Do they take cash and cards?'],
      ['Kann ich Salz oder Zucker nehmen?', 'Kann ich Salz und Zucker nehmen?'],
    ]);
    agree([
      ['a rash and a headache', 'a headache and a rash'],
      ['the difference between a pond and a lake', 'pond or lake, what is the difference'],
    ]);
  });

  describe('whether something can be, will be, should be or must be', () => {
    differ('name', [
      ['Is a delay possible?', 'Is a delay certain?'],
      ['May we park here?', 'Must we park here?'],
      ['Should I wear a tie?', 'Can I wear a tie?'],
      ['Do I have to wear a tie?', 'Can I wear a tie?'],
      ['Will it snow?', 'Could it snow?'],
    ]);
    agree([
      ['Do I have to wear a tie?', 'Must I wear a tie?'],
      ['Is it mandatory to wear a tie?', 'Do I have to wear a tie?'],
      ['Is it possible to swim here?', 'May I swim here?'],
      ['I need to renew my visa', 'How can I renew my visa?'],
      ['Can you say whether I must renew it?', 'Must I renew it?'],
    ]);
  });

  describe('whether something is, was or will be', () => {
    differ('name', [
      ['What is the score?', 'What was the score?'],
      ["What's the score?", 'What was the score?'],
      ['Does he farm?', 'Did he farm?'],
      ['Will the pool be open?', 'Was the pool open?'],
      ['I have a cat', 'I had a cat'],
      ['Has my lease ended?', 'Will my lease end?'],
    ]);
    agree([
      ["What's the score?", 'What is the score?'],
      ['Did the lease end?', 'Has the lease ended?'],
      ['When does the pool open?', 'When will the pool open?'],
    ]);
  });

  describe('what is asked', () => {
    differ('name', [
      ['Why is ice slippery?', 'Is ice slippery?'],
      ['Why do owls hoot?', 'How do owls hoot?'],
      ['Who built the bridge?', 'When was the bridge built?'],
      ['How often must I water it?', 'How much must I water it?'],
      ['How many nurses left?', 'Which nurses left?'],
      ['Where is the lift?', 'Is there a lift?'],
    ]);
    agree([
      ['Why is ice slippery?', 'What makes ice slippery?'],
      ['Why is ice slippery?', 'What is the reason that ice is slippery?'],
      ['Who won the cup?', 'Which team was the winner of the cup?'],
      ['How do I renew my visa?', 'What should I do to renew my visa?'],
      ['Is tin or iron heavier?', 'Which is heavier, tin or iron?'],
      ['When does it open?', 'At what time does it open?'],
    ]);
  });

  describe('whom it is about', () => {
    differ('name', [
      ['Is he at home?', 'Is she at home?'],
      ['Can I read his diary?', 'Can I read my diary?'],
      ['Has she paid?', 'Have they paid?'],
      ['Where is your desk?', 'Where is my desk?'],
    ]);
    agree([
      ['How do I open a jar?', 'How do you open a jar?'],
      ['Can we get a receipt?', 'Can I get a receipt?'],
      ['Is your shop open?', 'Is the shop open?'],
    ]);
  });
});

describe('names differ from words and from other names by all their letters', () => {
  differ('name', [
    ['the tax of US firms', 'the tax of us firms'],
    ['Does IT answer?', 'Does it answer?'],
    ['the site of WHO staff', 'the site of who staff'],
    ['Who starred in Gremlin?', 'Who starred in Gremlins?'],
    ['Did Robert ring?', 'Did Roberts ring?'],
  ]);
  agree([
    ['a visa for the us', 'a visa for the USA'],
    ['Are PDFs safe?', 'Is a PDF safe?'],
    ['the call of an owl', 'the calls of owls'],
    ['Have you called Ann?', 'Did you call Ann?'],
  ]);
});

describe('code differs by every sign', () => {
  differ('code', [
    ['What does `x++` do?', 'What does `++x` do?'],
    ['Explain a = b', 'Explain a == b'],
    ['Who owns /etc/hosts?', 'Who owns /etc/fstab?'],
    ['ls --all', 'ls --almost-all'],
    ['Is userName set?\n```\nlet a = 1\n```', 'Is userName set?\n```\nlet a = 2\n```'],
    ['```py\nif a:\n  b()\nc()\n```', '```py\nif a:\n  b()\n  c()\n```'],
    ['Swap "x" for "y"', 'Swap "y" for "x"'],
    ['mail ann@example.com', 'mail ann@example.org'],
    ['Is order_id a key?', 'Is item_id a key?'],
  ]);
  agree([
    ['What is `null`?', 'What is "null"?'],
    ['```\n  a\n    b\n```', '```js\na\n  b\n\n```'],
    ['What is x²?', 'What is x^2?'],
    ['Say “hello” in Greek', "Say 'hello' in Greek"],
  ]);
});

const questions = [
  'How do I peel a mango?',
  'What is the rent of 2 rooms in Graz per month?',
  "Why isn't my tent dry on Mondays?",
  'Does `ls -l` list links before 5 pm?',
  'How long does paint without lead take to dry?',
];

describe('what changes nothing', () => {
  test.each<[what: string, change: (question: string) => string]>([
    ['spaces', (question) => `  ${question.replaceAll(' ', '   ')}\n`],
    ['the last sign', (question) => question.slice(0, -1)],
    ['more signs', (question) => `${question}?!`],
    ['a greeting', (question) => `Hello! ${question}`],
    ['an interjection', (question) => `Oh, ${question}`],
    ['thanks', (question) => `${question} Thank you very much.`],
    ['please', (question) => `Please: ${question}`],
    ['a wish to know', (question) => `Could you please tell me: ${question}`],
    ['typographic apostrophes', (question) => question.replaceAll("'", '’')],
    ['a small first letter', (question) => question.charAt(0).toLowerCase() + question.slice(1)],
  ])('%s', (_what, change) => {
    for (const question of questions) expect(found(question, change(question))).toBeUndefined();
  });

  test('capitals of plain words', () => {
    const question = 'how do i peel a ripe mango without a knife';
    expect(found(question, question.toUpperCase())).toBeUndefined();
    expect(found(question, 'How Do I Peel A Ripe Mango Without A Knife')).toBeUndefined();
  });
});

describe('of any two texts', () => {
  const words = (
    'how do i the not with without from to and or on off turn is was my her who why must all some us US by + - owes ` " Bob Ann peel mango open closed 3 30 three km mile ' +
    'May 5 pm Monday per day a_b = == . \n NYC New York City wie 不 三'
  ).split(' ');
  const text = oneof(
    array(constantFrom(...words), { maxLength: 14 }).map((some) => some.join(' ')),
    string({ unit: 'grapheme', maxLength: 60 }),
  );

  test('the verdict is the same in either order', () => {
    assert(
      property(text, text, (one, other) => {
        found(one, other);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a text differs in nothing from itself, or from itself between spaces', () => {
    assert(
      property(text, (one) => {
        expect(differenceBetween(one, one)).toBeUndefined();
        expect(differenceBetween(one, ` ${one} `)).toBeUndefined();
      }),
    );
  });

  const someOf = (values: readonly string[]) =>
    uniqueArray(constantFrom(...values), { minLength: 2, maxLength: 2 });
  test.each<[what: string, values: readonly string[], sentence: (value: string) => string]>([
    [
      'number',
      ['2', '3', '12', '20', '1,500', '0.5', 'seven'],
      (value) => `Do ${value} plates fit in the oven?`,
    ],
    ['name', ['Oslo', 'Rome', 'Lyon', 'Kyiv', 'Accra'], (value) => `Is there a night train to ${value}?`],
    ['weekday', ['Monday', 'Tuesday', 'Friday', 'Sunday'], (value) => `Who works on ${value}?`],
    ['month', ['January', 'May', 'June', 'October'], (value) => `What grows in ${value}?`],
    ['unit', ['kg', 'g', 'lbs', 'tons', 'ounces'], (value) => `Can a shelf hold 40 ${value}?`],
    ['flag', ['-l', '-a', '--long', '--all'], (value) => `What does ls ${value} print?`],
  ])('another %s always differs', (_what, values, sentence) => {
    assert(
      property(someOf(values), ([one = '', other = '']) => {
        expect(found(sentence(one), sentence(other))).toBeDefined();
      }),
    );
  });

  test.each([
    "'a ",
    '`',
    '"',
    '```\n',
    "a'",
    "don't ",
    '1,',
    '1 000 ',
    'one hundred and ',
    'a@b.',
    '三',
    '取消',
    'I owe him ',
    'or ',
    '½',
    '\\',
    '{',
    '=',
  ])('long ones of nothing but %j come to an end', (part) => {
    const long = part.repeat(10_000 / part.length);
    found(long, `${long.slice(0, -2)}z`);
    expect(differenceBetween(`${long}${part}`, `${long}z`)).toEqual({ kind: 'name', asked: '', kept: '' });
  });
});
