import { type DialectUnderTest, dialectOf, dialectsOf, type KeyForm, object } from '../dialects.ts'
import { shownResponse } from '../record/body.ts'
import { exchangeAt } from '../record/read.ts'
import type { Exchange, Json, VerdictLine } from '../record/types.ts'
import { heading, paragraph, type Screen } from './screen.ts'

/** Bytes of an answer that are looked at. */
const LOOKED = 64 * 1024
/** Characters of the gateway's own words that are quoted. */
const QUOTED = 160

/** Where not even a plain request was answered as it should be, the fault may be in how assay was called. */
export function advice(screen: Screen): string[] {
  const { run, verdicts } = screen.record
  if (run.target.embedded) return []
  const plain = verdicts.filter(
    ({ id, verdict }) => id.endsWith('/plain/reply') && (verdict === 'fail' || verdict === 'inconclusive'),
  )
  const told = [...new Set(plain.flatMap((line) => hints(screen, line)))]
  if (told.length === 0) return []
  return [
    heading(screen, 'Before you blame the gateway'),
    '',
    ...told.flatMap((text) => {
      const [first = '', ...rest] = paragraph(screen, text, 4)
      return [`  ${screen.style.caution('→')} ${first.trimStart()}`, ...rest]
    }),
    '',
  ]
}

function hints(screen: Screen, line: VerdictLine): string[] {
  const { record } = screen
  const { model } = record.run.target
  const dialect = dialectsOf(record.run).find(({ id }) => id === dialectOf(line))
  if (dialect === undefined) return []
  const { url } = dialect
  const digest = line.findings[0]?.at.exchange ?? line.exchanges[0]
  const exchange = digest === undefined ? undefined : exchangeAt(record, digest)
  if (!exchange) return []
  const { status } = exchange
  const answered = `The plain request was answered ${status}`
  const out: string[] = []
  if (status === 401 || status === 403) {
    out.push(
      `${answered}: is the key in ${keyName(screen)} right for this address (${url})? ${keySent(exchange, dialect)}`,
      ...otherForms(screen, exchange, dialect),
      ...quoted(exchange),
    )
  }
  const ofModel = status >= 400 && status < 500 && speaksOfModel(exchange)
  if (ofModel) {
    out.push(
      `${answered}, and the error speaks of the model: does ${model} exist here? Name another by --model NAME; GET ${modelsUrl(dialect)} lists them.`,
    )
  }
  if (status === 404 && !ofModel) out.push(`${answered}: ${addressHint(dialect)}`)
  if (status >= 200 && status < 300 && isPage(exchange)) {
    out.push(`${answered} with a web page: is ${url} the address of the API? ${addressHint(dialect)}`)
  }
  return out
}

/** In which header the key went, as the record has it. */
function keySent({ request }: Exchange, { keyForms }: DialectUnderTest): string {
  const used = keyForms.filter(({ header }) =>
    request.headers.some(([name]) => name.toLowerCase() === header),
  )
  return used.length === 0
    ? 'It was sent without a key.'
    : `It was sent in ${used.map(formText).join(' and ')}.`
}

/** The other headers that the profile documents: a gateway may take only one of them. */
function otherForms(screen: Screen, { request }: Exchange, dialect: DialectUnderTest): string[] {
  const sent = new Set(request.headers.map(([name]) => name.toLowerCase()))
  return dialect.keyForms
    .filter(({ header }) => !sent.has(header))
    .map((form) => {
      const known = screen.sentFirst?.(dialect.id, form.header) ?? []
      const named = known.length === 0 ? '' : `--profile ${known.join(' or ')} sends it so; or `
      const scheme = form.scheme === undefined ? '' : `, scheme: ${form.scheme}`
      return `The documents have ${formText(form)} too, and this gateway may take only that: ${named}a profile of your own with dialects.${dialect.id}.auth: { header: ${form.header}${scheme} }.`
    })
}

function formText({ header, scheme }: KeyForm): string {
  const name = header === 'authorization' ? 'Authorization' : header
  return scheme === undefined ? name : `${name}: ${scheme}`
}

/** What the gateway itself says, as it stands in the record: keys are masked there. */
function quoted(exchange: Exchange): string[] {
  const text = body(exchange)
  const said = (messageIn(text) ?? text).trim()
  if (said === '' || isPage(exchange)) return []
  const chars = [...said]
  const short = chars.length > QUOTED ? `${chars.slice(0, QUOTED).join('')}…` : said
  return [`The gateway says: ${short}`]
}

/** The message of an error in one of the usual envelopes. */
function messageIn(text: string): string | undefined {
  try {
    const whole = object(JSON.parse(text) as Json)
    const error = object(whole?.error)
    const told = [error?.message, whole?.error, whole?.message, whole?.detail]
    return told.find((one): one is string => typeof one === 'string' && one.trim() !== '')
  } catch {
    return undefined
  }
}

function addressHint({ url, path }: DialectUnderTest): string {
  if (/\/(?:chat\/completions|completions|messages|models)\/?$/.test(url)) {
    return `the base URL ${url} ends in an endpoint; assay adds that itself, so leave it off.`
  }
  const [version] = /^\/v\d+\w*(?=\/)/.exec(path) ?? []
  if (version !== undefined && url.endsWith(version)) {
    return `the base URL ${url} ends in ${version}, with which the path of the profile (${path}) begins; leave it off: ${url.slice(0, -version.length)}.`
  }
  const whole = version !== undefined || /\/v\d+\w*\/?$/.test(url)
  return whole
    ? `is ${url} the base URL, to which assay adds the paths of the profile (${path})?`
    : `does the base URL need /v1 (${url}/v1)?`
}

/** Where the models are listed: beside the endpoint. */
function modelsUrl({ url, path }: DialectUnderTest): string {
  return `${url}${path.replace(/\/(?:chat\/completions|messages)$/, '')}/models`
}

function keyName({ record }: Screen): string {
  const { keys } = record.run.options
  const name = typeof keys === 'object' && keys !== null && !Array.isArray(keys) ? keys.default : undefined
  return typeof name === 'string' && name !== 'none' ? name : 'ASSAY_KEY'
}

function body(exchange: Exchange): string {
  return Buffer.from(shownResponse(exchange).body.subarray(0, LOOKED)).toString()
}

function speaksOfModel(exchange: Exchange): boolean {
  const text = body(exchange)
  return /error|detail|message/i.test(text) && /\bmodels?\b|model_/i.test(text)
}

function isPage(exchange: Exchange): boolean {
  const type = exchange.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  return /^text\/html\b/i.test(type.trim()) || /^\s*<(?:!doctype|html)\b/i.test(body(exchange))
}
