// What a page calls itself, in the reader's language; names of later versions are shown as they are.
import { say, type Key } from '../words'

const NAMES: Record<string, Key> = { desk: 'page.desk', phone: 'page.phone', tablet: 'page.tablet' }

export const pageWord = (name: string): string => {
  const known = NAMES[name]
  return known ? say(known) : name === '' ? say('term.somebody') : name
}
