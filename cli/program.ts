import { Command, InvalidArgumentError, Option } from 'commander'
import { configHelp } from './config-help.ts'
import { EXIT } from './exit.ts'
import { parseDuration } from './load/duration.ts'
import { SCENARIOS } from './load/titles.ts'
import { complain } from './speak.ts'
import { version } from './version.ts'

const STATUSES = `
Exit status, first that fits:
  130  interrupted (judge of such a record: 1 where a check failed, else 2 or 4)
    2  wrong use, unknown word, or nothing was judged
    3  the target could not be reached, or assay itself went wrong
    1  a check failed that the baseline does not know, or a baseline entry is out of date
    4  nothing failed, but a must-level check has no answer (--allow-unproven: 0)
    0  else`

/** The whole command line as commander knows it. Each action loads its command only when it is called. */
export function program(exit: (status: number) => void): Command {
  const root = new Command('assay')
    .description('Does an LLM gateway do what its documentation says, on the wire?')
    .version(version(), '-V, --version')
    .showHelpAfterError('(assay --help lists the commands)')
    .addHelpText('after', STATUSES)
    .exitOverride()

  const command = (usage: string, description: string): Command =>
    root
      .command(usage)
      .description(description)
      .showHelpAfterError(`(assay ${usage.split(' ')[0]} --help lists the options)`)

  const run = command('run', 'check a gateway; without --url the embedded reference gateway')
  run
    .option('--config <file>', 'YAML file; its keys are below, the command line wins')
    .option('--profile <id|file>', 'what the gateway promises (default: openai)')
    .option(
      '--url <url>',
      'base URL with its path prefix, such as https://host/v1; other dialects are looked for where the profile has them',
    )
    .option('--key-env <name>', 'environment variable that holds the key (default: ASSAY_KEY)')
    .option('--model <id>', "model to ask (default: the profile's)")
    .addOption(
      many('--header <name:value>', 'header added to every request; $NAME as value: from the environment'),
    )
    .addOption(many('--dialect <id>', 'only this dialect'))
    .addOption(many('--suite <subject>', 'only this subject, the second part of a check id'))
    .addOption(many('--check <glob>', 'only these checks, and those that they need'))
    .addOption(
      new Option('--level <level>', 'must: only what binds; may (default): all').choices(['must', 'may']),
    )
    .option('--baseline <file>', 'checks that are known to fail; an entry that passes is a failure')
    .option('--max-requests <n>', 'most requests that are sent', count)
    .option('--max-tokens <n>', 'most tokens that the requests may cost, by their bounds', count)
    .option('--concurrency <n>', 'requests under way at one time (default: 8; embedded: 32)', concurrency)
    .option('--seed <n>', 'seed of what is chosen at random (default: 1)', seed)
    .option('--plan', 'print what would be asked and what it may cost; send nothing')
    .option('--resume <dir>', 'go on with an interrupted record; its options hold')
    .option('--allow-unproven', 'exit 0 although a must-level check has no answer')
    .option('--out <dir>', 'directory of the record (default: assay-out/<time>-<profile>)')
    .addHelpText('after', configHelp)
    .addHelpText('after', EXAMPLES)
    .action(async (options) => exit(await (await import('./run.ts')).run(options)))

  const load = command(
    'load [scenario]',
    'put a gateway under load: how fast it is, and what its limits really are',
  )
  load
    .option('--config <file>', 'YAML file; what is asked for is under its key load')
    .option('--profile <id|file>', 'what the gateway promises (default: openai)')
    .option('--url <url>', 'base URL with its path prefix, such as https://host/v1')
    .option('--key-env <name>', 'environment variable that holds the key (default: ASSAY_KEY)')
    .option('--model <id>', "model to ask (default: the profile's)")
    .addOption(
      many('--header <name:value>', 'header added to every request; $NAME as value: from the environment'),
    )
    .addOption(many('--dialect <id>', "dialect to ask (default: the profile's first)"))
    .addOption(
      many(
        '--i-may-load <host>',
        'a host that may be put under load; needed for each that is not this machine',
      ),
    )
    .option('--concurrency <n>', 'requests in flight: kept so many, or with a rate at most so many', streams)
    .option(
      '--rate <n>',
      'requests a second, whether or not answers come; sweep: the most that is tried',
      rate,
    )
    .addOption(
      new Option('--arrivals <kind>', 'how requests arrive (default: closed; constant with --rate)').choices([
        'closed',
        'constant',
        'poisson',
      ]),
    )
    .option('--duration <time>', 'how long requests are begun, such as 30s or 5m', duration)
    .option('--max-requests <n>', 'most requests that are sent', count)
    .option('--max-tokens <n>', 'most tokens that they may cost, prompt and bound on the answer', count)
    .option('--seed <n>', 'seed of prompts, lengths and arrivals (default: 1)', seed)
    .option('--pace <spec>', 'embedded gateway: how fast it writes, such as first_ms=200,tokens_per_s=50')
    .addOption(many('--limiter <spec>', 'embedded gateway: its limit, such as requests=60/60s'))
    .option('--plan', 'print what would be asked and what it may cost; send nothing')
    .option('--build', 'only build the load engine, and print where it is')
    .option('--allow-unproven', 'exit 0 although a must-level question has no answer')
    .option('--out <dir>', 'directory of the record (default: assay-out/<time>-<scenario>-<profile>)')
    .addHelpText('after', LOAD_HELP)
    .action(async (scenario: string | undefined, options) =>
      exit(await (await import('./load.ts')).load(scenario, options)),
    )

  command('judge <dir>', 'judge a record again, offline, and compare')
    .option('--out <dir>', 'write the new verdicts and their reports there')
    .option('--allow-unproven', 'exit 0 although a must-level check has no answer')
    .action(async (dir: string, options) => exit(await (await import('./judge.ts')).judge(dir, options)))

  command(
    'check-transcript <file>',
    'judge recorded bytes: a raw curl -iN capture, a bare body, or - for stdin',
  )
    .requiredOption('--dialect <id>', 'dialect of the transcript')
    .option(
      '--profile <id|file>',
      'whose promises it is held to (default: openai, else the newest that has the dialect)',
    )
    .action(async (file: string, options) =>
      exit(await (await import('./check-transcript.ts')).checkTranscript(file, options)),
    )

  command('serve', 'start the reference gateway')
    .option('--profile <id|file>', 'what it promises (default: openai)')
    .addOption(many('--fault <id>', 'a deliberate deviation to show'))
    .option('--port <n>', 'port on 127.0.0.1 (default: a free one)', port)
    .option('--pace <words>', 'speed of its streams, such as first_ms=200,tokens_per_s=50')
    .addOption(
      many('--limiter <words|file>', 'a limit that it keeps, such as requests=60/1m,algorithm=sliding-log'),
    )
    .option('--journal <file>', 'write there when each piece of its answers was really sent')
    .action(async (options) => exit(await (await import('./serve.ts')).serve(options)))

  command(
    'list <what>',
    'list checks, rules, requirements, profiles, faults or load (the questions of load runs)',
  )
    .option('--profile <id|file>', 'only what applies to this profile')
    .option('--coverage', 'with requirements: which check answers which; exit 1 where one is not covered')
    .option('--json', 'as JSON')
    .action(async (what: string, options) => exit(await (await import('./list.ts')).list(what, options)))

  command('explain <id>', 'what is asked, by whose word, what breaks, how to mend it')
    .option('--profile <id|file>', 'for this profile (default: openai, else the newest that has it)')
    .action(async (id: string, options) => exit(await (await import('./explain.ts')).explain(id, options)))

  for (const reserved of ['report', 'diff', 'init', 'certify', 'verify', 'keygen']) {
    root
      .command(reserved, { hidden: true })
      .argument('[args...]')
      .allowUnknownOption()
      .helpOption(false)
      .action(() => {
        complain(`${reserved} is a command of a later version; it is not in this version (${version()})`)
        exit(EXIT.usage)
      })
  }
  return root
}

