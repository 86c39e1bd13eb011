import { styleText } from 'node:util'

/** The looks that the screen knows. Without colour each is the text itself: nothing is told by colour alone. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  bad(text: string): string
  good(text: string): string
  caution(text: string): string
  /** The marked bytes. */
  span(text: string): string
  /** A banner's background. */
  banner(look: 'bad' | 'good' | 'caution', text: string): string
}

type Format = Parameters<typeof styleText>[0]

const BANNER: Record<'bad' | 'good' | 'caution', Format> = {
  bad: ['bold', 'white', 'bgRed'],
  good: ['bold', 'black', 'bgGreen'],
  caution: ['bold', 'black', 'bgYellow'],
}

export function styleFor(color: boolean): Style {
  // Whether to colour was decided by the caller (`wantsColor`); styleText must not decide again by its own stream.
  const paint = (format: Format) => (text: string) =>
    color && text !== '' ? styleText(format, text, { validateStream: false }) : text
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    bad: paint(['bold', 'red']),
    good: paint('green'),
    caution: paint('yellow'),
    span: paint(['bold', 'inverse']),
    banner: (look, text) => paint(BANNER[look])(text),
  }
}

/** Whether to colour: FORCE_COLOR, then NO_COLOR, then whether the stream is a terminal that can. */
export function wantsColor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const force = env.FORCE_COLOR
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (env.NO_COLOR) return false
  return stream.isTTY === true && env.TERM !== 'dumb'
}
