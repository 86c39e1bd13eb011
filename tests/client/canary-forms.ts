/** A key that no server has, with every character that some encoding writes in a way of its own. */
export const CANARY = 'sk-fake/"\\ä+canary=<&>0123456789'

/** Every character spelled as `spell` says. */
const spelled = (value: string, spell: (character: string, index: number) => string) =>
  [...value].map((character, index) => spell(character, index)).join('')
const percent = (character: string) =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
const unicode = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The forms that a server might write a key in, whole. */
export const CANARY_FORMS: [name: string, text: (value: string) => string][] = [
  ['as it stands', (value) => value],
  ['encodeURIComponent', encodeURIComponent],
  [
    'percent-encoded in lower case',
    (value) => encodeURIComponent(value).replace(/%../g, (hex) => hex.toLowerCase()),
  ],
  ['every character percent-encoded', (value) => spelled(value, percent)],
  ['form-urlencoded', (value) => new URLSearchParams({ '': value }).toString().slice(1)],
  ['JSON', (value) => JSON.stringify(value).slice(1, -1)],
  ['JSON with escaped slashes', (value) => JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/')],
  ['JSON as Go writes it', (value) => JSON.stringify(value).slice(1, -1).replace(/[<>&]/g, unicode)],
  [
    'JSON with every second character escaped',
    (value) =>
      spelled(JSON.stringify(value).slice(1, -1).replaceAll('\\', ''), (c, i) =>
        i % 2 || '"\\'.includes(c) ? unicode(c) : c,
      ),
  ],
  ['JSON in JSON', (value) => JSON.stringify(JSON.stringify(value)).slice(3, -3)],
  ['base64', (value) => Buffer.from(value).toString('base64')],
  ['base64url', (value) => Buffer.from(value).toString('base64url')],
  ['base64 in JSON', (value) => Buffer.from(value).toString('base64').replaceAll('/', '\\/')],
]
