// Every word of the page, in the language of the root element. Components call `say`; nobody else holds text.
import { en, type Key, type Table } from './en'
import { format, type Values } from './format'

/** English is part of the page; others are loaded by whoever speaks them. */
const TABLES = {
  en: (): Promise<Table> => Promise.resolve(en),
  zh: (): Promise<Table> => import('./zh').then((m) => m.zh),
  ja: (): Promise<Table> => import('./ja').then((m) => m.ja),
}

let table: Table = en

/** Languages the page speaks, with their own names. */
export const LANGUAGES = { en: 'English', zh: '中文', ja: '日本語' } as const
export type Language = keyof typeof LANGUAGES

const KEPT = 'cccc.language'

/** Learns the words of the language; before the first of them is said. Where they do not come, it stays English. */
export async function learn(): Promise<void> {
  try {
    table = await TABLES[language()]()
  } catch {
    document.documentElement.lang = 'en'
  }
}

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
  return format(table[key], values, language())
}

export type { Key }