export const EXAMPLES = `
Keys are never options. The key is read from the environment: ASSAY_KEY, or the variable that --key-env names;
further roles from ASSAY_KEY_RESTRICTED, _EXHAUSTED, _LIMITED, _REVOKED, _EXPIRED, _FREE, or as the config says.

Examples:
  assay run
  ASSAY_KEY=… assay run --profile openai --url https://gateway.example/v1 --level must
  assay run --url http://127.0.0.1:8787/v1 --header x-portkey-provider:openai --plan
  assay run --check 'openai-chat/usage/*'`

const LOAD_HELP = `
Scenarios:
${Object.entries(SCENARIOS)
  .map(([name, title]) => `  ${name.padEnd(10)} ${title}`)
  .join('\n')}

Objectives, prompts, expected limits and caps are under the key load of the config file (assay run --help lists it).
The engine is k6 with our extension: ASSAY_K6 where it is set, else built once with Go and kept in the cache.

Examples:
  assay load latency --duration 5s
  ASSAY_KEY=… assay load latency --url https://gateway.example/v1 --rate 5 --i-may-load gateway.example
  assay load rpm --url http://127.0.0.1:8787/v1 --plan`

/** An option that may be given many times. */
function many(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: string[] | undefined) => [
    ...(before ?? []),
    value,
  ])
}

function integer(text: string, least: number, most: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) {
    throw new InvalidArgumentError(`It must be an integer from ${least} to ${most}.`)
  }
  return value
}

const count = (text: string): number => integer(text, 1, Number.MAX_SAFE_INTEGER)
const concurrency = (text: string): number => integer(text, 1, 256)
const streams = (text: string): number => integer(text, 1, 20_000)
const seed = (text: string): number => integer(text, 0, 2 ** 32 - 1)

function rate(text: string): number {
  const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
  if (!(value > 0 && value <= 100_000)) {
    throw new InvalidArgumentError('It must be a number above 0, at most 100000.')
  }
  return value
}

/** Seconds. */
function duration(text: string): number {
  const value = parseDuration(text)
  if (value === undefined || value < 1 || value > 7 * 24 * 3600) {
    throw new InvalidArgumentError('It must be a time from 1s on, such as 30s, 5m or 1h.')
  }
  return value
}

const port = (text: string): number => integer(text, 0, 65535)
