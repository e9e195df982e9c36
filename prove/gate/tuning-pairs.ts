import { pairsOf, type QuestionPair } from './question-pair.ts';

/**
 * Question pairs to set a gate's rules by: 130 near misses and 130 paraphrases, some of them in other languages.
 * Written before there was a gate. What is learnt of it here is judged on the held-out pairs.
 */
export const tuningPairs: readonly QuestionPair[] = [
  ...pairsOf('negation', [
    ['Can I take ibuprofen on an empty stomach?', "Can I take ibuprofen if my stomach isn't empty?"],
    [
      'How do I turn on two-factor authentication for my account?',
      'How do I turn off two-factor authentication for my account?',
    ],
    ['Which EU countries use the euro?', 'Which EU countries do not use the euro?'],
    ['vegetable stock with celery', 'vegetable stock without celery'],
    [
      "What happens to my unvested shares if I'm let go for cause?",
      "What happens to my unvested shares if I'm let go without cause?",
    ],
    [
      'Hi there. I moved out of a rented flat in Leeds three weeks ago and the agent is now deducting £340 for cleaning. My landlord did protect the deposit in one of the government schemes within 30 days. What are my options for getting the money back, and do I have to go to court?',
      'Hi there. I moved out of a rented flat in Leeds three weeks ago and the agent is now deducting £340 for cleaning. My landlord did not protect the deposit in one of the government schemes within 30 days. What are my options for getting the money back, and do I have to go to court?',
    ],
    ['should i take my metformin before meals', 'should i take my metformin after meals'],
    [
      'Export a list of customers who opted in to the newsletter.',
      'Export a list of customers who opted out of the newsletter.',
    ],
    [
      'In Python, how can I keep the items that are in both lists?',
      "In Python, how can I keep the items that aren't in both lists?",
    ],
    ['My puppy is always hungry, is that normal?', 'Is it normal for a puppy to never be hungry?'],
    [
      "Is it legal in California to record a phone call with the other person's consent?",
      "Is it legal in California to record a phone call without the other person's consent?",
    ],
    ['Subscribe me to the weekly digest please', 'Unsubscribe me from the weekly digest please'],
    [
      'What are the cheapest neighbourhoods to rent in around Lisbon?',
      'What are the most expensive neighbourhoods to rent in around Lisbon?',
    ],
    ['Which foods raise blood pressure?', 'What can I eat that lowers blood pressure?'],
    [
      'Why does this assertion pass?\n\n```js\nexpect([1, 2]).toEqual([1, 2]);\n```',
      'Why does this assertion fail?\n\n```js\nexpect([1, 2]).toEqual([1, 2]);\n```',
    ],
    [
      'My claim was approved on the portal. What do I do next?',
      "My claim wasn't approved on the portal. What do I do next?",
    ],
    [
      'Do employees on parental leave still accrue holiday? Please answer for those who have returned.',
      'Do employees on parental leave still accrue holiday? Please answer for those who have not returned.',
    ],
    ['Make a private GitHub repo public', 'Make a public GitHub repo private'],
    [
      'Do I need to file a tax return if I earned less than the personal allowance?',
      'Do I need to file a tax return if I earned more than the personal allowance?',
    ],
    [
      'Darf mein Vermieter die Wohnung ohne Ankündigung betreten?',
      'Darf mein Vermieter die Wohnung mit Ankündigung betreten?',
    ],
    [
      "Comment activer les notifications de l'application ?",
      "Comment désactiver les notifications de l'application ?",
    ],
    [
      'SQL to count the users whose email is null',
      'Count, in SQL, the users that have an email (so not null)',
    ],
    [
      'Our company allows remote work. Can my manager make me come to the office?',
      'Our company prohibits remote work. Can my manager make me come to the office?',
    ],
  ]),
  ...pairsOf('number', [
    ['How much paracetamol can I give a child aged 3?', 'How much paracetamol can I give a child aged 13?'],
    [
      'Can I take money out of my 401(k) at 55 without the penalty?',
      'Can I take money out of my 401(k) at 50 without the penalty?',
    ],
    ['Solve 3x + 7 = 22', 'Solve 3x + 7 = 25'],
    ['Plan a two-day itinerary for Kyoto with kids.', 'Plan a four-day itinerary for Kyoto with kids.'],
    [
      'nginx keeps answering 502 after deploy, what should I look at?',
      'nginx keeps answering 504 after deploy, what should I look at?',
    ],
    ["What's 15% of 240?", 'Calculate 15 percent of 204.'],
    [
      'Is 5 mg of prednisone a day considered a high dose?',
      'I take 50 mg of prednisone a day. Would you call that a high dose?',
    ],
    ['Where is my order #88213?', 'Where is my order #88231?'],
    [
      'Show the top 10 products by margin for the northern region',
      'Show the top 100 products by margin for the northern region',
    ],
    [
      'My landlord served me a section 21 notice. How long do I have?',
      'My landlord served me a section 8 notice. How long do I have?',
    ],
    [
      'Wie viel Zinsen bringt ein Festgeld von 10.000 Euro bei 1,5 Prozent im Jahr?',
      'Wie viel Zinsen bringt ein Festgeld von 10.000 Euro bei 15 Prozent im Jahr?',
    ],
    ['我们三个人去成都玩，一天的预算大概要多少？', '我们五个人去成都玩，一天的预算大概要多少？'],
    [
      "We're buying our first home for 310,000 with a deposit of 10 percent, and the bank has offered us a 25-year repayment mortgage fixed at 4.25% for the first five years. Roughly what would we be paying each month, and how much of the first payment is interest?",
      "We're buying our first home for 310,000 with a deposit of 10 percent, and the bank has offered us a 25-year repayment mortgage fixed at 4.75% for the first five years. Roughly what would we be paying each month, and how much of the first payment is interest?",
    ],
    ['Summarise Act 2 of Macbeth for a 9th grader', 'Summarise Act 5 of Macbeth for a 9th grader'],
    ['is 91 a prime number', 'Is 97 prime?'],
    [
      "I've been at the firm for four years. How much notice must they give me?",
      "I've been at the firm for fourteen years. How much notice must they give me?",
    ],
    ['What does the plan with 25 seats cost?', 'What does the plan with 250 seats cost?'],
    [
      'I missed one contraceptive pill, am I still protected?',
      'I missed three contraceptive pills, am I still protected?',
    ],
    [
      'Which vitamins matter most in the first trimester?',
      'Which vitamins matter most in the third trimester?',
    ],
    [
      'Do I have to declare $1,000 in cash when entering the US?',
      'Do I have to declare $11,000 in cash when entering the US?',
    ],
    [
      'My regression reports p = 0.04 for age. How do I write that up?',
      'My regression reports p = 0.4 for age. How do I write that up?',
    ],
    [
      'Could you raise our rate limit from 60 to 600 requests per minute?',
      'Could you raise our rate limit from 60 to 6,000 requests per minute?',
    ],
    [
      'This bread dough has 65% hydration, is that right for a baguette?',
      'This bread dough has 95% hydration, is that right for a baguette?',
    ],
  ]),
  ...pairsOf('name', [
    [
      'Which museums are worth a visit with teenagers in Paris?',
      'Which museums are worth a visit with teenagers in London?',
    ],
    ["When does Anna's contract end?", "When does Anne's contract end?"],
    ['Can you drink alcohol on sertraline?', 'Can you drink alcohol on metronidazole?'],
    ['Does Node 20 have a built-in WebSocket client?', 'Does Node 22 have a built-in WebSocket client?'],
    ['iPhone 15 battery replacement cost', 'iPhone 15 Pro battery replacement cost'],
    ['how do i do an upsert in postgres', 'how do i do an upsert in mysql'],
    ['Does Delta let me change a basic economy ticket?', 'Does United let me change a basic economy ticket?'],
    [
      'Working holiday visa for Austria: who can apply?',
      'Working holiday visa for Australia: who can apply?',
    ],
    ['Sort an array of objects by date in Java.', 'Sort an array of objects by date in JavaScript.'],
    [
      "Alice lent Bob 400 euros and he hasn't paid it back. Who has to prove the loan?",
      "Bob lent Alice 400 euros and she hasn't paid it back. Who has to prove the loan?",
    ],
    [
      'In Ontario, how much may a landlord raise the rent in a year?',
      'In Quebec, how much may a landlord raise the rent in a year?',
    ],
    ['Who kills Polonius in Hamlet?', 'In Hamlet, by whom is Laertes killed?'],
    [
      "Contribution limits for a Roth IRA if I'm married and we file together",
      "Contribution limits for a SIMPLE IRA if I'm married and we file together",
    ],
    ['what is hydroxyzine used for?', 'what is hydralazine used for?'],
    [
      'Please forward the attached invoice to Mr Schmidt in procurement.',
      'Please forward the attached invoice to Mr Schmitt in procurement.',
    ],
    ['東京から京都まで新幹線でどのくらいかかりますか？', '東京から広島まで新幹線でどのくらいかかりますか？'],
    ['¿Cuál es el plato típico de Valencia?', '¿Cuál es el plato típico de Galicia?'],
    ['List buckets in AWS from the command line', 'How do I list my buckets in GCP on the command line?'],
    ['how long does a day last on venus', 'how long does a day last on mercury'],
    [
      'I run a small shop and take payments through Stripe. A customer in Ohio, who bought two necklaces in the spring and signed for the parcel, now says the charge is fraudulent and has opened a dispute. I have the tracking number and the whole conversation by email, in which she thanks me for the quick delivery. How long do I have to send evidence, and will I get the fee back if I win?',
      'I run a small shop and take payments through PayPal. A customer in Ohio, who bought two necklaces in the spring and signed for the parcel, now says the charge is fraudulent and has opened a dispute. I have the tracking number and the whole conversation by email, in which she thanks me for the quick delivery. How long do I have to send evidence, and will I get the fee back if I win?',
    ],
    ['Give me Q3 revenue for the Hamburg office.', 'Give me Q3 revenue for the Homburg office.'],
    [
      'Can I substitute baking soda in this muffin recipe?',
      'Can I substitute baking powder in this muffin recipe?',
    ],
    [
      "Is my seat in the Dreamliner on flight LH 454 next to a window? It's 12A.",
      "Is my seat in the Dreamliner on flight LH 545 next to a window? It's 12A.",
    ],
  ]),
  ...pairsOf('date', [
    ['q1 targets for the emea team', 'q2 targets for the emea team'],
    ['Is the clinic open on Monday?', 'On Sundays, is the clinic open?'],
    ['standard deduction 2023', 'standard deduction 2024'],
    ['Show me the tickets that were closed yesterday', 'Show me the tickets that were closed today'],
    [
      'My tenancy started on 1 March 2022. When can the rent be raised?',
      'My tenancy started on 1 May 2022. When can the rent be raised?',
    ],
    [
      'Can you see the northern lights from Tromsø in March?',
      'Can you see the northern lights from Tromsø in June?',
    ],
    ['Who was the Chancellor of Germany in 1999?', 'Who was the Chancellor of Germany in 1989?'],
    [
      'Please move my appointment from Thursday to Friday morning.',
      'Please move my appointment from Thursday to Friday afternoon.',
    ],
    ['Combien de jours fériés y a-t-il en mai 2025 ?', 'Combien de jours fériés y a-t-il en mai 2026 ?'],
    ['¿A qué hora cierra el museo los martes?', 'Los jueves, ¿hasta qué hora está abierto el museo?'],
    ['Flights from Vienna to Madrid on 12/07/2025', 'Flights from Vienna to Madrid on 17/07/2025'],
    [
      "I was hired on 15 September and my contract says the probation ends after three months. I haven't had a single bad review so far, and in the last one-to-one my manager even spoke of a raise. HR then told me on 12 December that I've failed it and that I'd leave with one week's notice. Was the notice still within probation?",
      "I was hired on 15 September and my contract says the probation ends after three months. I haven't had a single bad review so far, and in the last one-to-one my manager even spoke of a raise. HR then told me on 19 December that I've failed it and that I'd leave with one week's notice. Was the notice still within probation?",
    ],
    ['How did the dollar do against the yen last month?', 'How did the dollar do against the yen last year?'],
    ['Book me a table for two at 7 pm tonight', 'Book me a table for two at 9 pm tonight'],
    [
      'Which songs were number one in the UK in the 1980s?',
      'Which songs were number one in the UK in the 1990s?',
    ],
    [
      'is easter before or after the 10th of april in 2026?',
      'is easter before or after the 10th of april in 2028?',
    ],
    [
      'When are US federal taxes due in 2025 if I get an extension to October 15?',
      'When are US federal taxes due in 2025 if I get an extension to December 15?',
    ],
    [
      "Compare this week's sign-ups with the week before.",
      "Compare last week's sign-ups with the week before.",
    ],
    ['Do the shops close early on Christmas Eve?', "Do the shops close early on New Year's Eve?"],
    [
      'We want to hold the retrospective on 2025-03-04 at 10:00 UTC. What time is it in Denver then?',
      'We want to hold the retrospective on 2025-03-14 at 10:00 UTC. What time is it in Denver then?',
    ],
    ['causes of the revolution of 1905', 'causes of the revolution of 1917'],
    [
      'What was planted in the 18th century to feed the growing cities?',
      'What was planted in the 19th century to feed the growing cities?',
    ],
  ]),
  ...pairsOf('unit', [
    ['How long does it take to walk 10 km?', 'How many hours do I need for a walk of ten miles?'],
    ['Bake the salmon at 200 °C: how many minutes?', 'Bake the salmon at 200 °F: how many minutes?'],
    ['Is a 25 MB attachment too big for Outlook?', 'Is a 25 GB attachment too big for Outlook?'],
    ['how much is 300 usd in pounds', 'how much is 300 cad in pounds'],
    ['Set the request timeout to 30 s in axios.', 'Set the request timeout to 30 ms in axios.'],
    ['Is 4,000 units of vitamin D per day too much?', 'Is 4,000 units of vitamin D per week too much?'],
    ['Convert 512 MiB to bytes', 'Convert 512 MB to bytes'],
    [
      'He weighs 90 kg and is 180 cm tall. Is he overweight?',
      'He weighs 90 lbs and is 180 cm tall. Is he overweight?',
    ],
    ['Can I give my baby 5 ml of the syrup?', 'Can I give my baby 5 tablespoons of the syrup?'],
    [
      "What's the speed limit on French motorways in km/h?",
      "What's the speed limit on French motorways in mph?",
    ],
    [
      'Our SLA says that incidents are answered within 4 hours. Does that include weekends?',
      'Our SLA says that incidents are answered within 4 days. Does that include weekends?',
    ],
    [
      'A blood sugar of 7 mmol/L two hours after a meal: should I worry?',
      'A blood sugar of 7 mg/dL two hours after a meal: should I worry?',
    ],
    [
      'Wie viel Miete ist bei 12 Euro pro Quadratmeter und 60 m² fällig?',
      'Wie viel Miete ist bei 12 Euro pro Quadratfuß und 60 m² fällig?',
    ],
    [
      'I earn $28 an hour. What is that per month before tax?',
      'I earn $28 an hour. What is that per year before tax?',
    ],
    ['How many cups are in 2 litres?', '2 gallons are how many cups?'],
    ['will a 3 inch gap be enough behind the fridge', 'will a 3 mm gap be enough behind the fridge'],
    [
      "My contract states a notice period of six weeks to the end of the quarter. I'd like to start the new job on the first of July, and the new employer, who is in the same town, would even take me two weeks later. I still have nine days of leave that I could take at the end. On what day do I have to hand in the letter at the latest, and does an email count?",
      "My contract states a notice period of six months to the end of the quarter. I'd like to start the new job on the first of July, and the new employer, who is in the same town, would even take me two weeks later. I still have nine days of leave that I could take at the end. On what day do I have to hand in the letter at the latest, and does an email count?",
    ],
    ['Does a 100 W bulb heat a cupboard noticeably?', 'Does a 100 mW bulb heat a cupboard noticeably?'],
    ['Download time of 8 GB at 100 Mbit/s', 'Download time of 8 GB at 100 MB/s'],
    [
      'Is a return of 2 percent a month realistic for an index fund?',
      'Is a return of 2 percent a year realistic for an index fund?',
    ],
    [
      'Order 12 boxes of the blue pens for the Leipzig office',
      'Order 12 pallets of the blue pens for the Leipzig office',
    ],
  ]),
  ...pairsOf('code', [
    [
      'What does `git reset --soft HEAD~1` do to my working tree?',
      'What does `git reset --hard HEAD~1` do to my working tree?',
    ],
    ['in js is null == undefined true?', 'in js is null === undefined true?'],
    [
      'What is the difference between Array.prototype.slice and Array.prototype.map?',
      'What is the difference between Array.prototype.splice and Array.prototype.map?',
    ],
    ['Where does Debian keep /etc/passwd backups?', 'Where does Debian keep /etc/shadow backups?'],
    ['Explain this regex: ^\\d{3}-\\d{4}$', 'Explain this regex: ^\\d{3}-\\d{4}'],
    [
      'My config is {"retries": 3, "backoff": true}. How long until it gives up?',
      'My config is {"retries": 3, "backoff": false}. How long until it gives up?',
    ],
    [
      'What does this print?\n\n```python\nx = [1, 2, 3]\ny = x\ny.append(4)\nprint(x)\n```',
      'What does this print?\n\n```python\nx = [1, 2, 3]\ny = x[:]\ny.append(4)\nprint(x)\n```',
    ],
    ['chmod 755 deploy.sh meaning', 'What does chmod 600 deploy.sh do?'],
    ['Is user_id nullable in the orders table?', 'Is customer_id nullable in the orders table?'],
    ['How do I undo `npm install --save-dev lodash`?', 'How do I undo `npm install --global lodash`?'],
    [
      'Why do I get "ECONNREFUSED" when my container calls the database on localhost?',
      'Why do I get "ECONNRESET" when my container calls the database on localhost?',
    ],
    [
      'Replace every "foo" with "bar" in all .ts files below src using sed',
      'Replace every "bar" with "foo" in all .ts files below src using sed',
    ],
    [
      'Does the query return customers with no orders?\n\nSELECT c.name, o.total\nFROM customers c\nLEFT JOIN orders o ON o.customer_id = c.id;',
      'Does the query return customers with no orders?\n\nSELECT c.name, o.total\nFROM customers c\nINNER JOIN orders o ON o.customer_id = c.id;',
    ],
    [
      'Does `useEffect(load, [])` run again when the props change?',
      'Does `useEffect(load)` run again when the props change?',
    ],
    ['Was gibt `echo "$HOME"` in der Bash aus?', "Was gibt `echo '$HOME'` in der Bash aus?"],
    [
      "What's the value of i after `int i = 5; int j = i++;` and what's the value of j?",
      "What's the value of i after `int i = 5; int j = ++i;` and what's the value of j?",
    ],
    [
      'Our service is configured by application.yml. Which settings in there can I change without a restart?',
      'Our service is configured by bootstrap.yml. Which settings in there can I change without a restart?',
    ],
    [
      'Excel: what does =VLOOKUP(A2, Sheet2!A:C, 3, FALSE) return if there is no match?',
      'Excel: what does =VLOOKUP(A2, Sheet2!A:C, 3, TRUE) return if there is no match?',
    ],
  ]),
  ...pairsOf('paraphrase', [
    ['How do I reset my password?', 'I forgot my password, how can I set a new one?'],
    ["What's the capital of Australia?", "Which city is Australia's capital?"],
    [
      'Is it safe to take ibuprofen and paracetamol together?',
      'Can ibuprofen be combined with paracetamol safely?',
    ],
    ["Why isn't my printer showing up on the network?", 'My printer is not showing up on the network. Why?'],
    ['Convert 10 km to miles', 'how many miles are 10 kilometers?'],
    ['What were our sales in Q3 2024?', 'Show me sales for the third quarter of 2024.'],
    [
      "I didn't get my invoice for March. Can you send it again?",
      "Please resend the March invoice, it hasn't reached me.",
    ],
    ['Where can I see my 1099 form?', 'Could you tell me where my form 1099 is shown?'],
    ['best time to visit japan', 'When is the best time of year for a trip to Japan?'],
    [
      'How many employees can I add on the Starter plan?',
      "What's the maximum number of employees on the starter plan?",
    ],
    [
      "My landlord hasn't returned my deposit after 30 days, what can I do?",
      'It has been thirty days and my landlord still has not given the deposit back. What are my options?',
    ],
    [
      'Explain the difference between a list and a tuple in Python',
      "python list vs tuple, what's the difference?",
    ],
    [
      'Can I cancel a flight within 24 hours of booking?',
      'Is it possible to cancel my flight in the first 24 hours after I booked it?',
    ],
    ['Give me a recipe for banana bread without eggs.', 'I need an eggless banana bread recipe.'],
    [
      'How do I merge two dataframes in pandas on the column `id`?',
      'In pandas, what\'s the way to join 2 dataframes by their "id" column?',
    ],
    ['Who wrote One Hundred Years of Solitude?', '"One Hundred Years of Solitude" was written by whom?'],
    [
      'My appointment is on 3 May 2024 at 2 pm. Can I move it to the next day?',
      'Could I reschedule my appointment from May 3rd, 2024, 14:00 to one day later?',
    ],
    ['Does my travel insurance cover skiing?', 'Is skiing covered by my travel insurance?'],
    [
      'How long do cooked lentils keep in the fridge?',
      'For how many days can I store cooked lentils in the refrigerator?',
    ],
    ["What's the population of NYC?", 'How many people live in New York City?'],
    ['how much is 50% of 1,000', 'What is 50 percent of 1000?'],
    [
      'Which paperwork do I need to open a business account?',
      'What documents are required for opening a business account?',
    ],
    [
      'Can my employer make me work on Sundays in Germany?',
      'In Germany, am I obliged to work on a Sunday if my employer says so?',
    ],
    [
      'Write a polite email to Maria asking for the signed contract.',
      'Please draft a courteous e-mail in which I ask Maria for the contract with her signature.',
    ],
    ['What does HTTP 429 mean?', 'Meaning of HTTP status code 429'],
    ['how to boil an egg', "What's the right way to boil eggs?"],
    ['Is Dr. Novak accepting new patients?', 'Does Dr Novak take on new patients at the moment?'],
    ['How do I exit vim without saving?', 'I want to quit Vim and not save my changes. How?'],
    ["What's the difference between AM and FM radio?", 'How do AM and FM radio differ?'],
    [
      'Remind me what the late fee is if I pay rent 5 days late.',
      'If the rent is paid five days too late, how high is the late fee?',
    ],
    ['Can dogs eat grapes?', 'Are grapes OK for dogs to eat?'],
    [
      "My card was declined in Lisbon but I have enough money in the account. What's wrong?",
      "There's enough money in my account, yet my card got declined in Lisbon. What is the problem?",
    ],
    [
      "I'd like to know whether ISO 27001 certification is needed to sell to banks.",
      'Do we need an ISO 27001 certificate in order to sell to banks?',
    ],
    ['Translate "good morning" into Italian', "What is 'good morning' in Italian?"],
    [
      'Does the free trial end automatically after 14 days, or do I have to cancel it?',
      'Do I need to cancel my 14-day free trial, or does it end by itself?',
    ],
    [
      'Please list all invoices over $5,000 from January 2025.',
      'Show invoices from Jan 2025 that exceed 5000 dollars.',
    ],
    [
      'Why does my code throw "Cannot read properties of undefined (reading \'map\')"?',
      "I'm getting `Cannot read properties of undefined (reading 'map')` in my code, what causes it?",
    ],
    [
      'At what age can I get a driving licence in Spain?',
      "How old do I have to be to get a driver's license in Spain?",
    ],
    ['Am I allowed to sublet my flat?', 'May I rent my apartment out to a subtenant?'],
    ['what are the side effects of amoxicillin', 'Which side effects does amoxicillin have?'],
    [
      'How do I turn off notifications on my iPhone?',
      'Disabling notifications on an iPhone: how does that work?',
    ],
    ['Find the roots of x^2 - 5x + 6 = 0', 'Solve the equation x² − 5x + 6 = 0 for x.'],
    [
      'Is there a direct train from Berlin to Prague?',
      'Can I get from Berlin to Prague by train without changing?',
    ],
    [
      "I'm 67 and I still work. Do I have to take money out of my IRA this year?",
      "Must a 67-year-old who's still working make withdrawals from an IRA this year?",
    ],
    [
      'Who do I contact in HR about a wrong payslip?',
      "My pay slip is wrong. Who's the contact person in HR?",
    ],
    ['How many calories does an avocado have?', 'Calories in one avocado'],
    [
      "We're migrating our backend from Node 18 to Node 22 next month. Most of the code is plain Express with a bit of TypeScript, and the tests run on Jest. There are about forty native dependencies in the tree, none of them written by us, and we deploy as a Docker image based on Alpine. What are the breaking changes we should look out for, and is it wiser to stop at 20 first?",
      'Next month our backend goes from Node 18 to Node 22. It is mostly Express, some TypeScript, tested with Jest, and shipped as an Alpine-based Docker image with around 40 native dependencies (none of our own). Which breaking changes should we be aware of? And would you rather go to 20 before that?',
    ],
    ['Is the pool open to guests after 10 pm?', 'May guests use the pool later than 10 p.m.?'],
    [
      'What is the boiling point of water at 3,000 metres?',
      'At an altitude of 3000 m, at what temperature does water boil?',
    ],
    [
      'Cheapest way to send €500 to Poland?',
      'What is the least expensive way of sending 500 euros to Poland?',
    ],
    ["I can't log in since the update yesterday", "Since yesterday's update I am unable to log in."],
    ['How do I fix a leaking tap?', 'My faucet is leaking. How can I repair it?'],
    [
      'Does the Ford Focus 2019 use a timing belt or a chain?',
      'timing chain or timing belt in a 2019 ford focus?',
    ],
    [
      'Create a table in Postgres with an auto-incrementing id and a created_at timestamp.',
      'Please write the PostgreSQL statement for a table that has an auto-increment id plus a timestamp created_at.',
    ],
    [
      'Can I get a refund if I cancel before the end of the month?',
      "If I cancel prior to month's end, will I be refunded?",
    ],
    ['tell me about photosynthesis in two sentences', 'Explain photosynthesis in 2 sentences, please.'],
    ['Is a will valid if nobody witnessed it?', 'Is an unwitnessed will valid?'],
    ['What is the dosage of cetirizine for adults?', 'How much cetirizine should an adult take?'],
    [
      'What do I do when the baby has a fever of 39 °C?',
      "My baby's temperature is 39 degrees Celsius, what should I do?",
    ],
    ['Recommend three books like The Martian', 'I loved The Martian. Can you suggest 3 similar books?'],
    ['What is the maximum file size I can upload?', 'How big can the files be that I upload?'],
    [
      'How much annual leave do part-time staff get if they work 20 hours a week?',
      "Part-time employees at 20 hours per week: what's their yearly holiday entitlement?",
    ],
    [
      'Rewrite this sentence in the passive: "The cat chased the mouse."',
      "Turn 'The cat chased the mouse.' into passive voice.",
    ],
    ['Which countries border Switzerland?', "What are Switzerland's neighbouring countries?"],
    [
      "Is it true that you shouldn't swim after eating?",
      'You should not go swimming after a meal: is that true?',
    ],
    [
      'My order number is 77120 and it says delivered, but I have nothing. Help!',
      'Order 77120 is marked as delivered but I did not receive it, please help.',
    ],
    ['Why do cats purr?', 'What makes a cat purr?'],
    [
      'How do I calculate the standard deviation of column B in Excel?',
      'standard deviation of column b excel formula',
    ],
    [
      'If I leave the company in June, do I still get the bonus paid in December?',
      "Will I still receive December's bonus when I quit in June?",
    ],
    [
      "what's teh weather usually like in Bali in august",
      'What is the weather in Bali usually like in August?',
    ],
    [
      'Do US citizens need a visa for Brazil?',
      'Is a visa required for citizens of the USA who travel to Brazil?',
    ],
    [
      "Hello! I hope you are well. My name is Ingrid and I've been following your ceramics page for a long time. I moved back to Norway last autumn and have finally got a kitchen with some space on the shelves. I wanted to ask whether you ship here and how long it takes. Many thanks, Ingrid",
      "Do you ship to Norway, and what's the delivery time?",
    ],
    [
      'How long must I keep my tax records in the UK?',
      'For how long do I need to hold on to tax records in the United Kingdom?',
    ],
    [
      'Replace the butter in a brownie recipe with oil: how much do I need for 200 g?',
      'How much oil replaces 200 grams of butter when I bake brownies?',
    ],
    ['How would you say "isn\'t it" in French?', 'What\'s the French for "isn\'t it"?'],
    ['Which of these is larger, 3/8 or 0.4?', 'Is 0.4 or 3/8 the larger number?'],
    [
      'Set up a recurring payment of $200 on the 1st of every month',
      'I want to pay 200 dollars automatically on the first day of each month. Please arrange that.',
    ],
    ['Who won the World Cup in 2014?', 'Which team was the 2014 World Cup winner?'],
    [
      "I'm not allergic to penicillin. Can I take Augmentin for a tooth infection?",
      "Is Augmentin OK for an infected tooth if I don't have a penicillin allergy?",
    ],
    [
      'How do I see which process is using port 3000 on a Mac?',
      'macOS: find out what process listens on port 3000',
    ],
    ['Write a haiku about autumn', 'Compose an autumn haiku.'],
    [
      "What happens if I don't pay a parking fine from Italy?",
      'I got a parking ticket in Italy. What are the consequences of not paying it?',
    ],
    ['Could you please tell me what time check-in starts?', 'When can I check in?'],
    [
      "Can a tenant paint the walls without the landlord's permission?",
      "Is a tenant allowed to paint walls if the landlord hasn't agreed?",
    ],
    ['Difference between RAM and ROM', 'How is RAM different from ROM?'],
    [
      'In Kubernetes, how do I restart a deployment without downtime?',
      'How can I restart a Kubernetes deployment with no downtime?',
    ],
    [
      'How many grams of protein does a person of 70 kg need per day?',
      'What is the daily protein requirement, in grams, of someone who weighs 70 kg?',
    ],
    ['Is my data encrypted?', 'Do you encrypt my data?'],
    [
      "I've been prescribed 20 mg of omeprazole. Should I take it before breakfast?",
      'Is 20mg omeprazole, as prescribed to me, to be taken before I eat breakfast?',
    ],
    [
      'Change the email address on my account from jo@example.com to jo@example.org',
      "Please update my account's e-mail: it's jo@example.com now and should become jo@example.org.",
    ],
    ['What was the cause of the 2008 financial crisis?', 'What caused the financial crisis of 2008?'],
    [
      'Summarise the plot of Romeo and Juliet in under 100 words.',
      'In less than 100 words, what happens in Romeo and Juliet?',
    ],
    [
      'How do I add a second user to my subscription?',
      "I'd like another person to use my subscription too. How can I add them?",
    ],
    ['Does decaf coffee contain caffeine?', 'Is there any caffeine in decaffeinated coffee?'],
    [
      "What's the fine for using a phone while driving in France?",
      "How much do you pay in France if you're caught with a phone at the wheel?",
    ],
    [
      'The function below is slow when the list has more than 10,000 entries. How can I make it faster?\n\n```python\ndef uniq(xs):\n    out = []\n    for x in xs:\n        if x not in out:\n            out.append(x)\n    return out\n```',
      'Please speed this up, it takes ages for lists of over 10000 items:\n\n```python\ndef uniq(xs):\n    out = []\n    for x in xs:\n        if x not in out:\n            out.append(x)\n    return out\n```',
    ],
    ['What vaccinations do I need for Kenya?', 'Which vaccines are needed when travelling to Kenya?'],
    ['How do I stop my laptop from overheating?', 'My laptop overheats. What can I do about it?'],
    ['Is 120/80 a normal blood pressure?', 'Would you call a blood pressure of 120 over 80 normal?'],
    [
      "Can I claim my home office as a deduction if I'm self-employed?",
      "I'm self employed. Is my home office tax deductible?",
    ],
    ['Name the five largest moons of Uranus.', "Which are Uranus's 5 biggest moons?"],
    [
      'What is our policy on expenses under £25 without a receipt?',
      "How do we treat expenses of less than 25 pounds when there's no receipt?",
    ],
    [
      'Are there any vegetarian restaurants near the Charles Bridge in Prague?',
      "I'm in Prague close to Charles Bridge. Where can I eat vegetarian?",
    ],
    ['What is the plural of "octopus"?', 'plural of octopus'],
    [
      'Do I lose my unused leave at the end of the year?',
      "At year end, does any leave I haven't taken expire?",
    ],
    [
      'How do I rename a branch in git both locally and on the remote?',
      'git: rename local and remote branch',
    ],
    ['Which is healthier, brown rice or white rice?', 'Is white or brown rice the healthier choice?'],
    [
      'My child is not sleeping through the night at 18 months, is that normal?',
      'Is it normal for an 18-month-old to not sleep through the night?',
    ],
    [
      'Plot the number of active users per week for 2024 as a line chart',
      'Make a line graph that shows weekly active users in 2024.',
    ],
    ['Can I pay in instalments?', 'Do you offer payment by installments?'],
    [
      'What does "force majeure" mean in my contract?',
      "In my contract there's the term 'force majeure'. What is meant by it?",
    ],
    [
      "I bought the shoes on Black Friday and don't like the colour. Can I still exchange them in the second week of January?",
      "Is an exchange still possible in January's second week for shoes bought on Black Friday? I do not like their color.",
    ],
    ['How tall is Mount Everest in metres?', 'What is the height of Mt. Everest in meters?'],
    [
      'Our e-commerce site gets about 2 million visits per month. We use Redis for sessions and Postgres for orders, all on one machine in Frankfurt, and at peak the CPU never goes over 40%. Does it make sense to move the sessions to a second machine now, or would you wait?',
      "Would you already move our sessions to another machine, or rather wait? We're an online shop with roughly 2,000,000 visits a month, everything sits on a single box in Frankfurt (Redis holds the sessions, Postgres the orders), and CPU doesn't exceed 40 percent even at peak.",
    ],
    ['Which gas do plants absorb?', 'What gas is absorbed by plants?'],
    ['Is it illegal to not have car insurance in Texas?', 'Is driving uninsured against the law in Texas?'],
    [
      'Turn this JSON into a TypeScript interface: {"id": 7, "name": "Ada", "tags": ["a", "b"]}',
      'I need a TypeScript interface for the following JSON: {"id": 7, "name": "Ada", "tags": ["a", "b"]}',
    ],
    [
      'When does daylight saving time end in 2025 in the U.S.?',
      'On what date in 2025 do clocks go back in the US?',
    ],
    ['How do I delete my account?', 'I want to delete my account, what are the steps?'],
    ['Wie kündige ich mein Abo?', 'Ich möchte mein Abonnement kündigen. Wie geht das?'],
    [
      'Was kostet ein Paket mit 5 kg nach Österreich?',
      'Wie teuer ist der Versand eines 5-Kilo-Pakets nach Österreich?',
    ],
    ['Darf ich während der Probezeit Urlaub nehmen?', 'Kann man in der Probezeit in Urlaub gehen?'],
    [
      "Quel est le prix d'un billet Paris-Lyon pour un enfant de 8 ans ?",
      'Combien coûte un billet de Paris à Lyon pour un enfant de huit ans ?',
    ],
    ["Je n'ai pas reçu ma commande, que faire ?", "Que dois-je faire si ma commande n'est pas arrivée ?"],
    ['¿Cómo puedo cambiar mi dirección de envío?', 'Quiero modificar la dirección de envío, ¿cómo se hace?'],
    [
      '¿Cuántas horas hay que descansar entre turnos en España?',
      'En España, ¿cuál es el descanso mínimo entre dos turnos, en horas?',
    ],
    ['怎么取消自动续费？', '请问如何关闭自动续费？'],
    [
      'パスワードを忘れました。どうすればいいですか？',
      'パスワードを忘れてしまったのですが、どうしたらよいでしょうか。',
    ],
    ["Qual è l'aliquota IVA sul pane in Italia?", "In Italia, quanto è l'IVA applicata al pane?"],
    [
      "Don't count weekends: how many working days are there between 3 and 28 February 2025?",
      'Number of working days from Feb 3, 2025 to Feb 28, 2025, weekends excluded',
    ],
  ]),
];
