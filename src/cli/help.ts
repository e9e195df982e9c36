export const help = `managed-llm prompts: moves labels of prompts, and tells what they name
managed-llm canary: tells where a canary stands, and ends it
managed-llm report: writes a page about what LLM calls cost, how they ended and how long they took, out of the
receipts that \`receipts()\` keeps, and about how full budgets are, what experiments have come to and where canaries
stand. One HTML file that needs no network.

  npx managed-llm report --sqlite FILE   [options]
  npx managed-llm report --redis URL     [--prefix P] [options]
  npx managed-llm report --postgres URL  [--schema S] [options]

  npx managed-llm prompts labels NAME                   what its labels name
  npx managed-llm prompts versions NAME                 the versions that were served, the newest last
  npx managed-llm prompts history NAME                  who has moved which label, and when
  npx managed-llm prompts diff NAME VERSION VERSION     what is different in the second
  npx managed-llm prompts label NAME LABEL VERSION --by WHO [--note TEXT]
  npx managed-llm prompts rollback NAME LABEL --by WHO [--note TEXT]
  npx managed-llm prompts unlabel NAME LABEL --by WHO [--note TEXT]

  npx managed-llm canary status NAME                    where it stands, what is known, what it has done
  npx managed-llm canary abort NAME --by WHO [--reason TEXT]      everybody gets stable, within about a second
  npx managed-llm canary promote NAME --by WHO [--reason TEXT]    everybody gets it, likewise
  --definition D    which one, where several have the name: \`status\` lists them

Where receipts, labels and canaries are (one of these)
  --sqlite FILE     the file of \`sqliteState\`
  --redis URL       redis://host:6379, rediss:// with TLS; needs the package \`ioredis\`
  --postgres URL    postgres://host/database; needs the package \`pg\`
  --prefix P        of \`redisState\`, if it is not \`managed-llm:\`
  --schema S        of \`postgresState\`, if it is not \`managed_llm\`

Options of \`report\`
  --from TIME       calls that began then or later: 2026-11-01, 2026-11, 2026-11-01T12:00:00Z. Default: all
  --to TIME         calls that began before: --to 2026-12 ends with November. Default: all
  --time-zone ZONE  in which days begin, such as Europe/Berlin. Default: UTC
  --tag NAME        the tag that says which feature a call is of. Default: feature
  --title TEXT      what stands above the page
  --out FILE        where the page is written. Default: report.html
  --help            this

It ends with 0 when it has done so, with 2 when it was asked wrongly, with 1 when something else went wrong; then nothing is
written.`;
