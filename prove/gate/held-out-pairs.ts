import { pairsOf, type QuestionPair } from './question-pair.ts';

/**
 * Question pairs to judge a gate by: 130 near misses and 130 paraphrases, some of them in other languages.
 * Written before there was a gate. No rule may be made or changed for what it does to these, or they judge nothing.
 */
export const heldOutPairs: readonly QuestionPair[] = [
  ...pairsOf('negation', [
    [
      'Are raw oysters recommended during chemotherapy?',
      'Are raw oysters not recommended during chemotherapy?',
    ],
    ['Enable dark mode in VS Code', 'Disable dark mode in VS Code'],
    ['What can I plant next to tomatoes?', "What can't I plant next to tomatoes?"],
    ["Do trains run when there's a strike?", "Do trains run when there's no strike?"],
    [
      'I have a valid work permit and an offer from a second employer. Can I begin there straight away?',
      'I have no valid work permit and an offer from a second employer. Can I begin there straight away?',
    ],
    ['nut-free snacks for a school party', 'nutty snacks for a school party'],
    [
      'The GDPR request came from a person who is our customer. We got it by post on Tuesday, it is signed, and it asks for everything that we have stored. Our shop keeps orders for ten years because of the tax law, and the newsletter tool is run by a processor in Dublin. Must we answer it within a month, and may we ask for a copy of the passport first?',
      'The GDPR request came from a person who never was our customer. We got it by post on Tuesday, it is signed, and it asks for everything that we have stored. Our shop keeps orders for ten years because of the tax law, and the newsletter tool is run by a processor in Dublin. Must we answer it within a month, and may we ask for a copy of the passport first?',
    ],
    ['Who in the sales team hit their target in May?', 'Who in the sales team missed their target in May?'],
    ['Reasons to refinance a mortgage early', 'Reasons not to refinance a mortgage early'],
    ['How do I increase the font size in the app?', 'How do I decrease the font size in the app?'],
    [
      "I'm left-handed. Should the guitar strings be reversed?",
      "I'm right-handed. Should the guitar strings be reversed?",
    ],
    [
      'Tell me which of these files have been committed since Friday.',
      "Tell me which of these files haven't been committed since Friday.",
    ],
    [
      'Do you check references before the final interview?',
      'Do you check references after the final interview?',
    ],
    [
      'My blood test shows high potassium. Which fruit is best?',
      'My blood test shows low potassium. Which fruit is best?',
    ],
    ['can u lock my card', 'please unlock my card'],
    ['Rückgabe mit Kassenbon möglich?', 'Rückgabe ohne Kassenbon möglich?'],
    ["Pourquoi mon chat mange-t-il de l'herbe ?", "Pourquoi mon chat ne mange-t-il pas d'herbe ?"],
    [
      '¿Es obligatorio declarar los regalos de familiares?',
      '¿No es obligatorio declarar los regalos de familiares?',
    ],
    [
      'Is a tenant liable for damage that was caused by fair wear and tear?',
      'Is a tenant liable for damage that was not caused by fair wear and tear?',
    ],
    ['Import contacts into HubSpot with a CSV file', 'Export contacts from HubSpot with a CSV file'],
    [
      'Which students passed both the oral and the written part?',
      'Which students failed both the oral and the written part?',
    ],
    [
      "Can my GP see my records if I've given permission to the hospital?",
      "Can my GP see my records if I've refused permission to the hospital?",
    ],
    [
      'The bank accepted my mortgage application, so what now?',
      "My mortgage application was rejected by the bank. What's next?",
    ],
  ]),
  ...pairsOf('number', [
    [
      "how many pints of beer can i drink and drive in ireland if i'm 60 kg?",
      "how many pints of beer can i drink and drive in ireland if i'm 90 kg?",
    ],
    ['Area of a circle with radius 6', 'What is the area of a circle whose radius is nine?'],
    ['Can four adults share the Family railcard?', 'Can two adults share the Family railcard?'],
    [
      'I have 9 points on my licence. Will the next speeding ticket get me banned?',
      'I have 3 points on my licence. Will the next speeding ticket get me banned?',
    ],
    ['Error 0x80070005 during a Windows update', 'Error 0x80070002 during a Windows update'],
    ['Is an HbA1c of 5.6 prediabetic?', 'Does an HbA1c of 6.5 count as prediabetes?'],
    [
      "We'd like to split the bill of 186.40 among seven people, with the tip. What does each pay?",
      "We'd like to split the bill of 168.40 among seven people, with the tip. What does each pay?",
    ],
    [
      'What did Article 5 of the NATO treaty say originally?',
      'What did Article 4 of the NATO treaty say originally?',
    ],
    ['Overdraft fee on account ending in 4417', 'Overdraft fee on account ending in 4471'],
    ['First-degree burns: what helps?', 'Third-degree burns: what helps?'],
    [
      'A colleague has been off sick for 26 weeks with the same back problem, and his doctor has just written another note. We are a bakery with 12 employees. He has been with us since he finished school and wants to come back for two mornings per week, which his doctor thinks is too early. Until when do we have to keep paying him sick pay, and can we claim anything back?',
      'A colleague has been off sick for 29 weeks with the same back problem, and his doctor has just written another note. We are a bakery with 12 employees. He has been with us since he finished school and wants to come back for two mornings per week, which his doctor thinks is too early. Until when do we have to keep paying him sick pay, and can we claim anything back?',
    ],
    ['Does chapter 7 bankruptcy wipe out student debt?', 'Does chapter 13 bankruptcy wipe out student debt?'],
    ['twins at 33 weeks, survival rate', 'twins at 23 weeks, survival rate'],
    [
      'Ab wie vielen Mitarbeitern gilt der Kündigungsschutz? Wir sind acht.',
      'Ab wie vielen Mitarbeitern gilt der Kündigungsschutz? Wir sind achtzehn.',
    ],
    ['1歳の子供に蜂蜜を食べさせても大丈夫ですか？', '0歳の子供に蜂蜜を食べさせても大丈夫ですか？'],
    ['Round 2.449 to one decimal place.', "To two decimal places, what's 2.449?"],
    ['If the exchange rate is 1.08, how much do I get?', 'If the exchange rate is 0.98, how much do I get?'],
    [
      'Show me apartments with at least 2 bedrooms under 1,400 a month',
      'Show me apartments with at least 2 bedrooms under 14,000 a month',
    ],
    [
      'How many moves does the smallest Tower of Hanoi with 5 discs need?',
      'How many moves does the smallest Tower of Hanoi with 8 discs need?',
    ],
    [
      'My son turned sixteen. May he sign an apprenticeship contract by himself?',
      'My son turned eighteen. May he sign an apprenticeship contract by himself?',
    ],
    [
      'A dozen eggs cost 3.60 here. What would an egg cost?',
      'Two dozen eggs cost 3.60 here. What would an egg cost?',
    ],
    [
      'Run the A/B test with a 95% confidence level: how many visitors do we need per variant?',
      'Run the A/B test with a 90% confidence level: how many visitors do we need per variant?',
    ],
    [
      'What does a 5-4 ruling of the Supreme Court mean for later cases?',
      'What does a 9-0 ruling of the Supreme Court mean for later cases?',
    ],
  ]),
  ...pairsOf('name', [
    ['Directions from Springfield, Illinois to Chicago', 'Directions from Springfield, Missouri to Chicago'],
    ['Is Ozempic approved for weight loss?', 'Is Wegovy approved for weight loss?'],
    ['Assign the ticket to Marcus, please.', 'Assign the ticket to Markus, please.'],
    ['How do I make a group by in power bi?', 'How do I make a group by in tableau?'],
    ['Windows 10 end of support', 'When does support for Windows 11 end?'],
    ['Who painted The Starry Night?', 'The Night Watch was painted by whom?'],
    ['Can I bring a power bank on board with Ryanair?', 'Can I bring a power bank on board with Lufthansa?'],
    [
      "What's the inheritance tax between siblings in Belgium?",
      "What's the inheritance tax between siblings in Luxembourg?",
    ],
    ['Tell me the boiling point of ethanol.', 'Tell me the boiling point of methanol.'],
    ['Mapping over a HashMap in rust', 'Mapping over a HashMap in scala'],
    [
      'I inherited a house in Florida from my aunt and live in New York. I never rented it out. Which state taxes me when I sell it?',
      'I inherited a house in Maryland from my aunt and live in New York. I never rented it out. Which state taxes me when I sell it?',
    ],
    ["Is there a gluten-free option at nando's?", 'Is there a gluten-free option at five guys?'],
    [
      'Galaxy S24 vs Pixel 8: which has the better camera?',
      'Galaxy S24 vs Pixel 9: which has the better camera?',
    ],
    ['After the merger, does Priya report to Tom?', 'After the merger, does Tom report to Priya?'],
    ['upgrade django from 4.2 to 5.0', 'upgrade django from 4.2 to 5.1'],
    [
      'Welche Sehenswürdigkeiten gibt es in Frankfurt (Oder)?',
      'Welche Sehenswürdigkeiten gibt es in Frankfurt am Main?',
    ],
    ['北京的公积金提取条件是什么？', '上海的公积金提取条件是什么？'],
    [
      'Can you get shingles from someone who has chickenpox?',
      'Can you get scabies from someone who has chickenpox?',
    ],
    [
      'What does the Second Amendment protect? Cite Heller.',
      'What does the Second Amendment protect? Cite Bruen.',
    ],
    [
      'A question about our new payroll provider: our accountant, Ms Petersen, says that ADP sends the reports to the tax office on its own, every month, and that I only need to check the totals. We have nine people on the payroll, two of them part-time, and last year I spent half a day each month on those forms. Is that so, and where do I find the confirmation afterwards?',
      'A question about our new payroll provider: our accountant, Ms Petersen, says that Gusto sends the reports to the tax office on its own, every month, and that I only need to check the totals. We have nine people on the payroll, two of them part-time, and last year I spent half a day each month on those forms. Is that so, and where do I find the confirmation afterwards?',
    ],
    [
      'Should I use cumin in this curry, or leave it out?',
      'Should I use curcumin in this curry, or leave it out?',
    ],
    ['Which sea lies between Sweden and Finland?', 'Which sea lies between Sweden and Denmark?'],
    ['How do I pair AirPods with a Dell laptop?', 'How do I pair Galaxy Buds with a Dell laptop?'],
  ]),
  ...pairsOf('date', [
    [
      'Do I still get child benefit in the month my daughter turns 18, which is June?',
      'Do I still get child benefit in the month after my daughter turns 18, which is June?',
    ],
    ['meeting notes from tuesday', 'meeting notes from wednesday'],
    [
      'What is the interest rate of the ECB as of 6 June 2024?',
      'What is the interest rate of the ECB as of 5 June 2024?',
    ],
    [
      'Is the Louvre free on the first Friday of the month?',
      'Is the Louvre free on the first Sunday of the month?',
    ],
    [
      'How many people attended the 2019 Glastonbury festival?',
      'How many people attended the 2022 Glastonbury festival?',
    ],
    [
      'I filed my objection on 28 February, and the tax assessment is dated 25 January. Was I in time?',
      'I filed my objection on 28 February, and the tax assessment is dated 29 January. Was I in time?',
    ],
    [
      'Give me the churn by cohort for H1 and explain the outliers',
      'Give me the churn by cohort for H2 and explain the outliers',
    ],
    ['Can you deliver tomorrow?', 'Is delivery possible today?'],
    ['Ist der Supermarkt am Karfreitag geöffnet?', 'Ist der Supermarkt am Karsamstag geöffnet?'],
    ['Horaires de la piscine en été', 'Horaires de la piscine en hiver'],
    ['What changed in the Highway Code in January 2022?', 'What changed in the Highway Code in July 2022?'],
    ['Set an alarm for 6:30 am', 'Wake me at 6:30 pm'],
    ['Was 2000 a leap year, and why?', 'Was 1900 a leap year, and why?'],
    [
      "We checked in on Aug 3 and have to leave early because of an illness in the family. The hotel says we'd have needed to tell them by noon on Aug 5 to get the remaining four nights refunded. I called the front desk on Aug 5 in the morning. Are they right to refuse?",
      "We checked in on Aug 3 and have to leave early because of an illness in the family. The hotel says we'd have needed to tell them by noon on Aug 5 to get the remaining four nights refunded. I called the front desk on Aug 6 in the morning. Are they right to refuse?",
    ],
    ['Sunset in Reykjavik at midsummer', 'Sunset in Reykjavik at midwinter'],
    [
      "For births since 1 July 2021, what's the parental allowance?",
      "For births until 1 July 2021, what's the parental allowance?",
    ],
    ['filter df to rows where created_at is in 2021', 'filter df to rows where created_at is in 2012'],
    ["Who's on call this weekend?", 'For next weekend, who is on call?'],
    [
      'What was the inflation rate in Argentina from March to April 2024?',
      'What was the inflation rate in Argentina from March 2023 to April 2024?',
    ],
    [
      "Will the offices in Dublin be closed on St. Patrick's Day?",
      "Will the offices in Dublin be closed on St. Stephen's Day?",
    ],
    [
      'Please charge my card on the 15th rather than on the 30th.',
      'Please charge my card on the 30th rather than on the 15th.',
    ],
    [
      'Did the Ottoman Empire still exist during the First World War?',
      'Did the Ottoman Empire still exist during the Second World War?',
    ],
  ]),
  ...pairsOf('unit', [
    ['Max luggage weight is 23 kg, right?', 'Is 23 lb the maximum weight of luggage?'],
    ['My freezer shows 0 °C. Is the food still OK?', 'My freezer shows 0 °F. Is the food still OK?'],
    [
      'Our p95 latency went up by 40 ms overnight. Is that bad?',
      'Our p95 latency went up by 40 s overnight. Is that bad?',
    ],
    [
      'What is a typical salary of a nurse in Zurich, in francs?',
      'What is a typical salary of a nurse in Zurich, in euros?',
    ],
    ['2 tsp of salt for a kilo of flour ok?', '2 tbsp of salt for a kilo of flour ok?'],
    [
      'Is running 5 miles every day enough to train for a half marathon?',
      'To train for a half marathon, is it enough to run 5 km daily?',
    ],
    ['Price of the hosting plan per user', 'Price of the hosting plan per team'],
    ['Will 500 mA charge a smartwatch?', 'Will 500 µA charge a smartwatch?'],
    [
      "My prescription reads 'levothyroxine 75 mcg once daily'. I've taken it for a week now and feel rather nervous, with a racing heart at night. Is that dose common for someone of my age (34), and would you expect such side effects in the beginning?",
      "My prescription reads 'levothyroxine 75 mg once daily'. I've taken it for a week now and feel rather nervous, with a racing heart at night. Is that dose common for someone of my age (34), and would you expect such side effects in the beginning?",
    ],
    ['A 60 litre backpack as hand luggage?', 'A 60 cm backpack as hand luggage?'],
    [
      'What size of carpet do I need for a room of 12 square feet?',
      'What size of carpet do I need for a room of 12 square metres?',
    ],
    [
      'Memory limit of 128Mi in my pod spec: is that enough for a Spring Boot app?',
      'Memory limit of 128Gi in my pod spec: is that enough for a Spring Boot app?',
    ],
    ['How many bitcoins is 5,000 Swedish kronor?', 'How many bitcoins is 5,000 Danish kroner?'],
    [
      "Quelle est la consommation normale d'une voiture, 6 litres aux 100 km ?",
      "Quelle est la consommation normale d'une voiture, 6 gallons aux 100 km ?",
    ],
    [
      'the storm is moving at 30 knots, when does it reach the coast 90 miles away',
      'the storm is moving at 30 mph, when does it reach the coast 90 miles away',
    ],
    [
      'How many portions of paella can I season with 1 g of saffron?',
      'How many portions of paella can I season with 1 oz of saffron?',
    ],
    ['Cap it at 3 requests per second per tenant', 'Cap it at 3 requests per minute per tenant'],
    ['Is a yield of 5% the same as 500 basis points?', 'Is a yield of 5% the same as 500 percentage points?'],
    ['Road bike, tyres at 5.5 bar: fine for a wet day?', 'Road bike, tyres at 5.5 psi: fine for a wet day?'],
    [
      'Our workshop uses 40 kWh each day. Which solar panels suffice?',
      'Our workshop uses 40 MWh each day. Which solar panels suffice?',
    ],
    [
      'She is six months old and wakes up every night. Shall we start sleep training?',
      'She is six weeks old and wakes up every night. Shall we start sleep training?',
    ],
  ]),
  ...pairsOf('code', [
    ['Does `rm -r build` ask before it deletes?', 'Does `rm -i build` ask before it deletes?'],
    ['JSON.parse(\'"5"\') returns what type?', "JSON.parse('5') returns what type?"],
    [
      'How is str.strip different from str.removeprefix?',
      'How is str.lstrip different from str.removeprefix?',
    ],
    ['Which users can write to s3://acme-logs-prod?', 'Which users can write to s3://acme-logs-dev?'],
    ['Will this match "colour"?\n\n/colou?r/', 'Will this match "colour"?\n\n/colo?r/'],
    [
      'My docker-compose.yml says restart: always. Does the container come back after a reboot?',
      'My docker-compose.yml says restart: no. Does the container come back after a reboot?',
    ],
    [
      "Can you spot the bug? It's about the last element.\n\n```c\nfor (int i = 0; i < n; i++)\n  sum += a[i];\n```",
      "Can you spot the bug? It's about the last element.\n\n```c\nfor (int i = 0; i <= n; i++)\n  sum += a[i];\n```",
    ],
    ['difference between && and || in bash', 'difference between & and | in bash'],
    ["What's stored in the column is_active?", "What's stored in the column is_archived?"],
    [
      'I ran `terraform plan` in the wrong workspace. Has anything changed?',
      'In the wrong workspace I executed `terraform apply`. Did that change anything?',
    ],
    [
      'Log says "TypeError: x is not a function". Where do I start?',
      'Log says "TypeError: x is not iterable". Where do I start?',
    ],
    [
      'Rename getUserById to findUserById everywhere, including the tests.',
      'Rename getUserByEmail to findUserByEmail everywhere, including the tests.',
    ],
    [
      "Please review the following migration. We run it on a table of 80 million rows during the day, with the app online, and I'm worried about locks.\n\n```sql\nCREATE INDEX CONCURRENTLY idx_orders_created ON orders (created_at);\n```",
      "Please review the following migration. We run it on a table of 80 million rows during the day, with the app online, and I'm worried about locks.\n\n```sql\nCREATE INDEX idx_orders_created ON orders (created_at);\n```",
    ],
    ['Was macht `tar -xzf archiv.tgz`?', 'Was macht `tar -czf archiv.tgz`?'],
    [
      'Should GET /v1/users/:id return 404 when the user was deleted?',
      'Should DELETE /v1/users/:id return 404 when the user was deleted?',
    ],
    [
      'what happens in go if i do ch <- 1 on a nil channel',
      'what happens in go if i do <-ch on a nil channel',
    ],
    [
      'Is the flex item centred with `justify-content: center` if the direction is column?',
      'Is the flex item centred with `align-items: center` if the direction is column?',
    ],
    [
      'Why does Number("1,5") give me what it gives in JavaScript?',
      'Why does Number("1.5") give me what it gives in JavaScript?',
    ],
  ]),
  ...pairsOf('paraphrase', [
    ['Track my parcel', "Where's my parcel right now?"],
    ['Can you explain recursion to a ten-year-old?', 'Explain recursion as if I were 10 years old.'],
    ['What is the VAT rate in Hungary?', 'Hungary VAT rate?'],
    [
      "I'm not receiving the verification code by SMS.",
      "The verification code doesn't arrive by text message.",
    ],
    [
      'How much does it cost to renew a US passport in 2025?',
      "What's the 2025 fee for renewing an American passport?",
    ],
    ['How often should I water a cactus?', 'A cactus: how frequently does it need water?'],
    ['Does the Pro plan include phone support?', 'Is support by phone part of the Pro plan?'],
    [
      'The dishwasher leaves white spots on my glasses, why?',
      'Why do my glasses have white spots when they come out of the dishwasher?',
    ],
    [
      'What is the distance from Madrid to Barcelona in km?',
      'How far is Barcelona from Madrid, in kilometres?',
    ],
    [
      'Will I get my deposit back if I move out two months early?',
      'If I leave the flat 2 months before the lease ends, is the deposit returned to me?',
    ],
    ['Write a function in Go that reverses a string.', 'golang: function to reverse a string'],
    [
      'Should a 45-year-old woman have a mammogram every year?',
      'Is an annual mammogram advisable for women at 45?',
    ],
    [
      'Could you cancel my subscription effective 31 January 2025?',
      'Please end my subscription as of January 31st, 2025.',
    ],
    ['Which bones form the knee?', 'What are the bones that make up the knee joint?'],
    [
      "Can I be fired while I'm on sick leave in the Netherlands?",
      "In the Netherlands, may an employer dismiss me when I'm off sick?",
    ],
    ['how do you make hummus from dried chickpeas', 'Hummus with dried chickpeas: how is it made?'],
    [
      'What was the closing price of AAPL on 2 January 2024?',
      'At what price did Apple stock close on Jan. 2, 2024?',
    ],
    [
      "There's a charge of $49.99 on my statement that I don't recognise",
      'I do not recognize a charge of 49.99 dollars on my bank statement.',
    ],
    ['Is Latin still taught in schools?', 'Do schools still teach Latin?'],
    ['Name three differences between TCP and UDP', 'What are 3 ways in which UDP and TCP differ?'],
    [
      "Can't open attachments in Outlook since I installed the new version",
      'After installing the new Outlook version I cannot open attachments any more.',
    ],
    [
      "What time is it in Tokyo when it's 9 am in Los Angeles?",
      "If it is 9:00 AM in LA, what's the time in Tokyo?",
    ],
    [
      'Do I need planning permission for a shed in the garden?',
      'Is planning permission required if I put a shed in my garden?',
    ],
    [
      'Give me the ingredients for a classic tiramisu for eight people.',
      'What do I need to buy for classic tiramisu, 8 servings?',
    ],
    [
      'How do I say no to a wedding invitation politely?',
      "What's a polite way to decline an invitation to a wedding?",
    ],
    ['How many users signed up last week?', "What's the number of sign-ups in the last week?"],
    ['"Dune": who directed the 2021 film?', 'Who was the director of the 2021 movie Dune?'],
    [
      'Is there any way to recover a file I deleted with rm on Linux?',
      'I ran rm on a file on my Linux box. Can it be recovered?',
    ],
    [
      'My flight AF1234 was delayed by 4 hours. Am I entitled to compensation?',
      'Do I get compensation for a four-hour delay on flight AF1234?',
    ],
    ['What does it mean to refinance a loan?', 'What is loan refinancing?'],
    [
      "I'm a freelancer without any employees. Do I have to register for payroll?",
      'Is payroll registration necessary for a freelancer who has no employees?',
    ],
    ['Does coffee stunt growth?', 'Is it true that growth is stunted by coffee?'],
    [
      'Sort this CSV by the second column, descending',
      'Please order the CSV by column 2 from highest to lowest.',
    ],
    [
      'The train leaves at 17:45. How early do I need to be at the Eurostar terminal?',
      'For a Eurostar departing at 5:45 pm, when must I be at the terminal?',
    ],
    [
      'Which sunscreen is suitable for babies under 6 months?',
      'What sun cream can I use on a baby younger than six months?',
    ],
    ['Explain the offside rule', 'How does offside work in football?'],
    [
      "What are the symptoms of a vitamin B12 deficiency in people who don't eat meat?",
      "For someone who doesn't eat meat, what would be signs of too little vitamin B12?",
    ],
    ['who invented the telephone', 'The telephone was invented by which person?'],
    ['How do I get from Heathrow to Paddington?', "What's the way to Paddington from Heathrow airport?"],
    [
      'Is a handshake deal enforceable in New York State?',
      'Can I enforce an agreement made by handshake in the state of New York?',
    ],
    [
      'How do I change the language of the app to Portuguese?',
      "I'd like the app in Portuguese. Where do I set that?",
    ],
    [
      'Estimate the monthly AWS bill for 2 TB of S3 storage and 500 GB of egress',
      'What would AWS charge per month if I keep 2 terabytes in S3 and transfer 500 GB out?',
    ],
    ['Is it OK to reheat rice?', 'Can rice be reheated?'],
    [
      'My 4K monitor only runs at 30 Hz over HDMI, how do I get 60?',
      'How can I get 60 Hz out of my 4K screen? Via HDMI it is stuck at 30 Hz.',
    ],
    ['Define "opportunity cost".', 'What is meant by opportunity cost?'],
    [
      "What's the notice period after 12 years with the same employer in Germany?",
      "I've worked for one employer in Germany for twelve years. How long is the period of notice?",
    ],
    ['Can I change my seat after check-in?', "After I've checked in, is changing seats still possible?"],
    [
      'What do lawyers mean by "without prejudice"?',
      'What does the phrase "without prejudice" stand for in legal letters?',
    ],
    [
      "A customer in Canada ordered two lamps (order 5561) and received only one of them. She doesn't want a refund, she just wants the missing lamp before Christmas. How do I create a replacement shipment without charging her again?",
      'How can I send out a replacement, free of charge, for order 5561? The Canadian customer got just 1 of the 2 lamps she bought; she wants no money back, only the other lamp, and it should arrive before Christmas.',
    ],
    ['How high is the risk of DVT on a 10-hour flight?', "What's the DVT risk if you fly for ten hours?"],
    [
      'Find all PDF files larger than 100 MB in my home directory',
      'List every PDF in my home folder that is over 100 megabytes.',
    ],
    ['What is the difference between gross and net pay?', 'gross vs. net salary explained'],
    [
      'Draft a rejection letter to Mr. Okafor, who interviewed for the analyst position.',
      "Write to Mr Okafor that we won't offer him the analyst job he interviewed for.",
    ],
    ['Does Hertz allow drivers under 25?', 'Can I rent from Hertz if I am younger than 25?'],
    ['is there school on veterans day in chicago', 'Are schools in Chicago open on Veterans Day?'],
    ['How much flour is 2 cups in grams?', 'Two cups of flour weigh how many grams?'],
    [
      "The heating in my flat hasn't worked since 4 December. May I reduce the rent?",
      'Since December 4th the heating in my apartment has not been working. Can I pay less rent?',
    ],
    ['Is 7 a lucky number in China?', 'Does the number seven bring luck in Chinese culture?'],
    ['What are the working hours on Fridays?', 'When do we start and finish work on a Friday?'],
    [
      'Add a button that copies the text to the clipboard, plain JavaScript, no libraries.',
      'Without any library, just JavaScript: I need a button which copies text to the clipboard.',
    ],
    ['I want to know how the moon affects the tides.', 'In what way are tides influenced by the moon?'],
    [
      'Transfer £1,200 to my savings account on Friday',
      'On Friday, please move 1200 pounds into my savings account.',
    ],
    ['Do you have this jacket in size 42?', 'Is this jacket available in a 42?'],
    ["What's the minimum wage in NJ?", 'How much is the minimum wage in New Jersey?'],
    ['Who is liable if my dog bites the postman?', "My dog bit the mailman. Who's liable?"],
    ['How do I prove that the square root of 2 is irrational?', 'Show a proof that √2 is not rational.'],
    [
      'Can I take 400 mg of magnesium and 50 mg of zinc at the same time?',
      'Is taking 50 mg zinc together with 400 mg magnesium fine?',
    ],
    ['Where do I enter a discount code?', 'I have a promo code. Where does it go?'],
    [
      'What are good questions to ask in a job interview as a candidate?',
      'As an applicant, what should I ask during a job interview?',
    ],
    [
      'The query is fast in psql but takes 8 seconds from Rails. What could be the reason?',
      'Why does a query take eight seconds from my Rails app while it is quick in psql?',
    ],
    [
      'How many weeks of maternity leave does Poland grant?',
      "What's the length of maternity leave in Poland, in weeks?",
    ],
    [
      'Does my phone plan work in Turkey and what does it cost per MB?',
      'Can I use my mobile plan in Turkey, and at what price for each megabyte?',
    ],
    ['When was the Berlin Wall built?', 'In what year did they build the Berlin Wall?'],
    [
      "Should I repot an orchid that's flowering?",
      'My orchid is in bloom. Is it a good idea to repot it now?',
    ],
    [
      'Explain `SELECT * FROM users WHERE age >= 18 ORDER BY name LIMIT 10;`',
      'What does this SQL do?\n\nSELECT * FROM users WHERE age >= 18 ORDER BY name LIMIT 10;',
    ],
    [
      "What's the best way to learn the multiplication tables up to 12?",
      'How does one best memorise times tables from 1 to 12?',
    ],
    ["I've lost my employee badge", 'My staff badge is gone, what do I do?'],
    [
      'Can I deposit a cheque made out to my wife, Laura?',
      'A check is made out to Laura, my wife. May I pay it in?',
    ],
    [
      "Which trains from Zurich to Milan don't require a reservation?",
      'From Zurich to Milan, on what trains is a seat reservation not needed?',
    ],
    ['Percentage of people in Iceland who speak English', 'What percentage of Icelanders speaks English?'],
    ["Isn't Pluto a planet any more?", 'Is Pluto no longer considered a planet?'],
    ['How do I take a screenshot on a Galaxy S23?', 'Galaxy S23: taking a screenshot'],
    [
      'My salary is 4,200 euros gross per month, tax class III, no children. How much is left?',
      "What's my net pay if I make €4200 gross a month, in tax class 3 and childless?",
    ],
    ['Can I freeze cream cheese?', 'Is cream cheese suitable for freezing?'],
    [
      'Could you show me how to write a unit test for this in pytest?\n\n```python\ndef slug(title):\n    return title.lower().replace(" ", "-")\n```',
      'Write a pytest test for the following function, please.\n\n```python\ndef slug(title):\n    return title.lower().replace(" ", "-")\n```',
    ],
    [
      "What's the earliest date I can file my 2024 tax return?",
      'From which day on can I submit the tax return for 2024?',
    ],
    [
      'What is the weather going to be like tomorrow in Manchester?',
      'Manchester weather forecast for tomorrow',
    ],
    ['How do I use the ternary operator in C#?', 'Show me how the conditional operator ?: works in C#.'],
    [
      'Is chickenpox contagious before the rash appears?',
      "Can one catch chickenpox from somebody whose rash hasn't shown up yet?",
    ],
    ['Must I tip in Japan?', 'Am I expected to leave a tip in Japan?'],
    ['What does the abbreviation EBITDA mean?', 'What is EBITDA short for?'],
    [
      'My visa expires on 14/06/2025. May I stay until my flight on the 16th?',
      'My flight is on 16 June 2025 but the visa runs out on June 14, 2025. Am I allowed to remain until then?',
    ],
    [
      'Calculate the monthly payment on a loan of $20,000 over 5 years at 6%',
      "For a five-year loan of 20,000 USD at six percent, what's the payment each month?",
    ],
    ['Whats the differnce between a crocodile and an alligator', 'How do crocodiles differ from alligators?'],
    [
      "We have a rule that invoices need two signatures above 10,000 EUR. Dana, who normally signs with me, is on leave until 2 September, and Tim can't sign for her as he's in the team that places the orders. The one I've got on my desk is 12,480 EUR and due next Wednesday. Who is allowed to sign in Dana's place, and where do I look that up for the future?",
      "Invoices of more than EUR 10,000 have to be signed by two people, and mine of EUR 12,480 is due next Wednesday. I normally sign with Dana, but she's away until September 2nd. Tim cannot stand in for her because his team does the ordering. Whose signature will do instead of hers, and where can I find this next time?",
    ],
    ['List the noble gases.', 'Which elements are noble gases?'],
    ['How can I tell if a melon is ripe?', 'What are the signs of a ripe melon?'],
    ['Is Section 230 still in force?', 'Does section 230 still apply?'],
    [
      'Can my teenager work 20 hours a week during term time?',
      'During the school term, is my teenage kid allowed a job of twenty hours per week?',
    ],
    ['What colour do you get when you mix blue and yellow?', 'Mixing yellow with blue gives which color?'],
    [
      "I'd like to return the blender that I purchased on 11 Nov, it's unopened.",
      "I bought a blender on November 11 and haven't opened it. I want to send it back.",
    ],
    ['Does Excel 365 have a limit on rows?', 'Is the number of rows in Excel 365 limited?'],
    ['How do I treat a bee sting?', 'I got stung by a bee, what should I put on it?'],
    [
      'Create a pivot table with total revenue by country and year',
      'Summarise revenue per country per year in a pivot table.',
    ],
    [
      "Who's entitled to vote in Scottish Parliament elections at 16?",
      'Scottish Parliament: which people may vote from the age of sixteen?',
    ],
    ["Can I still apply if I don't have a degree?", 'Is a degree a must for applying?'],
    [
      "What's a good substitute for fish sauce in pad thai? I'm vegetarian.",
      "I don't eat fish. What can I use in pad thai instead of fish sauce?",
    ],
    ['How many bytes are in a UUID?', 'What is the size of a UUID in bytes?'],
    ['Is Terminal 5 walkable from Terminal 3 at Heathrow?', 'At Heathrow, can one walk from T3 to T5?'],
    [
      'Why was my payout of $310 on the 9th held back?',
      "What's the reason that the $310 payout from the 9th is on hold?",
    ],
    [
      'What are the house rules about noise after 22:00?',
      'Which rules on noise apply in the house after 10 pm?',
    ],
    [
      'Tell me how to politely follow up on a job application after two weeks.',
      "It's been 2 weeks since I applied for a job. How do I follow up politely?",
    ],
    ['Show me how to convert a string to an integer in Ruby', 'ruby string to int'],
    [
      'How long does a 10,000 mAh power bank take to charge at 18 W?',
      'Charging time of a 10000 mAh powerbank with an 18 watt charger?',
    ],
    ['Is Mercury the closest planet to the sun?', 'Which planet is nearest the Sun, is it Mercury?'],
    [
      'Do I have to pay back the relocation bonus if I quit within a year?',
      'If I resign in less than 12 months, must the relocation bonus be repaid?',
    ],
    ["Why doesn't my sourdough rise?", "My sourdough isn't rising. What's wrong with it?"],
    ['Was ist der Unterschied zwischen Miete und Pacht?', 'Worin unterscheiden sich Miete und Pacht?'],
    ['Wann kommt der Techniker am 12.03.2025?', 'Um wie viel Uhr ist der Techniker am 12. März 2025 da?'],
    [
      'Ich komme nicht mehr in mein Konto, das Passwort stimmt aber.',
      'Obwohl das Passwort richtig ist, kann ich mich nicht mehr bei meinem Konto anmelden.',
    ],
    [
      'Comment faire une pâte à crêpes sans lait pour 4 personnes ?',
      'Recette de crêpes pour quatre personnes, sans lait',
    ],
    [
      'À partir de quel âge peut-on conduire un scooter de 50 cm³ ?',
      "Quel est l'âge minimum pour la conduite d'un scooter 50 cm³ ?",
    ],
    ['¿Por qué me han cobrado 20 € dos veces?', 'Tengo dos cargos de 20 euros, ¿cuál es la razón?'],
    ['¿Se puede viajar con perro en el AVE a Sevilla?', '¿Admiten perros en el AVE que va a Sevilla?'],
    ['离职后年假没休完，公司要付钱吗？', '如果离职时还有未休的年假，公司需要折算工资吗？'],
    ['このコートは30度で洗えますか？', 'このコートを30℃で洗濯しても大丈夫ですか？'],
    [
      'Posso levar uma garrafa de 750 ml na bagagem de mão?',
      'É permitido transportar uma garrafa de 750 mililitros na mala de mão?',
    ],
    [
      'Compare the CO2 emissions of a flight and a train ride from Amsterdam to Vienna, per passenger.',
      'Per passenger, how do CO2 emissions of the train compare to those of flying from Amsterdam to Vienna?',
    ],
    [
      "Am I right that the meeting won't start before 3 pm CET?",
      'The meeting does not begin earlier than 15:00 CET, correct?',
    ],
    [
      'Our GitHub Actions job fails at `npm ci` with "EBADENGINE" since Monday, although the same commit installs fine on my laptop, where I run Node 22. I haven\'t touched package.json in weeks. The workflow uses actions/setup-node with node-version 18, and the failing package says it wants >=20. Which line do I have to change, and to what?',
      'What line must I change in the workflow, and what do I put there? actions/setup-node is set to node-version 18 and one package requires >=20, so since Monday `npm ci` stops with "EBADENGINE" in GitHub Actions. On my laptop with Node 22 that very commit installs without a problem, and package.json hasn\'t been edited for weeks.',
    ],
  ]),
];
