// Every word of the page, in the language of the root element. Components call `say`; nobody else holds text.
import { en, type Key } from './en'
import { format, type Values } from './format'
import { ja } from './ja'
import { zh } from './zh'

const TABLES = { en, zh, ja }

/** Languages the page speaks, with their own names. */
export const LANGUAGES = { en: 'English', zh: '中文', ja: '日本語' } as const
export type Language = keyof typeof LANGUAGES

const KEPT = 'cccc.language'

export function language(): Language {
  const said = document.documentElement.lang
  return said in TABLES ? (said as Language) : 'en'
}

/** Changes the language for good; the page is loaded again, because dates and lists change with it. */
export function speak(chosen: Language): void {
  localStorage.setItem(KEPT, chosen)
  location.reload()
}

export function say(key: Key, values: Values = {}): string {
  const spoken = language()
  return format(TABLES[spoken][key], values, spoken)
}

export type { Key }
